"""Packages of the Nix store, read from the names of its members.

Source: the folder /nix/store, whose members are called <hash>-<name>-<version>[-<output>]; a recorded listing holds one
    path a line, as `nix-store --gc --print-live` prints them. The version is a day, with or without `unstable-`, or the
    numbers behind the last `-`, else what follows the first `-` before a digit (nixos.org, "parseDrvName"). The
    outputs of one package (bin, dev, lib, man …) are one record.
Absent: the folder does not exist.
Gaps:   the store keeps what nothing uses any more until it is swept: a member need not be in use. Members without a
    version (configuration, scripts, sources, recipes) are no packages. No publisher, day or licence is recorded.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.inventory.software import Software
from agent.machine.base import Machine

FOLDER = "/nix/store"
SCOPE = "nix:" + FOLDER
_MEMBER = re.compile(r"(?:.*/)?[0-9a-z]{32}-(?P<rest>[^/]+)/?")
_DAY = r"(?:\d[\w.+]*-)?(?:unstable-)?\d{4}-\d{2}-\d{2}"
_VERSIONED = tuple(re.compile(form) for form in (r"(.+?)-(" + _DAY + ")", r"(.+)-(\d+(?:\.\d+)*)", r"(.+?)-(\d[^/]*)"))
_OUTPUT = re.compile(
    r"-(?:bin|cupsdata|data|debug|dev|devdoc|dist|doc|drivers|env|extraBin|getent|info|installer|lib|libgcc|man|modules"
    r"|npm|out|py|static|su|sudo|sysdata|tcl|terminfo|tools|udev|wrapper|xbin|zoneinfo)$"
)
_NO_PACKAGE = re.compile(
    r"\.(?:drv|lock|check|patch|diff|conf|sh|json|xml|nix|crate|gem|rpm|deb|zip|tgz|tar(?:\.\w+)?|t[bx]z2?)$"
    r"|[-.](?:source|src|patches|vendor|go-modules|cargo-deps)$"
)

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every package of the store. Raises `Absent`, `Unreadable` when the folder cannot be listed."""
    members = machine.list_folder(FOLDER)
    if members is None:
        raise Absent(FOLDER)
    yield Scope(SCOPE)
    yield from packages_of(member.path for member in members)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the packages of a recorded listing; one without a single path of a store is a `Problem`."""
    lines = data.decode("utf-8-sig", "replace").split()
    if lines and not any(_MEMBER.fullmatch(line) for line in lines):
        yield Problem(name, "no path of a store")
        return
    yield from packages_of(lines)


def packages_of(paths: Iterable[str]) -> Iterator[Record]:
    """Yield each name and version once, in the order of the paths; what is no package is passed over."""
    seen = set()
    for path in paths:
        member = _MEMBER.fullmatch(path.strip())
        rest = None if member is None else member.group("rest")
        if rest is None or _NO_PACKAGE.search(rest):
            continue
        word = _OUTPUT.sub("", rest)
        found = next((match for match in (form.fullmatch(word) for form in _VERSIONED) if match is not None), None)
        if found is None or found.groups() in seen:
            continue
        seen.add(found.groups())
        name, version = found.groups()
        yield Software(
            source="nix", name=name, scope=SCOPE, seen_at=path.strip(), version=version, identifier=name, per_user=False
        )


NIX = Collector(name="nix", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
