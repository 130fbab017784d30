"""The Reprise licence server (RLM) of this machine: pools of features with counts, terms and check-outs.

Source: `rlmutil rlmstat -a -c 5053@localhost`, where `rlm` runs here; scope `rlm`.
    Recorded files: that output.
Absent: no such server runs on this machine: other machines' servers are never asked.
Gaps:   a server on another port than 5053 is not asked; check-outs have no year.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.server_status import ServerKind, ask_server, parse_recorded
from agent.collectors.base import Collector, Found
from agent.formats.licence_told import LicencesTold
from agent.machine.base import Machine

NAME = "rlm"


def _parse(text: str) -> LicencesTold:
    """Load the reader only where there is something to read."""
    from agent.formats.rlm_status import parse_rlmstat

    return parse_rlmstat(text)


KIND = ServerKind(
    technology="rlm",
    programs=("rlm",),
    tools=(("rlmutil", ("rlmstat", "-a", "-c", "5053@localhost")),),
    places=("/opt/rlm", "/usr/local/rlm", r"C:\Program Files\Reprise", r"C:\RLM"),
    parse=_parse,
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what the server of this machine hands out."""
    return ask_server(machine, KIND, NAME)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded output tells. Raises `Unreadable` for any other text."""
    return parse_recorded(data, name, KIND, NAME)


RLM = Collector(
    name=NAME,
    platforms=frozenset({"linux", "macos", "windows", "other"}),
    collect=collect,
    parse_file=parse_file,
    deep=True,
)
