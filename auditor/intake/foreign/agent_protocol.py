"""What GLPI, FusionInventory and OCS agents say over HTTP, and what is answered: bytes in, bytes out, nothing is kept.

FusionInventory and OCS ask with a PROLOG whether an inventory is wanted, then send it; both in XML, packed with zlib
(or gzip, or not at all). GLPI Agent does the same the first time, marked by its header `GLPI-Agent-ID`; a JSON answer
turns it to its own language: CONTACT, then `inventory`. `pending` tells it to come again later.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from xml.sax.saxutils import escape

import msgspec

from auditor.errors import Refused
from auditor.intake.foreign.agent_xml import read_inventory_request, read_request
from auditor.intake.foreign.glpi_json import decode_json, read_glpi_json
from auditor.intake.foreign.told import Came, Read, Section, lowered, text
from auditor.intake.foreign.xml_tree import is_xml
from auditor.intake.unpacking import Bounds, packing_of, unpack

GLPI_VERSION = "10.0.18"
"""What is announced: the agent writes its inventory in the form that this release of the server reads."""
_OTHER_TASKS = ["collect", "deploy", "esx", "netdiscovery", "netinventory", "remoteinventory", "wakeonlan"]
"""Tasks that the agent must not run for us: it takes an inventory and nothing else."""
_ZLIB, _GZIP = "application/x-compress-zlib", "application/x-compress-gzip"
_OCS = "application/x-compressed"


class Asks(StrEnum):
    """What an agent wants."""

    PROLOG = "prolog"
    CONTACT = "contact"
    INVENTORY = "inventory"


class Language(StrEnum):
    """In which language it is answered."""

    XML = "xml"
    JSON = "json"


@dataclass(frozen=True)
class Message:
    """One message of an agent."""

    asks: Asks
    language: Language
    packing: str
    """How it came: `zlib`, `gzip` or `identity`; the answer goes back the same way."""
    told: Section
    raw: bytes
    """The message unpacked: what its digest is taken of."""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    body: bytes
    media_type: str


def read_message(data: bytes, headers: Mapping[str, str], bounds: Bounds, came: Came) -> Message:
    """Return what an agent says; `headers` by names in lower case. Raises `Refused`."""
    packing = packing_of(data)
    raw = unpack(data, packing, bounds)
    if is_xml(raw):
        told = read_request(raw, came)
        query = (text(told, "query") or "").upper()
        if query == "PROLOG":
            language = Language.JSON if headers.get("glpi-agent-id") else Language.XML
            return Message(Asks.PROLOG, language, packing, told, raw)
        if query != "INVENTORY":
            raise Refused("QUERY", f"expected PROLOG or INVENTORY, got {query[:40] or 'nothing'}")
        return Message(Asks.INVENTORY, Language.XML, packing, told, raw)
    plain = decode_json(raw, max_depth=came.max_depth)
    told = lowered(plain) if isinstance(plain, dict) else {}
    action = (text(told, "action") or ("inventory" if "content" in told else "")).casefold()
    if action not in (Asks.CONTACT.value, Asks.INVENTORY.value):
        raise Refused("action", f"expected contact or inventory, got {action[:40] or 'nothing'}")
    return Message(Asks(action), Language.JSON, packing, told, raw)


def read_inventory(message: Message, came: Came) -> Read:
    """Return the document in a message. Raises `Refused`."""
    if message.language is Language.XML:
        return read_inventory_request(message.told, came)
    return read_glpi_json(dict(message.told), came)


def invited(message: Message, *, hours: int, busy_minutes: int | None) -> Reply:
    """Answer a PROLOG or a CONTACT: send an inventory now, or come again later when there is no room."""
    if message.language is Language.XML:
        wanted = "SEND" if busy_minutes is None else "STOP"
        again = hours if busy_minutes is None else 1
        inside = f"<RESPONSE>{wanted}</RESPONSE><PROLOG_FREQ>{again}</PROLOG_FREQ>"
        return xml_reply(inside + "<INVENTORY_ON_STARTUP>0</INVENTORY_ON_STARTUP>", message.packing)
    if busy_minutes is not None:
        return pending(busy_minutes * 60, message.packing)
    told: dict[str, Any] = {"status": "ok", "expiration": hours}
    if message.asks is Asks.CONTACT:
        told["tasks"] = {"inventory": {"server": "glpi", "version": GLPI_VERSION}}
        told["disabled"] = _OTHER_TASKS
    return json_reply(told, message.packing)


def taken(message: Message, *, hours: int) -> Reply:
    """Answer an inventory that is on the disk."""
    if message.language is Language.XML:
        return xml_reply("<RESPONSE>NO_ACCOUNT_UPDATE</RESPONSE>", message.packing)
    return json_reply({"status": "ok", "expiration": hours}, message.packing)


def pending(seconds: int, packing: str = "identity") -> Reply:
    """Tell a GLPI Agent to ask again after so many seconds."""
    return json_reply({"status": "pending", "expiration": f"{seconds}s"}, packing)


def at_fault(why: str, *, is_json: bool) -> Reply:
    """Answer what was not taken, unpacked, so that a person who looks at the line can read it."""
    if is_json:
        return json_reply({"status": "error", "message": why, "expiration": 24}, "identity")
    return xml_reply(f"<ERROR>{escape(why)}</ERROR>", "identity")


def json_reply(told: Mapping[str, Any], packing: str) -> Reply:
    """Return a JSON answer, packed as the message was."""
    return _packed(msgspec.json.encode(told), "application/json", packing, _ZLIB)


def xml_reply(inside: str, packing: str) -> Reply:
    """Return a `REPLY` in XML, packed as the message was."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<REPLY>{inside}</REPLY>\n'.encode()
    return _packed(body, "application/xml", packing, _OCS)


def _packed(body: bytes, media_type: str, packing: str, zlib_type: str) -> Reply:
    if packing == "zlib":
        return Reply(zlib.compress(body), zlib_type)
    if packing == "gzip":
        return Reply(gzip.compress(body, mtime=0), _GZIP)
    return Reply(body, media_type)
