"""What supervision has under way in a filled store: checks half filled in, submissions, files of units below."""

from __future__ import annotations

import base64
from datetime import timedelta
from fractions import Fraction

from filled_store import DAY, Filled

from auditor.letters.checks import begin_stocktake, draw_from_run
from auditor.letters.submissions import answer_question, draft_submission, signing_key
from auditor.proof.signing import SigningKey
from auditor.store.cases import Filter, list_cases
from auditor.store.database import Connection
from auditor.store.dossiers import Dossier
from auditor.store.handed_in import UnitKey, add_key
from auditor.supervision.bulk_acts import find_bulk, note_bulk, undo_bulk
from auditor.supervision.drill_down import ask, take_answer
from auditor.supervision.handing_up import EntityTold, HandInBody, PositionTold, hand_in, receive
from auditor.supervision.on_the_spot import note, parts_of, version_of
from auditor.supervision.rectification import Actor, assign, comment
from auditor.supervision.requests import DEMAND, INSTALLATION, advance, apply
from auditor.supervision.spot_checks import Found, Judged, drawn_of, fill, found_of, sign
from auditor.supervision.states import Doing
from auditor.supervision.submission import review, submit

AT = f"{DAY}T13:00:00Z"


def supervision_under_way(filled: Filled) -> dict[str, str]:
    """Make all of it; return the ids of what has no number: questions and acts on many."""
    checks_under_way(filled)
    hand_ins_under_way(filled)
    requests_under_way(filled)
    return cases_under_way(filled) | questions_under_way(filled)


def checks_under_way(filled: Filled) -> list[str]:
    """Make CC-2026-001 (half filled in), CC-2026-002 (signed by one side) and PD-2026-001; return their numbers."""
    numbers = []
    for seed in ("公开摇号-07", "公开摇号-08"):
        check = draw_from_run(
            filled.store, filled.settings, run=filled.run.id, units=None, by="李检", at=AT, seed=seed, percent=100,
        )  # fmt: skip
        numbers.append(check["number"])
        with filled.store.begin() as connection:
            lines = drawn_of(connection, check)["lines"]
            if len(numbers) == 1:
                _note_first(connection, check)
                continue
            found = [Found(line["number"], True) for line in lines]
            found[0] = Found(found[0].number, True, Judged.NOT_GENUINE, "现场见到破解补丁")
            after = fill(connection, check, found, actor=Actor("李检"), at=AT)
            sign(connection, after, "inspector", "李检", on=DAY, at=AT)
    with filled.store.begin() as connection:
        stocktake = begin_stocktake(connection, on=DAY, units=None, by="李检", at=AT)
        _note_first(connection, stocktake)
    return [*numbers, stocktake["number"]]


def hand_ins_under_way(filled: Filled) -> list[str]:
    """Make BS-2026-001 (submitted) and BS-2026-002 (drafted), and take a file of SJ; return the numbers."""
    numbers = []
    for duty in ("summary", "detail"):
        row, _ = draft_submission(
            filled.store, filled.settings, duty=duty, period="2026", unit="JT", run=filled.run.id, by="钱填表", at=AT,
            language="zh_CN",
        )  # fmt: skip
        numbers.append(row["number"])
        if duty == "summary":
            with filled.store.begin() as connection:
                done = review(connection, row, name="孙审核", at=AT, opinion="同意")
                submit(connection, done, actor=Actor("钱填表"), at=AT)
    key = SigningKey(b"k" * 32)
    with filled.store.begin() as connection:
        add_key(connection, UnitKey("SJ", base64.b64encode(key.public).decode("ascii"), AT))
        receive(connection, hand_in(_body(filled), key), at=AT)
    return numbers


def questions_under_way(filled: Filled) -> dict[str, str]:
    """Ask SJ twice: one waits, one is answered from the run; return the ids as `open` and `answered`."""
    key, ids = SigningKey(b"k" * 32), []
    for at in (AT, f"{DAY}T14:00:00Z"):
        with filled.store.begin() as connection:
            id, data = ask(
                connection, key, unit="SJ", product="rarlab/winrar", period="2026", run=filled.run.id,
                actor=Actor("孙审核"), at=at,
            )  # fmt: skip
        ids.append(id)
    _, reply = answer_question(filled.store, key, data, at=f"{DAY}T15:00:00Z")
    with filled.store.begin() as connection:
        take_answer(connection, reply, at=f"{DAY}T16:00:00Z")
    return {"open": ids[0], "answered": ids[1]}


def cases_under_way(filled: Filled) -> dict[str, str]:
    """Comment on every finding, which is taken back, and assign them with deadlines that have passed since.

    Return the newest act in force as `act`.
    """
    actor, later = Actor("赵审"), f"{DAY}T13:30:00Z"
    made: list[str | None] = []
    with filled.store.begin() as connection:
        chosen = list_cases(connection, Filter())
        after = comment(connection, chosen, actor=actor, at=AT, text="请各单位核对")
        commented = note_bulk(connection, Doing.COMMENT, chosen, after, actor=actor, at=AT)
        assert commented is not None
        undo_bulk(connection, find_bulk(connection, commented, _all), _all, actor=actor, at=f"{DAY}T13:10:00Z")
        for number, unit in enumerate(sorted({case.unit for case in chosen if case.unit})):
            own, due_on = list_cases(connection, Filter(units=(unit,))), DAY + timedelta(days=14 + number)
            after = assign(connection, own, actor=actor, at=later, owner="钱填表", due_on=due_on, today=DAY)
            made.append(note_bulk(connection, Doing.ASSIGN, own, after, actor=actor, at=later))
    return {"act": [act for act in made if act is not None][-1]}


def _all(_unit: str | None) -> bool:
    return True


def requests_under_way(filled: Filled) -> list[str]:
    """Make a demand that waits for the IT department and an installation that was reviewed; return their numbers."""
    demand = {"unit": "JT", "department": "财务部", "applicant": "周需求", "phone": "010-1234",
              "lines": [{"name": "WinRAR", "quantity": 3, "purpose": "压缩", "domestic": False}]}  # fmt: skip
    installation = {
        "unit": "JT", "department": "财务部", "applicant": "周需求", "computer": "JT-001", "kind": "install",
        "software": "WPS Office", "reason": "公文处理", "existing": "", "person": "张三丰",
    }  # fmt: skip
    with filled.store.begin() as connection:
        first = apply(connection, DEMAND, demand, on=DAY, actor=Actor("周需求"), at=AT)
        first = advance(connection, first, "department", name="钱处长", on=DAY, at=AT, told={"opinion": "同意"})
        second = apply(connection, INSTALLATION, installation, on=DAY, actor=Actor("周需求"), at=AT)
        for step, name in (("department", "钱处长"), ("it", "孙信息")):
            second = advance(connection, second, step, name=name, on=DAY, at=AT)
    return [first["number"], second["number"]]


def hand_in_of(filled: Filled, *, corrects: str | None = None, machines: int = 1) -> bytes:
    """Return a file of SJ, signed by the key of the settings."""
    return hand_in(_body(filled, corrects, machines), signing_key(filled.settings))


def _body(filled: Filled, corrects: str | None = None, machines: int = 1) -> HandInBody:
    nought, one = Fraction(0), Fraction(1)
    position = PositionTold("rarlab/winrar", "per_device", "WinRAR", "archiver", 1, one, nought, nought, one, nought,
                            nought, 1, False)  # fmt: skip
    entity = EntityTold("SJ", "示例设计院", "JT", machines, 1, 0, 1, (position,), (), (), 0)
    return HandInBody("SJ", "summary", "2026", DAY, filled.run.id, "test", AT, (entity,), corrects)


def _note_first(connection: Connection, check: Dossier) -> None:
    parts = parts_of(check, drawn_of(connection, check))
    part = parts[0]
    lines = [Found(line["number"], number > 0) for number, line in enumerate(part.lines)]
    note(connection, check, parts, part, lines, seen=version_of(part, found_of(connection, check)), at=AT)
