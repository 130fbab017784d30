"""The command `doctor`: in words, what the agent sees, what not and why, and whether its checker answers."""

from __future__ import annotations

import argparse
import os
import platform
import time
from typing import Iterator

from agent.configured import connection_of, spool_of, state_folder
from agent.connection import Answer, Unreachable, requests_version
from agent.enrolment import Enrolment, EnrolmentError, load_enrolment
from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import Inventory
from agent.machine.here import machine_here
from agent.scanning import take_inventory
from agent.settings import SettingsError
from agent.texts import say
from agent.version import AGENT_VERSION

SHOWN_FAULTS = 5
CLOCK_SECONDS, CLOCK_LIMIT_SECONDS = 60, 900
"""From when on we speak of a wrong clock; what a checker accepts by default."""


def doctor_command(options: argparse.Namespace) -> int:
    """Scan without keeping the document and tell; 3 when a source failed or the checker does not answer.

    With `--privacy` only what would be sent is told.
    """
    inventory = take_inventory(options, machine_here())
    language = options.language
    if options.privacy:
        from agent.privacy import privacy_lines

        for line in privacy_lines(options, inventory):
            print(line)
        return 0
    for line in (
        *_machine_lines(language, inventory),
        *_coverage_lines(language, inventory),
        *_library_lines(language),
        *_habit_lines(options),
    ):
        print(line)
    for line in _spool_lines(options):
        print(line)
    connected = _tell_checker(options)
    failed = any(run.outcome is Outcome.FAILED for run in inventory.coverage)
    return 3 if failed or not connected else 0


def _machine_lines(language: str, inventory: Inventory) -> Iterator[str]:
    """Say which machine this is and with which rights we look at it."""
    unknown = say(language, "doctor.unknown")
    system = inventory.host.operating_system
    yield say(
        language,
        "doctor.machine",
        name=inventory.host.name or unknown,
        system=system.name or system.family,
        architecture=system.architecture or unknown,
    )
    privileged = {True: "yes", False: "no", None: "unknown"}[inventory.scanner.privileged]
    yield say(language, "doctor.privileged." + privileged)


def _coverage_lines(language: str, inventory: Inventory) -> Iterator[str]:
    """Say of each scope how far it was read, and what that comes to."""
    yield say(language, "doctor.scopes")
    for run in inventory.coverage:
        yield from scope_lines(language, run)
    partial, failed = (
        sum(run.outcome is outcome for run in inventory.coverage) for outcome in (Outcome.PARTIAL, Outcome.FAILED)
    )
    if not partial and not failed:
        yield say(language, "doctor.all_seen")
        return
    yield say(language, "doctor.not_all_seen", partial=partial, failed=failed)
    if inventory.scanner.privileged is False:
        yield say(language, "doctor.advice")


def scope_lines(language: str, run: ScopeRun) -> Iterator[str]:
    """Say how far one scope was read and what went wrong in it."""
    yield say(language, "doctor.scope." + run.outcome.value, scope=run.scope, found=run.found)
    if run.cut is not None:
        yield say(language, "doctor.cut", cut=run.cut)
    for fault in run.faults[:SHOWN_FAULTS]:
        if fault.where == run.scope:
            yield say(language, "doctor.fault_of_scope", what=fault.what)
        else:
            yield say(language, "doctor.fault", where=fault.where, what=fault.what)
    more = len(run.faults) - SHOWN_FAULTS + run.more_faults
    if more > 0:
        yield say(language, "doctor.more", count=more)


def _library_lines(language: str) -> Iterator[str]:
    """Say which optional libraries are there and used."""
    yield say(language, "doctor.python", agent=AGENT_VERSION, python=platform.python_version())
    try:
        import psutil
    except ImportError:
        yield say(language, "doctor.psutil.missing")
    else:
        used = "unused" if os.path.isdir("/proc/self") else "used"
        yield say(language, "doctor.psutil." + used, version=psutil.__version__)
    requests = requests_version()
    yield say(language, "doctor.requests." + ("missing" if requests is None else "used"), version=requests)


def _habit_lines(options: argparse.Namespace) -> Iterator[str]:
    """Say how often the deep sources are read, and whether usage is."""
    values = options.values
    if values["deep_sources"]:
        hours, days = values["deep_hours"], values["deep_unchanged_days"]
        yield say(options.language, "doctor.deep", hours=hours, days=days)
    notice = values["usage_notice"]
    yield say(options.language, "doctor.usage.on" if notice else "doctor.usage.off", notice=notice)


def _spool_lines(options: argparse.Namespace) -> Iterator[str]:
    """Say what waits, what was refused and what was lost."""
    spool = spool_of(options)
    refused = spool.refused()
    yield say(
        options.language,
        "doctor.spool",
        waiting=len(spool.waiting()),
        refused=len(refused),
        dropped=spool.dropped(),
        folder=state_folder(options),
    )
    for refusal in refused[-SHOWN_FAULTS:]:
        yield say(options.language, "doctor.refusal", name=refusal.name, reason=refusal.reason)


def _tell_checker(options: argparse.Namespace) -> bool:
    """Say whether we are enrolled and the checker answers; True when nothing is wrong with what is set up."""
    language = options.language
    enrolment: Enrolment | None = None
    try:
        enrolment = load_enrolment(state_folder(options))
    except EnrolmentError as error:
        print(say(language, "doctor.enrolment_broken", why=error))
        return False
    if enrolment is None:
        print(say(language, "doctor.not_enrolled"))
    else:
        print(say(language, "doctor.enrolled", server=enrolment.server, agent_id=enrolment.agent_id))
    connection = connection_of(options, enrolment.server if enrolment else "")
    if not connection.server:
        print(say(language, "doctor.no_server"))
        return True
    try:
        answer = connection.get("/healthz")
        why = None if answer.status == 200 else "%s: %d" % (connection.server, answer.status)
        _tell_skew(language, answer)
    except (Unreachable, SettingsError) as error:
        why = str(error)
    print(say(language, "doctor.unreachable" if why else "doctor.reachable", server=connection.server, why=why))
    return why is None


def _tell_skew(language: str, answer: Answer) -> None:
    """Say how far our clock is off the checker's, when that will soon matter; its word is the header Date."""
    from email.utils import parsedate_to_datetime

    try:
        seconds = int(time.time() - parsedate_to_datetime(answer.headers.get("date", "")).timestamp())
    except (TypeError, ValueError, IndexError, OverflowError):
        return
    if abs(seconds) > CLOCK_SECONDS:
        print(say(language, "doctor.clock", seconds=seconds, limit=CLOCK_LIMIT_SECONDS))
