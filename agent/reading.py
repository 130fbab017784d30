"""The command `read`: what one collector makes of one recorded file, as JSON lines."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime, timezone
from typing import Any, Iterator

from agent.collectors.base import Collector, Found
from agent.collectors.roster import readers
from agent.formats.handed_file import as_written
from agent.formats.registry_query import export_of_query, is_query
from agent.given_file import given_bytes
from agent.inventory.coverage import Outcome
from agent.inventory.document import SECTIONS, Inventory, Scanner, as_plain
from agent.inventory.host import Host, OperatingSystem
from agent.limits import Limits
from agent.machine.base import Machine
from agent.machine.here import machine_here
from agent.scan import scan
from agent.texts import say
from agent.version import AGENT_NAME, AGENT_VERSION
from agent.watching import given_watchlist

FAMILY = "file"
_LIMITS = Limits(scan_seconds=3600, collector_seconds=3600, max_records=10_000_000, max_output_bytes=1 << 40)


def read_command(options: argparse.Namespace) -> int:
    """Print the records, then the problems; 3 when something or nothing could be read, 2 when there is no such file.

    A file need not speak of every scope of its source: what it is silent about is no fault.
    """
    try:
        data = given_bytes(options.file)
    except FileNotFoundError:
        print(say(options.language, "read.missing", path=options.file), file=sys.stderr)
        return 2
    given = str(options.values["watchlist"])
    watchlist = given_watchlist(given) if given else None
    inventory = best_reading(readers(options.source, watchlist), data, options.file)
    told = list(lines(inventory))
    if not told:
        print(say(options.language, "read.nothing", path=options.file, source=options.source), file=sys.stderr)
    for line in told:
        sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
    outcomes = {run.outcome for run in inventory.coverage}
    return 0 if Outcome.COMPLETE in outcomes and outcomes <= {Outcome.COMPLETE, Outcome.ABSENT} else 3


def best_reading(collectors: tuple[Collector, ...], data: bytes, name: str) -> Inventory:
    """Return what the first collector that makes something of the file makes of it, else what the last one says that
    says anything: a file that nobody can read is never passed over in silence.

    Each is given the file as its source wrote it, without what a transport put around it; nothing is lost by that but
    marks and carriage returns, so that the file as it is would tell no more. What `reg query` printed is an export.
    """
    plain = as_written(data)
    if is_query(plain):
        plain = export_of_query(plain)
    told = [_reading(collectors[0], plain, name)]
    for collector in collectors[1:]:
        if any("problem" not in line for line in lines(told[-1])):
            return told[-1]
        told.append(_reading(collector, plain, name))
    if any("problem" not in line for line in lines(told[-1])):
        return told[-1]
    return next((each for each in reversed(told) if any(True for _ in lines(each))), told[-1])


def lines(inventory: Inventory) -> Iterator[dict[str, Any]]:
    """Yield the host, if the file told of one, the records and the problems as plain values."""
    if inventory.host != _nobody():
        yield {"host": as_plain(inventory.host)}
    for name in SECTIONS.values():
        for record in getattr(inventory, name):
            yield as_plain(record)
    for run in inventory.coverage:
        for fault in run.faults:
            yield {"problem": fault.what, "where": fault.where, "scope": run.scope}
        if run.more_faults:
            yield {"problem": "%d more faults" % run.more_faults, "where": run.scope, "scope": run.scope}


def _reading(collector: Collector, data: bytes, name: str) -> Inventory:
    """Let the scan run the parser, so that it accounts for a file as it does for a machine."""
    parse, parse_place = collector.parse_file, collector.parse_place
    assert parse is not None

    def collect(machine: Machine) -> Iterator[Found]:
        if parse_place is not None and os.path.isfile(name):
            return parse_place(machine_here(), os.path.abspath(name))
        return parse(data, name)

    machine = Machine()
    machine.family = FAMILY
    once = Collector(name=collector.name, platforms=frozenset({FAMILY}), collect=collect)
    scanner = Scanner(AGENT_NAME, AGENT_VERSION, recorded=True)
    return scan(machine, (once,), scanner=scanner, now=datetime.now(timezone.utc), limits=_LIMITS)


def _nobody() -> Host:
    """Return what a scan takes for the host when no collector names one."""
    return Host(OperatingSystem(FAMILY))
