"""Packages of Alpine Linux, read from apk's database of what is installed.

Source: /lib/apk/db/installed, in newer releases /usr/lib/apk/db/installed: blocks of lines `LETTER:value`, P name,
    V version, A architecture, I installed size in bytes, m maintainer, L licence, o source package.
Absent: neither file exists.
Gaps:   no day of installation (t is the time of the build); the repository that a package came from is not recorded.
    A block without name or version is no package and becomes a problem.
"""

from __future__ import annotations

from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.blocks import blocks_of
from agent.formats.spdx import spdx_expression
from agent.formats.whole_number import whole_number
from agent.inventory.software import Software
from agent.machine.base import Machine

FILES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every installed package. Raises `Absent`, `Unreadable`."""
    for path in FILES:
        text = machine.read_text(path)
        if text is not None:
            scope = "apk:" + path
            yield Scope(scope)
            yield from parse_installed(text, seen_at=path, scope=scope)
            return
    raise Absent(FILES[0])


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded database holds."""
    yield from parse_installed(data.decode("utf-8", "replace"), seen_at=name, scope="apk:" + name)


def parse_installed(text: str, *, seen_at: str, scope: str) -> Iterator[Record]:
    """Yield every package in file order; of a block the first line of each letter before its files counts."""
    for number, block in enumerate(blocks_of(text), start=1):
        where = "%s block %d" % (seen_at, number)
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            letter, colon, value = line.partition(":")
            if letter == "F":
                break
            if colon and len(letter) == 1 and value.strip():
                fields.setdefault(letter, value.strip())
        missing = [word for letter, word in (("P", "name"), ("V", "version")) if letter not in fields]
        if missing:
            yield Problem(where, "no %s%s" % (missing[0], " (%s)" % fields["P"] if "P" in fields else ""))
        else:
            yield _package(fields, where, scope)


def _package(fields: dict[str, str], where: str, scope: str) -> Software:
    licence = fields.get("L")
    return Software(
        source="apk",
        name=fields["P"],
        scope=scope,
        seen_at=where,
        version=fields["V"],
        publisher=fields.get("m"),
        identifier=fields["P"],
        architecture=fields.get("A"),
        size_bytes=whole_number(fields.get("I")),
        per_user=False,
        licence=licence,
        parent=fields.get("o"),
        spdx=None if licence is None else spdx_expression(licence),
    )


APK = Collector(name="apk", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
