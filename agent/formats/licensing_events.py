"""Events of the licensing service of Windows, as its own tool prints them (XML) → requests to a host for activation.

Microsoft documents what event 12288 says in one text with commas: result, flags, `host:port`, id of the client, time,
a number, state of the licence, minutes left, id of the licence, count. Host, port, result and the licence's id are
taken; the rest, the name of the computer and who was signed on are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator

from agent.formats.safe_xml import Element, XmlFault, read_xml

REQUEST = "12288"
PROVIDERS = ("Microsoft-Windows-Security-SPP", "Microsoft-Windows-Security-Licensing-SLC")
"""Of Windows 7 and later, and of Vista."""
MAX_EVENTS = 1000

_EVENT = re.compile(r"<Event[ >].*?</Event>", re.DOTALL)
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^\s:,\[\]]{1,253}):(?P<port>\d{1,5})")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LICENCE = 8
"""Where the id of the licence stands among the fields."""


@dataclass(frozen=True)
class ActivationRequest:
    """One request that a client sent to a host for activation."""

    host: str
    port: int
    result: str
    """The code as printed: `0x0`, `0xC004F074`."""
    activation_id: str | None = None
    """GUID of the licence, lower case."""


def parse_licensing_events(text: str) -> Iterator[ActivationRequest]:
    """Yield the requests in a print of events, in its order; other events, and what is no event, tell nothing."""
    for number, found in enumerate(_EVENT.finditer(text)):
        if number >= MAX_EVENTS:
            return
        try:
            event = read_xml(found.group(0).encode("utf-8", "replace"))
        except XmlFault:
            continue
        request = _request(event)
        if request is not None:
            yield request


def _request(event: Element) -> ActivationRequest | None:
    system, data = event.first("System"), event.first("EventData")
    provider = None if system is None else system.first("Provider")
    number = None if system is None else system.first("EventID")
    if data is None or provider is None or number is None or number.text != REQUEST:
        return None
    if provider.attributes.get("Name") not in PROVIDERS:
        return None
    fields = [part.strip() for each in data.all("Data") for part in each.text.split(",")]
    server = _HOST.fullmatch(fields[2]) if len(fields) > 2 else None
    if server is None or int(server.group("port")) > 65535:
        return None
    licence = fields[_LICENCE] if len(fields) > _LICENCE else ""
    known = licence.lower() if _GUID.fullmatch(licence) else None
    return ActivationRequest(server.group("host").strip("[]"), int(server.group("port")), fields[0], known)
