"""The OLicense server of this machine: modules of its licences, counts, terms and who holds them.

Source: `olixtool -sv localhost:31212`, where the server runs here; scope `olicense`.
    Recorded files: that output.
Absent: no such server runs on this machine: other machines' servers are never asked.
Gaps:   the licensee is often a person and is left out; a server on another port than 31212 is not asked.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.server_status import ServerKind, ask_server, parse_recorded
from agent.collectors.base import Collector, Found
from agent.formats.licence_told import LicencesTold
from agent.machine.base import Machine

NAME = "olicense"


def _parse(text: str) -> LicencesTold:
    """Load the reader only where there is something to read."""
    from agent.formats.olicense_status import parse_olixtool

    return parse_olixtool(text)


KIND = ServerKind(
    technology="olicense",
    programs=("oliserver", "olicenseserver", "olixserver", "olicense-server"),
    tools=(("olixtool", ("-sv", "localhost:31212")),),
    places=("/opt/olicense*", "/usr/local/olicense*", r"C:\Program Files\Optimum\OLicense*"),
    parse=_parse,
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what the server of this machine hands out."""
    return ask_server(machine, KIND, NAME)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded output tells. Raises `Unreadable` for any other text."""
    return parse_recorded(data, name, KIND, NAME)


OLICENSE = Collector(
    name=NAME,
    platforms=frozenset({"linux", "macos", "windows", "other"}),
    collect=collect,
    parse_file=parse_file,
    deep=True,
)
