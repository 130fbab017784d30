"""Hosts that were set for activation in the registry: for all, for an application, or for one licence of it.

Keys below SoftwareProtectionPlatform (Windows, Office since 2013) and OfficeSoftwareProtectionPlatform (Office 2010):
    `KeyManagementServiceName` and `KeyManagementServicePort` of the key itself, of `{application}` below it and of
    `{licence}` below that.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, Union

from agent.collectors.base import Found, Problem
from agent.collectors.windows.licensing_rows import kind_of
from agent.formats.registry_hive import DamagedHive
from agent.formats.registry_value import HiveKey
from agent.inventory.traces import Activation
from agent.machine.base import RegistryKey, Unreadable

PLATFORMS = (
    (r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform", "windows"),
    (r"SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform", "office"),
    (r"SOFTWARE\WOW6432Node\Microsoft\OfficeSoftwareProtectionPlatform", "office"),
)
"""Keys below HKLM, and whose settings they are when no application is named."""
MAX_SUBKEYS = 1000

_GUID = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?", re.IGNORECASE)
Reader = Callable[[str], Union[RegistryKey, HiveKey, None]]


def kms_settings(read: Reader, path: str, kind: str, scope: str) -> Iterator[Found]:
    """Yield the hosts set at one platform key and below it. Raises what `read` raises for that key itself."""
    key = read(path)
    if key is None:
        return
    yield from _setting(key, path, kind, scope, None, None)
    for application in _guids(key):
        yield from _below(read, path + "\\" + application, kind_of(_guid(application)), scope, application)


def _below(read: Reader, path: str, kind: str, scope: str, application: str) -> Iterator[Found]:
    try:
        key = read(path)
        if key is None:
            return
        yield from _setting(key, path, kind, scope, application, None)
        for licence in _guids(key):
            below = read(path + "\\" + licence)
            if below is not None:
                yield from _setting(below, path + "\\" + licence, kind, scope, application, licence)
    except (Unreadable, DamagedHive) as error:
        yield Problem(path, error.why)


def _setting(key: RegistryKey | HiveKey, path: str, kind: str, scope: str,
             application: str | None, licence: str | None) -> Iterator[Found]:  # fmt: skip
    for fault in key.faults:
        yield Problem(path, fault)
    values = {name.upper(): value for name, value in key.values.items()}
    host, port = values.get("KEYMANAGEMENTSERVICENAME"), values.get("KEYMANAGEMENTSERVICEPORT")
    if not isinstance(host, str) or not host.strip():
        return
    number = int(port) if isinstance(port, int) or (isinstance(port, str) and re.fullmatch(r"[0-9]{1,5}", port)) else 0
    yield Activation(
        kind=kind,
        scope=scope,
        seen_at=path,
        application_id=_guid(application),
        activation_id=_guid(licence),
        kms_host=host.strip(),
        kms_port=number if 0 < number < 65536 else None,
    )


def _guids(key: RegistryKey | HiveKey) -> Iterator[str]:
    return (name for name in key.subkeys[:MAX_SUBKEYS] if _GUID.fullmatch(name))


def _guid(name: str | None) -> str | None:
    found = _GUID.fullmatch(name or "")
    return found.group(1).lower() if found else None
