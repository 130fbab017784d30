"""Snaps, read from their own description and from what snapd keeps of them.

Source: <mount>/<name>/current/meta/snap.yaml of mounted snaps (/snap, or /var/lib/snapd/snap on some systems); the
    files <name>_<revision>.snap of /var/lib/snapd/snaps for snaps that are not mounted, as on a mounted disk or
    when disabled: of these only the name is known. Publishers come from snapd's assertions (snap-declaration,
    account), where an assertion names the snap.
Absent: neither a mount folder nor /var/lib/snapd/snaps exists.
Gaps:   the version of a snap that is not mounted, since it stands inside the squashfs file; no day of installation;
    state.json holds accounts and is not opened. A snap.yaml without name or version is not a snap's and becomes a
    problem.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.formats.simple_yaml import YamlFault, top_level
from agent.formats.spdx import spdx_expression
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

MOUNTS = ("/snap", "/var/lib/snapd/snap")
FILES = "/var/lib/snapd/snaps"
ASSERTIONS = "/var/lib/snapd/assertions/asserts-v0"
MAX_YAML_BYTES = 1024 * 1024
MAX_ASSERTION_BYTES = 256 * 1024
MAX_ASSERTIONS = 5000
_HEADING = re.compile(r"\S+\s+\S+\s+Rev\b|(?:Name|名称)\s+(?:Version|版本)\b")
_PARTS_OF_THE_SYSTEM = frozenset({"os", "core", "base", "snapd", "kernel", "gadget"})


def collect(machine: Machine) -> Iterator[Found]:
    """Yield mounted snaps, then those that are only files. Raises `Absent`."""
    mount = next((path for path in MOUNTS if machine.exists(path)), None)
    if mount is None and not machine.exists(FILES):
        raise Absent(FILES)
    publishers = _publishers(machine)
    mounted: set[str] = set()
    if mount is not None:
        yield from _mounted(machine, mount, publishers, mounted)
    scope = "snap:" + FILES
    if machine.exists(FILES):
        yield Scope(scope)
        try:
            yield from _unmounted(machine, publishers, mounted, scope)
        except Unreadable as error:
            yield ScopeFailed(scope, str(error))
    else:
        yield ScopeAbsent(scope)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the snap of one recorded snap.yaml, or the snaps of a listing by `snap list`."""
    text = data.decode("utf-8", "replace")
    if _HEADING.match(text.lstrip("\ufeff")):
        yield from parse_listing(text, seen_at=name, scope="snap:" + name)
    else:
        yield from parse_snap_yaml(text, seen_at=name, scope="snap:" + name)


def parse_listing(text: str, *, seen_at: str, scope: str) -> Iterator[Software | Problem]:
    """Yield the snaps of `snap list`: name, version, revision, channel, publisher, notes, with blanks between them."""
    for number, line in enumerate(text.splitlines()[1:], start=2):
        words = line.split()
        if not words:
            continue
        if len(words) < 5 or not words[2].lstrip("x").isdigit():
            yield Problem("%s line %d" % (seen_at, number), "expected six columns with the revision third")
            continue
        if len(words) == 5:  # snapd before 2.36 printed no channel
            words.insert(3, "-")
        notes = words[5].split(",")
        yield Software(
            source="snap", name=words[0], scope=scope, seen_at="%s line %d" % (seen_at, number), version=words[1],
            publisher=_plain_publisher(words[4]), identifier=words[0], per_user=False,
            system_component=True if _PARTS_OF_THE_SYSTEM & set(notes) else None,
        )  # fmt: skip


def _plain_publisher(word: str) -> str | None:
    """Return a publisher without the marks of a verified one; dashes mean that there is none."""
    publisher = word.strip().rstrip("*✓✪")
    return publisher if publisher.strip("-–") else None


def _mounted(machine: Machine, mount: str, publishers: dict[str, str], mounted: set[str]) -> Iterator[Found]:
    """Yield every snap that has a current revision; `mounted` learns their names."""
    scope = "snap:" + mount
    yield Scope(scope)
    try:
        members = machine.list_folder(mount) or ()
    except Unreadable as error:
        yield ScopeFailed(scope, str(error))
        return
    for member in members:
        path = member.path + "/current/meta/snap.yaml"
        try:
            text = machine.read_text(path, MAX_YAML_BYTES) if member.is_folder else None
        except Unreadable as error:
            yield Problem(path, error.why)
            continue
        if text is not None:
            mounted.add(member.name)
            yield from parse_snap_yaml(
                text, seen_at=path, scope=scope, location=member.path, publisher=publishers.get(member.name)
            )


def parse_snap_yaml(text: str, *, seen_at: str, scope: str, location: str | None = None,
                    publisher: str | None = None) -> Iterator[Software | Problem]:  # fmt: skip
    """Yield the snap that a snap.yaml describes, or a `Problem` when it lacks name or version."""
    try:
        keys = top_level(text)
    except YamlFault as fault:
        yield Problem(seen_at, str(fault))
        return
    texts = {key: value for key, value in keys.items() if isinstance(value, str)}
    if "version" not in texts and texts.get("installed"):  # what `snap info` printed: `1.0 (214) 150MB -`
        texts["version"] = texts["installed"].split()[0]
        publisher = publisher or _plain_publisher(texts.get("publisher", ""))
    missing = [key for key in ("name", "version") if not texts.get(key)]
    if missing:
        yield Problem(seen_at, "no %s%s" % (missing[0], " (%s)" % texts["name"] if texts.get("name") else ""))
        return
    kind = texts.get("type")
    architectures = keys.get("architectures", ())
    yield Software(
        source="snap",
        name=texts["name"],
        scope=scope,
        seen_at=seen_at,
        version=texts["version"],
        publisher=publisher,
        identifier=texts["name"],
        architecture=(architectures if isinstance(architectures, str) else ", ".join(architectures)) or None,
        location=location,
        per_user=False,
        section=kind,
        licence=texts.get("license"),
        parent=texts.get("base"),
        system_component=True if kind in _PARTS_OF_THE_SYSTEM else None,
        spdx=spdx_expression(texts.get("license", "")),
    )


def _unmounted(
    machine: Machine, publishers: dict[str, str], mounted: set[str], scope: str
) -> Iterator[Software | Problem]:
    """Yield snaps that are installed as files and not mounted, once for all their revisions."""
    newest: dict[str, Entry] = {}
    for member in machine.list_folder(FILES) or ():
        name, mark, _revision = member.name.rpartition("_")
        if member.is_file and member.name.endswith(".snap") and mark and name and name not in mounted:
            newest[name] = member
    for name, member in newest.items():
        yield Software(
            source="snap", name=name.partition("_")[0], scope=scope, seen_at=member.path, identifier=name,
            publisher=publishers.get(name), size_bytes=member.size_bytes, per_user=False,
        )  # fmt: skip


def _publishers(machine: Machine) -> dict[str, str]:
    """Return the publisher's display name by snap name, as far as snapd's assertions can be read."""
    accounts = {
        headers["account-id"]: headers["display-name"]
        for headers in _assertions(machine, "account", 1)
        if {"account-id", "display-name"} <= set(headers)
    }
    found: dict[str, str] = {}
    for headers in _assertions(machine, "snap-declaration", 2):
        publisher = accounts.get(headers.get("publisher-id", ""))
        if publisher and "snap-name" in headers:
            found[headers["snap-name"]] = publisher
    return found


def _assertions(machine: Machine, kind: str, depth: int) -> Iterator[dict[str, str]]:
    """Yield the headers of the current assertions of a kind; `depth` folders lie between the kind and the files."""
    folders = ["%s/%s" % (ASSERTIONS, kind)]
    try:
        for _ in range(depth):
            folders = [entry.path for path in folders for entry in machine.list_folder(path) or () if entry.is_folder][
                :MAX_ASSERTIONS
            ]
        for folder in folders:
            files = [entry for entry in machine.list_folder(folder) or () if entry.name.startswith("active")]
            if files:
                yield _headers(machine.read_text(files[-1].path, MAX_ASSERTION_BYTES) or "")
    except Unreadable:
        return  # a publisher that is not known is no fault of the snap


def _headers(text: str) -> dict[str, str]:
    """Return the simple headers of an assertion, which end at the first empty line."""
    lines = (line.partition(": ") for line in text.partition("\n\n")[0].splitlines() if line[:1] not in (" ", "-"))
    return {name: value.strip() for name, mark, value in lines if mark and value.strip()}


SNAP = Collector(name="snap", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
