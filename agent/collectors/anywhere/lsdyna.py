"""The LS-DYNA licence server of this machine: programs with a term, and the cores that they share.

Source: `lstc_qrun -s localhost -r`, where `lstc_server` runs here; scope `lsdyna`.
    Recorded files: that output.
Absent: no such server runs on this machine: other machines' servers are never asked.
Gaps:   the programs of one licence group share its seats, and each tells the group's; check-outs have no time.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.server_status import ServerKind, ask_server, parse_recorded
from agent.collectors.base import Collector, Found
from agent.formats.licence_told import LicencesTold
from agent.machine.base import Machine

NAME = "lsdyna"


def _parse(text: str) -> LicencesTold:
    """Load the reader only where there is something to read."""
    from agent.formats.lsdyna_status import parse_lstc_qrun

    return parse_lstc_qrun(text)


KIND = ServerKind(
    technology="lsdyna",
    programs=("lstc_server",),
    tools=(("lstc_qrun", ("-s", "localhost", "-r")),),
    places=(
        "/opt/lstc",
        "/usr/local/lstc",
        "/opt/ls-dyna*/license*",
        r"C:\LSTC\LICENSE*",
        r"C:\Program Files\LSTC\LICENSE*",
    ),
    parse=_parse,
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what the server of this machine hands out."""
    return ask_server(machine, KIND, NAME)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded output tells. Raises `Unreadable` for any other text."""
    return parse_recorded(data, name, KIND, NAME)


LSDYNA = Collector(
    name=NAME,
    platforms=frozenset({"linux", "macos", "windows", "other"}),
    collect=collect,
    parse_file=parse_file,
    deep=True,
)
