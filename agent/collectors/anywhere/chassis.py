"""What kind of body a machine has, and whether it is a body at all, from the words of its firmware."""

from __future__ import annotations

SERVER_CODES = frozenset((17, 22, 23, 25, 26, 27, 28, 29))
DESKTOP_CODES = frozenset((3, 4, 5, 6, 7, 13, 15, 16, 24, 33, 34, 35, 36))
PORTABLE_CODES = frozenset((8, 9, 10, 11, 14, 30, 31, 32))
"""Portable, laptop, notebook, hand held, sub notebook, tablet, convertible, detachable."""

_MAKERS = (
    ("vmware", "vmware"),
    ("virtualbox", "virtualbox"),
    ("innotek", "virtualbox"),
    ("qemu", "kvm"),
    ("bochs", "kvm"),
    ("kvm", "kvm"),
    ("openstack", "kvm"),
    ("ovirt", "kvm"),
    ("rhev", "kvm"),
    ("alibaba cloud ecs", "kvm"),
    ("google compute engine", "kvm"),
    ("nutanix ahv", "kvm"),
    ("parallels", "parallels"),
    ("hvm domu", "xen"),
    ("xen", "xen"),
    ("bhyve", "bhyve"),
    ("apple virtualization", "apple"),
    ("virtualmac", "apple"),
    ("firecracker", "kvm"),
)


def chassis_of(code: int | None, virtual: bool | None) -> str | None:
    """Return `virtual`, `server`, `desktop`, `portable`, or `None` when the code does not tell.

    `code` is the SMBIOS chassis type (DMTF DSP0134, 7.4.1); its lock bit, 0x80, is ignored.
    """
    if virtual:
        return "virtual"
    kind = (code or 0) & 0x7F
    for name, codes in (("server", SERVER_CODES), ("desktop", DESKTOP_CODES), ("portable", PORTABLE_CODES)):
        if kind in codes:
            return name
    return None


def virtual_kind_of(manufacturer: str | None, model: str | None, firmware: str | None = None) -> str | None:
    """Return which hypervisor these words of the firmware name, `None` when they name none.

    A cloud's own name is no sign: clouds rent out bare metal too.
    """
    maker = (manufacturer or "").lower()
    if maker == "microsoft corporation" and (model or "").lower() == "virtual machine":
        return "hyper-v"
    if maker == "amazon ec2":
        return None if ".metal" in (model or "") else "kvm"
    words = " ".join((maker, (model or "").lower(), (firmware or "").lower()))
    return next((kind for sign, kind in _MAKERS if sign in words), None)
