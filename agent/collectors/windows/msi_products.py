"""Products and updates that Windows Installer knows, read from its own registration; what Uninstall lists is left out.

Source: `Installer\\UserData\\<SID>\\Products\\<packed code>\\InstallProperties` of HKLM (scope
    `msi_products:machine` for S-1-5-18, `msi_products:user:<SID>` for a product that one person installed), its
    `Patches` below `Products` and below `UserData`.
Absent: no such registration: no Installer, or a recorded machine without this key.
Left out: a product whose code is an Uninstall entry of the machine: it was read there.
Updates: a patch is an update of its product (`parent` is the product code); superseded ones (State 2 and 4) are left
    out.
Gaps:   advertised products that nobody has started yet; what an installer other than Windows Installer registered.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.installer_codes import MACHINE_CODES, upgrade_codes
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Reader, Values, opened, quiet, subkeys
from agent.formats.packed_guid import unpacked
from agent.formats.registry_hive import DamagedHive
from agent.formats.written_day import day_of
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "msi_products"
USER_DATA = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData"
MAX_PRODUCTS = 20_000

_MACHINE_SID = "S-1-5-18"
_UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall"
_APPLIED = (None, 1)
"""State of a patch: 1 applied, 2 superseded, 4 obsoleted (MSIPATCHSTATE)."""


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the products of the machine and of each person, without those of Uninstall."""
    yield from products(machine.registry_key, listed=_listed(machine.registry_key))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a SOFTWARE hive or an export registers, what its Uninstall keys list left out."""
    read = opened(data, name).read
    yield from products(read, listed=_listed(read))


def products(read: Reader, *, listed: frozenset[str]) -> Iterator[Found]:
    """Yield the products whose code is not in `listed`, and the patches of all."""
    try:
        sids = subkeys(read, USER_DATA)
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(SOURCE + ":machine", str(error))
        return
    if not sids:
        yield ScopeAbsent(SOURCE + ":machine")
        return
    codes = upgrade_codes(read, *MACHINE_CODES)
    for sid in sids:
        scope = SOURCE + (":machine" if sid.upper() == _MACHINE_SID else ":user:" + sid)
        above = "%s\\%s\\Products" % (USER_DATA, sid)
        try:
            names = subkeys(read, above, MAX_PRODUCTS)
        except (Unreadable, DamagedHive) as error:
            yield ScopeFailed(scope, str(error))
            continue
        if names:
            yield Scope(scope)
            for name in names:
                yield from _product(read, above, name, scope, listed, codes)


def _product(
    read: Reader, above: str, name: str, scope: str, listed: frozenset[str], codes: dict[str, str]
) -> Iterator[Software | Problem]:
    code = unpacked(name)
    if code is None:
        return
    where = "%s\\%s" % (above, name)
    try:
        properties = read(where + "\\InstallProperties")
    except (Unreadable, DamagedHive) as error:
        yield Problem(where, error.why)
        return
    values = Values(properties)
    title = values.text("DisplayName")
    if title is not None and code not in listed:
        size_kib = values.number("EstimatedSize")
        day = values.text("InstallDate")
        yield Software(
            source=SOURCE,
            name=title,
            scope=scope,
            seen_at=where,
            version=values.text("DisplayVersion"),
            publisher=values.text("Publisher"),
            identifier=code,
            installed_on=None if day is None else day_of(day),
            location=values.text("InstallLocation"),
            size_bytes=None if size_kib is None else size_kib * 1024,
            per_user=not scope.endswith(":machine"),
            system_component=values.number("SystemComponent") == 1 or None,
            upgrade_code=codes.get(code),
        )
    yield from _patches(read, where, code, scope)


def _patches(read: Reader, product: str, code: str, scope: str) -> Iterator[Software]:
    key = quiet(read, product + "\\Patches")
    for name in () if key is None else key.subkeys:
        where = "%s\\Patches\\%s" % (product, name)
        values = Values(quiet(read, where))
        title, patch = values.text("DisplayName"), unpacked(name)
        if title is None or patch is None or values.number("State") not in _APPLIED:
            continue
        day = values.text("Installed")
        yield Software(
            source=SOURCE,
            name=title,
            scope=scope,
            seen_at=where,
            identifier=patch,
            installed_on=None if day is None else day_of(day),
            parent=code,
            update=True,
        )


def _listed(read: Reader) -> frozenset[str]:
    """Return the names of all Uninstall entries of the machine, in upper case."""
    keys = (quiet(read, view + _UNINSTALL) for view in SOFTWARE_VIEWS)
    return frozenset(name.upper() for key in keys if key is not None for name in key.subkeys)


MSI_PRODUCTS = Collector(name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
