"""Packages of rpm systems (openEuler, Kylin Server, UOS Server, Anolis, Fedora, SUSE …), read from the rpm database.

Source: rpmdb.sqlite (rpm 4.16 and later), Packages.db (ndb, SUSE) or Packages (Berkeley DB, up to rpm 4.15) in
    /usr/lib/sysimage/rpm or /var/lib/rpm; the first that is there is the one that rpm uses. The header of
    each package gives all fields; the version is `epoch:version-release`, without epoch when there is none.
    `installed_on` is the day of INSTALLTIME in UTC, `install_date_raw` its seconds since 1970. `origin` is the
    repository that dnf or yum noted (rpm_repositories.py), with the header's distribution behind it in brackets, else
    the distribution or vendor of the header.
Absent: none of these files is there. The folder alone means nothing: Debian's rpm makes it too.
Gaps:   the keys of repositories, which rpm keeps as packages named gpg-pubkey, are left out; a database
    elsewhere (_dbpath) is not looked for; dnf 5 keeps repositories elsewhere, and they are not known.
"""

from __future__ import annotations

import dataclasses
from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.collectors.linux.rpm_repositories import repositories
from agent.formats import berkeley_db, ndb
from agent.formats.rpm_blobs import BadBlob, DatabaseFault
from agent.formats.rpm_header import HeaderFault, RpmHeader, read_header
from agent.formats.spdx import spdx_expression
from agent.formats.unix_time import day_of
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable
from agent.machine.sqlite_file import rows_of_bytes, rows_of_file

FOLDERS = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
FILES = ("rpmdb.sqlite", "Packages.db", "Packages")
QUERY = "SELECT hnum, CASE WHEN length(blob) <= 67108864 THEN blob END FROM Packages ORDER BY hnum"
_KEY_OF_A_REPOSITORY = "gpg-pubkey"

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every installed package. Raises `Absent`."""
    for folder in FOLDERS:
        for name in FILES:
            path = "%s/%s" % (folder, name)
            if machine.exists(path):
                scope = "rpm:" + folder
                yield Scope(scope)
                known = repositories(machine)
                for found in _database(machine, path, scope):
                    yield _with_repository(found, known) if isinstance(found, Software) else found
                return
    raise Absent(FOLDERS[-1])


def _with_repository(package: Software, known: dict[tuple[str, str], str]) -> Software:
    """Return the package with the repository that delivered it, where that is known, before what the header says."""
    version = (package.version or "").rpartition(":")[2]
    repository = known.get(("%s-%s" % (package.name, version), package.architecture or ""))
    if repository is None:
        return package
    said = package.origin if package.origin not in (None, package.publisher) else None
    return dataclasses.replace(package, origin=repository if said is None else "%s (%s)" % (repository, said))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded database file holds, or the lines of a listing by `rpm -qa --queryformat`.

    Such a listing has the columns name, architecture, version-release, install time, size, vendor, summary, group; what
    `rpm -qa`, `rpm -qi` and `dnf list installed` print for people is read as well.
    """
    if data.startswith(b"SQLite format 3\0"):
        yield from _sqlite(rows_of_bytes(data, QUERY, named=name), name, name)
    elif data.startswith(b"RpmP") or b"\0" in data[:4096]:
        yield from _blobs(data, name, name)
    else:
        text = data.decode("utf-8", "replace")
        rows = () if "\t" in text.partition("\n")[0] else tuple(_listed(text, name))
        yield from rows or parse_listing(text, seen_at=name, scope=name)


def _listed(text: str, name: str) -> Iterator[Software]:
    """Yield the packages of `rpm -qa`, `rpm -qi`, `dnf list` or `yum list`."""
    from agent.formats.package_listing import rows_of_rpm  # what no scan needs
    from agent.formats.written_day import day_of as written_day

    for row in rows_of_rpm(text):
        if row.name != _KEY_OF_A_REPOSITORY:
            yield Software(
                source="rpm", name=row.name, scope=name, seen_at="%s line %d" % (name, row.line), version=row.version,
                publisher=row.publisher, identifier=row.name, architecture=row.architecture, section=row.group,
                installed_on=None if row.installed_raw is None else written_day(row.installed_raw),
                install_date_raw=row.installed_raw, size_bytes=row.size_bytes, per_user=False, origin=row.origin,
                licence=row.licence, spdx=spdx_expression(row.licence or ""),
            )  # fmt: skip


def _database(machine: Machine, path: str, scope: str) -> Iterator[Found]:
    """Yield the packages of one database file."""
    if path.endswith(".sqlite"):
        yield from _sqlite(_rows(machine, path), path, scope)
        return
    try:
        data = machine.read_bytes(path)
    except Unreadable as error:
        yield ScopeFailed(scope, str(error))
        return
    yield from _blobs(data or b"", path, scope)


def _rows(machine: Machine, path: str) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the SQLite file itself, or of its bytes where the machine has no file to open."""
    real = machine.local_path(path)
    if real is not None:
        return rows_of_file(real, QUERY)
    return rows_of_bytes(machine.read_bytes(path) or b"", QUERY, named=path)


def _sqlite(rows: Iterator[tuple[object, ...]], path: str, scope: str) -> Iterator[Found]:
    """Damage before the first package fails the scope, later damage makes it partial."""
    seen = False
    try:
        for number, blob in rows:
            seen = True
            where = "%s package %s" % (path, number)
            yield from _package(blob if isinstance(blob, bytes) else b"", where, scope)
    except Unreadable as error:
        yield Problem(path, error.why) if seen else ScopeFailed(scope, "%s: %s" % (path, error.why))


def _blobs(data: bytes, path: str, scope: str) -> Iterator[Found]:
    """Yield the packages of an ndb or Berkeley DB file."""
    reader = ndb.package_blobs if data[:4] == b"RpmP" else berkeley_db.package_blobs
    try:
        for found in reader(data):
            where = "%s %s" % (path, found.where)
            if isinstance(found, BadBlob):
                yield Problem(where, found.what)
            else:
                yield from _package(found.data, where, scope)
    except DatabaseFault as fault:
        yield ScopeFailed(scope, "%s: %s" % (path, fault))


def _package(blob: bytes, where: str, scope: str) -> Iterator[Record]:
    try:
        header = read_header(blob)
    except HeaderFault as fault:
        yield Problem(where, str(fault))
        return
    if header.name is None:
        yield Problem(where, "a package without a name")
    elif header.name != _KEY_OF_A_REPOSITORY:
        yield _software(header, header.name, where, scope)


def _software(header: RpmHeader, name: str, where: str, scope: str) -> Software:
    return Software(
        source="rpm",
        name=name,
        scope=scope,
        seen_at=where,
        version=_version(header),
        publisher=header.vendor or header.packager,
        identifier=name,
        architecture=header.architecture,
        installed_on=day_of(header.installed_at),
        install_date_raw=None if header.installed_at is None else str(header.installed_at),
        size_bytes=header.size_bytes,
        per_user=False,
        origin=header.distribution or header.vendor,
        section=header.group,
        licence=header.licence,
        parent=header.source_rpm,
        spdx=None if header.licence is None else spdx_expression(header.licence),
    )


def _version(header: RpmHeader) -> str | None:
    """`1:2.0-3`; rpm shows no epoch when the package has none, and an epoch of 0 when it says 0."""
    words = "-".join(word for word in (header.version, header.release) if word)
    return words if not words or header.epoch is None else "%d:%s" % (header.epoch, words) or None


def parse_listing(text: str, *, seen_at: str, scope: str) -> Iterator[Record]:
    """Yield the packages of a tab-separated listing, in file order; a line of another form is a `Problem`."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where = "%s line %d" % (seen_at, number)
        columns = [None if word in ("", "(none)") else word for word in (part.strip() for part in line.split("\t"))]
        if len(columns) != 8 or columns[0] is None:
            yield Problem(where, "expected 8 columns, got %d" % len(columns))
            continue
        name, architecture, version, installed_at, size, vendor, _summary, group = columns
        if name == _KEY_OF_A_REPOSITORY:
            continue
        seconds = int(installed_at) if installed_at and installed_at.isdigit() else None
        day = day_of(seconds) if seconds is not None or installed_at is None else _day_in_words(installed_at)
        yield Software(
            source="rpm", name=str(name), scope=scope, seen_at=where, version=version, publisher=vendor,
            identifier=name, architecture=architecture, installed_on=day, install_date_raw=installed_at,
            size_bytes=int(size) if size and size.isdigit() else None, per_user=False, origin=vendor, section=group,
        )  # fmt: skip


def _day_in_words(written: str) -> str | None:
    """Return the day of `%{INSTALLTIME:date}`, which older recordings have."""
    from agent.formats.written_day import day_of as written_day  # what no scan needs

    return written_day(written)


RPM = Collector(name="rpm", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
