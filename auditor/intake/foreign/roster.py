"""FORMATS: every other tool's file that is taken, and how its bytes are told from those of the others.

What a file is, its bytes say; its name decides only where bytes cannot, as between a table and any other text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from auditor.errors import Refused, both
from auditor.intake.foreign import agent_xml, glpi_json, open_audit, osquery, swid, table, wazuh
from auditor.intake.foreign.told import Came, Read
from auditor.intake.foreign.xml_tree import is_xml
from auditor.intake.tables import COMPOUND_FILE, ZIP

_ROOT = re.compile(rb"<(?![?!])(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".xlsm")
_TEXTS = (".txt",)


@dataclass(frozen=True)
class JsonFormat:
    """A format in JSON: `fits` looks at the decoded value."""

    name: str
    fits: Callable[[Any], bool]
    read: Callable[[Any, Came], Read]


@dataclass(frozen=True)
class XmlFormat:
    """A format in XML, told by the name of its root element in lower case."""

    name: str
    roots: tuple[str, ...]
    read: Callable[[bytes, Came], Read]


def _one_tag(data: bytes, came: Came) -> Read:
    return swid.read_swid_tags([(came.name, data)], came.machine or came.stem, came)


JSON_FORMATS = (
    JsonFormat("GLPI Agent", glpi_json.is_glpi, glpi_json.read_glpi_json),
    JsonFormat("OCS Inventory (JSON)", agent_xml.is_ocs_json, agent_xml.read_ocs_json),
    JsonFormat("Wazuh", wazuh.is_wazuh, wazuh.read_wazuh),
    JsonFormat("osquery", osquery.is_osquery, osquery.read_osquery),
)
XML_FORMATS = (
    XmlFormat("FusionInventory, OCS Inventory", ("request",), agent_xml.read_agent_xml),
    XmlFormat("Open-AudIT", ("system",), open_audit.read_open_audit),
    XmlFormat("SWID", ("softwareidentity", "software_identification_tag"), _one_tag),
)


def read_foreign(data: bytes, came: Came) -> Read | None:
    """Return what a file of another tool holds, `None` when it may be a document of our own contract.

    Raises `Refused` and `AuditorError` with where the fault is and what was expected.
    """
    if data.startswith((ZIP, COMPOUND_FILE)) or came.name.lower().endswith(_TABLES):
        return table.read_table(data, came)
    if is_xml(data):
        return _read_xml(data, came)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _read_json(data, came)
    if came.name.lower().endswith(_TEXTS):
        return table.read_table(data, came)
    raise Refused("", _expected(f"{len(data)} bytes"))


def _read_xml(data: bytes, came: Came) -> Read:
    found = _ROOT.search(data.replace(b"\0", b"")[:4096])
    root = found.group(1).decode("ascii").lower() if found is not None else ""
    for form in XML_FORMATS:
        if root in form.roots:
            return form.read(data, came)
    raise Refused("", _expected(f"XML with the element {root[:40]}"))


def _read_json(data: bytes, came: Came) -> Read | None:
    try:
        plain = glpi_json.decode_json(data, max_depth=came.max_depth)
    except Refused:
        if b"\n" in data.strip() and _is_lines(data):
            return osquery.read_osquery_log(data, came)
        raise
    if isinstance(plain, dict) and "contract" in plain:
        return None
    for form in JSON_FORMATS:
        if form.fits(plain):
            return form.read(plain, came)
    return None


def _is_lines(data: bytes) -> bool:
    """Tell whether the first line is a JSON object of its own."""
    first = data.lstrip(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    try:
        return isinstance(msgspec.json.decode(first), dict)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return False


def _expected(got: str) -> str:
    names = ", ".join((*(form.name for form in JSON_FORMATS), *(form.name for form in XML_FORMATS), "CSV, XLSX"))
    return both(
        f"应为采集文件、采集端导出文件或下列之一：{names}",
        f"expected an inventory, an export or one of: {names}; got {got}",
    )
