"""Wazuh: the state messages of its inventory module, packages, hotfixes and system of one agent.

Format: JSON with `items`, each with `index` (`wazuh-states-inventory-packages` …), `operation` and `data`.
Gaps:   a message may hold only what changed; only a first synchronisation (`VDFirst`) is whole, and says so.
"""

from __future__ import annotations

from typing import Any

from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.document import CONTRACT_VERSION, Inventory, Scanner
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from auditor.core.other_tools import DEVICE, PARTS
from auditor.errors import Refused
from auditor.intake.foreign.told import Came, Read, Section, day, one, rows, text, utc

TOOL = "wazuh"
_SOURCES = {
    "win": "uninstall_keys",
    "deb": "dpkg",
    "rpm": "rpm",
    "pkg": "applications",
    "snap": "snap",
    "pacman": "pacman",
}


def is_wazuh(plain: Any) -> bool:
    """Tell whether a JSON value is such a message."""
    return isinstance(plain, dict) and isinstance(plain.get("items"), list) and isinstance(plain.get("metadata"), dict)


def read_wazuh(plain: Any, came: Came) -> Read:
    """Return the document of one message. Raises `Refused`."""
    items = [item for item in rows(plain, "items") if text(item, "operation") != "Delete"]
    packages = [one(one(item, "data"), "package") for item in items if "packages" in (text(item, "index") or "")]
    hotfixes = [one(one(item, "data"), "package") for item in items if "hotfixes" in (text(item, "index") or "")]
    systems = [one(item, "data") for item in items if (text(item, "index") or "").endswith("system")]
    if not packages and not systems:
        raise Refused("items", "expected packages or a system")
    about = systems[0] if systems else {}
    software = tuple(made for index, row in enumerate(packages) if (made := _software(row, index)) is not None) + tuple(
        _hotfix(row, index) for index, row in enumerate(hotfixes)
    )
    whole = text(one(plain, "metadata"), "option") == "VDFirst"
    fault = Fault("not listed", "users' own programs, portable copies, activation")
    host = _host(about, software)
    return Read(
        (
            Inventory(
                contract=CONTRACT_VERSION,
                collected_at=utc(came.at),
                scanner=Scanner("Wazuh", "unknown", agent_id=f"{DEVICE}{TOOL}:{host.name}" if host.name else None),
                host=host,
                software=tuple(item for item in software if item is not None),
                coverage=(
                    ScopeRun(TOOL, f"{TOOL}:packages", Outcome.COMPLETE if whole else Outcome.PARTIAL, len(software)),
                    ScopeRun(TOOL, f"{TOOL}:unseen", Outcome.PARTIAL, faults=(fault,)),
                    ScopeRun(PARTS, f"{TOOL}:document", Outcome.COMPLETE if whole else Outcome.PARTIAL),
                ),
            ),
        )
    )


def _host(about: Section, software: tuple[Software, ...]) -> Host:
    host = one(about, "host")
    system = one(host, "os")
    kinds = {item.source for item in software}
    family = "windows" if kinds & {"uninstall_keys", "hotfixes"} else "macos" if "applications" in kinds else "linux"
    return Host(
        operating_system=OperatingSystem(
            family=family if kinds else "other",
            name=(text(system, "name", "full") or "").removeprefix("Microsoft ") or None,
            version=text(system, "version"),
            architecture=text(host, "architecture"),
        ),
        name=text(host, "hostname", "name"),
    )


def _software(row: Section, index: int) -> Software | None:
    name = text(row, "name")
    if name is None:
        return None
    source = _SOURCES.get(text(row, "type") or "", TOOL)
    written = text(row, "installed")
    return Software(
        source=source,
        name=name,
        scope=f"{TOOL}:packages",
        seen_at=f"packages[{index}]",
        version=text(row, "version"),
        publisher=text(row, "vendor"),
        identifier=name if source in ("dpkg", "rpm", "snap", "pacman") else None,
        architecture=text(row, "architecture"),
        installed_on=day(written),
        location=text(row, "path"),
        section=text(row, "category"),
        parent=text(row, "source"),
    )


def _hotfix(row: Section, index: int) -> Software:
    return Software(
        source="hotfixes",
        name=text(one(row, "hotfix"), "name") or "unknown",
        scope=f"{TOOL}:packages",
        seen_at=f"hotfixes[{index}]",
        publisher="Microsoft Corporation",
        update=True,
    )
