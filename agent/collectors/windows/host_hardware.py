"""The hardware of a Windows machine, from what its management classes answer.

Source: one PowerShell call over the CIM classes, at most 20 seconds; where PowerShell is too old for that
    (Windows 7 as it was delivered), one `wmic` call a class.
Absent: neither answers, or a recorded machine carries neither answer: every field stays unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List

from agent.formats.cim_answer import (
    CimObject,
    DamagedAnswer,
    is_true,
    number_of,
    parse_cim_json,
    parse_wmic_list,
    text_of,
)
from agent.inventory.host import Processor
from agent.machine.base import Machine, Unreadable

CLASSES = {
    "Win32_ComputerSystem": ("Manufacturer", "Model", "Domain", "PartOfDomain", "TotalPhysicalMemory"),
    "Win32_ComputerSystemProduct": ("UUID", "IdentifyingNumber"),
    "Win32_BIOS": ("SerialNumber",),
    "Win32_BaseBoard": ("SerialNumber",),
    "Win32_SystemEnclosure": ("ChassisTypes", "SMBIOSAssetTag"),
    "Win32_Processor": ("Name", "NumberOfCores", "NumberOfLogicalProcessors"),
    "Win32_NetworkAdapter": ("MACAddress", "PNPDeviceID"),
}

_SCRIPT = (
    "# host-identity\n"
    "$ErrorActionPreference = 'Stop'\n"
    "try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch { }\n"
    "$found = @{}\n"
    + "".join(
        "try { $found['%s'] = @(Get-CimInstance %s | Select-Object %s) } catch { }\n"
        % (name, name, ",".join(properties))
        for name, properties in CLASSES.items()
    )
    + "$found | ConvertTo-Json -Depth 4 -Compress"
)
POWERSHELL = ("powershell", "-NoProfile", "-Command", _SCRIPT)

_PHYSICAL_BUSES = ("PCI\\", "USB\\", "VMBUS\\", "XENBUS\\", "XENVIF\\", "VIRTIO\\", "SD\\", "ACPI\\", "PCMCIA\\")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
CimAnswer = Dict[str, List[CimObject]]


@dataclass(frozen=True)
class Hardware:
    """What the management classes said; `None` and empty where they did not."""

    manufacturer: str | None = None
    model: str | None = None
    domain: str | None = None
    serial: str | None = None
    board_serial: str | None = None
    uuid: str | None = None
    asset_tag: str | None = None
    chassis_code: int | None = None
    memory_bytes: int | None = None
    mac_addresses: tuple[str, ...] = ()
    processors: tuple[Processor, ...] = ()


def ask_hardware(machine: Machine) -> tuple[Hardware, str | None]:
    """Return what the machine says of its hardware, and why an answer that came could not be used."""
    problem = None
    try:
        text = machine.run(POWERSHELL)
        if text is not None:
            return parse_hardware(parse_cim_json(text)), None
    except (Unreadable, DamagedAnswer) as error:
        problem = "powershell: %s" % error
    answer: CimAnswer = {}
    for name, properties in CLASSES.items():
        try:
            text = machine.run(("wmic", "path", name, "get", ",".join(properties), "/value"))
        except Unreadable as error:
            problem = str(error)
            continue
        if text is not None:
            answer[name] = parse_wmic_list(text)
    return parse_hardware(answer), None if answer else problem


def parse_hardware(answer: CimAnswer) -> Hardware:
    """Return the hardware that the objects of the classes describe."""
    system = _first(answer, "Win32_ComputerSystem")
    product = _first(answer, "Win32_ComputerSystemProduct")
    enclosure = _first(answer, "Win32_SystemEnclosure")
    return Hardware(
        manufacturer=text_of(system.get("Manufacturer")),
        model=text_of(system.get("Model")),
        domain=text_of(system.get("Domain")) if is_true(system.get("PartOfDomain")) else None,
        serial=text_of(_first(answer, "Win32_BIOS").get("SerialNumber")) or text_of(product.get("IdentifyingNumber")),
        board_serial=text_of(_first(answer, "Win32_BaseBoard").get("SerialNumber")),
        uuid=text_of(product.get("UUID")),
        asset_tag=text_of(enclosure.get("SMBIOSAssetTag")),
        chassis_code=number_of(enclosure.get("ChassisTypes")),
        memory_bytes=number_of(system.get("TotalPhysicalMemory")),
        mac_addresses=_macs(answer.get("Win32_NetworkAdapter", [])),
        processors=tuple(_processor(item) for item in answer.get("Win32_Processor", [])),
    )


def _first(answer: CimAnswer, name: str) -> CimObject:
    objects = answer.get(name)
    return objects[0] if objects else {}


def _macs(adapters: list[CimObject]) -> tuple[str, ...]:
    """Return the addresses of adapters on a real bus; VPN, Bluetooth and software adapters are left out."""
    found = set()
    for adapter in adapters:
        address = (text_of(adapter.get("MACAddress")) or "").lower().replace("-", ":")
        bus = (text_of(adapter.get("PNPDeviceID")) or "").upper()
        if _MAC.fullmatch(address) and bus.startswith(_PHYSICAL_BUSES):
            found.add(address)
    return tuple(sorted(found))


def _processor(item: CimObject) -> Processor:
    return Processor(
        name=text_of(item.get("Name")),
        cores=number_of(item.get("NumberOfCores")),
        threads=number_of(item.get("NumberOfLogicalProcessors")),
    )
