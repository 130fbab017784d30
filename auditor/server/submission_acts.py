"""Handing in as console and interface see it: who may see which, who has not handed in, questions and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.core.differences import Difference
from auditor.core.model import UnitKind
from auditor.core.terms import Due
from auditor.errors import AuditorError, both
from auditor.letters.sending_up import message_id
from auditor.letters.submissions import signing_key
from auditor.proof.values import value_from
from auditor.server.console_state import NotThere
from auditor.settings import Settings
from auditor.store.blobs import get_blob
from auditor.store.database import Connection
from auditor.store.dossiers import SUBMISSIONS, Dossier, find_dossier, list_dossiers
from auditor.store.handed_in import DrillDown, HandIn, find_question, list_hand_ins, list_questions
from auditor.store.outbox import OutboxRow, list_outbox
from auditor.store.units import list_units
from auditor.supervision.bulk_acts import Sees
from auditor.supervision.drill_down import Answer, ask
from auditor.supervision.handing_up import Received, RollUp, body_of, receive, roll_up
from auditor.supervision.jobs import TO_TIER_ABOVE
from auditor.supervision.rectification import Actor
from auditor.supervision.signed import Signed
from auditor.supervision.submission import SUBMITTED, differences_told, not_handed_in

MOST_WAITING = 500
"""Lines of the calendar that are shown at once."""


@dataclass(frozen=True)
class Waiting:
    """One duty that a unit has not handed in."""

    unit: str
    due: Due
    overdue: bool


def submission_seen(connection: Connection, number: str, sees: Sees) -> Dossier:
    """Return a submission of a unit that may be seen. Raises `NotThere`: whether it is there is not told."""
    try:
        found = find_dossier(connection, SUBMISSIONS, number)
    except AuditorError as error:
        raise NotThere(number) from error
    if not sees(found["unit"]):
        raise NotThere(number)
    return found


def submissions_seen(connection: Connection, sees: Sees) -> list[tuple[Dossier, str | None]]:
    """Return the submissions of units that may be seen, the newest first, each with the number that it corrects."""
    found = list_dossiers(connection, SUBMISSIONS)
    numbers = {row["id"]: row["number"] for row in found}
    return [(row, numbers.get(row["corrects"])) for row in reversed(found) if sees(row["unit"])]


def corrected_by(connection: Connection, submission: Dossier) -> tuple[str | None, str | None]:
    """Return the numbers of what a submission corrects, and of what corrects it."""
    found = list_dossiers(connection, SUBMISSIONS, unit=submission["unit"])
    before = next((row["number"] for row in found if row["id"] == submission["corrects"]), None)
    after = [row["number"] for row in found if row["corrects"] == submission["id"] and row["state"] != "returned"]
    return before, after[-1] if after else None


def must_be_submitted(submission: Dossier) -> None:
    """Raise `AuditorError` unless a submission was submitted and is not corrected."""
    if submission["state"] != SUBMITTED:
        told = both("报送后才能签名上报", "it is signed for the tier above when it was submitted")
        raise AuditorError(f"{submission['number']}: {told}")


def sent_up(connection: Connection, submissions: Sequence[Dossier]) -> dict[str, OutboxRow]:
    """Return where the figures of submissions stand on their way to the tier above, by number."""
    waiting = {row.message: row for row in list_outbox(connection, channel=TO_TIER_ABOVE)}
    return {s["number"]: waiting[message_id(s)] for s in submissions if message_id(s) in waiting}


def differences_of(connection: Connection, submission: Dossier) -> list[Difference]:
    """Return what a correction changes; nothing for a first submission."""
    told = submission["differences"]
    return differences_told(get_blob(connection, told)) if told else []


def file_of(connection: Connection, submission: Dossier, digest: str) -> tuple[str, bytes]:
    """Return name and content of a file of a submission. Raises `NotThere`."""
    for name, own in submission["files"].items():
        if own == digest:
            return str(name), get_blob(connection, digest)
    raise NotThere(digest)


def entities_seen(connection: Connection, sees: Sees, on: date) -> list[tuple[str, str]]:
    """Return code and name of the legal entities of a day that may be seen."""
    units = list_units(connection, on)
    return [(str(u.code), u.name) for u in units if u.kind is UnitKind.LEGAL_ENTITY and sees(u.code)]


def waiting_for(connection: Connection, settings: Settings, sees: Sees, on: date) -> list[Waiting]:
    """Return who has not handed in what is due soon or overdue, the earliest first."""
    units = [code for code, _ in entities_seen(connection, sees, on)]
    found = not_handed_in(connection, settings, units, on=on)
    return [Waiting(unit, due, due.due_on < on) for unit, due in found]


def received_seen(connection: Connection, sees: Sees) -> list[HandIn]:
    """Return the signed files of units that may be seen, the newest first."""
    return [row for row in reversed(list_hand_ins(connection)) if sees(row.unit)]


def take_file(connection: Connection, data: bytes, sees: Sees, *, at: str) -> Received:
    """Verify and keep a signed file. In a transaction that writes. Raises as `receive` does, `NotThere` for others."""
    done = receive(connection, data, at=at)
    if not sees(done.body.unit):
        raise NotThere(done.body.unit)
    return done


def rolled_up(connection: Connection, duty: str, period: str, sees: Sees, on: date) -> RollUp:
    """Return the newest figures of every unit that may be seen, each once."""
    expected = [code for code, _ in entities_seen(connection, sees, on)]
    told = roll_up(connection, duty, period, on=on, expected=expected)
    units = tuple(unit for unit in told.units if sees(unit.entity.unit))
    aside = tuple(pair for pair in told.set_aside if sees(pair[0]))
    return RollUp(told.duty, told.period, told.on, units, told.absent, aside)


def ask_unit(
    connection: Connection, settings: Settings, sees: Sees, *, unit: str, product: str, duty: str, period: str,
    by: str, at: str,
) -> str:  # fmt: skip
    """Ask a unit what stands behind a position that it handed in; return the id of the question.

    Raises `AuditorError` when the unit has handed in nothing for the period, or told of no such product.
    """
    key = signing_key(settings)
    rows = list_hand_ins(connection, unit=unit, duty=duty, period=period) if sees(unit) else []
    if not rows:
        raise AuditorError(f"{unit} {duty} {period}: {both('该单位没有报送', 'it has not handed in')}")
    body = body_of(get_blob(connection, rows[-1].digest))
    told = {position.product for entity in body.entities for position in entity.positions}
    if product not in told:
        raise AuditorError(f"{product}: {both('该单位的报送中没有这种软件', 'not among what the unit handed in')}")
    id, _ = ask(connection, key, unit=unit, product=product, period=period, run=body.run, actor=Actor(by), at=at)
    return id


def questions_seen(connection: Connection, sees: Sees) -> list[DrillDown]:
    """Return the questions to units that may be seen, the newest first."""
    return [asked for asked in reversed(list_questions(connection)) if sees(asked.unit)]


def question_seen(connection: Connection, id: str, sees: Sees) -> DrillDown:
    """Return one question. Raises `NotThere`."""
    try:
        found = find_question(connection, id)
    except AuditorError as error:
        raise NotThere(id) from error
    if not sees(found.unit):
        raise NotThere(id)
    return found


def answer_told(connection: Connection, asked: DrillDown) -> Answer | None:
    """Return what a unit answered; its signature was verified when it came."""
    if asked.answer is None:
        return None
    signed = value_from(get_blob(connection, asked.answer), Signed)
    return value_from(signed.body.encode("utf-8"), Answer)


def last_step(submission: Dossier) -> dict[str, Any]:
    """Return the last step of a submission."""
    return dict(submission["steps"][-1])
