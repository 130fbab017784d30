"""A year under supervision: quarterly audits, a crack found, notified, denied, checked on the spot, cured, proved by a
scan, come back, escalated; licences bought after a plan; a unit re-organised; the annual report handed in up three
tiers and corrected once. At the end everything holds, and one changed byte is found.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import text
from supervised import AUTOKMS, TASK, Supervised, organisation

from auditor.audit.run import Run
from auditor.core.case import CaseState
from auditor.core.counting import count
from auditor.core.differences import Difference, differences
from auditor.core.model import UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.reconcile import counting_of
from auditor.core.sampling import SamplingRule
from auditor.notices.sending import send_waiting
from auditor.proof.digest import sha256_hex
from auditor.proof.signing import SigningKey
from auditor.readmodels.messages import digest_content
from auditor.store.cases import Case, Filter, events_of, find_case, list_cases
from auditor.store.database import Store, open_store
from auditor.store.dossiers import REQUESTS, Dossier, find_dossier
from auditor.store.handed_in import UnitKey, add_key
from auditor.store.outbox import Content, NoticeEvent, list_outbox
from auditor.store.trail import first_broken_entry
from auditor.supervision import jobs, requests
from auditor.supervision import rectification as acts
from auditor.supervision import submission as handed
from auditor.supervision.escalation import overdue_units
from auditor.supervision.handing_up import HandInBody, entities_told, hand_in, receive, roll_up, totals
from auditor.supervision.proving import supervision_faults
from auditor.supervision.rectification import Actor
from auditor.supervision.spot_checks import Found, Judged, draw_check, drawn_of, fill, sign
from auditor.supervision.telling import make_digest

OFFICE = "Microsoft Office Professional Plus 2019 - zh-cn"
ZHAO, QIAN = Actor("赵审"), Actor("钱厂")
LEDGER = (
    "软件编号,软件名称,软件类型,许可数量,许可类型,可使用版本,许可期限,授权凭证编号\n"
    "SC-1,WinRAR,商业软件,2,数量许可,6,永久,A-1\n"
)
KEYS = {unit: SigningKey(unit.encode().ljust(32, b"-")) for unit in ("SY", "SC")}


def at(day: str) -> str:
    return f"{day}T06:00:00Z"


def crack(org: Supervised) -> Case:
    return org.case("copy.suspected", "microsoft/office")


def states(org: Supervised) -> list[str]:
    with org.store.read() as connection:
        return [event.act for event in events_of(connection, crack(org).id)]


def signed_figures(org: Supervised, run: Run, unit: str, made_at: str, corrects: str | None = None,
                   children: tuple[bytes, ...] = ()) -> bytes:  # fmt: skip
    tree = UnitTree(run.frozen.units)
    with org.store.read() as connection:
        cases = list_cases(connection, Filter())
    entities = entities_told(run.result, count(counting_of(run.facts), tree), run.frozen.machines, tree, cases,
                             on=run.frozen.on, forms={})  # fmt: skip
    mine = tuple(entity for entity in entities if entity.unit == unit)
    body = HandInBody(unit, "annual_report", "2026", run.frozen.on, run.id, "test", made_at, mine, corrects)
    keys = [UnitKey("SC", base64.b64encode(KEYS["SC"].public).decode(), made_at)] if children else []
    return hand_in(body, KEYS[unit], children, keys)


@pytest.mark.slow
def test_a_year(tmp_path: Path, new_url: Callable[[], str]) -> None:
    org = organisation(
        tmp_path, new_url(), notice_folder=str(tmp_path / "out"), notice_topics="*", escalation_days="7,14"
    )
    org.machines({"PC-1": "SC", "PC-2": "SC", "PC-3": "SY"})
    _found_notified_denied_and_checked(org)
    _not_put_right_in_time(org)
    _cured_and_come_back(org)
    first = _bought_and_re_organised(org)
    second = _reported_and_corrected(org, first)
    top = open_store(new_url())
    _up_three_tiers(org, top, first, second)
    _told_in_one_digest(org)
    for store in (org.store, top):
        with store.read() as connection:
            assert first_broken_entry(connection) is None
            assert supervision_faults(connection) == []
    _one_changed_byte_is_found(org.store)


def _found_notified_denied_and_checked(org: Supervised) -> None:
    for code in ("PC-2", "PC-3"):
        org.scan(code, "2026-01-10", ["WinRAR 6.24 (64-bit)"])
    org.scan("PC-1", "2026-01-10", [OFFICE], traces=[AUTOKMS, TASK])
    run, _ = org.audit("2026-01-15")
    with org.store.begin() as connection:
        case = find_case(connection, str(crack(org).id))
        (case,) = acts.confirm(connection, [case], actor=ZHAO, at=at("2026-01-16"), reason=None)
        (case,) = acts.note_notice(connection, [case], actor=ZHAO, at=at("2026-01-16"), number="ZG-2026-001",
                                   noticed_on=date(2026, 1, 16), due_on=date(2026, 2, 15), file="f" * 64)  # fmt: skip
        acts.state(connection, [case], actor=QIAN, at=at("2026-01-20"), text="本单位未使用激活工具")
        check = draw_check(connection, run=run.id, as_of=run.frozen.on, facts=run.facts, result=run.result,
                           tree=UnitTree(run.frozen.units), rule=SamplingRule(Fraction(100)), seed="公开摇号",
                           units=frozenset({"SC"}), actor=ZHAO, at=at("2026-01-22"))  # fmt: skip
        found = [
            Found(
                line["number"], True, Judged.NOT_GENUINE if line["product"] == "microsoft/office" else None, "AutoKMS"
            )
            for line in drawn_of(connection, check)["lines"]
        ]
        check = fill(connection, check, found, actor=ZHAO, at=at("2026-01-23"))
        check = sign(connection, check, "inspector", "赵审", on=date(2026, 1, 23), at=at("2026-01-23"))
        sign(connection, check, "inspected", "钱厂", on=date(2026, 1, 23), at=at("2026-01-23"))
    assert org.case("check.irregular").machine == crack(org).machine


def _not_put_right_in_time(org: Supervised) -> None:
    """Passed up twice, named in the list of units."""
    for day in ("2026-02-20", "2026-02-23", "2026-03-05", "2026-03-05"):
        jobs.watch_deadlines(org.store, org.settings, on=date.fromisoformat(day), at=at(day))
    assert (crack(org).escalated, states(org).count("escalated")) == (2, 2)
    with org.store.read() as connection:
        assert [(line.unit, line.overdue) for line in overdue_units(connection, date(2026, 3, 5))] == [("SC", 1)]


def _cured_and_come_back(org: Supervised) -> None:
    with org.store.begin() as connection:
        case = find_case(connection, str(crack(org).id))
        acts.report_done(connection, [case], actor=QIAN, at=at("2026-03-10"), text="已清除")
    org.scan("PC-1", "2026-04-10", [OFFICE])
    org.audit("2026-04-15")
    assert crack(org).state == CaseState.CLOSED
    org.scan("PC-1", "2026-07-10", [OFFICE], traces=[AUTOKMS, TASK])
    _, followed = org.audit("2026-07-15")
    assert crack(org).key in followed.conclusive
    assert (crack(org).state, crack(org).reopened) == (CaseState.TO_CONFIRM, 1)


def _bought_and_re_organised(org: Supervised) -> Run:
    demand = {"unit": "SC", "department": "技术科", "applicant": "周", "lines": [{"name": "WinRAR", "quantity": 2}]}
    with org.store.begin() as connection:
        request = requests.apply(
            connection, requests.DEMAND, demand, on=date(2026, 8, 1), actor=Actor("周"), at=at("2026-08-01")
        )
        for step in ("department", "it", "planned", "delivered"):
            request = requests.advance(connection, request, step, name="吴", on=date(2026, 8, 10), at=at("2026-08-10"))
    org.register("licences", LEDGER, on=date(2026, 8, 20), unit="SC")
    with org.store.begin() as connection:
        request = find_dossier(connection, REQUESTS, request["number"])
        requests.advance(connection, request, "entered", name="吴", on=date(2026, 8, 21), at=at("2026-08-21"),
                         told={"codes": ["SC-1"]})  # fmt: skip
    org.machines({"PC-1": "SC", "PC-2": "SY"}, on=date(2026, 9, 1))
    org.scan("PC-1", "2026-10-10", [OFFICE])
    org.scan("PC-2", "2026-10-10", ["WinRAR 6.24 (64-bit)"])
    first, followed = org.audit("2026-10-15")
    assert crack(org).state == CaseState.CLOSED
    assert "machine.no_antivirus|||m00000001|" in followed.moved, "PC-2 was the first to be seen"
    short = {c.unit: c.state for c in org.cases(Filter(code="licence.shortfall")) if c.product == "rarlab/winrar"}
    assert short == {"SC": CaseState.CLOSED, "SY": CaseState.TO_CONFIRM}
    return first


def _reported_and_corrected(org: Supervised, first: Run) -> Run:
    """Drafted, reviewed, submitted; corrected once by a new run that prints the differences."""
    one = _report(org, first, None, [])
    org.scan("PC-1", "2026-11-23", [OFFICE, "Beyond Compare 4.4.6"])
    second, _ = org.audit("2026-11-24")
    changed = differences(UnitCode("SC"), (first.result.positions, first.result.findings),
                          (second.result.positions, second.result.findings))  # fmt: skip
    two = _report(org, second, one["number"], changed)
    assert "差异说明.csv" in two["files"]
    return second


def _report(org: Supervised, run: Run, corrects: str | None, changed: list[Difference]) -> Dossier:
    with org.store.begin() as connection:
        draft = handed.draft(connection, duty="annual_report", period="2026", unit="SC", run=run.id,
                             files={"报告.html": run.id.encode()}, actor=QIAN, at=at("2026-11-20"),
                             corrects=corrects, changed=changed)  # fmt: skip
        reviewed = handed.review(connection, draft, name="孙", at=at("2026-11-21"))
        return handed.submit(connection, reviewed, actor=QIAN, at=at("2026-11-22"))


def _up_three_tiers(org: Supervised, top: Store, first: Run, second: Run) -> None:
    """SC to SY, SY with it to JT; corrected once."""
    with top.begin() as connection:
        add_key(connection, UnitKey("SY", base64.b64encode(KEYS["SY"].public).decode(), at("2026-01-01")))
        lowest = signed_figures(org, first, "SC", at("2026-11-22"))
        middle = signed_figures(org, first, "SY", at("2026-11-23"), children=(lowest,))
        receive(connection, middle, at=at("2026-11-23"))
        lowest = signed_figures(org, second, "SC", at("2026-11-25"), corrects=sha256_hex(lowest))
        middle = signed_figures(org, second, "SY", at("2026-11-26"), corrects=sha256_hex(middle), children=(lowest,))
        receive(connection, middle, at=at("2026-11-26"))
        told = roll_up(connection, "annual_report", "2026", on=date(2026, 11, 30), expected=("JT", "SY", "SC"))
    assert ([unit.entity.unit for unit in told.units], told.absent) == (["SC", "SY"], ("JT",))
    assert {line["name"]: line["required"] for line in totals(told.units)}["WinRAR"] == "2"
    for name in ("赵审", "钱厂", "PC-1"):
        assert name.encode() not in middle


def _told_in_one_digest(org: Supervised) -> None:
    now = datetime(2026, 11, 30, 2, tzinfo=UTC)

    def render(events: Sequence[NoticeEvent]) -> Content:
        return digest_content(events, "zh_CN", on=now.date(), unit_names={"SC": "生产厂"})

    with org.store.begin() as connection:
        make_digest(connection, org.settings, render, now=now)
    send_waiting(org.store, org.settings, worker="w", now=lambda: now)
    with org.store.read() as connection:
        (message,) = list_outbox(connection)
    assert message.state == "sent"
    assert message.content.lines[0].startswith("新的确证性迹象：生产厂")


CHANGES = (
    "UPDATE case_events SET facts = replace(facts, '未使用', '确使用') WHERE act = 'stated'",
    "UPDATE case_events SET by = '孙' WHERE act = 'confirmed'",
    "DELETE FROM case_events WHERE id = (SELECT max(id) FROM case_events)",
    "UPDATE cases SET state = 'closed' WHERE state = 'to_confirm'",
    "UPDATE cases SET content = replace(content, 'AutoKMS', 'AutoKMX') WHERE origin = 'audit'",
    "UPDATE spot_checks SET sign_offs = replace(sign_offs, '钱厂', '钱长')",
    "UPDATE submissions SET state = 'submitted' WHERE state = 'corrected'",
    "UPDATE requests SET steps = replace(steps, '吴', '伍')",
    "UPDATE trail SET subject = subject || ' ' WHERE id = 9",
)


def _one_changed_byte_is_found(store: Store) -> None:
    for change in CHANGES:
        with store.engine.connect() as connection:
            assert connection.execute(text(change)).rowcount > 0, change
            assert supervision_faults(connection) or first_broken_entry(connection) is not None, change
            connection.rollback()
