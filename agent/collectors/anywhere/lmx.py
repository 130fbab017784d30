"""The LM-X licence server of this machine: features with terms, counts and check-outs.

Source: `lmxendutil -licstat -host localhost -port 6200`, where `lmx-serv` runs here; scope `lmx`.
    Recorded files: that output.
Absent: no such server runs on this machine: other machines' servers are never asked.
Gaps:   a server on another port than 6200 is not asked; LM-X writes 2147483647 for a count without limit.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.server_status import ServerKind, ask_server, parse_recorded
from agent.collectors.base import Collector, Found
from agent.formats.licence_told import LicencesTold
from agent.machine.base import Machine

NAME = "lmx"


def _parse(text: str) -> LicencesTold:
    """Load the reader only where there is something to read."""
    from agent.formats.lmx_status import parse_lmxendutil

    return parse_lmxendutil(text)


KIND = ServerKind(
    technology="lmx",
    programs=("lmx-serv", "lmx-serv-altair", "lmxserv"),
    tools=(("lmxendutil", ("-licstat", "-host", "localhost", "-port", "6200")),),
    places=(
        "/usr/local/altair/licensing*/bin",
        "/opt/altair/licensing*/bin",
        "/opt/lmx",
        r"C:\Program Files\Altair\licensing*\bin",
        r"C:\Program Files\X-Formation\LM-X*",
    ),
    parse=_parse,
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what the server of this machine hands out."""
    return ask_server(machine, KIND, NAME)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded output tells. Raises `Unreadable` for any other text."""
    return parse_recorded(data, name, KIND, NAME)


LMX = Collector(
    name=NAME,
    platforms=frozenset({"linux", "macos", "windows", "other"}),
    collect=collect,
    parse_file=parse_file,
    deep=True,
)
