"""Processors and cores of Linux: /proc/cpuinfo in the forms of its architectures, and the topology of /sys."""

from __future__ import annotations

import re
from typing import Iterator, Mapping, Sequence

from agent.formats.whole_number import whole_number
from agent.inventory.host import Processor

_SOCKET_FIELDS = ("physical id", "package")
_CORE_FIELDS = ("core id", "core")
_S390_LINE = re.compile(r"^processor (\d{1,5}): version = .*\n?", re.MULTILINE)
_COUNTED = re.compile(r"^(?:ncpus active|cpus detected)\s*:\s*(\d{1,4})\s*$", re.MULTILINE)
_NAME_FIELDS = ("model name", "cpu model", "cpu", "model", "hardware")
"""`model` is a number on x86, where `model name` stands before it in every kernel since 2.0."""


def parse_cpuinfo(text: str, topology: Mapping[int, tuple[str, str]] | None = None) -> tuple[Processor, ...]:
    """Return the physical processors of a /proc/cpuinfo.

    `topology` gives package and core of each logical processor from /sys, for architectures whose cpuinfo
    does not (arm64). `threads` counts the logical processors of the socket. Where neither tells the socket,
    x86 counts each logical processor as one (a machine without SMP, a virtual machine without topology);
    elsewhere all are one processor whose cores are not known.
    """
    blocks = list(_logical_processors(_with_numbers(text)))
    shared = _shared_name(text)
    sockets: dict[str, list[dict[str, str]]] = {}
    for block in blocks:
        sockets.setdefault(_socket(block, topology or {}), []).append(block)
    return tuple(_processor(members, shared, topology or {}) for _, members in sorted(sockets.items(), key=_order))


def parse_topology(files: Sequence[tuple[int, str | None, str | None]]) -> dict[int, tuple[str, str]]:
    """Return package and core by logical processor from the texts of physical_package_id and core_id.

    A kernel that does not know says -1; such a processor is left out.
    """
    return {
        number: (package.strip(), (core or "").strip())
        for number, package, core in files
        if package is not None and whole_number(package, 6) is not None
    }


def _with_numbers(text: str) -> str:
    """Return the text with a line for each processor, where an architecture tells their number once for all.

    `processor 0: version = …` of s390, `ncpus active : 2` of sparc, `cpus detected : 2` of alpha.
    """
    text = _S390_LINE.sub(r"processor: \1\n", text)
    counted = _COUNTED.search(text)
    if counted is None or re.search(r"^processor\s*:", text, re.MULTILINE):
        return text
    number = min(whole_number(counted.group(1), 4) or 0, 4096)
    return "".join("processor: %d\n%s\n" % (each, text) for each in range(number))


def _logical_processors(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each logical processor, names in lower case, white space folded."""
    block: dict[str, str] = {}
    for line in [*text.splitlines(), "processor: 0"]:
        name, colon, value = line.partition(":")
        name = " ".join(name.lower().split())
        if name == "processor":
            if whole_number(value, 6) is None:  # old arm kernels put the model's name here, once for all
                continue
            if block:
                yield block
            block = {}
        if colon and (block or name == "processor"):
            block.setdefault(name, " ".join(value.split()))


def _shared_name(text: str) -> str | None:
    """Return a name that stands once for all: `Processor :` or `Hardware :` of arm, `cpu model` of s390."""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if (
            name.strip() in ("Processor", "Hardware", "cpu model", "vendor_id")
            and value.strip()
            and not value.strip().isdigit()
        ):
            return " ".join(value.split())
    return None


def _socket(block: dict[str, str], topology: Mapping[int, tuple[str, str]]) -> str:
    """Return what tells one socket from another."""
    number = int(block["processor"])
    if number in topology and not any(name in block for name in _SOCKET_FIELDS):
        return topology[number][0]
    alone = block["processor"] if "vendor_id" in block and block["vendor_id"] != "IBM/S390" else "0"
    return next((block[name] for name in _SOCKET_FIELDS if name in block), alone)


def _processor(members: list[dict[str, str]], shared: str | None, topology: Mapping[int, tuple[str, str]]) -> Processor:
    """Return one socket from its logical processors."""
    first = members[0]
    threads = whole_number(first.get("siblings"), 6) or len(members)
    return Processor(name=_name(first) or shared or _part(first), cores=_cores(members, topology), threads=threads)


def _cores(members: list[dict[str, str]], topology: Mapping[int, tuple[str, str]]) -> int | None:
    """Return the cores of a socket: as stated, else the distinct core numbers, else one for an x86 of its own."""
    first = members[0]
    stated = whole_number(first.get("cpu cores"), 6)
    if stated:
        return stated
    cores = {block[name] for block in members for name in _CORE_FIELDS if name in block}
    cores = cores or {topology[int(b["processor"])][1] for b in members if int(b["processor"]) in topology}
    if cores:
        return len(cores)
    return 1 if "vendor_id" in first and first["vendor_id"] != "IBM/S390" else None


def _name(block: dict[str, str]) -> str | None:
    """Return the name of a processor in its own words; a bare number is none."""
    names = (block.get(field) for field in _NAME_FIELDS)
    return next((name for name in names if name and not name.isdigit()), None)


def _part(block: dict[str, str]) -> str | None:
    """Return the numbers by which arm names a core: `implementer 0x48 part 0xd01`."""
    if "cpu implementer" not in block:
        return None
    return "implementer %s part %s" % (block["cpu implementer"], block.get("cpu part", "?"))


def _order(socket: tuple[str, object]) -> tuple[int, str]:
    """Return the key that sorts sockets by number."""
    return (whole_number(socket[0]) or 0, socket[0])
