"""Virtual machines and containers in the words of their host: definitions, listings and state files.

libvirt's domain XML and `virsh list`, VMware's .vmx, VirtualBox's .vbox, LXC's config, the zone index of Solaris, state
files of Docker and Podman, printed listings of Hyper-V's Get-VM and Msvm_ComputerSystem.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from agent.formats.safe_xml import Element, XmlFault, read_xml
from agent.formats.whole_number import whole_number

MAX_GUESTS = 5000
LONGEST = 300

_UNITS = {
    "b": 1,
    "bytes": 1,
    "k": 1 << 10,
    "kib": 1 << 10,
    "kb": 1000,
    "m": 1 << 20,
    "mib": 1 << 20,
    "mb": 1000**2,
    "g": 1 << 30,
    "gib": 1 << 30,
    "gb": 1000**3,
}
_VMX = re.compile(r"^\s*(?P<name>[A-Za-z0-9_.:]+)\s*=\s*\"(?P<value>[^\"]*)\"", re.MULTILINE)
_VIRSH = re.compile(r"^\s*(?P<id>-|\d+)\s+(?P<name>\S.*?)\s{2,}(?P<state>\S.*?)\s*$")
_LXC = re.compile(r"^\s*(?P<name>lxc\.[\w.]+)\s*=\s*(?P<value>.*?)\s*$", re.MULTILINE)
_LISTED = re.compile(r"^\s*(?P<name>[A-Za-z]+)\s*:\s?(?P<value>.*?)\s*$")
_ZONE = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*):(?P<state>\w+):(?P<path>/[^:\n]*)(?::(?P<uuid>[0-9a-f-]{36})?[^\n]*)?$",
    re.MULTILINE,
)
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}")
_STATES = {
    "running": "running",
    "shut off": "stopped",
    "off": "stopped",
    "paused": "paused",
    "2": "running",
    "3": "stopped",
    "32768": "paused",
    "32769": "suspended",
    "saved": "suspended",
    "stopped": "stopped",
}


@dataclass(frozen=True)
class GuestTold:
    """One guest; the fields mean what those of `Guest` mean."""

    kind: str
    name: str
    uuid: str | None = None
    state: str | None = None
    virtual_processors: int | None = None
    memory_bytes: int | None = None
    operating_system: str | None = None
    image: str | None = None
    mac_addresses: tuple[str, ...] = field(default=())


def parse_guest_text(text: str, name: str = "") -> tuple[GuestTold, ...]:
    """Return the guests that a text tells of, whatever it is; none for any other text."""
    head = text.lstrip("\ufeff \t\r\n")[:4000]
    if head.startswith("<"):
        return _of_xml(text)
    if head.startswith(("{", "[")):
        return parse_containers(text)
    for read in (_virsh, _vmx, _lxc, _zones, _hyper_v):
        found = read(text, name)
        if found:
            return found[:MAX_GUESTS]
    return ()


def mac_address(written: str | None) -> str | None:
    """Return an address in lower case with colons, `None` for what is none."""
    if written is None or _MAC.fullmatch(written.strip()) is None:
        return None
    digits = re.sub(r"[:-]", "", written.strip().lower())
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def _of_xml(text: str) -> tuple[GuestTold, ...]:
    try:
        root = read_xml(text.encode("utf-8", "replace"))
    except XmlFault:
        return ()
    tag = _tag(root)
    if tag == "domain":
        return (_domain(root),)
    if tag == "domstatus":
        return tuple(_domain(each, "running") for each in root.children if _tag(each) == "domain")
    if tag == "VirtualBox":
        return tuple(
            _virtualbox(each) for each in root.children if _tag(each) == "Machine" and each.attributes.get("name")
        )
    return ()


def _tag(element: Element) -> str:
    return re.split("[}:]", element.name)[-1]


def _under(element: Element, *names: str) -> list[Element]:
    """Return the members that a way of tags leads to, whatever their namespaces."""
    found = [element]
    for name in names:
        found = [child for each in found for child in each.children if _tag(child) == name]
    return found


def _text(element: Element, *names: str) -> str | None:
    found = _under(element, *names)
    return found[0].text.strip()[:LONGEST] or None if found else None


def _domain(root: Element, state: str | None = None) -> GuestTold:
    memory = next(iter(_under(root, "memory")), None)
    unit = memory.attributes.get("unit", "KiB").lower() if memory is not None else "kib"
    size = whole_number(memory.text) if memory is not None else None
    addresses = (mac_address(each.attributes.get("address")) for each in _under(root, "devices", "interface", "mac"))
    kind = (root.attributes.get("type") or "kvm").lower()
    return GuestTold(
        kind="kvm" if kind == "qemu" else kind,
        name=_text(root, "name") or "?",
        uuid=_text(root, "uuid"),
        state=state,
        virtual_processors=whole_number(_text(root, "vcpu")),
        memory_bytes=size * _UNITS.get(unit, 1 << 10) if size is not None else None,
        operating_system=_os_of_domain(root),
        mac_addresses=tuple(sorted({each for each in addresses if each is not None})),
    )


def _os_of_domain(root: Element) -> str | None:
    """libosinfo's id, `http://microsoft.com/win/10`, else none: the type `hvm` says nothing of the system."""
    known = _under(root, "metadata", "libosinfo", "os")
    return known[0].attributes.get("id", "")[:LONGEST] or None if known else None


def _virtualbox(machine: Element) -> GuestTold:
    hardware = next(iter(_under(machine, "Hardware")), machine)
    cpu, memory = next(iter(_under(hardware, "CPU")), None), next(iter(_under(hardware, "Memory")), None)
    adapters = _under(hardware, "Network", "Adapter")
    addresses = (
        mac_address(each.attributes.get("MACAddress")) for each in adapters if each.attributes.get("enabled") == "true"
    )
    megabytes = whole_number(memory.attributes.get("RAMSize")) if memory is not None else None
    return GuestTold(
        kind="virtualbox",
        name=(machine.attributes.get("name") or "?")[:LONGEST],
        uuid=(machine.attributes.get("uuid") or "").strip("{}") or None,
        virtual_processors=whole_number(cpu.attributes.get("count")) if cpu is not None else None,
        memory_bytes=megabytes << 20 if megabytes is not None else None,
        operating_system=machine.attributes.get("OSType"),
        mac_addresses=tuple(sorted({each for each in addresses if each is not None})),
    )


def _virsh(text: str, name: str) -> tuple[GuestTold, ...]:
    if not re.search(r"^\s*Id\s+Name\s+State", text, re.MULTILINE):
        return ()
    rows = [_VIRSH.match(line[:1000]) for line in text.splitlines()]
    return tuple(
        GuestTold("kvm", row.group("name")[:LONGEST], state=_STATES.get(row.group("state"), row.group("state")[:40]))
        for row in rows
        if row is not None and row.group("name") != "Name"
    )


def _vmx(text: str, name: str) -> tuple[GuestTold, ...]:
    said = {found.group("name").lower(): found.group("value") for found in _VMX.finditer(text[: 1 << 20])}
    if "config.version" not in said and "displayname" not in said:
        return ()
    addresses = (
        mac_address(value)
        for key, value in said.items()
        if re.fullmatch(r"ethernet\d+\.(generatedaddress|address)", key)
    )
    megabytes = whole_number(said.get("memsize"))
    return (
        GuestTold(
            kind="vmware",
            name=(said.get("displayname") or re.split(r"[\\/]", name)[-1] or "?")[:LONGEST],
            uuid=_vmware_uuid(said.get("uuid.bios")),
            virtual_processors=whole_number(said.get("numvcpus")) or 1,
            memory_bytes=megabytes << 20 if megabytes is not None else None,
            operating_system=said.get("guestos", "")[:LONGEST] or None,
            mac_addresses=tuple(sorted({each for each in addresses if each is not None})),
        ),
    )


def _vmware_uuid(written: str | None) -> str | None:
    """`56 4d 1a … -de …` is the same number that the guest's firmware tells."""
    digits = re.sub(r"[^0-9a-f]", "", (written or "").lower())
    if len(digits) != 32:
        return None
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _lxc(text: str, name: str) -> tuple[GuestTold, ...]:
    said = [(found.group("name"), found.group("value")) for found in _LXC.finditer(text[: 1 << 20])]
    if not said:
        return ()
    named = dict(said)
    shown = named.get("lxc.uts.name") or named.get("lxc.utsname") or (re.split(r"[\\/]", name) + ["?"])[-2:][0]
    addresses = (mac_address(value) for key, value in said if key.endswith("hwaddr"))
    return (
        GuestTold("lxc", (shown or "?")[:LONGEST], mac_addresses=tuple(sorted({each for each in addresses if each}))),
    )


def _zones(text: str, name: str) -> tuple[GuestTold, ...]:
    return tuple(
        GuestTold("zone", row.group("name"), uuid=row.group("uuid"), state=row.group("state"))
        for row in _ZONE.finditer(text[: 1 << 20])
        if row.group("name") != "global"
    )


def _hyper_v(text: str, name: str) -> tuple[GuestTold, ...]:
    """Blocks of `name : value`: what Get-VM or a listing of Msvm_ComputerSystem prints."""
    found = []
    for block in re.split(r"\r?\n\s*\r?\n", text[: 4 << 20]):
        rows = [_LISTED.match(line[:1000]) for line in block.splitlines()]
        said = {row.group("name").lower(): row.group("value") for row in rows if row is not None}
        shown = said.get("vmname") or said.get("elementname") or (said.get("name") if "vmid" in said else None)
        uuid = said.get("vmid") or said.get("vmguid") or said.get("name")
        if (
            not shown
            or uuid is None
            or re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", uuid) is None
        ):
            continue
        state = (said.get("state") or said.get("enabledstate") or "").lower()
        memory = whole_number(said.get("memorystartup") or said.get("memoryassigned"))
        processors = whole_number(said.get("processorcount"))
        found.append(
            GuestTold("hyper-v", shown[:LONGEST], uuid.lower(), _STATES.get(state, state or None), processors, memory)
        )
    return tuple(found)


def parse_containers(text: str) -> tuple[GuestTold, ...]:
    """Return the containers of `config.v2.json` (Docker), `containers.json` (Podman), or of what they print."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    rows = plain if isinstance(plain, list) else [plain]
    found = [_container(row) for row in rows[:MAX_GUESTS] if isinstance(row, dict)]
    return tuple(each for each in found if each is not None)


def _container(row: dict[str, object]) -> GuestTold | None:
    if "names" in row and "layer" in row:
        names, metadata = row.get("names"), _metadata(row.get("metadata"))
        shown = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else str(row.get("id"))[:12]
        image = _word(metadata.get("image-name")) or None
        return GuestTold("podman", shown[:LONGEST], image=_bare_image(image))
    config, state = _object(row.get("Config")), row.get("State")
    shown = _word(row.get("Name")).lstrip("/") or _word(row.get("Names"))
    if not shown or not (config or "Image" in row):
        return None
    image = _word(config.get("Image")) or _word(row.get("Image"))
    running = _object(state).get("Running") if isinstance(state, dict) else _word(state) == "running"
    paused = _object(state).get("Paused") if isinstance(state, dict) else False
    word = "paused" if paused else "running" if running else "stopped"
    kind = "podman" if "OCIRuntime" in row and "Pod" in row else "docker"
    return GuestTold(kind, shown[:LONGEST], state=word, image=_bare_image(image))


def _metadata(value: object) -> dict[str, object]:
    """Podman keeps it as JSON inside JSON."""
    try:
        return _object(json.loads(value) if isinstance(value, str) else value)
    except (ValueError, RecursionError):
        return {}


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def _bare_image(image: str | None) -> str | None:
    """An image without the account of a registry: `registry.example.com/team/app:1` → `app:1`."""
    return image.rpartition("/")[2] or None if image else None
