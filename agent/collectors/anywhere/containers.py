"""Containers that are present on this host, by the state folders of Docker and Podman.

Source: `/var/lib/docker/containers/*/config.v2.json`, `/var/lib/containers/storage/*-containers/containers.json`, and
    the same of each home for Podman without root; scopes `containers:docker`, `containers:podman`. Recorded files:
    these, and what `docker inspect` or `podman ps --format json` prints.
Absent: neither folder is there. Kept: name, state and image without the account of a registry; of settings, variables
    and mounts nothing.
Gaps:   containers of Kubernetes, which names them elsewhere; what runs inside one; Podman's file does not say the
    state.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.guest_records import guests_in, record_of
from agent.collectors.base import Collector, Found, Scope, ScopeAbsent
from agent.collectors.linux.homes import homes
from agent.formats.console_text import decode_text
from agent.formats.guest_text import parse_containers
from agent.machine.base import Machine, Unreadable

NAME = "containers"
DOCKER = ("/var/lib/docker/containers/*/config.v2.json",)
PODMAN = ("/var/lib/containers/storage/overlay-containers/containers.json",)
OF_HOME = "/.local/share/containers/storage/overlay-containers/containers.json"


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the containers of both engines."""
    podman = (*PODMAN, *(home.path + OF_HOME for home in homes(machine)))
    for engine, patterns in (("docker", DOCKER), ("podman", podman)):
        scope = "%s:%s" % (NAME, engine)
        found = list(guests_in(machine, patterns, scope))
        if not found:
            yield ScopeAbsent(scope)
            continue
        yield Scope(scope)
        yield from found


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the containers of a recorded file. Raises `Unreadable` for any other file."""
    found = parse_containers(decode_text(data)[0])
    if not found:
        raise Unreadable(name, "no container")
    yield Scope(NAME)
    for told in found:
        yield record_of(told, NAME, name)


CONTAINERS = Collector(name=NAME, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
