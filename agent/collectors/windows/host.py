"""Which Windows machine this is, and the Windows that it runs.

Source: the registry (`Windows NT\\CurrentVersion`, `Cryptography`, `ComputerName`, `Tcpip`, `SystemInformation`,
    `HARDWARE\\DESCRIPTION`), and for serials, UUID, chassis, addresses and processors the management classes.
Absent: never on Windows; what cannot be read stays unknown and is named in a Problem.
Raw:    Windows 11 calls itself "Windows 10 Pro" in ProductName; the words are kept, the build tells them apart.
Gaps:   InstallDate is the day of the last feature update, not of the first set-up. Processors are told only by the
    management classes: the registry lists logical processors and does not say how they are packed.
"""

from __future__ import annotations

import dataclasses
import locale
import re
from typing import Iterator, Optional

from agent.collectors.anywhere.chassis import chassis_of, virtual_kind_of
from agent.collectors.base import Absent, Collector, Found, Problem
from agent.collectors.windows.host_hardware import CLASSES, Hardware, ask_hardware, parse_hardware
from agent.collectors.windows.registry_source import Reader, opened
from agent.formats.cim_answer import parse_printed_list
from agent.formats.cim_table import parse_cim_table
from agent.formats.console_text import decode_text
from agent.formats.registry_hive import DamagedHive
from agent.formats.written_day import day_of
from agent.inventory.host import Host, OperatingSystem, Processor
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"

_CRYPTOGRAPHY = r"HKLM\SOFTWARE\Microsoft\Cryptography"
_CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
_TCPIP = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
_MAX_LOGICAL = 64
"""Logical processors whose names are compared; the others bear the same ones."""
_PROCESSOR_LISTING = re.compile(r"^[ \t]*(?:NumberOfCores|MaxClockSpeed|ProcessorId)[ \t]*[=:]", re.MULTILINE)

_HARDWARE = r"HKLM\HARDWARE\DESCRIPTION\System"


def collect(machine: Machine) -> Iterator[Found]:
    """Yield exactly one Host, the operating system as software, and a Problem for whatever could not be read."""
    registry = _Registry(machine.registry_key)
    hardware, problem = ask_hardware(machine)
    system = read_operating_system(registry)
    host = read_host(registry, system, hardware)
    for where, why in registry.problems:
        yield Problem(where, why)
    if problem is not None:
        yield Problem("hardware", problem)
    yield host
    if system.name is not None:
        yield Software(
            source="operating_system",
            name=system.name,
            scope="host",
            seen_at=CURRENT_VERSION,
            version=system.version,
            publisher="Microsoft Corporation",
            identifier=system.edition,
            architecture=system.architecture,
            language=system.language,
            installed_on=system.installed_on,
            per_user=False,
        )


class _Registry:
    """Single values of a registry; keys that cannot be read are gathered in `problems`."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._keys: dict[str, dict[str, object]] = {}
        self._subkeys: dict[str, tuple[str, ...]] = {}
        self.problems: list[tuple[str, str]] = []

    def text(self, path: str, name: str) -> str | None:
        """Return a text without blanks around it, `None` when it is empty, missing or something else."""
        value = self._values(path).get(name.upper())
        return value.strip() or None if isinstance(value, str) else None

    def number(self, path: str, name: str) -> int | None:
        """Return a number, `None` when it is missing or something else."""
        value = self._values(path).get(name.upper())
        return value if isinstance(value, int) else None

    def subkeys(self, path: str) -> tuple[str, ...]:
        """Return the names of a key's sub-keys."""
        self._values(path)
        return self._subkeys[path]

    def _values(self, path: str) -> dict[str, object]:
        if path not in self._keys:
            key = None
            try:
                key = self._read(path)
            except (Unreadable, DamagedHive) as error:
                self.problems.append((error.where, error.why))
            self._keys[path] = {} if key is None else {name.upper(): value for name, value in key.values.items()}
            self._subkeys[path] = () if key is None else key.subkeys
        return self._keys[path]


def read_operating_system(registry: _Registry) -> OperatingSystem:
    """Return the Windows that the registry describes; `version` is `10.0.19045.3803` where it says so much."""
    build = registry.text(CURRENT_VERSION, "CurrentBuildNumber") or registry.text(CURRENT_VERSION, "CurrentBuild")
    installed = registry.number(CURRENT_VERSION, "InstallDate")
    environment = _CONTROL + r"\Session Manager\Environment"
    return OperatingSystem(
        family="windows",
        name=registry.text(CURRENT_VERSION, "ProductName"),
        version=_version(registry, build),
        edition=registry.text(CURRENT_VERSION, "EditionID"),
        release=_release(registry),
        build=build,
        architecture=registry.text(environment, "PROCESSOR_ARCHITECTURE"),
        installation_id=registry.text(_CRYPTOGRAPHY, "MachineGuid"),
        installed_on=day_of(installed) if installed else None,
        language=_language(registry.text(_CONTROL + r"\Nls\Language", "InstallLanguage")),
    )


def read_host(registry: _Registry, system: OperatingSystem, hardware: Hardware) -> Host:
    """Return the machine: what the management classes say goes before what the registry remembers."""
    manufacturer = hardware.manufacturer or _maker(registry, "SystemManufacturer")
    model = hardware.model or _maker(registry, "SystemProductName")
    kind = virtual_kind_of(manufacturer, model)
    is_virtual = None if manufacturer is None and model is None else kind is not None
    return Host(
        operating_system=system,
        name=registry.text(_TCPIP, "Hostname")
        or registry.text(_CONTROL + r"\ComputerName\ComputerName", "ComputerName"),
        domain=hardware.domain or registry.text(_TCPIP, "Domain") or registry.text(_TCPIP, "NV Domain"),
        manufacturer=manufacturer,
        model=model,
        serial=hardware.serial,
        board_serial=hardware.board_serial,
        uuid=hardware.uuid,
        asset_tag=hardware.asset_tag,
        mac_addresses=hardware.mac_addresses,
        chassis=chassis_of(hardware.chassis_code, is_virtual),
        chassis_code=hardware.chassis_code,
        processors=_named(hardware.processors, registry) or _only_processor(registry),
        memory_bytes=hardware.memory_bytes,
        virtual=is_virtual,
        virtual_kind=kind,
    )


def _version(registry: _Registry, build: str | None) -> str | None:
    major = registry.number(CURRENT_VERSION, "CurrentMajorVersionNumber")
    minor = registry.number(CURRENT_VERSION, "CurrentMinorVersionNumber")
    start = registry.text(CURRENT_VERSION, "CurrentVersion") if major is None else "%d.%d" % (major, minor or 0)
    if start is None or not re.fullmatch(r"[0-9.]+", start):
        return None
    revision = registry.number(CURRENT_VERSION, "UBR")
    parts = [start] + ([build] if build else []) + ([str(revision)] if build and revision is not None else [])
    return ".".join(parts)


def _release(registry: _Registry) -> str | None:
    """Return `22H2`, before that `1909`, before that `Service Pack 1`."""
    for name in ("DisplayVersion", "ReleaseId", "CSDVersion"):
        value = registry.text(CURRENT_VERSION, name)
        if value is not None:
            return value
    return None


def _maker(registry: _Registry, name: str) -> str | None:
    return registry.text(_HARDWARE + r"\BIOS", name) or registry.text(_CONTROL + r"\SystemInformation", name)


def _named(processors: tuple[Processor, ...], registry: _Registry) -> tuple[Processor, ...]:
    """Put the name that the processor bears in place of what the management class calls it, when all bear the same.

    XP and 2003 call every later processor a "Pentium III Xeon"; ProcessorNameString is the processor's own text.
    """
    above = _HARDWARE + r"\CentralProcessor"
    names = {
        registry.text(above + "\\" + name, "ProcessorNameString") for name in registry.subkeys(above)[:_MAX_LOGICAL]
    }
    if len(names) != 1 or None in names:
        return processors
    return tuple(dataclasses.replace(each, name=next(iter(names))) for each in processors)


def _only_processor(registry: _Registry) -> tuple[Processor, ...]:
    """One logical processor is one processor with one core; of several, nobody says here how they are packed."""
    above = _HARDWARE + r"\CentralProcessor"
    names = registry.subkeys(above)
    if len(names) != 1:
        return ()
    return (Processor(registry.text(above + "\\" + names[0], "ProcessorNameString"), cores=1, threads=1),)


def _language(written: str | None) -> str | None:
    """Return `zh-CN` for `0804`."""
    if written is None or not re.fullmatch(r"[0-9A-Fa-f]{4}", written):
        return None
    found: Optional[str] = locale.windows_locale.get(int(written, 16))
    return None if found is None else found.replace("_", "-")


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the host that a hive, an export or a listing of Win32_Processor tells of. Raises `Absent`, `Unreadable`."""
    text = "" if data.startswith(b"regf") else decode_text(data)[0].lstrip("\ufeff")
    rows = [] if data.startswith(b"regf") else parse_cim_table(text, frozenset(CLASSES["Win32_Processor"]))
    if rows or (not data.startswith(b"regf") and _PROCESSOR_LISTING.search(text)):
        hardware = parse_hardware({"Win32_Processor": rows or parse_printed_list(text)})
        yield Host(OperatingSystem("windows"), processors=hardware.processors)
        return
    registry = _Registry(opened(data, name).read)
    system = read_operating_system(registry)
    host = read_host(registry, system, Hardware())
    processors = registry.subkeys(_HARDWARE + r"\CentralProcessor")
    if host == Host(OperatingSystem("windows")) and not processors:
        raise Absent("%s: nothing of a host" % name)
    yield host


WINDOWS_HOST = Collector(name="host", platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
