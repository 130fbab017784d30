"""The commands that scan, send and enrol."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from datetime import datetime, timezone
from typing import ContextManager

from agent.collectors.roster import collectors_for
from agent.connection import Connection, Unreachable
from agent.enrolment import EnrolmentError, enrol, load_enrolment
from agent.inventory.coverage import Outcome
from agent.inventory.document import Inventory, Scanner, encode
from agent.limits import Limits
from agent.machine.base import Machine
from agent.machine.here import machine_here
from agent.one_scan import ScanRunning, only_scan
from agent.scan import scan
from agent.spool import Spool
from agent.state import default_state_folder
from agent.texts import say
from agent.version import AGENT_NAME, AGENT_VERSION

DONE = 0
WRONG_USAGE = 2
INCOMPLETE = 3


def scan_command(options: argparse.Namespace) -> int:
    """Scan and write or keep the document; a scope that failed makes the scan incomplete."""
    machine = _machine(options)
    if machine is None:
        return WRONG_USAGE
    try:
        with _alone(options, machine):
            inventory = take_inventory(options, machine)
            _keep(options, encode(inventory))
    except ScanRunning as running:
        _tell(options, "scan.running", process=running.process or "?")
        return INCOMPLETE
    counts = {outcome.value: sum(run.outcome is outcome for run in inventory.coverage) for outcome in Outcome}
    facts = {"software": len(inventory.software), "programs": len(inventory.programs)}
    _tell(options, "scan.done", **facts, **counts)
    return INCOMPLETE if counts["failed"] else DONE


def send_command(options: argparse.Namespace) -> int:
    """Send what waits; what could not be delivered makes it incomplete."""
    from agent.delivery import Courier, Patience

    values = options.values
    enrolment = load_enrolment(state_folder(options))
    if enrolment is None:
        _tell(options, "send.not_enrolled")
        return INCOMPLETE
    spool = spool_of(options)
    if not spool.waiting():
        _tell(options, "send.nothing")
        return DONE
    patience = Patience(values["send_attempts"], values["retry_seconds"], values["longest_pause_seconds"])
    sent = Courier(connection_of(options, enrolment.server), enrolment, patience).deliver(spool)
    _tell(options, "send.done", committed=len(sent.committed), refused=len(sent.refused), left=sent.left)
    for reason in sent.refused:
        _tell(options, "send.refused", reason=reason, folder=spool.refused_folder)
    if sent.stopped is not None:
        _tell(options, "send.stopped", why=sent.stopped)
    return INCOMPLETE if sent.stopped is not None or sent.refused else DONE


def run_command(options: argparse.Namespace) -> int:
    """Scan into the spool, then send it; the worse of the two codes."""
    options.output = None
    code = scan_command(options)
    return code if code == WRONG_USAGE else max(code, send_command(options))


def enrol_command(options: argparse.Namespace) -> int:
    """Give the token, keep the key."""
    token = (sys.stdin.readline() if options.token == "-" else options.token).strip()
    server = str(options.values["server"])
    if not token or not server:
        _tell(options, "enrol.no_server" if token else "enrol.no_token")
        return WRONG_USAGE
    folder = state_folder(options)
    try:
        name = options.name or machine_here().host_name() or ""
        enrolment = enrol(connection_of(options, server), token, name, folder)
    except Unreachable as error:
        raise EnrolmentError(str(error))
    _tell(options, "enrol.done", agent_id=enrolment.agent_id, folder=folder)
    return DONE


def take_inventory(options: argparse.Namespace, machine: Machine) -> Inventory:
    """Scan the machine with every collector, within the limits of the settings."""
    values = options.values
    enrolment = _enrolled_id(options)
    scanner = Scanner(AGENT_NAME, AGENT_VERSION, enrolment, machine.privileged(), machine.recorded)
    limits = Limits(
        scan_seconds=values["scan_seconds"],
        collector_seconds=values["collector_seconds"],
        max_records=values["max_records"],
        max_output_bytes=values["max_output_bytes"],
    )
    now = machine.recorded_at() or datetime.now(timezone.utc)
    return scan(machine, collectors_for(machine.family), scanner=scanner, now=now, limits=limits)


def state_folder(options: argparse.Namespace) -> str:
    """Return the agent's own folder."""
    return os.path.abspath(str(options.values["state_folder"]) or default_state_folder())


def spool_of(options: argparse.Namespace) -> Spool:
    """Return the spool with the bounds of the settings."""
    values = options.values
    documents, size = values["spool_max_documents"], values["spool_max_bytes"]
    return Spool(state_folder(options), max_documents=documents, max_bytes=size)


def connection_of(options: argparse.Namespace, server: str) -> Connection:
    """Return the way to the checker: the address of the settings, else the one that we enrolled with."""
    values = options.values
    return Connection(
        server=str(values["server"]) or server,
        ca_file=values["ca_file"],
        proxy=values["proxy"],
        allow_plain_http=values["allow_plain_http"],
        timeout_seconds=values["timeout_seconds"],
    )


def _machine(options: argparse.Namespace) -> Machine | None:
    """Return the machine to scan; without the folder that was named, say so and return `None`."""
    if options.root is None:
        return machine_here()
    if not os.path.isdir(options.root):
        _tell(options, "scan.no_folder", path=options.root)
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
        _tell(options, "scan.written", path=options.output)
    else:
        spool = spool_of(options)
        dropped = spool.put(document)
        _tell(options, "scan.spooled", waiting=len(spool.waiting()))
        if dropped:
            _tell(options, "scan.dropped", count=len(dropped))


def _tell(options: argparse.Namespace, code: str, **facts: object) -> None:
    """Say one sentence to the person at the terminal; the document alone goes to standard output."""
    print(say(options.language, code, **facts), file=sys.stderr)
