"""Inventories in XML: FusionInventory, OCS Inventory and the telephones' GLPI agent, one `REQUEST` each.

Format: `<REQUEST><DEVICEID/><QUERY>INVENTORY</QUERY><CONTENT>…`; whose it is, `VERSIONCLIENT` says, and where OCS
    leaves that out, the form of its records. FusionInventory writes days as 31/12/2025, OCS as 2025/12/31.
Gaps:   an OCS agent of Unix does not say when it scanned; the document is dated by its arrival.
"""

from __future__ import annotations

from typing import Any

from auditor.errors import Refused
from auditor.intake.foreign.agent_sections import AgentTold, inventory_of, program_and_version
from auditor.intake.foreign.told import Came, Read, Section, lowered, rows, text
from auditor.intake.foreign.xml_tree import read_tree

OCS = "OCS-Agent"
FUSION = "FusionInventory-Agent"


def read_request(data: bytes, came: Came) -> Section:
    """Return what a `REQUEST` says. Raises `Refused`."""
    name, told = read_tree(data, max_depth=came.max_depth)
    if name != "request" or not isinstance(told, dict):
        raise Refused("", f"expected the element REQUEST, got {name[:40]}")
    return told


def read_agent_xml(data: bytes, came: Came) -> Read:
    """Return the document of one file or message. Raises `Refused`."""
    return read_inventory_request(read_request(data, came), came)


def read_inventory_request(told: Section, came: Came) -> Read:
    """Return the document of a request that was read already. Raises `Refused`."""
    query = (text(told, "query") or "").upper()
    if query != "INVENTORY":
        raise Refused("QUERY", f"expected INVENTORY, got {query[:40] or 'nothing'}")
    kind = (text(told, "itemtype") or "computer").casefold()
    if kind != "computer":
        raise Refused("ITEMTYPE", f"expected Computer, got {kind[:40]}")
    device, content = text(told, "deviceid"), told.get("content")
    if device is None:
        raise Refused("DEVICEID", "expected text, got nothing")
    if not isinstance(content, dict):
        raise Refused("CONTENT", "expected records, got nothing")
    return Read((inventory_of(_told(device, content), came),))


def read_ocs_json(plain: Any, came: Came) -> Read:
    """Return the document of an OCS inventory as JSON, as its newer agents write it. Raises `Refused`."""
    whole = lowered(plain)
    content = next(iter(whole.values()), None) if isinstance(whole, dict) else None
    if not isinstance(content, dict):
        raise Refused("", "expected one object with the sections of an inventory")
    hardware = content.get("hardware")
    known = hardware if isinstance(hardware, dict) else {}
    device = text(known, "deviceid", "name") or came.machine or came.stem
    return Read((inventory_of(AgentTold("ocs", OCS, "unknown", device, content), came),))


def is_ocs_json(plain: Any) -> bool:
    """Tell whether a JSON value is such an inventory: one object around sections in capitals."""
    inside = next(iter(plain.values()), None) if isinstance(plain, dict) and len(plain) == 1 else None
    return isinstance(inside, dict) and "SOFTWARES" in inside


def _told(device: str, content: Section) -> AgentTold:
    client = text(content, "versionclient")
    is_ocs = ("ocs" in client.casefold()) if client is not None else _written_as_ocs_does(content)
    program, version = program_and_version(client, OCS if is_ocs else FUSION)
    tool = "ocs" if is_ocs else "glpi"
    return AgentTold(tool, program, version, device, content, day_first=not is_ocs)


def _written_as_ocs_does(content: Section) -> bool:
    """FusionInventory always says when it scanned; OCS has a section of its own for where the data came from."""
    first = next(rows(content, "softwares"), {})
    return "accesslog" not in content and ("versionprovider" not in content or "architecture" in first)
