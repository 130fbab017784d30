"""Identity, system and hardware of a Mac.

Source: /System/Library/CoreServices/SystemVersion.plist; on a running system also sysctl, ioreg and
    networksetup, under the C locale.
Absent: never; what a mounted disk does not tell (all hardware) stays unknown.
Gaps:   no day of installation; the marketing name of the model is not recorded by the system itself.
"""

from __future__ import annotations

import re
from typing import Callable, Iterator, Sequence, TypeVar

from agent.collectors.anywhere.chassis import chassis_of, virtual_kind_of
from agent.collectors.base import Collector, Found, Problem
from agent.formats.whole_number import whole_number
from agent.inventory.host import Host, OperatingSystem, Processor
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

_Answer = TypeVar("_Answer")

VERSION = "/System/Library/CoreServices/SystemVersion.plist"
PLIST_BYTES = 1 << 20
SYSCTL = (
    "hw.model",
    "hw.machine",
    "hw.memsize",
    "hw.packages",
    "hw.physicalcpu",
    "hw.logicalcpu",
    "machdep.cpu.brand_string",
    "kern.hv_vmm_present",
    "kern.osrelease",
)
SYSCTL_BRANCHES = ("hw", "machdep.cpu", "kern.osrelease")
_IOREG = re.compile(r'"(IOPlatformSerialNumber|IOPlatformUUID|manufacturer|product-name)" = <?"([^"]*)"')
_ETHERNET = re.compile(r"^Hardware Port: (?P<port>.*)\nDevice: .*\nEthernet Address: (?P<address>[0-9a-f:]{17})", re.M)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the host, the installed system, and what of them could not be read."""
    problems: list[Problem] = []
    data = _attempt(problems, lambda: machine.read_bytes(VERSION, PLIST_BYTES))
    version = {} if data is None else _attempt(problems, lambda: parse_version(data, VERSION)) or {}
    facts = _facts(machine, problems)
    board = dict(_IOREG.findall(_ask(machine, problems, ["ioreg", "-rd1", "-c", "IOPlatformExpertDevice"])))
    ports = _ask(machine, problems, ["networksetup", "-listallhardwareports"]) if facts else ""
    system = operating_system(version, facts)
    yield host_of(system, facts, board, ports, machine.host_name())
    if system.name is not None:
        yield system_as_software(system, VERSION)
    yield from problems


def _facts(machine: Machine, problems: list[Problem]) -> dict[str, str]:
    """Return what sysctl says. It fails for one name that an older system has not; whole branches it always lists."""
    try:
        return parse_sysctl(machine.run(["sysctl", *SYSCTL]) or "")
    except Unreadable:
        return parse_sysctl(_ask(machine, problems, ["sysctl", *SYSCTL_BRANCHES]))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded SystemVersion.plist tells."""
    system = operating_system(parse_version(data, name), {})
    if system.name is None:
        yield Problem(name, "no ProductName")
    else:
        yield Host(system)
        yield system_as_software(system, name)


def parse_version(data: bytes, where: str) -> dict[str, str]:
    """Return the texts of a SystemVersion.plist. Raises `Unreadable`."""
    import plistlib
    from xml.parsers.expat import ExpatError

    if b"<!ENTITY" in data:
        raise Unreadable(where, "XML with entities")
    try:
        values = plistlib.loads(data)
    except (ExpatError, ValueError, KeyError, IndexError, TypeError, OverflowError, plistlib.InvalidFileException):
        raise Unreadable(where, "not a property list")
    texts = values.items() if isinstance(values, dict) else ()
    return {name: value for name, value in texts if isinstance(name, str) and isinstance(value, str)}


def parse_sysctl(text: str) -> dict[str, str]:
    """Return the values of `name: value` lines; a name that this system has not is missing."""
    pairs = (line.partition(": ") for line in text.splitlines())
    return {name: value.strip() for name, sign, value in pairs if sign}


def operating_system(version: dict[str, str], facts: dict[str, str]) -> OperatingSystem:
    """Return the system; `macOS` and its older names as the system writes them."""
    return OperatingSystem(
        family="macos",
        name=version.get("ProductName"),
        version=version.get("ProductUserVisibleVersion") or version.get("ProductVersion"),
        build=version.get("ProductBuildVersion"),
        architecture=facts.get("hw.machine"),
        kernel=facts.get("kern.osrelease"),
    )


def host_of(
    system: OperatingSystem, facts: dict[str, str], board: dict[str, str], ports: str, name: str | None
) -> Host:
    """Return the identity of the Mac from what its own commands say."""
    model = facts.get("hw.model")
    kind = virtual_kind_of(board.get("manufacturer"), model)
    virtual = None if not facts else kind is not None or facts.get("kern.hv_vmm_present") == "1"
    portable = "book" in (model or "").lower() or "book" in board.get("product-name", "").lower()
    short, _, domain = (name or "").partition(".")
    return Host(
        operating_system=system,
        name=short or None,
        domain=domain or None,
        manufacturer=board.get("manufacturer"),
        model=model,
        serial=board.get("IOPlatformSerialNumber"),
        uuid=board.get("IOPlatformUUID"),
        mac_addresses=mac_addresses(ports),
        chassis=_chassis(model, portable, virtual),
        processors=processors_of(facts),
        memory_bytes=whole_number(facts.get("hw.memsize")),
        virtual=virtual,
        virtual_kind=kind,
    )


def processors_of(facts: dict[str, str]) -> tuple[Processor, ...]:
    """Return one entry for each package; cores and threads are spread evenly, as all of them are alike."""
    packages = whole_number(facts.get("hw.packages"), 4) or (1 if "hw.physicalcpu" in facts else 0)
    cores, threads = whole_number(facts.get("hw.physicalcpu")), whole_number(facts.get("hw.logicalcpu"))
    one = Processor(
        name=facts.get("machdep.cpu.brand_string"),
        cores=None if cores is None else cores // packages,
        threads=None if threads is None else threads // packages,
    )
    return (one,) * packages if packages else ()


def mac_addresses(ports: str) -> tuple[str, ...]:
    """Return the addresses of Ethernet and Wi-Fi ports; bridges are not cards."""
    found = {match.group("address") for match in _ETHERNET.finditer(ports) if "Bridge" not in match.group("port")}
    return tuple(sorted(found))


def system_as_software(system: OperatingSystem, seen_at: str) -> Software:
    """Return the installed operating system as one software record."""
    return Software(
        source="operating_system",
        name=system.name or "",
        scope="host",
        seen_at=seen_at,
        version=system.version,
        identifier=system.build,
        architecture=system.architecture,
        per_user=False,
    )


def _chassis(model: str | None, portable: bool, virtual: bool | None) -> str | None:
    """Return the kind of body. Models named `Mac15,3` do not tell it; their product name does, if it is a book."""
    if virtual or portable:
        return chassis_of(9 if portable else None, virtual)
    desktops = ("imac", "macmini", "macpro")
    return "desktop" if (model or "").lower().startswith(desktops) else None


def _attempt(problems: list[Problem], read: Callable[[], _Answer | None]) -> _Answer | None:
    """Return what `read` returns; what cannot be read is a problem and `None`."""
    try:
        return read()
    except Unreadable as unreadable:
        problems.append(Problem(unreadable.where, unreadable.why))
        return None


def _ask(machine: Machine, problems: list[Problem], command: Sequence[str]) -> str:
    """Return what a command prints, empty when there is none."""
    return _attempt(problems, lambda: machine.run(command)) or ""


MACOS_HOST = Collector(name="host", platforms=frozenset({"macos"}), collect=collect, parse_file=parse_file)
