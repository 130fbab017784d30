"""Hardware keys of a Linux machine: what is plugged in, and which daemons and drivers serve keys.

Source: `/sys/bus/usb/devices`, by the makers' numbers; daemons and drivers in `/usr/sbin` and below `/opt`; scope
    `dongles`. Recorded files: what `lsusb` prints.
Absent: no list of USB devices is there.
Gaps:   the key's own number, its licences and their counts, which only the maker's program reads; a key on another
    machine that is shared over the network. Windows has a collector of its own.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.anywhere.named_places import expand
from agent.collectors.base import Absent, Collector, Found, Scope
from agent.formats.console_text import decode_text
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "dongles"
USB_DEVICES = "/sys/bus/usb/devices"
PROGRAM_PLACES = ("/usr/sbin/*", "/opt/*/bin/CodeMeter*", "/lib/modules/*/extra/*.ko")

MAKERS = {
    "0529": "SafeNet Sentinel HASP",
    "04b9": "SafeNet Sentinel SuperPro",
    "064f": "WIBU-SYSTEMS CodeMeter",
    "1bc0": "深思 Senselock",
    "096e": "飞天 Feitian",
    "0a89": "Guardant",
}
"""USB numbers of makers of keys, as the public list of USB ids has them."""
DRIVERS = (
    ("aksusbd*", "SafeNet Sentinel HASP"),
    ("hasplm*", "SafeNet Sentinel HASP"),
    ("sentinel*", "SafeNet Sentinel SuperPro"),
    ("codemeter*", "WIBU-SYSTEMS CodeMeter"),
    ("senselock*", "深思 Senselock"),
    ("rockey*", "飞天 ROCKEY"),
    ("grdsrv*", "Guardant"),
    ("usbdongle*", ""),
    ("vusb*hasp*", ""),
    ("hasp*emul*", ""),
)
"""Names of daemons and drivers, and whose they are; empty for those that imitate a key."""
_LSUSB = re.compile(
    r"^Bus \d+ Device \d+: ID (?P<maker>[0-9a-f]{4}):(?P<model>[0-9a-f]{4})\s*(?P<words>.*)$", re.MULTILINE
)
_PATTERNS = [(re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE), maker) for pattern, maker in DRIVERS]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield devices, then daemons. Raises `Absent` where there is neither a list nor a daemon."""
    found = [*_of_sysfs(machine), *_of_programs(machine)]
    if not found and not machine.exists(USB_DEVICES):
        raise Absent(USB_DEVICES)
    yield Scope(NAME)
    yield from found


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the keys in what `lsusb` printed. Raises `Absent` for a text without a device."""
    rows = list(_LSUSB.finditer(decode_text(data)[0]))
    if not rows:
        raise Absent("%s: no USB device" % name)
    yield Scope(NAME)
    for row in rows:
        if row.group("maker") in MAKERS:
            yield _device(row.group("maker"), row.group("model"), name, row.group("words").strip() or None)


def maker_of(name: str) -> str | None:
    """Return whose driver bears that name, empty for one that imitates a key, `None` for any other name."""
    return next((maker for pattern, maker in _PATTERNS if pattern.fullmatch(name)), None)


def _device(maker: str, model: str, seen_at: str, shown: str | None) -> Trace:
    name = "VID_%s&PID_%s" % (maker.upper(), model.upper())
    return Trace("dongle", name, NAME, seen_at, publisher=MAKERS[maker], product=shown, state="present")


def _of_sysfs(machine: Machine) -> Iterator[Trace]:
    for entry in expand(machine, USB_DEVICES + "/*"):
        maker, model = (_word(machine, "%s/%s" % (entry.path, name)) for name in ("idVendor", "idProduct"))
        if maker is not None and maker.lower() in MAKERS:
            yield _device(maker.lower(), model or "", entry.path, _word(machine, entry.path + "/product"))


def _word(machine: Machine, path: str) -> str | None:
    try:
        return (machine.read_text(path, 4096) or "").strip() or None
    except Unreadable:
        return None


def _of_programs(machine: Machine) -> Iterator[Trace]:
    for pattern in PROGRAM_PLACES:
        for entry in expand(machine, pattern):
            maker = maker_of(entry.name) if entry.is_file else None
            if maker is not None:
                yield Trace("dongle", entry.name, NAME, entry.path, entry.path, publisher=maker or None, state="driver")


DONGLES = Collector(name=NAME, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
