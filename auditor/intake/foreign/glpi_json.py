"""GLPI Agent's native inventory: JSON, whole or partial.

Format: the published schema of the tool, draft-07 1.0; roots `deviceid`, `content`, `action`, `itemtype`, `partial`,
    `tag`, `jobid`. Only computers are taken: a printer or a telephone holds no licensed software of ours.
Gaps:   the list of software has one row for each name, version and architecture; users' own programs only where asked.
"""

from __future__ import annotations

from typing import Any

import msgspec

from auditor.errors import Refused
from auditor.intake.checking import is_deeper
from auditor.intake.foreign.agent_sections import AgentTold, inventory_of, program_and_version
from auditor.intake.foreign.told import Came, Read, lowered, text

PROGRAM = "GLPI-Agent"
_COMPUTERS = ("", "computer")


def is_glpi(plain: Any) -> bool:
    """Tell whether a JSON value is an inventory of this tool."""
    return isinstance(plain, dict) and "content" in plain and "deviceid" in plain


def read_glpi_json(plain: Any, came: Came) -> Read:
    """Return the document of one message. Raises `Refused` with the path of the fault."""
    told = lowered(plain)
    if not isinstance(told, dict):
        raise Refused("", "expected an object")
    device, content = text(told, "deviceid"), told.get("content")
    if device is None:
        raise Refused("deviceid", "expected text, got nothing")
    if not isinstance(content, dict):
        raise Refused("content", "expected an object")
    kind = (text(told, "itemtype") or "").casefold()
    if kind not in _COMPUTERS:
        raise Refused("itemtype", f"expected Computer, got {kind[:40]}")
    program, version = program_and_version(text(content, "versionclient"), PROGRAM)
    partial = told.get("partial") is True
    return Read((inventory_of(AgentTold("glpi", program, version, device, content, partial, day_first=True), came),))


def decode_json(data: bytes, *, max_depth: int) -> Any:
    """Return the value of a JSON text. Raises `Refused`."""
    try:
        plain = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
        if is_deeper(plain, max_depth):
            raise Refused("", f"expected at most {max_depth} levels of nesting, got more")
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Refused("", f"expected JSON in UTF-8, got {len(data)} bytes: {error}") from error
    return plain
