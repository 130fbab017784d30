"""Virtual machines of this host, so that licences for a host and for its guests can be counted together.

Source: libvirt's definitions in /etc/libvirt (and which run, by its run folder), VirtualBox's and VMware's definitions
    in the places that their registers name, LXC's containers, zones of Solaris, and on Windows `Get-VM` of Hyper-V;
    one scope a kind: `virtual_machines:libvirt` … Recorded files: `virsh dumpxml`, `virsh list`, .vmx, .vbox, LXC's
    config, the zone index, a printed Get-VM.
Absent: no such hypervisor.
Gaps:   guests of a cluster that run elsewhere now; ESXi and other hypervisors that run no agent; a definition that
    lies outside the register of its program.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator

from agent.collectors.anywhere.guest_records import Seen, guests_in, guests_of_file, guests_told, record_of, with_states
from agent.collectors.anywhere.named_places import expand, is_open_to_us
from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent
from agent.collectors.linux.homes import Home, homes
from agent.formats.console_text import decode_text
from agent.machine.base import Machine, Unreadable

NAME = "virtual_machines"
TIMEOUT_SECONDS = 30.0
MAX_REGISTER_BYTES = 4 << 20
LIBVIRT = ("/etc/libvirt/qemu/*.xml", "/etc/libvirt/libxl/*.xml", "/etc/libvirt/lxc/*.xml")
LIBVIRT_RUN = ("/run/libvirt/qemu/*.pid", "/var/run/libvirt/qemu/*.pid")
LXC = ("/var/lib/lxc/*/config",)
ZONES = ("/etc/zones/index",)
GET_VM = (
    "powershell.exe",
    "-NoProfile",
    "-NonInteractive",
    "-Command",
    "Get-VM | Format-List VMName,VMId,State,ProcessorCount,MemoryStartup",
)
HYPER_V_KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\vmms"
_VIRTUALBOX_ENTRY = re.compile(r"<MachineEntry\b[^>]*\bsrc=\"(?P<place>[^\"]+)\"")
_VMWARE_ENTRY = re.compile(r"^vmlist\d+\.config\s*=\s*\"(?P<place>[^\"]+)\"|<vmxCfgPath>(?P<path>[^<]+)<", re.MULTILINE)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the guests, kind by kind."""
    readers: tuple[tuple[str, Callable[[Machine, str], Seen]], ...] = (
        ("libvirt", _libvirt),
        ("virtualbox", _virtualbox),
        ("vmware", _vmware),
        ("lxc", lambda host, scope: guests_in(host, LXC, scope)),
        ("zones", lambda host, scope: guests_in(host, ZONES, scope)),
        ("hyper_v", _hyper_v),
    )
    for kind, read in readers:
        scope = "%s:%s" % (NAME, kind)
        found = list(read(machine, scope))
        if found:
            yield Scope(scope)
            yield from found
        else:
            yield ScopeAbsent(scope)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the guests that a recorded file tells of. Raises `Unreadable` for any other file."""
    found = guests_told(decode_text(data)[0], name)
    if not found:
        raise Unreadable(name, "no definition or list of guests")
    scope = "%s:file" % NAME
    yield Scope(scope)
    for told in found:
        yield record_of(told, scope, name)


def _libvirt(machine: Machine, scope: str) -> Seen:
    running = {entry.name[:-4] for pattern in LIBVIRT_RUN for entry in expand(machine, pattern)}
    known = None if machine.recorded and not running else running
    for each in with_states(guests_in(machine, LIBVIRT, scope), dict.fromkeys(running, "running")):
        if known is not None and not isinstance(each, Problem) and each.state is None:
            yield from with_states(iter([each]), {each.name: "stopped"})
        else:
            yield each


def _virtualbox(machine: Machine, scope: str) -> Seen:
    places = [home.path + "/.config/VirtualBox/VirtualBox.xml" for home in _homes(machine)]
    places += [entry.path for entry in expand(machine, "C:\\Users\\*\\.VirtualBox\\VirtualBox.xml")]
    yield from _registered(machine, places, _VIRTUALBOX_ENTRY, scope)


def _vmware(machine: Machine, scope: str) -> Seen:
    places = ["/etc/vmware/hostd/vmInventory.xml", "C:\\ProgramData\\VMware\\hostd\\vmInventory.xml"]
    places += [home.path + "/.vmware/inventory.vmls" for home in _homes(machine)]
    places += [entry.path for entry in expand(machine, "C:\\Users\\*\\AppData\\Roaming\\VMware\\inventory.vmls")]
    yield from _registered(machine, places, _VMWARE_ENTRY, scope)


def _homes(machine: Machine) -> tuple[Home, ...]:
    return homes(machine) if machine.family != "windows" else ()


def _registered(machine: Machine, places: list[str], entry: re.Pattern[str], scope: str) -> Seen:
    """Yield the guests whose definitions the registers name, each once; places on shares are not looked at."""
    seen: set[str] = set()
    for place in places:
        if place.startswith("/") == (machine.family == "windows"):
            continue
        try:
            data = machine.read_bytes(place, MAX_REGISTER_BYTES)
        except Unreadable as error:
            yield Problem(place, error.why)
            continue
        for found in entry.finditer(decode_text(data or b"")[0]):
            path = next((word for word in found.groups() if word), "")
            if path not in seen and re.match(r"/|[A-Za-z]:\\", path) and is_open_to_us(path):
                seen.add(path)
                yield from guests_of_file(machine, path, scope)


def _hyper_v(machine: Machine, scope: str) -> Seen:
    if machine.family != "windows":
        return
    try:
        if machine.registry_key(HYPER_V_KEY) is None:
            return
        text = machine.run(GET_VM, TIMEOUT_SECONDS)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    for told in guests_told(text or "", "Get-VM"):
        yield record_of(told, scope, "Get-VM")


VIRTUAL_MACHINES = Collector(
    name=NAME, platforms=frozenset({"linux", "macos", "windows", "other"}), collect=collect, parse_file=parse_file
)
