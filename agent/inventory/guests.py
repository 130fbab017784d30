"""Guests: systems that live on this machine, so that host and guest can be counted together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guest:
    """One virtual machine, container or subsystem of this host."""

    kind: str
    """`kvm`, `xen`, `vmware`, `hyper-v`, `virtualbox`, `wsl`, `docker`, `lxc`, `zone` … in lower case."""
    name: str
    scope: str
    """The scope it was seen in; the same text stands in one `ScopeRun` of the document."""
    seen_at: str | None = None
    uuid: str | None = None
    """As the host knows it; a guest reports the same number as its own."""
    state: str | None = None
    """`running`, `stopped`, `paused`, or the source's own word."""
    virtual_processors: int | None = None
    memory_bytes: int | None = None
    operating_system: str | None = None
    """What the host says that the guest runs."""
    image: str | None = None
    """Image of a container, without registry account."""
    mac_addresses: tuple[str, ...] = ()
