"""Open-AudIT: the XML that its audit scripts write, one machine a file.

Format: `<system>` with `<sys>`, `<network>`, `<software>` of `<item>`s and `<software_key>`.
Gaps:   users' own programs only where the script ran as that user; ODBC drivers and codecs stand among the software.
"""

from __future__ import annotations

from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.document import CONTRACT_VERSION, Inventory, Scanner
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from agent.inventory.traces import Activation
from auditor.core.other_tools import DEVICE, PARTS
from auditor.errors import Refused
from auditor.intake.foreign.agent_hosts import distribution_of, package_source
from auditor.intake.foreign.told import Came, Read, Section, day, key_tail, one, rows, text, utc
from auditor.intake.foreign.xml_tree import read_tree

TOOL = "open_audit"
_FAMILIES = {"windows": "windows", "linux": "linux", "apple": "macos", "apple os": "macos"}
_PARTS_OF_SYSTEM = frozenset({"odbc driver", "codec", "driver", "dll"})


def read_open_audit(data: bytes, came: Came) -> Read:
    """Return the document of one file. Raises `Refused`."""
    root, told = read_tree(data, max_depth=came.max_depth)
    system = one(told, "sys") if isinstance(told, dict) else {}
    name = text(system, "hostname", "name")
    if root != "system" or name is None or not isinstance(told, dict):
        raise Refused("sys.hostname", "expected an audit of Open-AudIT with the name of the machine")
    family = _FAMILIES.get((text(system, "os_group") or "").casefold(), "other")
    found = list(rows(one(told, "software"), "item"))
    packages = package_source(text(system, "os_name")) if family == "linux" else TOOL
    software = tuple(
        _software(row, index, family, packages) for index, row in enumerate(found) if text(row, "name") is not None
    )
    keys = tuple(_activations(told))
    fault = Fault("not listed", "programs outside the system's own lists, users who were logged off")
    scope = ScopeRun(TOOL, f"{TOOL}:software", Outcome.COMPLETE if found else Outcome.FAILED, found=len(software))
    return Read(
        (
            Inventory(
                contract=CONTRACT_VERSION,
                collected_at=utc(came.at),
                scanner=Scanner("Open-AudIT", "unknown", agent_id=f"{DEVICE}{TOOL}:{name.casefold()}"),
                host=_host(system, told, name, family),
                software=software,
                coverage=(
                    scope,
                    ScopeRun(TOOL, f"{TOOL}:unseen", Outcome.PARTIAL, faults=(fault,)),
                    ScopeRun(f"{TOOL}_licences", f"{TOOL}:licences", Outcome.COMPLETE, found=len(keys)),
                    ScopeRun(PARTS, f"{TOOL}:document", Outcome.COMPLETE),
                ),
                activations=keys,
            ),
        )
    )


def _host(system: Section, told: Section, name: str, family: str) -> Host:
    os_name = text(system, "os_name")
    macs = {(text(row, "mac", "mac_address") or "").casefold() for row in rows(one(told, "network"), "item")}
    virtual = "vmware" in (text(system, "manufacturer") or "").casefold() or None
    return Host(
        operating_system=OperatingSystem(
            family=family,
            name=None if os_name is None else os_name.removeprefix("Microsoft "),
            version=text(system, "os_version"),
            distribution=distribution_of(os_name) if family == "linux" else None,
            installed_on=day(text(system, "os_installation_date")),
        ),
        name=name,
        domain=text(system, "domain"),
        manufacturer=text(system, "manufacturer"),
        model=text(system, "model"),
        serial=text(system, "serial"),
        uuid=text(system, "uuid"),
        mac_addresses=tuple(sorted(mac for mac in macs if len(mac) == 17)),
        virtual=virtual,
    )


def _software(row: Section, index: int, family: str, packages: str) -> Software:
    kind, publisher = text(row, "type"), text(row, "publisher")
    sources = {"windows": "uninstall_keys", "macos": "applications"}
    written = text(row, "installed_on", "install_date")
    return Software(
        source=sources.get(family, packages),
        name=text(row, "name") or "",
        scope=f"{TOOL}:software",
        seen_at=f"software[{index}]",
        version=text(row, "version"),
        publisher=publisher,
        installed_on=day(written),
        install_date_raw=written if written and day(written) != written else None,
        location=text(row, "location", "install_directory"),
        section=kind,
        system_component=True if kind in _PARTS_OF_SYSTEM or text(row, "system_component") == "1" else None,
        update=True if kind == "update" else None,
    )


def _activations(told: Section) -> list[Activation]:
    scope = f"{TOOL}:licences"
    made = []
    for index, row in enumerate(rows(one(told, "software_key"), "item")):
        name = text(row, "name")
        tail = key_tail(text(row, "string", "key"))
        if name is not None:
            folded = name.casefold()
            kind = "office" if "office" in folded else "windows" if "windows" in folded else "other"
            made.append(Activation(kind, scope, f"software_key[{index}]", product=name, key_last5=tail))
    return made
