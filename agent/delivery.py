"""Delivery: posts the documents of the spool, oldest first, and heeds what the checker answers.

200  committed          the document leaves the spool
4xx  refused            with a reason in JSON: it goes to `refused/`, nothing is lost
401, 403                the checker does not know us or our key: everything stays, enrol again
408, 425, 429, 503      not now: everything stays; `Retry-After` is obeyed
else, or no answer      everything stays; tried again with growing pauses and jitter
"""

from __future__ import annotations

import gzip
import hashlib
import random
import time
from dataclasses import dataclass
from typing import Callable, Union

from agent.connection import Answer, Connection, Unreachable
from agent.enrolment import Enrolment
from agent.spool import DamagedDocument, Spool, Waiting

PATH = "/api/v1/inventories"
_NOT_NOW = (408, 425, 429, 503)


@dataclass(frozen=True)
class Committed:
    """The checker has the document on its disk."""

    receipt: str
    status: str


@dataclass(frozen=True)
class Refused:
    """The checker will never take this document."""

    reason: str


@dataclass(frozen=True)
class NotKnown:
    """The checker does not accept our id or signature."""

    why: str


@dataclass(frozen=True)
class NotNow:
    """The checker asks us to come back."""

    wait_seconds: float | None
    why: str


Outcome = Union[Committed, Refused, NotKnown, NotNow]


@dataclass(frozen=True)
class Sent:
    """What one send did. `stopped` says why documents are left, `None` when none is.

    `wait_seconds` is how long the checker does not want to be asked, where it said more than a send waits for.
    """

    committed: tuple[str, ...]
    refused: tuple[str, ...]
    left: int
    stopped: str | None = None
    wait_seconds: float | None = None


@dataclass(frozen=True)
class Patience:
    """How often and how long to try again."""

    attempts: int = 4
    first_pause_seconds: float = 2.0
    longest_pause_seconds: float = 60.0


@dataclass(frozen=True)
class Courier:
    """Who sends, where, and how patiently. `clock` gives Unix seconds, `pause` waits for seconds."""

    connection: Connection
    enrolment: Enrolment
    patience: Patience
    clock: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep

    def deliver(self, spool: Spool) -> Sent:
        """Send everything that waits and return what became of it.

        Raises `SettingsError` for an address that we would not send to, `OSError` when the spool cannot be written.
        """
        committed: list[str] = []
        refused: list[str] = []
        for item in spool.waiting():
            outcome = self._outcome(spool, item)
            if isinstance(outcome, Committed):
                spool.remove(item)
                committed.append(outcome.receipt)
            elif isinstance(outcome, Refused):
                spool.refuse(item, outcome.reason)
                refused.append(outcome.reason)
            elif outcome is not None:
                wait = outcome.wait_seconds if isinstance(outcome, NotNow) else None
                return Sent(tuple(committed), tuple(refused), len(spool.waiting()), outcome.why, wait)
        return Sent(tuple(committed), tuple(refused), len(spool.waiting()))

    def _outcome(self, spool: Spool, item: Waiting) -> Outcome | None:
        """Return what became of one document, `None` when it is not there any more."""
        try:
            packed = spool.read(item)
        except DamagedDocument as damage:
            return Refused(str(damage))
        return None if packed is None else self._persist(packed)

    def _persist(self, packed: bytes) -> Outcome:
        """Try one document until there is a final answer, patience ends or the checker wants more than that."""
        patience = self.patience
        length = patience.first_pause_seconds
        for _ in range(patience.attempts - 1):
            outcome = self.post(packed)
            wanted = outcome.wait_seconds or 0.0 if isinstance(outcome, NotNow) else 0.0
            if not isinstance(outcome, NotNow) or wanted > patience.longest_pause_seconds:
                return outcome
            pause = max(wanted, min(length, patience.longest_pause_seconds))
            self.pause(
                pause * random.uniform(1.0, 1.5)
            )  # so that a fleet that was sent away does not come back at once
            length *= 2
        return self.post(packed)

    def post(self, packed: bytes) -> Outcome:
        """Post one packed document, signed, and return what the answer means."""
        headers = self.enrolment.headers("POST", PATH, packed, int(self.clock()))
        headers.update({"Content-Type": "application/json", "Content-Encoding": "gzip"})
        try:
            answer = self.connection.post(PATH, packed, headers)
        except Unreachable as error:
            return NotNow(None, str(error))
        return meaning(answer, hashlib.sha256(gzip.decompress(packed)).hexdigest())


def meaning(answer: Answer, digest: str) -> Outcome:
    """Return what an answer means for the document with this SHA-256.

    Only an acknowledgement of this very document is one; a page of a portal or proxy is no refusal.
    """
    fields = answer.fields()
    reason = fields.get("error")
    reason = reason if isinstance(reason, str) and reason else None
    if answer.status == 200 and isinstance(fields.get("receipt"), str):
        if fields.get("document") != digest:
            return NotNow(None, "the checker acknowledged another document")
        return Committed(fields["receipt"], str(fields.get("status", "")))
    why = reason or "answered %d" % answer.status
    if answer.status in _NOT_NOW:
        return NotNow(_seconds(answer.headers.get("retry-after")), why)
    if answer.status in (401, 403) and reason:
        return NotKnown(reason)
    if 400 <= answer.status < 500 and reason:
        return Refused(reason)
    return NotNow(None, why)


def _seconds(text: str | None) -> float | None:
    """Return Retry-After in seconds: a number, or a date of HTTP; `None` when it says neither."""
    from email.utils import parsedate_to_datetime

    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text[:15])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
