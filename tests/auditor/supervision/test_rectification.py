"""A finding's life: told, answered, put right, proved by a scan, come back; and what is refused on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from supervised import AUTOKMS, FILES, TASK, UNINSTALL, Supervised, organisation

from agent.inventory.coverage import Outcome
from auditor.core.case import CaseState, Unproved
from auditor.errors import AuditorError
from auditor.store.cases import Case, events_of, find_case
from auditor.store.database import Connection
from auditor.store.papers import add_paper
from auditor.store.trail import first_broken_entry, list_trail
from auditor.supervision import rectification as acts
from auditor.supervision.exceptions import end_exceptions, grant
from auditor.supervision.rectification import Actor
from auditor.supervision.states import RULES, Doing

OFFICE = "Microsoft Office Professional Plus 2019 - zh-cn"
ZHAO = Actor("赵审")
AT = "2026-02-11T02:00:00Z"
TODAY = date(2026, 2, 11)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


@pytest.fixture
def org(tmp_path: Path, url: str) -> Iterator[Supervised]:
    """PC-1 of 生产厂 bears an Office and an activator."""
    found = organisation(tmp_path, url)
    found.machines({"PC-1": "SC"})
    found.scan("PC-1", "2026-02-01", [OFFICE], traces=[AUTOKMS, TASK])
    found.audit("2026-02-10")
    yield found
    found.store.close()


def crack(org: Supervised) -> Case:
    return org.case("copy.suspected", "microsoft/office")


def do(org: Supervised, act: Callable[[Connection, list[Case]], list[Case]], case: Case | None = None) -> Case:
    with org.store.begin() as connection:
        (after,) = act(connection, [find_case(connection, str((case or crack(org)).id))])
    return after


def confirmed(org: Supervised) -> Case:
    return do(org, lambda c, cases: acts.confirm(c, cases, actor=ZHAO, at=AT, reason="上机核实"))


def noticed(org: Supervised, due: date = date(2026, 3, 13)) -> Case:
    confirmed(org)
    return do(org, lambda c, cases: acts.note_notice(
        c, cases, actor=ZHAO, at=AT, number="ZG-2026-001", noticed_on=TODAY, due_on=due, file="f" * 64))  # fmt: skip


def done(org: Supervised, at: str = "2026-02-20T02:00:00Z") -> Case:
    return do(org, lambda c, cases: acts.report_done(c, cases, actor=Actor("钱厂"), at=at, text="已卸载"))


def history(org: Supervised) -> list[tuple[str, str | None, str]]:
    with org.store.read() as connection:
        return [(event.act, event.by, event.state) for event in events_of(connection, crack(org).id)]


def test_a_crack_is_told_answered_put_right_and_proved_by_a_scan(org: Supervised) -> None:
    before = crack(org)
    assert (before.state, before.unit, before.seen_on) == (CaseState.TO_CONFIRM, "SC", "2026-02-01")
    assert noticed(org).state == CaseState.RECTIFYING
    do(org, lambda c, cases: acts.state(c, cases, actor=Actor("钱厂"), at=AT, text="系统集成商预装，不知情"))
    assert done(org).state == CaseState.TO_RECHECK
    org.scan("PC-1", "2026-03-01", [OFFICE])
    _, followed = org.audit("2026-03-02")

    case = crack(org)
    assert case.state == CaseState.CLOSED
    assert case.key in followed.cured
    assert history(org) == [
        ("opened", None, "to_confirm"),
        ("confirmed", "赵审", "confirmed"),
        ("noticed", "赵审", "rectifying"),
        ("stated", "钱厂", "rectifying"),
        ("done", "钱厂", "to_recheck"),
        ("proved", None, "closed"),
    ]
    with org.store.read() as connection:
        proof = events_of(connection, case.id)[-1].facts
        assert first_broken_entry(connection) is None
    assert len(proof["documents"]) == 1
    assert case.content == before.content, "evidence is never edited"


def test_it_comes_back_under_the_same_name(org: Supervised) -> None:
    noticed(org)
    org.scan("PC-1", "2026-03-01", [OFFICE])
    org.audit("2026-03-02")
    org.scan("PC-1", "2026-04-01", [OFFICE], traces=[AUTOKMS, TASK])
    _, followed = org.audit("2026-04-02")

    case = crack(org)
    assert (case.state, case.reopened, case.due_on) == (CaseState.TO_CONFIRM, 1, None)
    assert case.key in followed.came_back
    assert case.key in followed.conclusive
    assert [act for act, _, _ in history(org)] == ["opened", "confirmed", "noticed", "proved", "came_back"]


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        ({FILES: Outcome.PARTIAL}, Unproved.NOT_WHOLE),
        ({FILES: Outcome.FAILED}, Unproved.NOT_WHOLE),
        ({UNINSTALL: Outcome.PARTIAL}, Unproved.NOT_WHOLE),
        ({"activation:windows": Outcome.FAILED}, None),  # nothing of the evidence came from there
        ({FILES: Outcome.ABSENT}, None),
    ],
)
def test_only_a_whole_and_trusted_scan_of_the_evidences_own_sources_proves(
    org: Supervised, outcomes: dict[str, Outcome], why: Unproved | None
) -> None:
    noticed(org)
    org.scan("PC-1", "2026-03-01", [OFFICE], outcomes=outcomes)
    _, followed = org.audit("2026-03-02")

    assert crack(org).state == (CaseState.CLOSED if why is None else CaseState.RECTIFYING)
    assert {key: cure.unproved for key, cure in followed.unproved}.get(crack(org).key) == why


def test_what_an_unsigned_document_no_longer_tells_is_still_seen(org: Supervised) -> None:
    noticed(org)
    org.scan("PC-1", "2026-03-01", [OFFICE], signed=False)
    _, followed = org.audit("2026-03-02")

    assert crack(org).state == CaseState.RECTIFYING
    assert crack(org).key not in dict(followed.unproved)  # what an agent told stands until an agent takes it back


def test_a_deep_scope_that_was_not_read_again_proves_nothing(org: Supervised) -> None:
    noticed(org)
    org.scan("PC-1", "2026-03-01", [OFFICE], read_at={FILES: "2026-01-31T00:00:00Z"})
    _, followed = org.audit("2026-03-02")
    assert dict(followed.unproved)[crack(org).key].unproved is Unproved.NO_LATER_SCAN

    org.scan("PC-1", "2026-03-03", [OFFICE], read_at={FILES: "2026-03-02T00:00:00Z"})
    org.audit("2026-03-04")
    assert crack(org).state == CaseState.CLOSED


def test_a_machine_that_is_not_scanned_again_proves_nothing(org: Supervised) -> None:
    noticed(org)
    org.audit("2026-03-02")

    assert crack(org).state == CaseState.RECTIFYING


def test_still_there_at_the_recheck(org: Supervised) -> None:
    noticed(org)
    done(org)
    org.audit("2026-02-21")
    assert crack(org).state == CaseState.TO_RECHECK, "seen before it was put right"
    org.scan("PC-1", "2026-03-01", [OFFICE], traces=[AUTOKMS, TASK])
    org.audit("2026-03-02")

    assert crack(org).state == CaseState.RECTIFYING
    assert history(org)[-1][0] == "not_cured"


def test_less_of_the_same_sign_is_no_cure(org: Supervised) -> None:
    """The task is gone, the file is there: the suspicion is weaker, and a finding of another name."""
    noticed(org)
    org.scan("PC-1", "2026-03-01", [OFFICE], traces=[AUTOKMS])
    _, followed = org.audit("2026-03-02")

    assert crack(org).state == CaseState.RECTIFYING
    assert dict(followed.unproved)[crack(org).key].unproved is Unproved.SIGN_LEFT


def test_following_a_run_again_or_one_of_an_earlier_day_changes_nothing(org: Supervised) -> None:
    before = org.cases()
    assert org.audit("2026-02-10")[1].skipped
    assert org.audit("2026-02-05")[1].skipped
    assert org.cases() == before


def test_a_false_positive_stays_one_until_other_evidence_appears(org: Supervised) -> None:
    do(org, lambda c, cases: acts.dismiss(c, cases, actor=ZHAO, at=AT, reason="安全组样本机"))
    org.scan("PC-1", "2026-03-01", [OFFICE], traces=[AUTOKMS, TASK])
    org.audit("2026-03-02")
    assert crack(org).state == CaseState.FALSE_POSITIVE

    org.scan("PC-1", "2026-04-01", [OFFICE, "KMSAuto Net"], traces=[AUTOKMS, TASK])
    org.audit("2026-04-02")
    assert crack(org).state == CaseState.TO_CONFIRM


def test_a_re_organisation_moves_the_case_and_keeps_its_name(org: Supervised) -> None:
    noticed(org)
    key = crack(org).key
    org.machines({"PC-1": "SY"}, on=date(2026, 3, 1))
    org.scan("PC-1", "2026-03-05", [OFFICE], traces=[AUTOKMS, TASK])
    _, followed = org.audit("2026-03-06")

    case = crack(org)
    assert (case.key, case.unit, case.state) == (key, "SY", CaseState.RECTIFYING)
    assert key in followed.moved


def test_a_shortage_is_cured_by_buying(org: Supervised) -> None:
    short = org.case("licence.shortfall", "microsoft/office")
    ledger = (
        "软件编号,软件名称,软件类型,许可数量,许可类型,可使用版本,许可期限,授权凭证编号\n"
        "SC-1,Microsoft Office 专业增强版,商业软件,5,数量许可,2019,永久,A-1\n"
    )
    org.register("licences", ledger, on=date(2026, 2, 12), unit="SC")
    _, followed = org.audit("2026-02-15")

    after = org.case("licence.shortfall", "microsoft/office")
    assert (after.id, after.state) == (short.id, CaseState.CLOSED)
    assert short.key in followed.cured


def test_an_exception_ends_and_the_finding_is_back(org: Supervised) -> None:
    confirmed(org)
    after = do(org, lambda c, cases: grant(
        c, cases, actor=ZHAO, at=AT, approver="孙总", reason="设备停产，年底更换", until=date(2026, 6, 30),
        today=TODAY, longest_days=366))  # fmt: skip
    assert (after.state, after.excepted_until) == (CaseState.EXCEPTED, "2026-06-30")
    with org.store.begin() as connection:
        assert end_exceptions(connection, on=date(2026, 6, 30), at=AT) == []
        assert len(end_exceptions(connection, on=date(2026, 7, 1), at=AT)) == 1
        assert end_exceptions(connection, on=date(2026, 7, 1), at=AT) == []
    assert crack(org).state == CaseState.CONFIRMED


def test_what_is_refused_says_why_and_changes_nothing(org: Supervised) -> None:
    noticed(org)
    org.scan("PC-1", "2026-03-01", [OFFICE])
    org.audit("2026-03-02")  # closed
    before, entries = crack(org), len(trail(org))
    refusals: list[tuple[str, Callable[[Connection, list[Case]], list[Case]]]] = [
        ("不再接受陈述", lambda c, k: acts.state(c, k, actor=ZHAO, at=AT, text="x")),
        ("应先确认", lambda c, k: acts.note_notice(c, k, actor=ZHAO, at=AT, number="n", noticed_on=TODAY,
                                               due_on=TODAY, file="f")),
        ("期限不能早于", lambda c, k: acts.note_notice(c, k, actor=ZHAO, at=AT, number="n", noticed_on=TODAY,
                                                 due_on=date(2026, 2, 1), file="f")),
        ("期限不能早于", lambda c, k: acts.assign(c, k, actor=ZHAO, at=AT, due_on=date(2026, 2, 1), today=TODAY)),
        ("应有截止日期", lambda c, k: grant(c, k, actor=ZHAO, at=AT, approver="a", reason="r", until=None,
                                       today=TODAY, longest_days=366)),
        ("应写明内容", lambda c, k: acts.dismiss(c, k, actor=ZHAO, at=AT, reason="  ")),
        ("不超过 4000 字", lambda c, k: acts.comment(c, k, actor=ZHAO, at=AT, text="字" * 4001)),
        ("没有这份凭证", lambda c, k: acts.close(c, k, actor=ZHAO, at=AT, paper="nope", reason="r")),
    ]  # fmt: skip
    for why, act in refusals:
        with pytest.raises(AuditorError, match=why):
            do(org, act)
    assert crack(org) == before
    assert len(trail(org)) == entries


def trail(org: Supervised) -> list[str]:
    with org.store.read() as connection:
        return [entry.act for entry in list_trail(connection)]


def test_of_two_who_close_at_once_one_is_told(org: Supervised) -> None:
    noticed(org)
    with org.store.begin() as connection:
        paper, _ = add_paper(connection, PDF, media_type="application/pdf", file_name="a.pdf", kind="other",
                             number="P-1", remarks=None, now=AT, by="赵审")  # fmt: skip
    both_looked = crack(org)
    ended: list[str] = []

    def close() -> None:
        try:
            with org.store.begin() as connection:
                acts.close(connection, [both_looked], actor=ZHAO, at=AT, paper=paper.digest, reason="已购买")
            ended.append("closed")
        except AuditorError as error:
            ended.append(str(error))

    threads = [threading.Thread(target=close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told.startswith("closed") for told in ended) == [False, True]
    assert any("其他人刚刚处理过" in told for told in ended)
    assert [act for act, _, _ in history(org)].count("closed") == 1


def test_every_act_has_a_rule_and_every_state_a_way_on() -> None:
    assert set(RULES) == set(Doing)
    for state in CaseState:
        assert any(state in rule.before and rule.after not in (None, state) for rule in RULES.values())
