"""Host: which machine this is, what it runs, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OperatingSystem:
    """The operating system in its own words, parsed values beside raw ones."""

    family: str
    """`windows`, `linux`, `macos` or `other`."""
    name: str | None = None
    """As the system names itself: ProductName, PRETTY_NAME without the code name, `macOS`."""
    version: str | None = None
    """Numeric version: `10.0.19045.3803`, `12`, `14.2.1`."""
    edition: str | None = None
    """Windows EditionID (`Professional`, `Core`, `ServerStandard`); VARIANT_ID or edition elsewhere."""
    release: str | None = None
    """Marketing release: `22H2`, `V10 SP1`, code name."""
    build: str | None = None
    architecture: str | None = None
    """As the machine says: `AMD64`, `x86_64`, `aarch64`, `loongarch64`."""
    kernel: str | None = None
    distribution: str | None = None
    """The `ID` of os-release: `debian`, `uos`, `kylin` …; `None` elsewhere."""
    installation_id: str | None = None
    """What stays the same until the system is installed anew: MachineGuid, machine-id."""
    installed_on: str | None = None
    """Day of installation, `YYYY-MM-DD`, only when the system records it."""
    language: str | None = None


@dataclass(frozen=True)
class Processor:
    """One physical processor (socket)."""

    name: str | None = None
    cores: int | None = None
    threads: int | None = None


@dataclass(frozen=True)
class Host:
    """Identity and hardware of the machine. Placeholders (`Default string`) are kept: they are its words."""

    operating_system: OperatingSystem
    name: str | None = None
    domain: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    """Serial number of the system."""
    board_serial: str | None = None
    uuid: str | None = None
    """SMBIOS or platform UUID, as printed."""
    asset_tag: str | None = None
    mac_addresses: tuple[str, ...] = ()
    """Lower case with colons, of physical interfaces where that can be told; sorted, no duplicates."""
    chassis: str | None = None
    """`server`, `desktop`, `portable`, `virtual`, or `None` when unknown."""
    chassis_code: int | None = None
    """SMBIOS chassis type as read."""
    processors: tuple[Processor, ...] = ()
    memory_bytes: int | None = None
    virtual: bool | None = None
    virtual_kind: str | None = None
    """`kvm`, `vmware`, `hyper-v`, `virtualbox`, `xen`, `container`, `wsl` … in lower case."""
