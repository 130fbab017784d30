"""Packages of OpenWrt, Yocto and other small systems, read from opkg's status file.

Source: /usr/lib/opkg/status, /var/lib/opkg/status or /opt/lib/opkg/status (Entware): paragraphs as dpkg writes them;
    the third word of Status says whether a package is installed. `installed_on` is the day of Installed-Time in UTC.
Absent: none of these files exists.
Gaps:   the feed that a package came from is not recorded. A paragraph without name or version becomes a problem.
"""

from __future__ import annotations

from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.blocks import blocks_of, fields_of
from agent.formats.spdx import spdx_expression
from agent.formats.unix_time import day_of
from agent.formats.whole_number import whole_number
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

FILES = ("/usr/lib/opkg/status", "/var/lib/opkg/status", "/opt/lib/opkg/status")

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the packages of every status file; each is a scope. Raises `Absent`."""
    there = [path for path in FILES if machine.exists(path)]
    if not there:
        raise Absent(FILES[0])
    for path in there:
        scope = "opkg:" + path
        yield Scope(scope)
        try:
            yield from parse_status(machine.read_text(path) or "", seen_at=path, scope=scope)
        except Unreadable as unreadable:
            yield ScopeFailed(scope, unreadable.why)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded status file holds."""
    yield from parse_status(data.decode("utf-8", "replace"), seen_at=name, scope="opkg:" + name)


def parse_status(text: str, *, seen_at: str, scope: str) -> Iterator[Record]:
    """Yield every installed package in file order."""
    for number, block in enumerate(blocks_of(text), start=1):
        fields = fields_of(block)
        status = fields.get("status", "").split()
        if fields and status[2:] != ["installed"]:
            continue
        where = "%s paragraph %d" % (seen_at, number)
        missing = [name for name in ("Package", "Version") if not fields.get(name.lower())]
        if missing:
            named = " (%s)" % fields["package"] if fields.get("package") else ""
            yield Problem(where, "no %s field%s" % (missing[0], named))
        else:
            yield _package(fields, where, scope)


def _package(fields: dict[str, str], where: str, scope: str) -> Software:
    seconds, licence = fields.get("installed-time"), fields.get("license")
    return Software(
        source="opkg",
        name=fields["package"],
        scope=scope,
        seen_at=where,
        version=fields["version"],
        publisher=fields.get("maintainer") or None,
        identifier=fields["package"],
        architecture=fields.get("architecture") or None,
        installed_on=day_of(whole_number(seconds)),
        install_date_raw=seconds or None,
        size_bytes=whole_number(fields.get("installed-size")),
        per_user=False,
        section=fields.get("section") or None,
        licence=licence or None,
        parent=fields.get("source") or None,
        spdx=spdx_expression(licence) if licence else None,
    )


OPKG = Collector(name="opkg", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
