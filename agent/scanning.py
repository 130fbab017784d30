"""The commands that scan: scan and run."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from datetime import datetime, timezone
from typing import Callable, ContextManager

from agent.collectors.roster import collectors_for
from agent.configured import spool_of, state_folder, tell
from agent.enrolment import EnrolmentError, load_enrolment
from agent.inventory.coverage import Outcome
from agent.inventory.document import Inventory, Scanner, encode
from agent.inventory.watchlist import Watchlist
from agent.limits import Limits
from agent.machine.base import Machine
from agent.machine.here import machine_here
from agent.one_scan import ScanRunning, only_scan
from agent.scan import scan
from agent.state import WATCHLIST_FILE
from agent.version import AGENT_NAME, AGENT_VERSION

DONE = 0
WRONG_USAGE = 2
INCOMPLETE = 3


def scan_command(options: argparse.Namespace) -> int:
    """Scan and write or keep the document; a scope that failed makes the scan incomplete."""
    machine = _machine(options)
    if machine is None:
        return WRONG_USAGE
    timings: list[tuple[str, float]] = []
    try:
        with _alone(options, machine):
            inventory = take_inventory(options, machine, done=lambda *cost: timings.append(cost))
            _keep(options, encode(inventory))
    except ScanRunning as running:
        tell(options, "scan.running", process=running.process or "?")
        return INCOMPLETE
    counts = {outcome.value: sum(run.outcome is outcome for run in inventory.coverage) for outcome in Outcome}
    facts = {"software": len(inventory.software), "programs": len(inventory.programs)}
    tell(options, "scan.done", **facts, **counts)
    if getattr(options, "timings", False):
        _tell_timings(options, timings)
    return INCOMPLETE if counts["failed"] else DONE


def run_command(options: argparse.Namespace) -> int:
    """Scan into the spool, then send it; the worse of the two codes.

    With `--scheduled` only when it is time; before that, what could not be sent the last time is tried again.
    """
    from agent.commands import send_command
    from agent.timetable import Timetable

    timetable = Timetable.of(options)
    if options.scheduled and not timetable.is_time():
        waits = bool(spool_of(options).waiting()) and _enrolled_id(options) is not None
        return send_command(options) if waits and not timetable.is_quiet() else DONE
    options.output = None
    _fetch_watchlist(options)
    code = scan_command(options)
    if code == WRONG_USAGE:
        return code
    if options.root is None and os.access(state_folder(options), os.W_OK):
        timetable.note_run()
    return max(code, send_command(options))


def take_inventory(
    options: argparse.Namespace,
    machine: Machine,
    done: Callable[[str, float], None] = lambda collector, seconds: None,
) -> Inventory:
    """Scan the machine with every collector that the settings allow, within their limits."""
    values = options.values
    now = machine.recorded_at() or datetime.now(timezone.utc)
    scanner = Scanner(AGENT_NAME, AGENT_VERSION, _enrolled_id(options), machine.privileged(), machine.recorded)
    limits = Limits(
        scan_seconds=values["scan_seconds"],
        collector_seconds=values["collector_seconds"],
        max_records=values["max_records"],
        max_output_bytes=values["max_output_bytes"],
    )
    chosen = [
        each
        for each in collectors_for(machine.family, watchlist_of(options))
        if (values["deep_sources"] or not each.deep) and (values["usage_notice"] or not each.usage)
    ]
    readings = None
    keeps = options.command != "doctor" and not machine.recorded and os.access(state_folder(options), os.W_OK)
    if keeps and any(each.deep for each in chosen):
        from agent.deep import Readings

        hours, days = values["deep_hours"], values["deep_unchanged_days"]
        at_once = getattr(options, "deep", False)
        readings = Readings(state_folder(options), now=now, hours=hours, days=days, at_once=at_once)
    inventory = scan(machine, chosen, scanner=scanner, now=now, limits=limits, done=done, readings=readings)
    if readings is not None:
        readings.save()
    return inventory


def watchlist_of(options: argparse.Namespace) -> Watchlist | None:
    """Return what to look for: the file that was named, else the list fetched last. Raises `SettingsError`."""
    given = str(options.values["watchlist"])
    if not given and not os.path.exists(os.path.join(state_folder(options), WATCHLIST_FILE)):
        return None
    from agent.watching import given_watchlist, kept_watchlist

    return given_watchlist(given) if given else kept_watchlist(state_folder(options))


def _fetch_watchlist(options: argparse.Namespace) -> None:
    """Ask for the newest list before a scan; a checker that does not answer leaves us the old one."""
    try:
        enrolment = load_enrolment(state_folder(options))
    except EnrolmentError:
        return
    if enrolment is None or not enrolment.server or options.values["watchlist"]:
        return
    from agent.configured import connection_of
    from agent.watching import fetch_watchlist

    why = fetch_watchlist(connection_of(options, enrolment.server), enrolment, state_folder(options))
    if why is not None:
        tell(options, "watchlist.not_fetched", why=why)


def _machine(options: argparse.Namespace) -> Machine | None:
    """Return the machine to scan; without the folder that was named, say so and return `None`."""
    if options.root is None:
        return machine_here()
    if not os.path.isdir(options.root):
        tell(options, "scan.no_folder", path=options.root)
        return None
    from agent.machine.offline import OfflineMachine

    return OfflineMachine(options.root)


def _alone(options: argparse.Namespace, machine: Machine) -> ContextManager[None]:
    """Return what keeps other scans of this machine waiting. Raises `ScanRunning`, `OSError` when it is entered.

    A recorded machine needs none, and a scan into a file makes no folder of ours where there is none.
    """
    folder = state_folder(options)
    writes_elsewhere = options.output is not None and not os.access(folder, os.W_OK)
    if machine.recorded or writes_elsewhere:
        return contextlib.nullcontext()
    return only_scan(folder, options.values["wait_for_scan_seconds"])


def _enrolled_id(options: argparse.Namespace) -> str | None:
    """Return our id. A scan needs no enrolment, so a damaged one is left to `send` and `doctor` to tell."""
    try:
        enrolment = load_enrolment(state_folder(options))
    except EnrolmentError:
        return None
    return None if enrolment is None else enrolment.agent_id


def _keep(options: argparse.Namespace, document: bytes) -> None:
    """Write the document where `--output` says, else into the spool. Raises `OSError`."""
    if options.output == "-":
        sys.stdout.buffer.write(document + b"\n")
        sys.stdout.buffer.flush()
    elif options.output is not None:
        with open(options.output, "wb") as file:
            file.write(document + b"\n")
        tell(options, "scan.written", path=options.output)
    else:
        spool = spool_of(options)
        dropped = spool.put(document)
        tell(options, "scan.spooled", waiting=len(spool.waiting()))
        if dropped:
            tell(options, "scan.dropped", count=len(dropped))


def _tell_timings(options: argparse.Namespace, timings: list[tuple[str, float]]) -> None:
    """Say what each collector cost, the dearest first."""
    for name, seconds in sorted(timings, key=lambda cost: -cost[1]):
        tell(options, "scan.timing", milliseconds="%8.1f" % (1000 * seconds), collector=name)
