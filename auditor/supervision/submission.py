"""报送: a report of a run is drafted, reviewed, submitted; from then on its files are frozen by digest.

A submitted report is corrected by one way alone: a new run, whose submission names the one that it takes the place of
and prints what differs. Both stay.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from auditor.core.differences import Difference
from auditor.core.model import UnitKind
from auditor.core.terms import DEFAULT_DUTIES, Due, read_duties, to_call_to_mind
from auditor.errors import AuditorError, WrongUsage, both
from auditor.settings import Settings
from auditor.store.blobs import get_blob, put_blob
from auditor.store.database import Connection
from auditor.store.dossiers import (
    SUBMISSIONS,
    Dossier,
    add_dossier,
    change_dossier,
    find_dossier,
    list_dossiers,
    next_number,
)
from auditor.store.handed_in import list_hand_ins
from auditor.store.outbox import note_event
from auditor.store.runs import record_issued
from auditor.store.units import list_units
from auditor.supervision.rectification import Actor, said
from auditor.supervision.telling import DUTY_DUE, HANDED_IN, REPORT_READY

DRAFTED, REVIEWED, SUBMITTED, CORRECTED = "drafted", "reviewed", "submitted", "corrected"
RETURNED = "returned"
STATE_WORDS: Mapping[str, tuple[str, str]] = {
    DRAFTED: ("待审核", "to be reviewed"),
    REVIEWED: ("已审核", "reviewed"),
    SUBMITTED: ("已报送", "submitted"),
    CORRECTED: ("已被更正", "corrected"),
    RETURNED: ("已退回", "sent back"),
}
_PERIOD = re.compile(r"[12]\d{3}(H[12]|Q[1-4]|-\d{1,2})?")
DIFFERENCES_FILE = "差异说明.csv"


def draft(
    connection: Connection,
    *,
    duty: str,
    period: str,
    unit: str,
    run: str,
    files: Mapping[str, bytes],
    actor: Actor,
    at: str,
    corrects: str | None = None,
    changed: Sequence[Difference] = (),
) -> Dossier:
    """Draft a submission with the files of a run. Raises `AuditorError` as `check_draft` does."""
    before = check_draft(connection, duty=duty, period=period, unit=unit, run=run, corrects=corrects)
    kept = dict(files)
    told = None
    if before is not None:
        told = put_blob(connection, "issued", differences_csv(before["number"], before["run"], run, changed))
        kept[DIFFERENCES_FILE] = get_blob(connection, told)
    values: dict[str, Any] = {
        "number": next_number(connection, SUBMISSIONS, f"BS-{period[:4]}-"),
        "duty": duty,
        "period": period,
        "unit": unit,
        "run": run,
        "state": DRAFTED,
        "corrects": before["id"] if before is not None else None,
        "files": {name: put_blob(connection, "issued", content) for name, content in sorted(kept.items())},
        "differences": told,
        "steps": [{"step": DRAFTED, "name": actor.name, "at": at}],
    }
    return add_dossier(connection, SUBMISSIONS, values, at=at, act="submission.drafted")


def check_draft(
    connection: Connection, *, duty: str, period: str, unit: str, run: str, corrects: str | None
) -> Dossier | None:
    """Return what a draft would correct, `None` for a first one.

    Raises `AuditorError` for a duty or period that is none, for a unit that is no legal entity, for a second submission
    that corrects nothing, and for a correction that rests on the same run.
    """
    if duty not in DEFAULT_DUTIES:
        raise WrongUsage(f"{duty}: {both('应为', 'expected one of')} {', '.join(DEFAULT_DUTIES)}")
    if not _PERIOD.fullmatch(period):
        raise WrongUsage(f"{period}: {both('应为如 2026 或 2026H1', 'expected a period such as 2026 or 2026H1')}")
    if not any(each.code == unit and each.kind is UnitKind.LEGAL_ENTITY for each in list_units(connection)):
        raise AuditorError(f"{unit}: {both('应为独立法人单位', 'expected a legal entity')}")
    before = _corrected(connection, corrects, unit, duty, period, run)
    if before is None:
        _refuse_second(connection, unit, duty, period)
    return before


def send_back(connection: Connection, submission: Dossier, *, name: str, at: str, opinion: str) -> Dossier:
    """退回: it is not handed in as it stands; why is told, and a new draft begins anew."""
    if submission["state"] not in (DRAFTED, REVIEWED):
        zh, en = "已报送的不能退回，只能更正", "what is submitted is not sent back; it is corrected"
        raise AuditorError(f"{submission['number']}: {both(zh, en)}")
    step = {"step": RETURNED, "name": said(name, "name"), "at": at, "opinion": said(opinion, "opinion")}
    changes = {"state": RETURNED, "steps": [*submission["steps"], step]}
    return change_dossier(connection, SUBMISSIONS, submission, changes, at=at, act="submission.returned")


def review(connection: Connection, submission: Dossier, *, name: str, at: str, opinion: str = "") -> Dossier:
    """审核: another person than who drafted it stands by it."""
    _expect(submission, DRAFTED)
    name = said(name, "name")
    if name == submission["steps"][0]["name"]:
        told = both("起草人不能审核自己的报表", "whoever drafted it cannot review it")
        raise AuditorError(f"{submission['number']}: {told}")
    step = {"step": REVIEWED, "name": name, "at": at, "opinion": opinion}
    changes = {"state": REVIEWED, "steps": [*submission["steps"], step]}
    return change_dossier(connection, SUBMISSIONS, submission, changes, at=at, act="submission.reviewed")


def submit(connection: Connection, submission: Dossier, *, actor: Actor, at: str) -> Dossier:
    """报送: freeze the files; what it corrects is marked so."""
    _expect(submission, REVIEWED)
    for name, digest in submission["files"].items():
        content = get_blob(connection, digest)
        record_issued(
            connection, run=submission["run"], file_name=f"{submission['number']}/{name}", content=content, now=at
        )
    if submission["corrects"] is not None:
        before = _by_id(connection, submission["corrects"])
        if before["state"] != SUBMITTED:
            told = both("所更正的报送已被更正", "what it corrects was corrected already")
            raise AuditorError(f"{before['number']}: {told}")
        change_dossier(connection, SUBMISSIONS, before, {"state": CORRECTED}, at=at, act="submission.corrected")
    else:
        _refuse_second(connection, submission["unit"], submission["duty"], submission["period"])
    step = {"step": SUBMITTED, "name": actor.name, "at": at}
    changes = {"state": SUBMITTED, "steps": [*submission["steps"], step]}
    after = change_dossier(connection, SUBMISSIONS, submission, changes, at=at, act="submission.submitted")
    facts = {name: submission[name] for name in ("unit", "duty", "period")}
    note_event(connection, topic=HANDED_IN, key=f"{HANDED_IN}|{submission['number']}", facts=facts, at=at)
    for name, digest in submission["files"].items():
        ready = {"unit": submission["unit"], "name": name, "digest": digest}
        key = f"{REPORT_READY}|{submission['number']}|{name}"
        note_event(connection, topic=REPORT_READY, key=key, facts=ready, at=at)
    return after


def differences_csv(number: str, before: str, after: str, changed: Sequence[Difference]) -> bytes:
    """Return the sheet of differences that goes out with a correction."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(["更正 corrects", number, "原稽核 run before", before[:16], "新稽核 run after", after[:16]])
    writer.writerow(["类别 what", "对象 subject", "项目 figure", "更正前 before", "更正后 after"])
    writer.writerows([[d.what, _safe(d.subject), d.figure, d.before, d.after] for d in changed])
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8")


def differences_told(data: bytes) -> list[Difference]:
    """Return the differences of a sheet that went out."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    return [Difference(*row) for row in rows[2:] if len(row) == 5]


def duties_of(settings: Settings) -> dict[str, tuple[tuple[int, int], ...]]:
    """Read the setting `duties`. Raises `WrongUsage`."""
    try:
        return read_duties(settings.text("duties"))
    except ValueError as error:
        expected = both("应为如 detail=06-30,12-31", "expected such as detail=06-30,12-31")
        raise WrongUsage(f"duties: {error}: {expected}") from error


def handed_in(connection: Connection) -> set[tuple[str, str, str]]:
    """Return (unit, duty, period) of what was submitted here or came from a unit."""
    here = {(s["unit"], s["duty"], s["period"]) for s in list_dossiers(connection, SUBMISSIONS, state=SUBMITTED)}
    return here | {(row.unit, row.duty, row.period) for row in list_hand_ins(connection)}


def not_handed_in(
    connection: Connection, settings: Settings, units: Collection[str], *, on: date
) -> list[tuple[str, Due]]:
    """Return who has not handed in what is due soon or overdue."""
    return to_call_to_mind(
        duties_of(settings),
        sorted(units),
        handed_in(connection),
        on=on,
        notice_days=settings.whole("duty_notice_days"),
    )


def call_to_mind(connection: Connection, settings: Settings, units: Collection[str], *, on: date, at: str) -> int:
    """Daily: note each duty that was not handed in, once when it is near and once when it is past; return how many."""
    told = 0
    for unit, due in not_handed_in(connection, settings, units, on=on):
        stage = "past" if due.due_on < on else "near"
        facts = {"unit": unit, "duty": due.duty, "period": due.period, "due_on": due.due_on.isoformat()}
        key = f"{DUTY_DUE}|{unit}|{due.duty}|{due.period}|{stage}"
        told += note_event(connection, topic=DUTY_DUE, key=key, facts=facts, at=at)
    return told


def _expect(submission: Dossier, state: str) -> None:
    if submission["state"] != state:
        now, due = STATE_WORDS[submission["state"]], STATE_WORDS[state]
        zh, en = f"现为{now[0]}，应为{due[0]}", f"it is {now[1]}, expected {due[1]}"
        raise AuditorError(f"{submission['number']}: {both(zh, en)}")


def _corrected(
    connection: Connection, corrects: str | None, unit: str, duty: str, period: str, run: str
) -> Dossier | None:
    if corrects is None:
        return None
    before = find_dossier(connection, SUBMISSIONS, corrects)
    _expect(before, SUBMITTED)
    if (before["unit"], before["duty"], before["period"]) != (unit, duty, period):
        told = both("更正应为同一单位、事项和期间", "a correction is of the same unit, duty and period")
        raise AuditorError(f"{corrects}: {told}")
    if before["run"] == run:
        raise AuditorError(f"{corrects}: {both('更正须依据新的稽核', 'a correction rests on a new run')}")
    return before


def _refuse_second(connection: Connection, unit: str, duty: str, period: str) -> None:
    there = list_dossiers(connection, SUBMISSIONS, unit=unit, duty=duty, period=period, state=SUBMITTED)
    if there:
        told = both("已报送，只能更正", "is submitted; it can only be corrected")
        raise AuditorError(f"{there[0]['number']}: {told}")


def _by_id(connection: Connection, id: int) -> Dossier:
    return next(s for s in list_dossiers(connection, SUBMISSIONS) if s["id"] == id)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
