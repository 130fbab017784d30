"""The Dassault Systemes licence server (DSLS) of this machine: features with counts, terms and check-outs.

Source: `DSLicSrv -admin -run …getLicenseUsage -csv`, read-only, where `DSLicSrv` runs here; scope `dsls`.
    Recorded files: that output.
Absent: no such server runs on this machine: other machines' servers are never asked.
Gaps:   an administration port other than 4084, or one with a password, is not asked; casual usage is not told.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.anywhere.server_status import ServerKind, ask_server, parse_recorded
from agent.collectors.base import Collector, Found
from agent.formats.licence_told import LicencesTold
from agent.machine.base import Machine

NAME = "dsls"


def _parse(text: str) -> LicencesTold:
    """Load the reader only where there is something to read."""
    from agent.formats.dsls_status import parse_dsls_usage

    return parse_dsls_usage(text)


KIND = ServerKind(
    technology="dsls",
    programs=("dslicsrv",),
    tools=(("DSLicSrv", ("-admin", "-run", "connect localhost 4084;getLicenseUsage -csv;quit;")),),
    places=(
        "/usr/DassaultSystemes/DSLicenseServer/*/code/bin",
        "/opt/DassaultSystemes/DSLicenseServer/*/code/bin",
        r"C:\Program Files\Dassault Systemes\DS License Server\*\code\bin",
    ),
    parse=_parse,
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what the server of this machine hands out."""
    return ask_server(machine, KIND, NAME)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded output tells. Raises `Unreadable` for any other text."""
    return parse_recorded(data, name, KIND, NAME)


DSLS = Collector(
    name=NAME,
    platforms=frozenset({"linux", "macos", "windows", "other"}),
    collect=collect,
    parse_file=parse_file,
    deep=True,
)
