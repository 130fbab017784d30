"""What installers of macOS put on record: the receipts of packages.

Source: /var/db/receipts/*.plist and, of macOS itself, /System/Library/Receipts: PackageIdentifier, PackageVersion,
    PackageFileName, InstallDate, InstallPrefixPath. The name is what the id says after its reversed domain, without
    the processor and `.pkg`: `org.R-project.x86_64.R.GUI.pkg` is `R.GUI`; else the name of the package's file.
    `release_type` is `receipt`.
Absent: neither folder exists.
Gaps:   a receipt says that a package was installed, not that it is still there: macOS leaves it when an application
    is thrown away. The file names that a package brought (.bom) are not read, nor who made it: an id is no legal name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.plist import MAX_PLIST_BYTES, DamagedPlist, parse_dictionary
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "receipts"
FOLDERS = ("/var/db/receipts", "/System/Library/Receipts")
_FIRST_YEAR, _LAST_YEAR = 1999, 2099
_NO_NAMES = frozenset({"x86_64", "arm64", "i386", "ppc", "universal", "pkg"})


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the receipts of each folder, which is a scope. Raises `Absent`."""
    there = [folder for folder in FOLDERS if machine.exists(folder)]
    if not there:
        raise Absent(FOLDERS[0])
    for folder in there:
        scope = "%s:%s" % (SOURCE, folder)
        yield Scope(scope)
        try:
            members = machine.list_folder(folder) or ()
        except Unreadable as error:
            yield ScopeFailed(scope, error.why)
            continue
        for member in members:
            if not member.name.endswith(".plist") or member.is_folder:
                continue
            try:
                data = machine.read_bytes(member.path, MAX_PLIST_BYTES)
            except Unreadable as error:
                yield Problem(error.where, error.why)
                continue
            if data is not None:
                yield parse_receipt(data, member.path, scope)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded receipt says."""
    yield parse_receipt(data, name, SOURCE)


def parse_receipt(data: bytes, seen_at: str, scope: str) -> Software | Problem:
    """Return the package that a receipt speaks of; a damaged one, or one without id and name, is a `Problem`."""
    try:
        receipt = parse_dictionary(data)
    except DamagedPlist as damage:
        return Problem(seen_at, damage.why)
    texts = {name: value.strip() for name, value in receipt.items() if isinstance(value, str) and value.strip()}
    identifier, file_name = texts.get("PackageIdentifier"), texts.get("PackageFileName", "")
    name = _name_in(identifier or "") or (file_name[:-4] if file_name.lower().endswith(".pkg") else file_name)
    if not (name or identifier):
        return Problem(seen_at, "neither PackageIdentifier nor PackageFileName")
    day = receipt.get("InstallDate")
    prefix = texts.get("InstallPrefixPath")
    return Software(
        source=SOURCE,
        name=name or str(identifier),
        scope=scope,
        seen_at=seen_at,
        version=texts.get("PackageVersion"),
        identifier=identifier,
        installed_on=_day(day),
        install_date_raw=day.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(day, datetime) else texts.get("InstallDate"),
        location=None if prefix is None else "/" + prefix.lstrip("/"),
        per_user=False,
        origin=texts.get("InstallProcessName"),
        system_component=True if (identifier or "").startswith("com.apple.pkg.") else None,
        release_type="receipt",
    )


def _name_in(identifier: str) -> str:
    """Return the part of an id that names the package, empty when it has no reversed domain before it."""
    return ".".join(label for label in identifier.split(".")[2:] if label.lower() not in _NO_NAMES)


def _day(value: object) -> str | None:
    """Return the day of a date that can be one of an installation."""
    if isinstance(value, datetime) and _FIRST_YEAR <= value.year <= _LAST_YEAR:
        return value.strftime("%Y-%m-%d")
    return None


RECEIPTS = Collector(name=SOURCE, platforms=frozenset({"macos"}), collect=collect, parse_file=parse_file)
