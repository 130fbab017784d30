"""Office as Click-to-Run installed it: which products, by the release ids that their licences go by.

Source: `ProductReleaseIds`, `VersionToReport`, `Platform`, `InstallationPath`, `UpdateChannel` (else `CDNBaseUrl`) and
    `ClientCulture` of `SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration`, and of `Office\\15.0\\ClickToRun` for
    Office 2013; one record for each release id (`ProPlus2021Volume`, `O365HomePremRetail`).
Shown:  nowhere. People see the entry below Uninstall (`ProPlus2021Volume - zh-cn`); so a record here is marked as a
    system component: it tells the edition of that entry and is no second Office.
Absent: neither key is there: no Office, or one that Windows Installer installed and the Uninstall keys list.
Gaps:   which programs of a product were left out; the installed language packs; Office from the Store.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.kms_settings import Reader
from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_hive import DamagedHive, RegistryHive
from agent.formats.registry_value import HiveKey
from agent.inventory.software import Software
from agent.machine.base import Machine, RegistryKey, Unreadable

SOURCE = "office"
SCOPE = SOURCE + ":click_to_run"
CONFIGURATIONS = (
    r"SOFTWARE\Microsoft\Office\ClickToRun\Configuration",
    r"SOFTWARE\Microsoft\Office\15.0\ClickToRun\Configuration",
)
MAX_RELEASE_IDS = 100


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the products of every Click-to-Run installation."""
    return _products(machine.registry_key, "HKLM\\")


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the products that a SOFTWARE hive or a `.reg` export names. Raises `Unreadable` when it is neither."""
    try:
        if data.startswith(b"regf"):
            hive = RegistryHive(data)
            yield from _products(lambda path: hive.key(path[len("SOFTWARE\\") :]), "")
        else:
            yield from _products(RegistryExport(data).key, "HKLM\\")
    except (DamagedHive, DamagedExport) as damage:
        raise Unreadable(name, str(damage))


def _products(read: Reader, prefix: str) -> Iterator[Found]:
    there = []
    try:
        for path in CONFIGURATIONS:
            key = read(prefix + path)
            if key is not None:
                there.append((prefix + path, key))
    except Unreadable as error:
        yield ScopeFailed(SCOPE, str(error))
        return
    if not there:
        yield ScopeAbsent(SCOPE)
        return
    yield Scope(SCOPE)
    for path, key in there:
        yield from parse_configuration(key, seen_at=path)


def parse_configuration(key: RegistryKey | HiveKey, *, seen_at: str) -> Iterator[Software | Problem]:
    """Yield one record for each release id; a key without any is a Problem."""
    for fault in key.faults:
        yield Problem(seen_at, fault)
    values = {name.upper(): value.strip() for name, value in key.values.items() if isinstance(value, str)}
    written = values.get("PRODUCTRELEASEIDS", "")
    release_ids = list(dict.fromkeys(filter(None, (part.strip() for part in written.split(",")))))
    if not release_ids:
        yield Problem(seen_at, "no ProductReleaseIds")
    for release_id in release_ids[:MAX_RELEASE_IDS]:
        yield Software(
            source=SOURCE,
            name=release_id,
            scope=SCOPE,
            seen_at=seen_at,
            version=values.get("VERSIONTOREPORT") or None,
            identifier=release_id,
            architecture=values.get("PLATFORM") or None,
            language=values.get("CLIENTCULTURE") or None,
            location=values.get("INSTALLATIONPATH") or None,
            per_user=False,
            system_component=True,
            origin=values.get("UPDATECHANNEL") or values.get("CDNBASEURL") or None,
        )


OFFICE = Collector(name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
