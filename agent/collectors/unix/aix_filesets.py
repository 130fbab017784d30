"""Filesets of AIX, as `lslpp` lists them.

Source: `lslpp -lqc` (place:fileset:level:PTF:state:type:description) and `lslpp -Lqc` (package:fileset:level:state:…),
    whose fields stand in the same order in every language; `read` also takes `lslpp -l`
    without colons. The usr and the root part of a fileset are two lines and
    two records; `location` is the database that has them. `system_component` marks what drives devices.
Absent: the machine has no /usr/lib/objrepos or no such command.
Gaps:   no publisher and no day: `lslpp -h` would have to be read for that. The description is not carried.
"""

from __future__ import annotations

import re
from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.console_text import decode_text
from agent.inventory.software import Software
from agent.machine.base import Machine

SOURCE = "aix_filesets"
MARK = "/usr/lib/objrepos"
COMMAND = ("lslpp", "-lqc")
_MOST_LINES = 500_000
_DRIVERS = "devices."
_TABLE = re.compile(r"^[ \t]*-{20,}[ \t]*$", re.MULTILINE)
_PATH = re.compile(r"\s*\S+: (/\S+)\s*$")
_ROW = re.compile(r" {2,}(?:(?P<name>[A-Za-z0-9_][\w.+-]*) +)?(?P<level>\d+(?:\.\d+)+)(?:-\S+)?\s+[A-Z]")
_ALONE = re.compile(r" {2}([A-Za-z0-9_][\w.+-]*\.[\w.+-]+)\s*$")

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every fileset. Raises `Absent`, `Unreadable` when the command fails."""
    printed = machine.run(COMMAND) if machine.exists(MARK) else None
    if printed is None:
        raise Absent(MARK)
    yield Scope(SOURCE)
    yield from parse_listing(printed, seen_at=" ".join(COMMAND))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the filesets of a recorded listing."""
    yield from parse_listing(decode_text(data)[0], seen_at=name)


def parse_listing(text: str, *, seen_at: str) -> Iterator[Record]:
    """Yield the filesets in order; a line of another form is a `Problem`."""
    if _TABLE.search(text):
        yield from _table(text, seen_at)
        return
    for number, line in enumerate(text.lstrip("\ufeff").splitlines()[:_MOST_LINES], start=1):
        if not line.strip() or line.startswith("#"):
            continue
        where = "%s line %d" % (seen_at, number)
        words = [word.strip() for word in line.split(":")]
        if len(words) > 6 and words[6] == "R" and not words[2]:  # a package of rpm, whose level stands in its name
            words[1], _, words[2] = words[1].partition("-")
        if len(words) < 6 or not words[1] or not words[2]:
            yield Problem(where, "expected fileset and level between colons")
            continue
        placed = words[0].startswith("/")
        yield Software(
            source=SOURCE,
            name=words[1],
            scope=SOURCE,
            seen_at=where,
            version=words[2],
            identifier=words[1],
            location=words[0] if placed else None,
            per_user=False,
            parent=None if placed else words[0] or None,
            system_component=True if words[1].startswith(_DRIVERS) else None,
        )


def _table(text: str, seen_at: str) -> Iterator[Record]:
    """Yield the filesets of `lslpp -l` and `-L` without colons; a long name stands in a line of its own."""
    place: str | None = None
    name: str | None = None
    for number, line in enumerate(text.splitlines()[:_MOST_LINES], start=1):
        path, row, alone = _PATH.match(line), _ROW.match(line), _ALONE.match(line)
        if path is not None:
            place = path.group(1)
        elif row is not None and (row.group("name") or name):
            fileset = row.group("name") or name or ""
            yield Software(
                source=SOURCE, name=fileset, scope=SOURCE, seen_at="%s line %d" % (seen_at, number),
                version=row.group("level"), identifier=fileset, location=place, per_user=False,
                system_component=True if fileset.startswith(_DRIVERS) else None,
            )  # fmt: skip
            name = None
        else:
            name = alone.group(1) if alone is not None else None


AIX_FILESETS = Collector(name=SOURCE, platforms=frozenset({"other"}), collect=collect, parse_file=parse_file)
