"""Hosts: what GLPI, FusionInventory and OCS agents say of a machine → `Host`."""

from __future__ import annotations

import re

from agent.inventory.host import Host, OperatingSystem, Processor
from auditor.intake.foreign.told import Section, day, number, one, rows, text, truth

_DEVICE = re.compile(r"(?P<name>.+)-\d{4}(?:-\d{2}){5}")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
_NOT_PHYSICAL = re.compile(r"(?:lo|docker|veth|virbr|br-|vnet|vmnet|tun|tap|dummy|ifb|cni|flannel|cali|wg)\d*", re.I)
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_CODE_NAME = re.compile(r"\s*\((?!Workstation|Server)[^()]{1,40}\)\s*$")
_MAKER = re.compile(r"^(?:Microsoft|Майкрософт)[®(R)\s]*\s+(?=Windows)", re.IGNORECASE)
_ISSUE = re.compile(r"\s+release\s+", re.IGNORECASE)
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_WINDOWS_ADD = re.compile(r"windows", re.IGNORECASE)
_MACOS = re.compile(r"mac\s?os|os x|darwin", re.IGNORECASE)
_DISTRIBUTIONS = (
    ("debian", "debian"), ("ubuntu", "ubuntu"), ("fedora", "fedora"), ("centos", "centos"), ("red hat", "rhel"),
    ("redhat", "rhel"), ("rhel", "rhel"), ("rocky", "rocky"), ("almalinux", "almalinux"), ("oracle linux", "ol"),
    ("openeuler", "openEuler"), ("anolis", "anolis"), ("opensuse", "opensuse"), ("suse linux", "sles"),
    ("linux mint", "linuxmint"), ("linuxmint", "linuxmint"), ("pop!_os", "pop"), ("kali", "kali"),
    ("arch linux", "arch"),
       ("manjaro", "manjaro"), ("gentoo", "gentoo"), ("alpine", "alpine"), ("deepin", "deepin"), ("uniontech", "uos"),
    ("统信", "uos"), ("uos", "uos"), ("neokylin", "neokylin"), ("kylin", "kylin"), ("麒麟", "kylin"),
    ("amazon linux", "amzn"), ("raspbian", "raspbian"), ("tencentos", "tencentos"), ("alibaba cloud", "alinux"),
)  # fmt: skip
"""A word of the system's own name → the `ID` of its os-release."""
_RPM_BASED = frozenset(
    {"fedora", "centos", "rhel", "rocky", "almalinux", "ol", "openEuler", "anolis", "opensuse", "sles", "neokylin",
     "amzn", "tencentos", "alinux"}
)  # fmt: skip
_CHASSIS = (
    ("server", ("server", "rack", "blade", "tower server", "main server", "expansion chassis", "multi-system")),
    ("portable", ("laptop", "notebook", "portable", "tablet", "convertible", "detachable", "hand held", "docking")),
    ("desktop", ("desktop", "tower", "pizza box", "all in one", "all-in-one", "space-saving", "lunch box", "mini pc")),
)


def host_of(content: Section, device: str) -> Host:
    """Return the host; what the document does not say is `None`."""
    hardware, bios = one(content, "hardware"), one(content, "bios")
    kind = text(hardware, "vmsystem")
    virtual = None if kind is None else kind.casefold() != "physical"
    chassis = text(hardware, "chassis_type") or text(bios, "type")
    return Host(
        operating_system=system_of(content),
        name=text(hardware, "name") or name_of_device(device),
        domain=text(one(content, "operatingsystem"), "dns_domain"),
        manufacturer=text(bios, "smanufacturer", "manufacturer"),
        model=text(bios, "smodel", "model"),
        serial=text(bios, "ssn", "serial_number"),
        board_serial=text(bios, "msn", "mmserial", "motherboard_serial_number"),
        uuid=text(hardware, "uuid") or text(bios, "uuid"),
        asset_tag=text(bios, "assettag", "asset_tag"),
        mac_addresses=tuple(sorted({mac for row in rows(content, "networks") if (mac := _mac(row)) is not None})),
        chassis="virtual" if virtual else _chassis(chassis),
        processors=tuple(
            Processor(text(row, "name", "type"), number(row, "core", "cores", "cores_number"), _threads(row))
            for row in rows(content, "cpus")
        ),
        memory_bytes=_mebibytes(number(hardware, "memory")),
        virtual=virtual,
        virtual_kind=kind.casefold() if kind is not None and virtual else None,
    )


def name_of_device(device: str) -> str | None:
    """Return the host name in an agent's device id (`hq-015-2026-01-31-12-00-00`), `None` for another form."""
    found = _DEVICE.fullmatch(device)
    return found["name"] if found is not None else None


def system_of(content: Section) -> OperatingSystem:
    """Return the operating system in its own words, as near as may be to what our own agent writes of it."""
    told, hardware = one(content, "operatingsystem"), one(content, "hardware")
    family, name = family_of(content), _system_name(content)
    version = text(told, "kernel_version") if family == "windows" else text(told, "version")
    if family == "windows":
        version = version or text(hardware, "osversion")
    else:
        found = _VERSION.search(name or "") or _VERSION.search(version or "")
        version = found[0] if found is not None else version
    host_id = text(told, "hostid")
    return OperatingSystem(
        family=family,
        name=_own_words(name, family),
        version=version,
        release=text(told, "version") if family == "windows" else None,
        architecture=text(told, "arch") or text(hardware, "archname", "arch"),
        kernel=text(told, "kernel_version") if family in ("linux", "macos") else None,
        distribution=distribution_of(name) if family == "linux" else None,
        installation_id=host_id if host_id is not None and _GUID.fullmatch(host_id) else None,
        installed_on=day(text(told, "install_date", "installdate")),
    )


def family_of(content: Section) -> str:
    """Return `windows`, `linux`, `macos`, or `other` for what is none of them or is not said."""
    told = one(content, "operatingsystem")
    name = _system_name(content) or ""
    kernel = (text(told, "kernel_name") or "").casefold()
    if "android" in f"{name} {kernel}".casefold() or _is_android(content):
        return "other"
    if kernel == "mswin32" or _WINDOWS_ADD.search(name):
        return "windows"
    if kernel == "darwin" or _MACOS.search(name):
        return "macos"
    if kernel == "linux" or "linux" in name.casefold() or distribution_of(name) is not None:
        return "linux"
    return _family_of_software(content)


def distribution_of(name: str | None) -> str | None:
    """Return the `ID` of os-release for a distribution's own name."""
    folded = (name or "").casefold()
    return next((known for word, known in _DISTRIBUTIONS if word in folded), None)


def package_source(system_name: str | None) -> str:
    """Return the collector that reads the packages of a Linux of that name: `rpm`, else `dpkg`."""
    return "rpm" if distribution_of(system_name) in _RPM_BASED else "dpkg"


def _family_of_software(content: Section) -> str:
    """A document that does not name its system may still say where its packages come from."""
    sources = {(text(row, "from") or "").casefold() for row in rows(content, "softwares")}
    if sources & {"registry", "uwp", "wmi"} or any(text(row, "guid") for row in rows(content, "softwares")):
        return "windows"
    return "linux" if sources & {"deb", "rpm", "pacman", "dpkg"} else "other"


def _is_android(content: Section) -> bool:
    first = next(rows(content, "softwares"), {})
    return (text(first, "from") or "").casefold() == "android"


def _system_name(content: Section) -> str | None:
    told, hardware = one(content, "operatingsystem"), one(content, "hardware")
    return text(told, "full_name") or text(hardware, "osname") or text(told, "name")


def _own_words(name: str | None, family: str) -> str | None:
    """`Debian GNU/Linux 12 (bookworm)` → `Debian GNU/Linux 12`, `Microsoft Windows 10 Pro` → `Windows 10 Pro`."""
    if name is None:
        return None
    if family == "windows":
        return _MAKER.sub("", name).replace("®", "")
    if family == "linux":
        return _ISSUE.sub(" ", _CODE_NAME.sub("", name))
    return name


def _mac(row: Section) -> str | None:
    """Return the address of a physical interface, in lower case with colons."""
    if truth(row, "virtualdev") or (text(row, "type") or "").casefold() in ("loopback", "bridge", "dialup"):
        return None
    if _NOT_PHYSICAL.fullmatch((text(row, "description") or "").split(" ")[0]):
        return None
    address = (text(row, "mac", "macaddr", "mac_address") or "").casefold().replace("-", ":")
    return address if _MAC.fullmatch(address) and address != "00:00:00:00:00:00" else None


def _threads(row: Section) -> int | None:
    logical = number(row, "logical_cpus")
    return logical if logical is not None else number(row, "thread", "threads")


def _chassis(told: str | None) -> str | None:
    folded = (told or "").casefold()
    return next((kind for kind, words in _CHASSIS if any(word in folded for word in words)), None)


def _mebibytes(count: int | None) -> int | None:
    return count * 1_048_576 if count else None
