"""Hardware keys: drivers that serve them, and keys that were ever plugged in.

Source: kernel drivers below `SYSTEM\\CurrentControlSet\\Services` whose name is one of a maker of such keys or of a
    program that imitates them; `SYSTEM\\CurrentControlSet\\MultiKey`; devices below `Enum\\USB` with the number of
    such a maker. Recorded files: SYSTEM hives, exports.
Absent: a recorded machine without these keys; a machine without a dongle is complete with nothing found.
Source of the numbers: the public list of USB ids (usb.ids); of the driver names: the makers' own installation notes.
Gaps:   serial numbers are not taken; a driver without its key says that the key may be elsewhere; keys that present
    themselves as a plain HID device or a disk are not told.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.registry_source import Reader, Values, opened, subkeys
from agent.collectors.windows.services import SERVICES, STARTS
from agent.formats.command_line import program_of
from agent.formats.registry_hive import DamagedHive
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "dongles"
SCOPE = NAME + ":registry"
CONTROL_SET = "HKLM\\SYSTEM\\CurrentControlSet"
MAX_DRIVERS = 20_000
MAKERS = {
    "0529": "Aladdin (HASP)",
    "04B9": "Rainbow (Sentinel)",
    "064F": "WIBU-SYSTEMS",
    "096E": "Feitian (飞天诚信)",
    "1BC0": "Senseshield (深思数盾)",
    "0A89": "Aktiv (Guardant)",
    "1547": "SG Intec (Matrix)",
}

_DRIVERS = re.compile(
    r"aks(?:usb|fridge|hasp|hhl|hlk|df|class)?|hardlock|haspnt|hasplms\w*|sentinel(?:64)?|sntnlusb|snti386|"
    r"wibukey\d?|wibu\w*|cmudrv\w*|rockey\w*|rocky\w*|sense[34]\w*|senselock\w*|et99\w*|epass\w*drv|grd(?:usb|dos|krnl)\w*|"
    r"smartx\w*|unikey\w*|superdog\w*|multikey\w*|mkbus\w*|v?usbbus|vusbbus\w*|r4vusbbus\w*|vuhub\w*|vusb|usbdongle\w*|"
    r"haspflt|nsnthasp\w*|edgehasp\w*",
    re.IGNORECASE,
)
_IMITATIONS = re.compile(r"multikey\w*|mkbus\w*|vusbbus\w*|r4vusbbus\w*|nsnthasp\w*|edgehasp\w*", re.IGNORECASE)
_KERNEL = 0x0F
"""SERVICE_KERNEL_DRIVER and its kin of winsvc.h."""
_USB = re.compile(r"VID_(?P<maker>[0-9A-F]{4})&PID_(?P<model>[0-9A-F]{4})", re.IGNORECASE)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the drivers, then the keys."""
    yield from dongles(machine.registry_key)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a SYSTEM hive or an export tells. Raises `Unreadable` when it is neither."""
    yield from dongles(opened(data, name).read)


def dongles(read: Reader) -> Iterator[Found]:
    """Yield one trace for each driver and each model of a key."""
    try:
        drivers = subkeys(read, SERVICES, MAX_DRIVERS)
        devices = subkeys(read, CONTROL_SET + "\\Enum\\USB", MAX_DRIVERS)
        imitation = read(CONTROL_SET + "\\MultiKey")
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(SCOPE, str(error))
        return
    if not drivers and not devices and imitation is None:
        yield ScopeAbsent(SCOPE)
        return
    yield Scope(SCOPE)
    for name in drivers:
        if _DRIVERS.fullmatch(name):
            yield from _driver(read, name)
    if imitation is not None:
        where = CONTROL_SET + "\\MultiKey"
        yield Trace(kind="dongle", name="MultiKey", scope=SCOPE, seen_at=where, path=where, watch="E14")
    for device in devices:
        found = _USB.match(device)
        maker = None if found is None else MAKERS.get(found.group("maker").upper())
        if found is not None and maker is not None:
            where = CONTROL_SET + "\\Enum\\USB\\" + device
            yield Trace(
                kind="dongle", name=found.group(0).upper(), scope=SCOPE, seen_at=where, value="usb", publisher=maker
            )


def _driver(read: Reader, name: str) -> Iterator[Trace | Problem]:
    where = SERVICES + "\\" + name
    try:
        values = Values(read(where))
    except (Unreadable, DamagedHive) as error:
        yield Problem(where, error.why)
        return
    start, shown, path = values.number("Start"), values.text("DisplayName"), values.text("ImagePath")
    if not (values.number("Type") or 0) & _KERNEL:
        return
    yield Trace(
        kind="dongle",
        name=name,
        scope=SCOPE,
        seen_at=where,
        path=None if path is None else program_of(path),
        value="driver",
        start=None if start is None else STARTS.get(start),
        product=None if shown is None or shown.startswith("@") else shown,
        watch="E14"
        if re.match(r"m(?:ultikey|kbus)", name, re.IGNORECASE)
        else "E15"
        if _IMITATIONS.fullmatch(name)
        else None,
    )


DONGLES = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
