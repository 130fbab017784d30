"""How Adobe products on this machine are licensed, as far as they write it down.

Source: values `SERIAL` below `Adobe\\<product>\\<version>\\Registration` of both views (scope
    `adobe_licences:registry`: Acrobat and the suites before CC); files of `C:\\ProgramData\\Adobe\\OperatingConfigs`
    (`adobe_licences:packages`: feature restricted and shared device licences); products that the store of CS4 to
    CS6, `Adobe PCD\\cache\\cache.db`, holds a serial for (`adobe_licences:store`). Recorded files: hives, exports,
    an `.operatingconfig`.
Absent: no such key, folder, store.
Keys:   the last five characters of a serial that is written plainly; one that is written in cipher is not deciphered.
Gaps:   named users are signed in with Adobe and leave nothing here; SLStore is encrypted.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
from typing import Any, Iterator

from agent.collectors.base import (
    NOT_READ,
    Collector,
    Found,
    Problem,
    Scope,
    ScopeAbsent,
    ScopeFailed,
    members_or_outcome,
)
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Reader, Values, opened, subkeys
from agent.formats.registry_hive import DamagedHive
from agent.inventory.licence_servers import LicenceFeature
from agent.machine.base import Machine, Unreadable
from agent.machine.sqlite_file import rows_of_file

NAME = "adobe_licences"
REGISTRY = NAME + ":registry"
PACKAGES = NAME + ":packages"
STORE = NAME + ":store"
CONFIGS = "C:\\ProgramData\\Adobe\\OperatingConfigs"
STORES = tuple(
    above + "\\Common Files\\Adobe\\Adobe PCD\\cache\\cache.db"
    for above in ("C:\\Program Files", "C:\\Program Files (x86)")
)
MAX_FILES = 500
MAX_CONFIG_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 12
"""Of nested values in one configuration."""

_PRODUCTS_WITH_SERIAL = "SELECT DISTINCT subDomain FROM domain_data WHERE key = 'SN' LIMIT 500"
_SUFFIX = ".operatingconfig"
_APPLICATION = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9]*?)(?P<version>\d+)?\{\}")
_TERMS = {"floating": "floating", "SDL": "node_locked"}


def collect(machine: Machine) -> Iterator[Found]:
    """Yield serials, then packages, then products of the store."""
    yield from serials(machine.registry_key)
    yield from _packages(machine)
    yield from _store(machine)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a hive, an export or an operating configuration tells."""
    if data.startswith(b"regf") or data.lstrip()[:1] != b"{":
        yield from serials(opened(data, name).read)
        return
    yield Scope(PACKAGES)
    yield parse_config(data, name.replace("/", "\\").rpartition("\\")[2], name)


def serials(read: Reader) -> Iterator[Found]:
    """Yield one record for each serial that is written plainly."""
    found: list[LicenceFeature] = []
    there = False
    try:
        for view in SOFTWARE_VIEWS:
            for product in subkeys(read, view + "Adobe", 500):
                there = True
                for version in subkeys(read, "%sAdobe\\%s" % (view, product), 100):
                    path = "%sAdobe\\%s\\%s\\Registration" % (view, product, version)
                    serial = Values(read(path)).text("SERIAL")
                    if serial is not None:
                        found.append(_of_serial(product, version, serial, path))
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(REGISTRY, str(error))
        return
    if not there:
        yield ScopeAbsent(REGISTRY)
        return
    yield Scope(REGISTRY)
    yield from found


def parse_config(data: bytes, file_name: str, seen_at: str) -> LicenceFeature | Problem:
    """Return the licence of one operating configuration; its name says the product, its content mode and term."""
    application, package = _names(file_name)
    try:
        content: Any = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        return Problem(seen_at, "no JSON: %s" % str(error)[:100])
    mode = _deep(content, "deploymentMode")
    if application is None and mode is None:
        return Problem(seen_at, "names neither product nor mode")
    named = _APPLICATION.match(application or "")
    return LicenceFeature(
        technology="adobe",
        feature=application or file_name[:100],
        scope=PACKAGES,
        seen_at=seen_at,
        kind=_TERMS.get(mode or ""),
        vendor="Adobe",
        product=named.group("name") if named is not None else None,
        version=named.group("version") if named is not None else None,
        edition=mode,
        expires_on=_day_of_milliseconds(_deep(content, "licenseExpiryTimestamp")),
        serial_tail=None if package is None else package[-5:],
    )


def _of_serial(product: str, version: str, serial: str, seen_at: str) -> LicenceFeature:
    return LicenceFeature(
        technology="adobe",
        feature=product,
        scope=REGISTRY,
        seen_at=seen_at,
        kind="node_locked",
        vendor="Adobe",
        product=product,
        version=version,
        serial_tail=re.sub(r"[^A-Za-z0-9]", "", serial)[-5:] or None,
    )


def _packages(machine: Machine) -> Iterator[Found]:
    members = members_or_outcome(machine, CONFIGS, PACKAGES)
    if isinstance(members, NOT_READ):
        yield members
        return
    yield Scope(PACKAGES)
    for entry in [each for each in members if each.name.lower().endswith(_SUFFIX)][:MAX_FILES]:
        try:
            data = machine.read_bytes(entry.path, MAX_CONFIG_BYTES)
        except Unreadable as error:
            yield Problem(entry.path, error.why)
            continue
        if data is not None:
            yield parse_config(data, entry.name, entry.path)


def _store(machine: Machine) -> Iterator[Found]:
    path = next((each for each in STORES if machine.exists(each)), None)
    if path is None:
        yield ScopeAbsent(STORE)
        return
    try:
        place = machine.local_path(path)
        rows = [] if place is None else list(rows_of_file(place, _PRODUCTS_WITH_SERIAL))
    except Unreadable as error:
        yield ScopeFailed(STORE, str(error))
        return
    yield Scope(STORE)
    for product in dict.fromkeys(str(row[0]) for row in rows):
        yield LicenceFeature(
            technology="adobe", feature=product[:200], scope=STORE, seen_at=path, kind="node_locked", vendor="Adobe"
        )


def _names(file_name: str) -> tuple[str | None, str | None]:
    """Return application and package of a name like `<base64>-<base64>-80.operatingconfig`."""
    parts = file_name[: -len(_SUFFIX)].split("-") if file_name.lower().endswith(_SUFFIX) else []
    decoded = [_decoded(part) for part in parts[:2]]
    return (decoded + [None, None])[0], (decoded + [None, None])[1]


def _decoded(text: str) -> str | None:
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return found if found.isprintable() and found else None


def _deep(value: Any, name: str, depth: int = 0) -> str | None:
    """Return the first text or number of that name anywhere in a configuration, texts that hold JSON included."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, dict):
        found = value.get(name)
        if isinstance(found, (str, int)):
            return str(found)
        value = list(value.values())
    if isinstance(value, list):
        for each in value[:1000]:
            found = _deep(each, name, depth + 1)
            if found is not None:
                return found
    return None


def _day_of_milliseconds(text: str | None) -> str | None:
    if text is None or not re.fullmatch(r"\d{13}", text):
        return None
    day = datetime.date(1970, 1, 1) + datetime.timedelta(days=int(text) // 86_400_000)
    return day.isoformat()


ADOBE_LICENCES = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
