"""抽查 and 凭证盘点: drawn, filled in as a workbook, signed by both sides, compared; differences become findings."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from supervised import Supervised, organisation

from auditor.core.case import CaseState
from auditor.core.organisation import UnitTree
from auditor.core.sampling import SamplingRule
from auditor.errors import AuditorError
from auditor.intake.registers.check_form import read_check_form
from auditor.intake.registers.reading import RegisterFaults
from auditor.readmodels.spot_checks import check_form, comparison_rows, stocktake_form
from auditor.store.dossiers import SPOT_CHECKS, Dossier, find_dossier
from auditor.store.entitlements import list_entitlements
from auditor.store.units import list_units
from auditor.supervision.rectification import Actor
from auditor.supervision.spot_checks import (
    Found,
    Judged,
    compare,
    draw_again,
    draw_check,
    draw_stocktake,
    drawn_of,
    fill,
    sign,
)
from reports.register_xlsx import render_register

LI = Actor("李检")
AT = "2026-02-11T02:00:00Z"
DAY = date(2026, 2, 11)
LEDGER = (
    "软件编号,软件名称,软件类型,许可数量,许可类型,可使用版本,许可期限,授权凭证编号\n"
    "SC-1,WinRAR,商业软件,5,数量许可,6,永久,A-1\n"
)


@pytest.fixture
def org(tmp_path: Path, url: str) -> Iterator[Supervised]:
    found = organisation(tmp_path, url)
    found.machines({**{f"PC-{n}": "SC" for n in range(1, 6)}, "SRV": "SC", "JT-1": "JT"}, classes={"SRV": "服务器"})
    found.register("licences", LEDGER, unit="SC")
    for code in ("PC-1", "PC-2", "PC-3", "PC-4", "PC-5", "SRV"):
        found.scan(code, "2026-02-01", ["WinRAR 6.24 (64-bit)"])
    yield found
    found.store.close()


def drawn(org: Supervised, **more: Any) -> Dossier:
    run, _ = org.audit("2026-02-10")
    options: dict[str, Any] = {"rule": SamplingRule(Fraction(20), 2, True), "seed": "摇号-07", "units": None} | more
    with org.store.begin() as connection:
        return draw_check(connection, run=run.id, as_of=run.frozen.on, facts=run.facts, result=run.result,
                          tree=UnitTree(run.frozen.units), actor=LI, at=AT, **options)  # fmt: skip


def test_a_check_can_be_drawn_again_by_anyone(org: Supervised) -> None:
    check = drawn(org)
    with org.store.read() as connection:
        kept = drawn_of(connection, check)

    assert check["number"] == "CC-2026-001"
    assert draw_again(kept) == kept["sample"]
    assert next(name for stratum, name in kept["sample"] if stratum == "SC") == "SRV"
    assert len([1 for stratum, _ in kept["sample"] if stratum == "SC"]) == 3
    assert ["JT", "JT-1"] in kept["sample"], "a registered machine that was never seen is on the books too"
    kept["seed"] = "another"
    assert draw_again(kept) != kept["sample"] or len(kept["population"]) < 3
    assert drawn(org)["number"] == "CC-2026-002"


def filled(data: bytes, fill_in: dict[int, tuple[str, str, str]], extra: list[tuple[str, str, str]]) -> bytes:
    """Fill the workbook in as an inspector does: by the headings that stand there."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    heads = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    last = 1
    for row in range(2, sheet.max_row + 1):
        number = sheet.cell(row, heads["行号"]).value
        if isinstance(number, int):
            last = row
            present, judged, told = fill_in.get(number, ("是", "", ""))
            for head, value in (("现场是否有", present), ("判定", judged), ("现场情况", told)):
                sheet.cell(row, heads[head]).value = value or None
    for place, (code, name, judged) in enumerate(extra, start=last + 1):
        for head, value in (("计算机编号", code), ("软件名称", name), ("现场是否有", "是"), ("判定", judged)):
            sheet.cell(place, heads[head]).value = value or None
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_filled_signed_compared_and_into_the_loop(org: Supervised) -> None:
    check = drawn(org)
    with org.store.read() as connection:
        kept = drawn_of(connection, check)
    rars = [line["number"] for line in kept["lines"] if line["product"] == "rarlab/winrar"]
    form = render_register(check_form(check["number"], kept, {"SC": "生产厂"}, "zh_CN"))
    back = filled(
        form,
        {rars[0]: ("是", "非正版", "破解补丁"), rars[1]: ("否", "", "已卸载")},
        [("SRV", "AutoCAD 2020", "待核实")],
    )
    lines = read_check_form(back, "登记表.xlsx", papers=False)
    found = [Found(line.number, line.present, Judged(line.judged) if line.judged else None, line.told, line.code,
                   line.name) for line in lines]  # fmt: skip
    with org.store.begin() as connection:
        check = fill(connection, check, found, actor=LI, at=AT)
        check = sign(connection, check, "inspector", "李检", on=DAY, at=AT)
        assert check["state"] == "filled"
        check = sign(connection, check, "inspected", "钱厂", on=DAY, at=AT)
        compared = comparison_rows(compare(connection, check), "zh_CN")

    assert check["state"] == "signed"
    told = {(row["line"], row["software"]): row["differs"] for row in compared if row["differs"]}
    assert told[(rars[0], "WinRAR")] == "认定非正版"
    assert told[(rars[1], "WinRAR")] == "扫描有而现场无"
    assert told[(0, "AutoCAD 2020")] == "现场有而扫描无、未登记台账"
    cases = {case.code: case for case in org.cases() if case.origin == "spot_check"}
    assert cases["check.irregular"].state == CaseState.TO_CONFIRM
    assert cases["check.irregular"].finding.evidence[0].words.endswith("：破解补丁")
    assert cases["check.not_scanned"].unit == "SC"
    org.audit("2026-02-12")
    assert {c.code for c in org.cases() if c.origin == "spot_check" and c.state == "to_confirm"} >= set(cases)


def test_what_is_filled_in_wrongly_is_refused_whole(org: Supervised) -> None:
    check = drawn(org)
    with org.store.read() as connection:
        numbers = [line["number"] for line in drawn_of(connection, check)["lines"]]
    all_there = [Found(number, True) for number in numbers]
    wrong = [*all_there[1:], Found(999, True), Found(numbers[1], False, Judged.GENUINE), Found(0, True, name="x")]
    with pytest.raises(AuditorError) as told, org.store.begin() as connection:
        fill(connection, check, wrong, actor=LI, at=AT)
    for words in ("没有这一行", "重复填写", "不应有判定", "应写明计算机编号", f"尚未填写的行：{numbers[0]}"):
        assert words in str(told.value)
    with org.store.begin() as connection:
        with pytest.raises(AuditorError, match="先填写再签字"):
            sign(connection, check, "inspector", "李检", on=DAY, at=AT)
        check = fill(connection, check, all_there, actor=LI, at=AT)
        check = sign(connection, check, "inspector", "李检", on=DAY, at=AT)
        with pytest.raises(AuditorError, match="不同的人"):
            sign(connection, check, "inspected", "李检", on=DAY, at=AT)
        check = sign(connection, check, "inspected", "钱厂", on=DAY, at=AT)
        with pytest.raises(AuditorError, match="不能再改"):
            fill(connection, check, all_there, actor=LI, at=AT)


def test_a_cell_that_cannot_be_read_names_its_place(org: Supervised) -> None:
    check = drawn(org)
    with org.store.read() as connection:
        kept = drawn_of(connection, check)
    form = render_register(check_form(check["number"], kept, {}, "zh_CN"))
    with pytest.raises(RegisterFaults, match="现场是否有"):
        read_check_form(filled(form, {1: ("也许", "", "")}, []), "登记表.xlsx", papers=False)


def test_two_who_fill_at_once_do_not_overwrite_each_other(org: Supervised) -> None:
    check = drawn(org)
    with org.store.begin() as connection:
        found = [Found(line["number"], True) for line in drawn_of(connection, check)["lines"]]
        fill(connection, find_dossier(connection, SPOT_CHECKS, check["number"]), found, actor=LI, at=AT)
        with pytest.raises(AuditorError, match="其他人刚刚处理过"):
            fill(connection, check, found, actor=LI, at=AT)


def test_a_paper_that_is_not_there_is_a_finding(org: Supervised) -> None:
    with org.store.begin() as connection:
        units = list_units(connection)
        check = draw_stocktake(connection, rights=list_entitlements(connection), names={}, tree=UnitTree(units),
                               as_of=DAY, units=None, actor=LI, at=AT)  # fmt: skip
        sheet = stocktake_form(check["number"], drawn_of(connection, check), "zh_CN")
        assert sheet.rows[0][:5] == (1, "SC", "SC-1", "WinRAR", "A-1")
        check = fill(connection, check, [Found(1, False, told="未找到")], actor=LI, at=AT)
        check = sign(connection, check, "inspector", "李检", on=DAY, at=AT)
        sign(connection, check, "inspected", "钱厂", on=DAY, at=AT)
    case = org.case("check.paper_absent")
    assert (case.unit, case.product) == ("SC", "rarlab/winrar")
