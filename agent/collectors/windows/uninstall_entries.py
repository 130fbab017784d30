"""One entry of an Uninstall key → software; `uninstall_keys` says where the keys are and what is left out."""

from __future__ import annotations

import locale
import re
from typing import Dict, Iterator, Optional

from agent.collectors.base import Problem
from agent.collectors.windows.registry_source import Reader, Values
from agent.formats.registry_hive import DamagedHive
from agent.formats.registry_value import HiveKey
from agent.formats.written_day import day_of
from agent.inventory.software import Software
from agent.machine.base import RegistryKey, Unreadable

SOURCE = "uninstall_keys"
MAX_ENTRIES_OF_ONE_SCOPE = 20_000
Codes = Dict[str, str]
"""Product code → upgrade code."""
NO_CODES: Codes = {}

_VALUES_OF_A_PLACE_HOLDER = 1
_KB_NAME = re.compile(r"(?:KB|Q)\d{6,7}(?:-v\d+)?(?:_.*)?", re.IGNORECASE)


def parse_uninstall(
    path: str, above: RegistryKey | HiveKey, read: Reader, scope: str, codes: Codes = NO_CODES
) -> Iterator[Software | Problem]:
    """Yield the entries below one Uninstall key in its order; `read` returns a sub-key by its full path.

    `codes` leads from product codes to upgrade codes.

    An entry that cannot be read, or whose name is no text, is a Problem; its neighbours are still read.
    """
    for fault in above.faults:
        yield Problem(path, fault)
    for name in above.subkeys[:MAX_ENTRIES_OF_ONE_SCOPE]:
        where = path + "\\" + name
        try:
            key = read(where)
        except (Unreadable, DamagedHive) as error:
            yield Problem(where, error.why)
            continue
        if key is None:
            continue
        for fault in key.faults:
            if fault not in above.faults:
                yield Problem(where, fault)
        entry = parse_entry(key, name, where, scope, codes)
        if entry is not None:
            yield entry
    if len(above.subkeys) > MAX_ENTRIES_OF_ONE_SCOPE:
        yield Problem(
            path, "only the first %d of %d entries were read" % (MAX_ENTRIES_OF_ONE_SCOPE, len(above.subkeys))
        )


def parse_entry(
    key: RegistryKey | HiveKey, identifier: str, seen_at: str, scope: str, codes: Codes = NO_CODES
) -> Software | Problem | None:
    """Return the software that one sub-key of Uninstall speaks of, `None` for a place holder.

    `identifier` is the sub-key's name: a product code or any name. A field of the wrong type costs the field.
    """
    written = Values(key)
    name = written.text("DisplayName")
    if name is None:
        if not isinstance(written.raw("DisplayName"), (str, type(None))):
            return Problem(seen_at, "DisplayName is no text")
        if len(key.values) <= _VALUES_OF_A_PLACE_HOLDER:
            return None
    parent = written.text("ParentKeyName")
    release_type = written.text("ReleaseType")
    size_kib = written.number("EstimatedSize")
    raw_day = written.raw("InstallDate")
    day = day_of(raw_day) if isinstance(raw_day, (str, int)) else None
    return Software(
        source=SOURCE,
        name=name or identifier,
        scope=scope,
        seen_at=seen_at,
        version=written.text("DisplayVersion"),
        publisher=written.text("Publisher"),
        identifier=identifier,
        architecture="x86" if scope.endswith(":HKLM32") else None,
        language=_language(written.number("Language")),
        installed_on=day,
        install_date_raw=_raw_day(raw_day, day),
        location=(written.text("InstallLocation") or "").strip('" ') or None,
        size_bytes=None if size_kib is None else size_kib * 1024,
        per_user=":user:" in scope,
        parent=parent,
        system_component=_hidden(written.number("SystemComponent"), name),
        update=True if parent or release_type or _KB_NAME.fullmatch(identifier) else None,
        upgrade_code=codes.get(identifier.upper()),
        release_type=release_type,
    )


def _hidden(system_component: int | None, name: str | None) -> bool | None:
    if name is None:
        return True
    return None if system_component is None else system_component == 1


def _raw_day(written: str | int | bytes | tuple[str, ...] | None, day: str | None) -> str | None:
    """Return what InstallDate says, unless it is empty or the day says the same."""
    if isinstance(written, int):
        written = str(written)
    if not isinstance(written, str) or not written.strip():
        return None
    return None if day is not None and written.strip() == day.replace("-", "") else written.strip()


def _language(lcid: int | None) -> str | None:
    """Return `zh-CN` for 2052; 0 means any language."""
    found: Optional[str] = None if lcid is None else locale.windows_locale.get(lcid)
    return None if found is None else found.replace("_", "-")
