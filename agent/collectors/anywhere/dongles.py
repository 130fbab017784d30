"""Hardware keys and their drivers: what is plugged in, what was, and which drivers and services serve them.

Source: Windows: services and drivers below `SYSTEM\\CurrentControlSet\\Services` and USB devices below `Enum\\USB`,
    known by the makers' numbers; Linux: `/sys/bus/usb/devices`, daemons that run, drivers in `/usr/sbin`; scope
    `dongles`. Recorded files: a `.reg` export or a SYSTEM hive.
Absent: neither a registry nor a list of USB devices is there.
Gaps:   the key's own number, its licences and their counts, which only the maker's program reads; a key on another
    machine that is shared over the network; whether a device that Windows remembers is plugged in now.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, Union

from agent.collectors.anywhere.named_places import expand
from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_hive import DamagedHive, RegistryHive
from agent.formats.registry_value import HiveKey
from agent.inventory.traces import Trace
from agent.machine.base import Machine, RegistryKey, Unreadable

NAME = "dongles"
SERVICES = r"HKLM\SYSTEM\CurrentControlSet\Services"
USB = r"HKLM\SYSTEM\CurrentControlSet\Enum\USB"
USB_DEVICES = "/sys/bus/usb/devices"
MAX_KEYS = 5000

MAKERS = {
    "0529": "SafeNet Sentinel HASP",
    "04b9": "SafeNet Sentinel SuperPro",
    "064f": "WIBU-SYSTEMS CodeMeter",
    "1bc0": "深思 Senselock",
    "096e": "飞天 Feitian",
    "1d55": "域天 YuTian",
    "0a89": "Aktiv Rutoken / Guardant",
    "08e6": "Gemalto",
}
"""USB numbers of makers of keys, as the public list of USB ids has them."""
DRIVERS = (
    ("aks*", "SafeNet Sentinel HASP"),
    ("hardlock", "SafeNet Sentinel HASP"),
    ("hasplms", "SafeNet Sentinel HASP"),
    ("haspnt", "SafeNet Sentinel HASP"),
    ("hasplmd*", "SafeNet Sentinel HASP"),
    ("sentinel*", "SafeNet Sentinel SuperPro"),
    ("sntnlusb*", "SafeNet Sentinel SuperPro"),
    ("codemeter*", "WIBU-SYSTEMS CodeMeter"),
    ("wibukey*", "WIBU-SYSTEMS WibuKey"),
    ("senselock*", "深思 Senselock"),
    ("senseiv*", "深思 Senselock"),
    ("elite*iv*", "深思 Senselock"),
    ("rockey*", "飞天 ROCKEY"),
    ("guardant*", "Guardant"),
    ("grdusb*", "Guardant"),
    ("multikey*", ""),
    ("vusbbus*", ""),
    ("r4vusbbus*", ""),
    ("virtual*usb*multikey*", ""),
    ("haspemul*", ""),
    ("glasha*", ""),
    ("usbkeyemu*", ""),
)
"""Names of drivers and services, and whose they are; empty for those that imitate a key."""
_START = {0: "boot", 1: "system", 2: "automatic", 3: "manual", 4: "disabled"}
_DEVICE = re.compile(r"VID_([0-9A-F]{4})&PID_([0-9A-F]{4})", re.IGNORECASE)
_PATTERNS = [(re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE), maker) for pattern, maker in DRIVERS]
_Read = Callable[[str], Union[RegistryKey, HiveKey, None]]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield drivers, then devices. Raises `Absent` where neither can be listed."""
    if machine.family == "windows":
        yield from _of_registry(machine.registry_key)
        return
    found = [*_of_sysfs(machine), *_of_programs(machine)]
    if not found and not machine.exists(USB_DEVICES):
        raise Absent(USB_DEVICES)
    yield Scope(NAME)
    yield from found


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a `.reg` export or a SYSTEM hive tells. Raises `Unreadable` when it is neither."""
    try:
        if data.startswith(b"regf"):
            hive = RegistryHive(data)
            yield from _of_registry(
                lambda path: hive.key(path.replace("HKLM\\SYSTEM\\", "").replace("CurrentControlSet", "ControlSet001"))
            )
        else:
            yield from _of_registry(RegistryExport(data).key)
    except (DamagedHive, DamagedExport) as damage:
        raise Unreadable(name, str(damage))


def maker_of(name: str) -> str | None:
    """Return whose driver bears that name, empty for one that imitates a key, `None` for any other name."""
    return next((maker for pattern, maker in _PATTERNS if pattern.fullmatch(name)), None)


def _of_registry(read: _Read) -> Iterator[Found]:
    services, usb = read(SERVICES), read(USB)
    if services is None and usb is None:
        raise Absent(SERVICES)
    yield Scope(NAME)
    for name in () if services is None else tuple(services.subkeys)[:MAX_KEYS]:
        maker = maker_of(name)
        if maker is not None:
            yield from _driver(read, name, maker)
    for name in () if usb is None else tuple(usb.subkeys)[:MAX_KEYS]:
        device = _DEVICE.match(name)
        if device is not None and device.group(1).lower() in MAKERS:
            yield Trace("dongle", name, NAME, USB, publisher=MAKERS[device.group(1).lower()], state="known")


def _driver(read: _Read, name: str, maker: str) -> Iterator[Found]:
    path = "%s\\%s" % (SERVICES, name)
    try:
        key = read(path)
    except Unreadable as error:
        yield Problem(path, error.why)
        return
    values = {} if key is None else {written.lower(): value for written, value in key.values.items()}
    image, start, shown = values.get("imagepath"), values.get("start"), values.get("displayname")
    yield Trace(
        kind="dongle",
        name=name,
        scope=NAME,
        seen_at=path,
        path=image if isinstance(image, str) else None,
        start=_START.get(start) if isinstance(start, int) else None,
        publisher=maker or None,
        product=shown if isinstance(shown, str) else None,
        state="driver",
    )


def _of_sysfs(machine: Machine) -> Iterator[Trace]:
    for entry in expand(machine, USB_DEVICES + "/*"):
        vendor, product = (_word(machine, "%s/%s" % (entry.path, name)) for name in ("idVendor", "idProduct"))
        if vendor is not None and vendor.lower() in MAKERS:
            name = "VID_%s&PID_%s" % (vendor.upper(), (product or "").upper())
            shown = _word(machine, entry.path + "/product")
            yield Trace(
                "dongle", name, NAME, entry.path, publisher=MAKERS[vendor.lower()], product=shown, state="present"
            )


def _word(machine: Machine, path: str) -> str | None:
    try:
        return (machine.read_text(path, 4096) or "").strip() or None
    except Unreadable:
        return None


def _of_programs(machine: Machine) -> Iterator[Trace]:
    """Daemons by their programs in the system's folder."""
    for pattern in ("/usr/sbin/*", "/opt/*/bin/CodeMeter*"):
        for entry in expand(machine, pattern):
            maker = maker_of(entry.name) if entry.is_file else None
            if maker is not None:
                yield Trace("dongle", entry.name, NAME, entry.path, entry.path, publisher=maker or None, state="driver")


DONGLES = Collector(name=NAME, platforms=frozenset({"linux", "windows"}), collect=collect, parse_file=parse_file)
