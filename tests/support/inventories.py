"""Builds inventory documents of the contract, so that a test says only what it is about."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import CONTRACT_VERSION, Inventory, Scanner, encode
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from agent.inventory.traces import RunningProgram

DPKG = "dpkg:/var/lib/dpkg/status"


def package(name: str, version: str = "1.0", *, scope: str = DPKG, **more: Any) -> Software:
    """One Debian package, or what `more` makes of it."""
    source = scope.partition(":")[0]
    return Software(**{"source": source, "name": name, "version": version, "scope": scope, "identifier": name} | more)


def inventory(
    software: Iterable[Software] = (),
    *,
    at: str = "2026-03-01T02:00:00Z",
    outcome: Outcome = Outcome.COMPLETE,
    coverage: Iterable[ScopeRun] | None = None,
    programs: Iterable[str] = (),
    system: OperatingSystem | None = None,
    scanner: Scanner | None = None,
    **host: Any,
) -> Inventory:
    """One scan of a Debian machine; without `coverage`, each scope of the software went like `outcome`."""
    items = tuple(software)
    if coverage is None:
        scopes = sorted({item.scope for item in items} | {DPKG})
        coverage = (ScopeRun(scope.split(":")[0], scope, outcome) for scope in scopes)
    described = {"name": "hq-015", "serial": "PF3ABCDE", "mac_addresses": ("3c:52:82:11:22:33",)} | host
    return Inventory(
        contract=CONTRACT_VERSION,
        collected_at=at,
        scanner=scanner or Scanner("zhengban-agent", "0.1.0"),
        host=Host(operating_system=system or debian(), **described),
        software=items,
        coverage=tuple(coverage),
        programs=tuple(RunningProgram(name) for name in programs),
    )


def debian(installation_id: str | None = "0f3c9a52d1b84e6f9a7711c2d3e4f5a6") -> OperatingSystem:
    """Debian 12 with its machine-id."""
    return OperatingSystem(
        family="linux",
        name="Debian GNU/Linux 12",
        version="12",
        distribution="debian",
        architecture="x86_64",
        installation_id=installation_id,
    )


def document(software: Iterable[Software] = (), **more: Any) -> bytes:
    """The encoded document of `inventory`."""
    return encode(inventory(software, **more))


def later(made: Inventory, at: str) -> bytes:
    """The same scan at another moment, encoded."""
    return encode(dataclasses.replace(made, collected_at=at))
