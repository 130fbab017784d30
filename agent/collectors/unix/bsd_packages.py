"""Packages of the BSD systems, as `pkg info` and `pkg_info` list them.

Source: `pkg info` (FreeBSD) or `pkg_info` (NetBSD, OpenBSD, old FreeBSD): `<name>-<version>` and a comment a line. The
    version begins behind the last `-` before a digit; what OpenBSD puts after it (`-gtk3`) is a flavour, no version.
Absent: the machine has no /var/db/pkg or no such command.
Gaps:   no publisher, no day, no licence, which only longer listings say; the comment is not carried. The base system
    of a BSD is no package.
"""

from __future__ import annotations

import re
from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.console_text import decode_text
from agent.formats.written_day import day_of
from agent.inventory.software import Software
from agent.machine.base import Machine

SOURCE = "bsd_packages"
MARK = "/var/db/pkg"
COMMANDS = (("pkg", "info"), ("pkg_info",))
_MOST_LINES = 500_000
_PACKAGE = re.compile(r"(?P<name>\S+)-(?P<version>\d[^\s-]*)(?P<flavour>(?:-[A-Za-z]\w*)*)")
_WITHOUT_DIGIT = re.compile(r"(?P<name>\S+)-(?P<version>[^\s-]*\d[^\s-]*)")
_FULL = re.compile(r"^Name {2,}: \S", re.MULTILINE)
_FIELD = re.compile(r"(?P<label>[A-Z][A-Za-z]*(?: [a-z]+)?) *: ?(?P<value>.*?)\s*")

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every package. Raises `Absent`, `Unreadable` when the command fails."""
    for command in COMMANDS if machine.exists(MARK) else ():
        printed = machine.run(command)
        if printed is not None:
            yield Scope(SOURCE)
            yield from parse_listing(printed, seen_at=" ".join(command))
            return
    raise Absent(MARK)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the packages of a recorded listing."""
    yield from parse_listing(decode_text(data)[0], seen_at=name)


def parse_listing(text: str, *, seen_at: str) -> Iterator[Record]:
    """Yield the packages in order; a line that does not begin with name and version is a `Problem`."""
    if _FULL.search(text):
        yield from _full(text, seen_at)
        return
    for number, line in enumerate(text.lstrip("\ufeff").splitlines()[:_MOST_LINES], start=1):
        if not line.strip():
            continue
        where = "%s line %d" % (seen_at, number)
        word = line.split(None, 1)[0]
        found = _PACKAGE.fullmatch(word) or _WITHOUT_DIGIT.fullmatch(word)
        if found is None:
            yield Problem(where, "expected NAME-VERSION")
            continue
        yield Software(
            source=SOURCE,
            name=found.group("name"),
            scope=SOURCE,
            seen_at=where,
            version=found.group("version"),
            identifier=word,
            per_user=False,
        )


def _full(text: str, seen_at: str) -> Iterator[Record]:
    """Yield the packages of `pkg info -f`, whose fields stand one a line; a new `Name` begins the next."""
    said: dict[str, str] = {}
    for number, line in enumerate([*text.splitlines()[:_MOST_LINES], "Name : "], start=1):
        found = _FIELD.fullmatch(line)
        if found is None:
            continue
        if found.group("label") == "Name" and said.get("Name") and said.get("Version"):
            day = said.get("Installed on")
            yield Software(
                source=SOURCE, name=said["Name"], scope=SOURCE, seen_at="%s line %d" % (seen_at, number),
                version=said["Version"], publisher=said.get("Maintainer"), identifier=said.get("Origin"),
                architecture=said.get("Architecture"), installed_on=None if day is None else day_of(day),
                install_date_raw=day, per_user=False, section=said.get("Categories"), licence=said.get("Licenses"),
            )  # fmt: skip
        if found.group("label") == "Name":
            said = {}
        said.setdefault(found.group("label"), found.group("value"))


BSD_PACKAGES = Collector(name=SOURCE, platforms=frozenset({"other"}), collect=collect, parse_file=parse_file)
