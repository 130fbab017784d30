"""Debian packages, read from the dpkg status file and its parts.

Source: /var/lib/dpkg/status, and /var/lib/dpkg/status.d/* of minimal images: paragraphs as in
    deb-control(5). The third word of Status says whether a package is installed. A paragraph of status.d
    without Status is installed when it has a version: such images keep no other record.
Absent: neither exists.
Gaps:   no day of installation, dpkg records none; the repository that a package came from is not recorded
    either, `origin` is the package's own Origin field.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.whole_number import whole_number
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

if TYPE_CHECKING:
    from agent.formats.package_listing import PackageRow

STATUS = "/var/lib/dpkg/status"
STATUS_FOLDER = "/var/lib/dpkg/status.d"

_FIELDS = (
    "Package",
    "Status",
    "Version",
    "Maintainer",
    "Architecture",
    "Installed-Size",
    "Section",
    "Source",
    "Origin",
)
_STARTS = tuple((name, "\n%s:" % name, len(name) + 2) for name in _FIELDS)
_LISTED = ("Package", "Architecture", "Version", "Installed-Size", "Section")
_USUAL = "install ok installed"
_PARAGRAPHS = re.compile(r"\n(?:[ \t]*\n)+")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the packages of both places; each is a scope, and one that cannot be read does not hide the other."""
    if not machine.exists(STATUS) and not machine.exists(STATUS_FOLDER):
        raise Absent(STATUS)
    if machine.exists(STATUS):
        yield Scope("dpkg:" + STATUS)
        try:
            yield from parse_status(machine.read_text(STATUS) or "", seen_at=STATUS)
        except Unreadable as unreadable:
            yield ScopeFailed("dpkg:" + STATUS, unreadable.why)
    if machine.exists(STATUS_FOLDER):
        yield Scope("dpkg:" + STATUS_FOLDER)
        yield from _collect_parts(machine)


def _collect_parts(machine: Machine) -> Iterator[Found]:
    """Yield the packages of status.d; a part that cannot be read costs itself. Raises `Unreadable`."""
    for part in machine.list_folder(STATUS_FOLDER) or ():
        if part.name.endswith(".md5sums") or part.is_folder:
            continue
        try:
            yield from parse_part(machine.read_text(part.path) or "", seen_at=part.path)
        except Unreadable as unreadable:
            yield Problem(unreadable.where, unreadable.why)


def parse_status(text: str, *, seen_at: str) -> Iterator[Software | Problem]:
    """Yield every installed package of a dpkg status file, in file order.

    A paragraph without name or version yields a Problem; its neighbours are still read.
    """
    return _parse(text, seen_at, scope="dpkg:" + STATUS, presence_installs=False)


def parse_part(text: str, *, seen_at: str) -> Iterator[Software | Problem]:
    """Yield the packages of one file of status.d, where a paragraph needs no Status."""
    return _parse(text, seen_at, scope="dpkg:" + STATUS_FOLDER, presence_installs=True)


def parse_listing(text: str, *, seen_at: str) -> Iterator[Software | Problem]:
    """Yield the installed packages of a recorded `dpkg-query` listing.

    A line is Package, Architecture, Version, Installed-Size and Section, with tabs between them, and in newer
    recordings Status; without that the line lists what is installed.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        words = [word.strip() for word in line.split("\t")]
        if not line.strip() or (len(words) > 5 and words[5] and not _is_installed({"Status": words[5]}, False)):
            continue
        if len(words) < 3 or not words[0] or not words[2]:
            yield Problem("%s line %d" % (seen_at, number), "expected package, architecture and version")
        else:
            yield _package(dict(zip(_LISTED, words)), "dpkg", seen_at)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded file holds: a status file, a part of a folder `status.d`, or a listing.

    A listing may be one of `dpkg-query` with five columns or more, or what `dpkg -l` and `apt list` print for people.
    """
    text = data.decode("utf-8", "replace")
    if name.endswith(".md5sums"):
        return iter(())
    if text.partition("\n")[0].count("\t") >= 2:
        return iter(parse_listing(text, seen_at=name))
    if "/status.d/" in name.replace("\\", "/"):
        return iter(parse_part(text, seen_at=name))
    if not text.startswith("Package:"):
        from agent.formats.package_listing import rows_of_dpkg  # what no scan needs

        rows = rows_of_dpkg(text)
        if rows:
            return (_listed(row, name) for row in rows if row.installed)
    return iter(parse_status(text, seen_at=name))


def _listed(row: PackageRow, name: str) -> Software:
    return Software(
        source="dpkg",
        name=row.name,
        scope="dpkg",
        seen_at="%s line %d" % (name, row.line),
        version=row.version,
        identifier=row.name,
        architecture=row.architecture,
        per_user=False,
        origin=row.origin,
    )


def _parse(text: str, seen_at: str, *, scope: str, presence_installs: bool) -> Iterator[Software | Problem]:
    """Yield the installed packages of paragraphs."""
    text = text.replace("\r\n", "\n").lstrip("\n").rstrip()
    for number, block in enumerate(_PARAGRAPHS.split(text) if text else (), start=1):
        fields = _fields(block)
        if not _is_installed(fields, presence_installs) and fields:
            continue
        missing = [name for name in ("Package", "Version") if not fields.get(name)]
        if missing:
            where = "%s paragraph %d" % (seen_at, number)
            yield Problem(where, "no %s field%s" % (missing[0], _of(fields)))
        else:
            yield _package(fields, scope, seen_at)


def _fields(block: str) -> dict[str, str]:
    """Return the wanted fields of a paragraph, of one that stands twice the first."""
    block = "\n%s\n" % block  # so that every line has a beginning and an end
    fields = {}
    for name, start, length in _STARTS:
        at = block.find(start)
        if at >= 0:
            fields[name] = block[at + length : block.find("\n", at + length)].strip()
    return fields


def _is_installed(fields: dict[str, str], presence_installs: bool) -> bool:
    """ "install ok installed" is installed; "install ok not-installed" is not."""
    status = fields.get("Status")
    if status is None and presence_installs:
        return "Version" in fields
    return status == _USUAL or (status or "").split()[2:] == ["installed"]


def _of(fields: dict[str, str]) -> str:
    """Name the package that a fault concerns, when it has a name."""
    name = fields.get("Package")
    return " (%s)" % name if name else ""


def _package(fields: dict[str, str], scope: str, seen_at: str) -> Software:
    """Return the record of one installed package."""
    get = fields.get
    size_kib = whole_number(get("Installed-Size"))
    return Software(
        source="dpkg",
        name=fields["Package"],
        scope=scope,
        seen_at=seen_at,
        version=fields["Version"],
        publisher=get("Maintainer") or None,
        identifier=fields["Package"],
        architecture=get("Architecture") or None,
        size_bytes=None if size_kib is None else size_kib * 1024,
        per_user=False,
        origin=get("Origin") or None,
        section=get("Section") or None,
        parent=get("Source") or None,
    )


DPKG = Collector(name="dpkg", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
