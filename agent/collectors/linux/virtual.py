"""Whether a Linux system runs on a machine of its own: the signs of containers, WSL and hypervisors."""

from __future__ import annotations

import re
from typing import Callable, Optional

from agent.collectors.anywhere.chassis import virtual_kind_of

Text = Callable[[str], Optional[str]]

_CONTAINER_FILES = ("/run/systemd/container", "/.dockerenv", "/run/.containerenv")
_CONTAINER_GROUP = re.compile(r"/(docker|kubepods|lxc|libpod|machine\.slice/libpod)[-/.]")
_FLAGS = re.compile(r"^(?:flags|Features)\s*:(.*)$", re.MULTILINE)


def virtual_kind(
    text: Text, exists: Callable[[str], bool], manufacturer: str | None, model: str | None, cpuinfo: str
) -> tuple[bool | None, str | None]:
    """Return whether the machine is virtual and of which kind; `None` where nothing tells.

    The innermost layer is named: a container on a virtual machine is a container.
    """
    if "microsoft" in (text("/proc/sys/kernel/osrelease") or "").lower():
        return True, "wsl"
    if any(exists(path) for path in _CONTAINER_FILES) or _CONTAINER_GROUP.search(text("/proc/1/cgroup") or ""):
        return True, "container"
    kind = virtual_kind_of(manufacturer, model, text("/sys/class/dmi/id/bios_vendor")) or _xen_guest(text)
    if kind is not None:
        return True, kind
    flags = _FLAGS.search(cpuinfo)
    if flags is not None and "hypervisor" in flags.group(1).split():
        return True, None
    return (False, None) if manufacturer is not None else (None, None)


def _xen_guest(text: Text) -> str | None:
    """Return `xen` for a guest; the domain that controls the others is the machine itself."""
    if text("/sys/hypervisor/type") != "xen" or "control_d" in (text("/proc/xen/capabilities") or ""):
        return None
    return "xen"
