"""The commands that speak with the checker: enrol and send."""

from __future__ import annotations

import argparse
import random
import sys
import time

from agent.configured import connection_of, spool_of, state_folder, tell
from agent.connection import Unreachable
from agent.delivery import Courier, Patience
from agent.enrolment import Enrolment, EnrolmentError, enrol, enrol_by_file, load_enrolment
from agent.machine.here import machine_here
from agent.not_before import forget_not_before, not_before, note_not_before

DONE = 0
WRONG_USAGE = 2
INCOMPLETE = 3


def send_command(options: argparse.Namespace) -> int:
    """Send what waits; what could not be delivered makes it incomplete."""
    values = options.values
    enrolment = load_enrolment(state_folder(options))
    if enrolment is None:
        tell(options, "send.not_enrolled")
        return INCOMPLETE
    spool = spool_of(options)
    if not spool.waiting():
        tell(options, "send.nothing")
        return DONE
    until = None if getattr(options, "now", False) else not_before(state_folder(options), time.time())
    if until is not None:
        tell(options, "send.not_before", when=time.strftime("%Y-%m-%d %H:%M", time.localtime(until)))
        return INCOMPLETE
    patience = Patience(values["send_attempts"], values["retry_seconds"], values["longest_pause_seconds"])
    sent = Courier(connection_of(options, enrolment.server), enrolment, patience).deliver(spool)
    tell(options, "send.done", committed=len(sent.committed), refused=len(sent.refused), left=sent.left)
    for reason in sent.refused:
        tell(options, "send.refused", reason=reason, folder=spool.refused_folder)
    if sent.wait_seconds is not None:
        spread = sent.wait_seconds * random.uniform(1.0, 1.1)  # a fleet that was sent away does not come back at once
        note_not_before(state_folder(options), time.time() + spread, time.time())
    elif sent.committed:
        forget_not_before(state_folder(options))
    if sent.stopped is not None:
        tell(options, "send.stopped", why=sent.stopped)
    return INCOMPLETE if sent.stopped is not None or sent.refused else DONE


def enrol_command(options: argparse.Namespace) -> int:
    """Give the token, or take the file; keep the key."""
    folder = state_folder(options)
    if options.file is not None:
        return _enrolled(options, enrol_by_file(options.file, folder))
    token = (sys.stdin.readline() if options.token == "-" else options.token).strip()
    server = str(options.values["server"])
    if not token or not server:
        tell(options, "enrol.no_server" if token else "enrol.no_token")
        return WRONG_USAGE
    try:
        name = options.name or machine_here().host_name() or ""
        return _enrolled(options, enrol(connection_of(options, server), token, name, folder))
    except Unreachable as error:
        raise EnrolmentError(str(error))


def _enrolled(options: argparse.Namespace, enrolment: Enrolment) -> int:
    tell(options, "enrol.done", agent_id=enrolment.agent_id, folder=state_folder(options))
    return DONE
