"""Packages of Solaris and illumos, as `pkg info` (IPS) and `pkginfo -l` (System V) describe them.

Source: `pkg info` where there is IPS, else `pkginfo -l`: blocks of `Name: value` with the colons below each other. A
    publisher of IPS is the repository's own word for whose packages these are. Only what is installed is taken.
Absent: the machine has neither /var/pkg nor /var/sadm/pkg, or no such command.
Gaps:   sizes are printed rounded and are not carried; `pkg info` of Solaris 11.1 has no day of installation. Of the
    short listings, which `read` takes as well, `pkginfo` tells no version.
"""

from __future__ import annotations

import re
from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.blocks import aligned_fields_of, blocks_of
from agent.formats.console_text import decode_text
from agent.formats.written_day import day_of
from agent.inventory.software import Software
from agent.machine.base import Machine

SOURCE = "solaris_packages"
SOURCES = (("/var/pkg", ("pkg", "info")), ("/var/sadm/pkg", ("pkginfo", "-l")))
_IPS_ROW = re.compile(
    r"(?:pkg://(?P<of>[^/\s]+)/)?(?P<name>[^\s@()]+)(?: \((?P<repository>[^)]+)\))?(?:@|\s+)(?P<version>\d\S*)"
    r"\s+(?P<flags>[a-z-]{3,6})"
)
_SYSV_ROW = re.compile(r"(?P<category>[A-Za-z][\w,.-]*)\s+(?P<name>[A-Z][A-Za-z0-9.+-]{2,})\s{2,}\S.*")

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every package of the first of the two that answers. Raises `Absent`, `Unreadable`."""
    for mark, command in SOURCES:
        printed = machine.run(command) if machine.exists(mark) else None
        if printed is not None:
            yield Scope(SOURCE)
            yield from parse_blocks(printed, seen_at=" ".join(command))
            return
    raise Absent(SOURCES[0][0])


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the packages of a recorded output of either command."""
    yield from parse_blocks(decode_text(data)[0], seen_at=name)


def parse_blocks(text: str, *, seen_at: str) -> Iterator[Record]:
    """Yield the installed packages in order; a block without name or version is a `Problem`."""
    short = tuple(_short(text, seen_at))
    yield from short
    for number, block in enumerate(() if short else blocks_of(text), start=1):
        fields = aligned_fields_of(block)
        where = "%s block %d" % (seen_at, number)
        if "not installed" in (fields.get("state") or fields.get("status") or "").lower():
            continue
        name = fields.get("pkginst") or fields.get("name")
        version = fields.get("version") or fields.get("fmri", "").partition("@")[2]
        if not name or not version:
            yield Problem(where, "no %s" % ("version (%s)" % name if name else "name"))
            continue
        day = fields.get("instdate") or fields.get("last install time")
        yield Software(
            source=SOURCE,
            name=name,
            scope=SOURCE,
            seen_at=where,
            version=version,
            publisher=fields.get("vendor") or fields.get("publisher") or None,
            identifier=fields.get("fmri") or name,
            architecture=fields.get("arch") or None,
            installed_on=None if day is None else day_of(day),
            install_date_raw=day,
            location=fields.get("basedir") or None,
            per_user=False,
            section=fields.get("category") or None,
        )


def _short(text: str, seen_at: str) -> Iterator[Software]:
    """Yield the packages of `pkg list`, with `-v` or without, and of `pkginfo`; none for another text."""
    lines = text.splitlines()
    heading = next((line for line in lines[:50] if line.strip()), "")
    form = _IPS_ROW if heading.rstrip().endswith(("IFO", "UFOXI", "I")) else _SYSV_ROW
    if form is _SYSV_ROW and not _SYSV_ROW.fullmatch(heading):
        return
    for number, line in enumerate(lines, start=1):
        row = form.fullmatch(line.rstrip())
        if row is None or "i" not in row.groupdict().get("flags", "i"):
            continue
        said = row.groupdict()
        version = (said.get("version") or "").partition(",")[0]
        yield Software(
            source=SOURCE, name=said["name"], scope=SOURCE, seen_at="%s line %d" % (seen_at, number),
            version=version or None, publisher=said.get("of") or said.get("repository"), identifier=said["name"],
            per_user=False, section=said.get("category"),
        )  # fmt: skip


SOLARIS_PACKAGES = Collector(name=SOURCE, platforms=frozenset({"other"}), collect=collect, parse_file=parse_file)
