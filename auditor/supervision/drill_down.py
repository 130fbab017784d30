"""Questions down the tree: the group asks a unit for what stands behind a figure, the unit answers, both signed.

An answer names computers and software codes, never persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from auditor.core.days import parse_utc
from auditor.core.model import AuditResult, Machine
from auditor.core.organisation import UnitTree
from auditor.errors import AuditorError, NotAuthentic, both
from auditor.proof.digest import sha256_hex
from auditor.proof.signing import SigningKey
from auditor.proof.values import value_from
from auditor.store.blobs import get_blob, put_blob
from auditor.store.database import Connection
from auditor.store.handed_in import DrillDown, add_question, find_key, find_question, keep_answer, list_questions
from auditor.supervision.rectification import Actor
from auditor.supervision.signed import opened, sign

MOST_AT_ONCE = 50
"""Questions of one poll; what is answered makes room for the next."""
QUESTION_FORMAT, ANSWER_FORMAT, POLL_FORMAT = "zhengban.question/1", "zhengban.answer/1", "zhengban.poll/1"


@dataclass(frozen=True)
class Question:
    """What stands behind the position of a product in a unit. `run`: the audit that the unit told of."""

    id: str
    unit: str
    product: str
    period: str
    run: str
    asked_at: str


@dataclass(frozen=True)
class CopyTold:
    """One copy: on which computer, under which code, with which verdict and reason."""

    computer: str
    version: str | None
    edition: str | None
    code: str | None
    verdict: str
    reason: str | None
    document: str | None


@dataclass(frozen=True)
class Answer:
    """What the unit says."""

    id: str
    unit: str
    question: str
    """Digest of the question's file."""
    answered_at: str
    copies: tuple[CopyTold, ...]


class Frozen(Protocol):
    """What a run rests on."""

    @property
    def machines(self) -> tuple[Machine, ...]: ...


def ask(
    connection: Connection, key: SigningKey, *, unit: str, product: str, period: str, run: str, actor: Actor, at: str
) -> tuple[str, bytes]:
    """Return the id and the signed file of a question; it is kept."""
    id = sha256_hex(f"{unit}\n{product}\n{period}\n{run}\n{at}".encode())[:16]
    question = Question(id, unit, product, period, run, at)
    data = sign(QUESTION_FORMAT, question, key)
    kept = put_blob(connection, "issued", data)
    add_question(
        connection, DrillDown(id, unit, at, actor.name, {"product": product, "period": period, "run": run}, kept)
    )
    return id, data


def read_question(connection: Connection, data: bytes) -> Question:
    """Return a question from above. Raises `NotAuthentic` unless a registered key signed it."""
    text, _ = opened(data, QUESTION_FORMAT, lambda public: find_key(connection, public))
    return value_from(text, Question)


def answer(
    question: Question, data: bytes, frozen: Frozen, result: AuditResult, tree: UnitTree, key: SigningKey, *, at: str
) -> bytes:
    """Return the signed answer: every copy of the product in the unit."""
    machines = {machine.key: machine for machine in frozen.machines}
    told = tuple(
        CopyTold(
            computer=machines[a.copy.machine].code or a.copy.machine,
            version=a.copy.version,
            edition=a.copy.edition,
            code=a.code,
            verdict=a.verdict.value,
            reason=(a.failing or a.reason or None),
            document=machines[a.copy.machine].document,
        )
        for a in sorted(result.assignments, key=lambda a: a.copy.key)
        if a.copy.product == question.product and tree.legal_entity_of(a.copy.unit) == question.unit
    )
    return sign(ANSWER_FORMAT, Answer(question.id, question.unit, sha256_hex(data), at, told), key)


def take_answer(connection: Connection, data: bytes, *, at: str) -> Answer:
    """Keep an answer. Raises `AuditorError` for one that was not asked for, or is of another unit."""
    text, key = opened(data, ANSWER_FORMAT, lambda public: find_key(connection, public))
    told = value_from(text, Answer)
    asked = find_question(connection, told.id)
    if key.unit != asked.unit or told.unit != asked.unit or told.question != asked.request:
        raise AuditorError(f"{told.id}: {both('答复与所问不符', 'it does not answer what was asked')}")
    keep_answer(connection, told.id, put_blob(connection, "issued", data), at=at)
    return told


@dataclass(frozen=True)
class Poll:
    """A unit asks whether anything is asked of it. `at` keeps an old request from being used again."""

    unit: str
    at: str


def open_questions(connection: Connection, data: bytes, *, now: datetime, window_seconds: int) -> list[bytes]:
    """Return the files of the questions to the unit that signed the poll and has not answered them, the oldest first.

    Raises `NotAuthentic` for another unit's signature and for a poll of another time.
    """
    text, key = opened(data, POLL_FORMAT, lambda public: find_key(connection, public))
    poll = value_from(text, Poll)
    apart = abs((now - parse_utc(poll.at)).total_seconds())
    if poll.unit != key.unit or apart > window_seconds:
        raise NotAuthentic(both("签名单位或时间不符", "signed by another unit, or at another time"))
    mine = [asked for asked in list_questions(connection) if asked.unit == poll.unit and asked.answer is None]
    return [get_blob(connection, asked.request) for asked in mine[:MOST_AT_ONCE]]
