"""Identity, system and hardware of a Linux machine.

Source: /etc/os-release and the release files of domestic systems, /etc/machine-id, /sys/class/dmi/id,
    /proc/device-tree, /proc/cpuinfo, /proc/meminfo, /sys/class/net of cards that are devices.
Absent: never; what a mounted disk does not have (/proc, /sys) stays unknown.
Gaps:   serial numbers and the UUID are readable by root alone; the day of installation is not recorded by
    Linux; sockets of arm64 are known from /sys only; memory is what the kernel may use.
"""

from __future__ import annotations

import dataclasses
from typing import Iterator

from agent.collectors.anywhere.chassis import chassis_of
from agent.collectors.base import Collector, Found, Problem
from agent.collectors.linux import releases
from agent.collectors.linux.processors import parse_cpuinfo, parse_topology
from agent.collectors.linux.virtual import virtual_kind
from agent.formats.whole_number import whole_number
from agent.inventory.host import Host, OperatingSystem, Processor
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

WORDS_BYTES = 16 * 1024 * 1024
CPUINFO = "/proc/cpuinfo"
CPUS = "/sys/devices/system/cpu"
NETWORK = "/sys/class/net"
DMI = "/sys/class/dmi/id/"
TREE = "/proc/device-tree/"
_UNSET_MACHINE_IDS = ("", "uninitialized")
_ELF_MACHINES = {
    3: "i686",
    8: "mips64",
    20: "ppc",
    21: "ppc64le",
    22: "s390x",
    40: "arm",
    62: "x86_64",
    183: "aarch64",
    243: "riscv64",
    258: "loongarch64",
    0x9916: "sw_64",
}
"""`e_machine` of the programs of the system."""


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the host, the installed operating system, and what of them could not be read."""
    words = _Words(machine)
    host = _host(words)
    yield host
    system = system_as_software(host.operating_system, words.system_file, words.vendor)
    if system is not None:
        yield system
    yield from words.problems


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded file tells: a cpuinfo, an os-release, an os-version, an lsb-release or a release line."""
    text = data.decode("utf-8", "replace")
    processors = parse_cpuinfo(text)
    if processors:
        yield Host(OperatingSystem("linux"), processors=processors)
        return
    values = releases.parse_assignments(text)
    system = releases.system_of_os_release(values) if "NAME" in values or "PRETTY_NAME" in values else None
    if "MajorVersion" in values:
        system = releases.with_uos_version(OperatingSystem("linux"), text)
    if "DISTRIB_ID" in values:
        system = releases.system_of_lsb_release(values)
    system = system or releases.system_of_release_line(text)
    software = None if system is None else system_as_software(system, name, values.get("VENDOR_NAME"))
    if system is None or software is None:
        yield Problem(name, "expected /proc/cpuinfo, os-release, os-version or a release file")
    else:
        yield Host(system)
        yield software


def system_as_software(system: OperatingSystem, seen_at: str | None, vendor: str | None) -> Software | None:
    """Return the installed operating system as one software record, `None` when it has no name."""
    if system.name is None:
        return None
    return Software(
        source="operating_system",
        name=system.name,
        scope="host",
        seen_at=seen_at,
        version=system.version,
        publisher=vendor or None,
        identifier=system.distribution or system.edition,
        architecture=system.architecture,
        language=system.language,
        per_user=False,
    )


class _Words:
    """The machine's small files as stripped text; one that is there and cannot be read is a problem."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.problems: list[Problem] = []
        self.system_file: str | None = None
        self.vendor: str | None = None

    def text(self, path: str) -> str | None:
        """Return a file's text without the white space and NULs around it, `None` when it says nothing."""
        try:
            return (self.machine.read_text(path, WORDS_BYTES) or "").strip(" \t\r\n\0") or None
        except Unreadable as unreadable:
            self.problems.append(Problem(unreadable.where, unreadable.why))
            return None

    def members(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder."""
        try:
            return tuple(entry.name for entry in self.machine.list_folder(folder) or ())
        except Unreadable as unreadable:
            self.problems.append(Problem(unreadable.where, unreadable.why))
            return ()

    def name(self) -> str:
        """Return the host's name, empty when it has none."""
        try:
            return self.machine.host_name() or ""
        except Unreadable as unreadable:
            self.problems.append(Problem(unreadable.where, unreadable.why))
            return ""


def _host(words: _Words) -> Host:
    """Return the identity of the machine."""
    name, _, domain = words.name().partition(".")
    cpuinfo = words.text(CPUINFO) or ""
    manufacturer, model = words.text(DMI + "sys_vendor"), words.text(DMI + "product_name") or words.text(TREE + "model")
    virtual, kind = virtual_kind(words.text, words.machine.exists, manufacturer, model, cpuinfo)
    chassis_code = whole_number(words.text(DMI + "chassis_type"), 3)
    return Host(
        operating_system=_operating_system(words),
        name=name or None,
        domain=domain or None,
        manufacturer=manufacturer,
        model=model,
        serial=words.text(DMI + "product_serial") or words.text(TREE + "serial-number"),
        board_serial=words.text(DMI + "board_serial"),
        uuid=words.text(DMI + "product_uuid"),
        asset_tag=words.text(DMI + "chassis_asset_tag"),
        mac_addresses=_mac_addresses(words),
        chassis=chassis_of(chassis_code, virtual),
        chassis_code=chassis_code,
        processors=_processors(words, cpuinfo),
        memory_bytes=_memory_bytes(words.text("/proc/meminfo") or ""),
        virtual=virtual,
        virtual_kind=kind,
    )


def _operating_system(words: _Words) -> OperatingSystem:
    """Return the system, put together from the files that it has."""
    system = _released(words)
    uos = words.text(releases.UOS_VERSION)
    if uos is not None:
        system = releases.with_uos_version(system, uos)
    kylin = words.text(releases.KYLIN_INFO)
    if kylin is not None:
        system = releases.with_kylin_info(system, kylin)
    identity = words.text("/etc/machine-id") or words.text("/var/lib/dbus/machine-id") or ""
    return dataclasses.replace(
        system,
        kernel=words.text("/proc/sys/kernel/osrelease"),
        architecture=_architecture(words),
        installation_id=None if identity in _UNSET_MACHINE_IDS else identity,
        language=_language(words),
    )


def _released(words: _Words) -> OperatingSystem:
    """Return what os-release says, made finer by a release line, or what the release line alone says."""
    lines = ((path, words.text(path)) for path in releases.RELEASE_LINES)
    path, line = next(((path, text) for path, text in lines if text), (None, ""))
    of_line = releases.system_of_release_line(line or "")
    for release in releases.OS_RELEASE:
        text = words.text(release)
        if text is not None:
            values = releases.parse_assignments(text)
            words.system_file, words.vendor = release, values.get("VENDOR_NAME")
            return releases.with_finer_version(releases.system_of_os_release(values), of_line)
    words.system_file = path
    return of_line or OperatingSystem("linux")


def _architecture(words: _Words) -> str | None:
    """Return what the kernel says, else for which machine the system's programs are made."""
    stated = words.text("/proc/sys/kernel/arch")
    if stated is not None:
        return stated
    try:
        return (words.machine.run(["uname", "-m"]) or "").strip() or _architecture_of_programs(words.machine)
    except Unreadable as unreadable:
        words.problems.append(Problem(unreadable.where, unreadable.why))
        return None


def _architecture_of_programs(machine: Machine) -> str | None:
    """Return the machine that the head of an ELF program names. Raises `Unreadable`."""
    for path in ("/usr/bin/env", "/bin/sh", "/usr/bin/bash"):
        head = (machine.read_bytes(path) or b"")[:20]
        if head[:4] == b"\x7fELF" and len(head) == 20:
            number = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
            return _ELF_MACHINES.get(number)
    return None


def _language(words: _Words) -> str | None:
    """Return the language of the system's settings, `zh_CN` of `zh_CN.UTF-8`."""
    for path in ("/etc/locale.conf", "/etc/default/locale", "/etc/sysconfig/i18n"):
        lang = releases.parse_assignments(words.text(path) or "").get("LANG", "").partition(".")[0]
        if lang not in ("", "C", "POSIX"):
            return lang
    return None


def _processors(words: _Words, cpuinfo: str) -> tuple[Processor, ...]:
    """Return the processors; /sys is asked where cpuinfo does not tell the sockets of an architecture that has them."""
    told = "physical id" in cpuinfo or "package" in cpuinfo
    if told or not cpuinfo:
        return parse_cpuinfo(cpuinfo)
    numbers = [whole_number(name[3:], 6) for name in words.members(CPUS) if name.startswith("cpu")]
    folders = [(number, "%s/cpu%d/topology/" % (CPUS, number)) for number in numbers if number is not None]
    files = [(n, words.text(f + "physical_package_id"), words.text(f + "core_id")) for n, f in folders]
    return parse_cpuinfo(cpuinfo, parse_topology(files))


def _mac_addresses(words: _Words) -> tuple[str, ...]:
    """Return the addresses of the cards that are devices; a card in a bond has the one that it was made with."""
    found = set()
    for name in words.members(NETWORK):
        card = "%s/%s" % (NETWORK, name)
        if words.machine.exists(card + "/device"):
            own = card + "/bonding_slave/perm_hwaddr"
            found.add((words.text(own if words.machine.exists(own) else card + "/address") or "").lower())
    return tuple(sorted(found - {"", "00:00:00:00:00:00"}))


def _memory_bytes(meminfo: str) -> int | None:
    """Return the memory that the kernel may use."""
    for line in meminfo.splitlines():
        fields = line.split()
        if len(fields) >= 2 and fields[0] == "MemTotal:":
            memory_kib = whole_number(fields[1])
            return None if memory_kib is None else memory_kib * 1024
    return None


LINUX_HOST = Collector(name="host", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
