"""The licence ledger: what people write, what is made of it, and what is refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from registers import apply, read, right_of, rights, small_store, workbook
from report_builders import summary_form

from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.model import UnitCode
from auditor.errors import AuditorError
from auditor.intake.register_import import FIELDS as REGISTER_FIELDS
from auditor.intake.registers.cells import folded_heading
from auditor.intake.registers.licence_fields import FIELDS
from auditor.intake.registers.licence_help import HELP
from auditor.intake.registers.licence_words import metrics
from auditor.intake.registers.reading import RegisterFaults
from auditor.readmodels.summary import quantity_text
from auditor.store.database import Store
from auditor.store.entitlements import unsealed_serials
from reports.forms.summary import COLUMNS
from reports.model import SummaryForm
from reports.to_xlsx import render_xlsx
from rules.metrics.roster import METRICS

HEAD = "软件编号,软件名称,软件版本,软件类型,采购时间,采购金额,许可类型,许可数量,可使用版本,许可期限,序列号"
JT = UnitCode("JT")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with three units and two people."""
    with small_store(tmp_path) as opened:
        yield opened


def ledger(**cells: str) -> str:
    """A ledger of one good row with some cells changed."""
    row = {
        "软件编号": "A-1",
        "软件名称": "Microsoft Office 2016 专业增强版",
        "软件版本": "2016",
        "软件类型": "商业软件",
        "采购时间": "2019-03-12",
        "许可数量": "10",
        "许可期限": "永久",
    } | cells
    return ",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in row.values()) + "\n"


def test_a_good_row(store: Store) -> None:
    right = right_of(store, ledger(采购金额="￥12,000.00", 序列号="ABCDEFGHIJ、KLMNOPQRST", 可使用版本="2016、2013"))

    assert (right.unit, right.code, right.product, right.edition, right.line) == (
        "JT", "A-1", "microsoft/office", "professional-plus", "2016")  # fmt: skip
    assert (right.quantity, right.unlimited, right.metric) == (10, False, "per_device")
    assert (right.purchased_on, right.amount, right.term, right.ends_on) == (
        date(2019, 3, 12), Decimal("12000.00"), "永久", None)  # fmt: skip
    assert [(a.text, a.line, a.edition) for a in right.allowed] == [
        ("2016", "2016", "professional-plus"), ("2013", "2013", "professional-plus")]  # fmt: skip
    assert right.serials == ("*******HIJ", "*******RST")
    with store.read() as connection:
        assert unsealed_serials(connection, right.id, store.sealer) == ("ABCDEFGHIJ", "KLMNOPQRST")


@pytest.mark.parametrize(
    ("written", "number", "unlimited"),
    [("10", 10, False), ("1,200", 1200, False), ("3套", 3, False), ("50 用户", 50, False), ("１２", 12, False),
     ("0", 0, False), ("5.0", 5, False), ("不限", 0, True), ("场地", 0, True), ("不限数量", 0, True)],
)  # fmt: skip
def test_quantities(store: Store, written: str, number: int, unlimited: bool) -> None:
    right = right_of(store, ledger(许可数量=written))

    assert (right.quantity, right.unlimited) == (number, unlimited)


@pytest.mark.parametrize(
    ("written", "amount"),
    [("12000", "12000.00"), ("1.2万", "12000.00"), ("￥12,000.00", "12000.00"), ("¥800元", "800.00"),
     ("RMB 800.5", "800.50"), ("１２００元整", "1200.00"), ("0", "0.00"), ("0.3万元", "3000.00")],
)  # fmt: skip
def test_amounts(store: Store, written: str, amount: str) -> None:
    assert right_of(store, ledger(采购金额=written)).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("written", "starts", "ends"),
    [
        ("永久", None, None),
        ("长期有效", None, None),
        ("3年", None, date(2022, 3, 11)),
        ("3", None, date(2022, 3, 11)),
        ("三年", None, date(2022, 3, 11)),
        ("36个月", None, date(2022, 3, 11)),
        ("2026-12-31", None, date(2026, 12, 31)),
        ("至2026年12月31日", None, date(2026, 12, 31)),
        ("2026年12月31日止", None, date(2026, 12, 31)),
        ("至2026年2月", None, date(2026, 2, 28)),
        ("2024-01-01至2026-12-31", date(2024, 1, 1), date(2026, 12, 31)),
        ("2024.1.1-2026.12.31", date(2024, 1, 1), date(2026, 12, 31)),
        ("自2024年1月至2026年12月", date(2024, 1, 1), date(2026, 12, 31)),
    ],
)
def test_terms(store: Store, written: str, starts: date | None, ends: date | None) -> None:
    right = right_of(store, ledger(许可期限=written))

    assert (right.starts_on, right.ends_on, right.term) == (starts, ends, written)


@pytest.mark.parametrize(
    ("written", "day"),
    [("2019-03-05", date(2019, 3, 5)), ("2019/3/5", date(2019, 3, 5)), ("2019.3.5", date(2019, 3, 5)),
     ("2019年3月5日", date(2019, 3, 5)), ("2019年3月", date(2019, 3, 1)), ("20190305", date(2019, 3, 5)),
     ("2019/3/5 0:00:00", date(2019, 3, 5)), ("2019-03-05T08:30", date(2019, 3, 5)), ("2019-03", date(2019, 3, 1))],
)  # fmt: skip
def test_days(store: Store, written: str, day: date) -> None:
    assert right_of(store, ledger(采购时间=written)).purchased_on == day


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2016、2013", [("2016", None), ("2013", None)]),
        ("2016/2013", [("2016", None), ("2013", None)]),
        ("2016及2013", [("2016", None), ("2013", None)]),
        ("2013及以下", [("2013", None), ("2010", None), ("2007", None), ("2003", None), ("XP", None)]),
        ("2013及以前版本", [("2013", None), ("2010", None), ("2007", None), ("2003", None), ("XP", None)]),
        ("2021及以上", [("2021", None), ("2024", None)]),
        ("不限", [(None, "*")]),
        ("所有版本", [(None, "*")]),
        ("12.8", [(None, ">=12.8,<12.9")]),
        ("12.8及以下", [(None, "<12.9")]),
        ("2016标准版", [("2016", None)]),
    ],
)
def test_allowed_versions(store: Store, written: str, expected: list[tuple[str | None, str | None]]) -> None:
    right = right_of(store, ledger(可使用版本=written))

    assert [(allowed.line, allowed.versions) for allowed in right.allowed] == expected
    assert right.allowed[0].edition in (("standard",) if "标准" in written else ("professional-plus", None))


def test_a_version_that_nobody_knows_is_kept_and_told(store: Store) -> None:
    found = read(store, "licences", ledger(可使用版本="随新"), unit=JT)

    assert [str(note) for note in found.notes] == [
        "file.csv!H2 可使用版本: “随新”认不出版本，只作记录 / '随新' names no known version; kept as text"
    ]


@pytest.mark.parametrize(
    ("heading", "written", "zh", "en"),
    [
        ("软件编号", "A 1", "应为由字母", "expected letters"),
        ("软件名称", "", "为空", "is empty"),
        ("软件类型", "盗版", "商业软件", "expected one of"),
        ("采购时间", "昨天", "应为日期", "expected a day"),
        ("采购时间", "2019-02-30", "存在的日期", "a day that exists"),
        ("采购时间", "1900-01-01", "1980 至 2200", "1980 to 2200"),
        ("采购金额（单位：元）", "面议", "应为金额", "an amount in yuan"),
        ("采购金额（单位：元）", "-5", "0 至 1 万亿元", "from 0 to"),
        ("采购金额（单位：元）", "NaN", "0 至 1 万亿元", "from 0 to"),
        ("许可数量", "-1", "应为整数", "a whole number"),
        ("许可数量", "1e12", "应为整数", "a whole number"),
        ("许可数量", "1000000000000", "不超过 10000000", "at most 10000000"),
        ("许可数量", "2.5", "应为整数", "a whole number"),
        ("许可数量", "若干", "应为整数", "a whole number"),
        ("许可数量", "", "为空", "is empty"),
        ("许可期限", "很久", "永久、截止日期或年数", "a number of years"),
        ("许可期限", "2024-01-01起", "永久、截止日期或年数", "a number of years"),
        ("许可期限", "2026-13-01", "存在的日期", "a day that exists"),
        ("备注", "字" * 1001, "1000 个字符", "1000 characters"),
        ("单位编码", "XX", "没有编码“XX”", "no unit has the code"),
    ],
)
def test_a_fault_says_where_what_and_what_was_expected(
    store: Store, heading: str, written: str, zh: str, en: str
) -> None:
    with pytest.raises(RegisterFaults) as refused:
        read(store, "licences", ledger(**{heading: written}), unit=JT)

    (fault,) = refused.value.faults
    column = chr(65 + ledger(**{heading: written}).split("\n")[0].split(",").index(heading))
    assert (fault.place.sheet, fault.place.row, fault.place.column, fault.heading) == ("file.csv", 2, column, heading)
    assert zh in fault.what
    assert en in fault.what
    assert written[:20] in fault.what


def test_three_bad_rows_of_a_hundred(store: Store) -> None:
    """The case of the contract: nothing is imported by default, and the three are listed; or the 97 are."""
    rows: list[list[object]] = [["软件编号", "软件名称", "软件类型", "采购时间", "许可数量"]]
    rows += [[f"A-{n}", "WinRAR", "商业软件", date(2020, 1, 1), n] for n in range(1, 101)]
    rows[10][4], rows[50][3], rows[100][2] = "若干", "无日期", None
    data = workbook(rows)

    with pytest.raises(RegisterFaults) as refused:
        apply(store, "licences", data, "台账.xlsx", unit=JT)
    assert rights(store) == []
    lines = str(refused.value).splitlines()
    assert lines[:3] == [
        "台账.xlsx: 台账!E11 许可数量: 应为整数，实为“若干” / expected a whole number, got '若干'",
        "台账.xlsx: 台账!D51 采购时间: 应为日期，如 2019-03-05 或 2019年3月5日，实为“无日期”"
        " / expected a day such as 2019-03-05 or 2019年3月5日, got '无日期'",
        "台账.xlsx: 台账!C101 软件类型: 为空，应填写 / is empty; expected a value",
    ]
    assert "3 行共 3 处错误，97 行无误；一行也未导入" in lines[3]
    assert "faults: 3, rows with faults: 3, good rows: 97; nothing was imported" in lines[4]

    found = apply(store, "licences", data, "台账.xlsx", unit=JT, skip_bad_rows=True)
    assert [fault.place.row for fault in found.faults] == [11, 51, 101]
    assert len(rights(store)) == 97


def test_all_faults_of_one_row_come_at_once(store: Store) -> None:
    with pytest.raises(RegisterFaults) as refused:
        read(store, "licences", ledger(采购时间="x", 许可数量="y", 软件类型="z", 单位编码="!"), unit=JT)

    assert [fault.heading for fault in refused.value.faults] == ["软件类型", "采购时间", "许可数量", "单位编码"]


def test_an_unknown_product_is_kept_and_reported(store: Store) -> None:
    found = apply(store, "licences", ledger(软件名称="本单位自研审批系统"), unit=JT)

    assert found.unknown_products == ("A-1 本单位自研审批系统",)
    assert [(right.name, right.product, right.quantity) for right in rights(store)] == [
        ("本单位自研审批系统", None, 10)
    ]


def test_without_a_unit_the_fault_says_how_to_name_one(store: Store) -> None:
    with pytest.raises(RegisterFaults, match="--unit"):
        read(store, "licences", ledger())


def test_a_column_that_is_not_known_is_told(store: Store) -> None:
    found = read(store, "licences", ledger(**{"采购金额（万元）": "3"}), unit=JT)

    assert [str(note) for note in found.notes] == [
        "file.csv!H1 采购金额（万元）: 不认识的列，未读取 / this column is not known and was not read"
    ]


def test_headings_below_titles_and_other_words_for_them(store: Store) -> None:
    rows: list[list[object]] = [
        ["软件采购台账", None, None, None, None],
        ["单位：示例集团", None, None, "2026年", None],
        [None] * 5,
        ["软 件 编 号*", "软件名称", "软件类型（必填）", "购买日期", "授权数量(套)"],
        ["A-1", "WinRAR", "商业", "2020年1月", "5套"],
        [None, "合计", None, None, None],
        ["合计", None, None, None, 5],
        ["填表人：王敏", None, None, None, None],
    ]
    apply(store, "licences", workbook(rows[:5] + rows[6:], merged=["A1:E1"]), "x.xlsx", unit=JT)

    assert [(r.code, r.purchased_on, r.quantity) for r in rights(store)] == [("A-1", date(2020, 1, 1), 5)]


def test_two_rows_of_headings(store: Store) -> None:
    rows: list[list[object]] = [
        ["软件编号", "软件名称", "软件类型", "采购情况", "采购情况", "许可数量"],
        ["软件编号", "软件名称", "软件类型", "采购时间", "采购金额", "许可数量"],
        ["A-1", "WinRAR", "商业软件", date(2020, 1, 1), 200, 5],
    ]
    merged = ["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2"]
    apply(store, "licences", workbook(rows, merged=merged), "x.xlsx", unit=JT)

    assert [(r.purchased_on, r.amount) for r in rights(store)] == [(date(2020, 1, 1), Decimal("200.00"))]


def test_a_header_that_lacks_a_column_names_it(store: Store) -> None:
    expected = re.escape("x.csv!2: 表头缺少列：软件类型 / the header row lacks the columns 软件类型")
    with pytest.raises(AuditorError, match=expected):
        read(store, "licences", "台账,,\n软件编号,软件名称,许可数量\nA-1,WinRAR,3\n", "x.csv", unit=JT)


def test_oem_rights_are_bound_to_machines(store: Store) -> None:
    right = right_of(
        store, ledger(软件类型="OEM软件", 许可数量="", 绑定计算机序列号="PF1、PF2，PF3", 软件名称="Windows 10 专业版")
    )

    assert (right.software_type, right.metric, right.quantity) == (SoftwareType.OEM, "oem", 3)
    assert right.bound_serials == ("PF1", "PF2", "PF3")


def test_more_machines_than_licences_and_one_machine_twice(store: Store) -> None:
    text = ledger(软件类型="OEM", 许可数量="1", 绑定计算机序列号="PF1、PF2")
    text += text.splitlines()[1].replace("A-1", "A-2").replace("PF1、PF2", "pf1") + "\n"
    with pytest.raises(RegisterFaults) as refused:
        read(store, "licences", text, unit=JT)

    assert [fault.what.split(" / ")[0] for fault in refused.value.faults] == [
        "绑定 2 台，多于许可数量 1",
        "pf1 已在 file.csv!2 绑定同一软件，每台计算机只能一次",
    ]


def facts(right: Entitlement) -> tuple[object, ...]:
    """What a printed purchase shows of a right."""
    return (right.code, right.name, right.software_type.value, right.purchased_on, right.amount, right.term)


def whole_serials(form: SummaryForm) -> SummaryForm:
    """The form with serial numbers in full."""
    text = {"****-K7Q2M": "SERIALNUMBERK7Q2M", "****-P3X9T": "SERIALNUMBERP3X9T"}
    return dataclasses.replace(
        form,
        purchases=tuple(
            dataclasses.replace(p, versions=tuple(
                dataclasses.replace(v, terms=tuple(
                    dataclasses.replace(t, serials=text.get(t.serials or "")) for t in v.terms))
                for v in p.versions))
            for p in form.purchases
        ),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_printed_form_comes_back_as_the_same_purchases(store: Store, language: str) -> None:
    data = render_xlsx(whole_serials(summary_form()), language=language, edition="official")
    found = apply(store, "licences", data, "汇总表.xlsx", unit=JT)
    made = rights(store)

    assert [facts(right) for right in made] == [
        ("BG-2019-01", "WPS Office 专业版", "commercial", date(2019, 3, 12), Decimal("15800.00"), "永久"),
        ("BG-2019-01", "WPS Office 专业版", "commercial", date(2019, 3, 12), None, "2027-12-31"),
        ("GH-2021-02", "中望CAD", "commercial", date(2021, 6, 1), Decimal("42000.50"), "永久"),
        ("MF-01", "7-Zip", "free", None, None, None),
        ("OEM-01", "Windows 10 专业版", "oem", None, None, None),
    ]
    assert quantity_text(made[:2]) == "8"
    assert quantity_text(made[2:3]) == "场地"
    assert [allowed.text for allowed in made[0].allowed] == ["2019", "2016（降级）"]
    assert [allowed.text for allowed in made[1].allowed] == ["2019"]
    assert found.unknown_products == ()
    with store.read() as connection:
        serials = [unsealed_serials(connection, right.id, store.sealer) for right in made[:2]]
    assert serials == [("SERIALNUMBERK7Q2M",), ("SERIALNUMBERP3X9T",)]
    assert [(note.heading, note.place.row) for note in found.notes] == [("许可数量", 7), ("许可数量", 11)]


def test_one_quantity_over_two_terms_is_never_counted_twice(store: Store) -> None:
    apply(store, "licences", render_xlsx(whole_serials(summary_form())), "汇总表.xlsx", unit=JT)

    assert [(right.term, right.quantity) for right in rights(store)[:2]] == [("永久", 0), ("2027-12-31", 8)]


def test_a_division_that_is_registered_stays(store: Store) -> None:
    head = "序号,软件编号,软件名称,软件类型,采购时间,许可数量,许可期限\n"
    rows = "1,A-1,WinRAR,商业软件,2020-01-01,{},永久\n{},A-1,WinRAR,商业软件,2020-01-01,{},2027-12-31\n"
    apply(store, "licences", head + rows.format(5, 2, 3), unit=JT)
    found = apply(store, "licences", head + rows.format(8, 1, 8), unit=JT)

    assert [(right.term, right.quantity) for right in rights(store)] == [("永久", 5), ("2027-12-31", 3)]
    assert found.notes == ()


def test_stars_never_overwrite_a_registered_serial_number(store: Store) -> None:
    """What is masked names the registered number; a mask that names none changes nothing and is told."""
    apply(store, "licences", ledger(序列号="ABCDEFGHIJ12345、QWERT-YUIOP-ASDFG-HJKLZ-XCVBN"), unit=JT)
    (before,) = rights(store)
    masked = "、".join(before.serials)
    assert masked == "**********12345、XXXXX-XXXXX-XXXXX-XXXXX-XCVBN"

    again = apply(store, "licences", ledger(序列号=masked), unit=JT)
    (after,) = rights(store)
    assert (after.id, again.notes) == (before.id, ())

    other = apply(store, "licences", ledger(序列号="****99999", 备注="改"), unit=JT)
    (kept,) = rights(store)
    assert kept.serials == before.serials
    assert [(note.place.row, note.heading) for note in other.notes] == [(2, "序列号")]
    assert "****99999 是掩码" in other.notes[0].what


def test_a_masked_number_of_a_new_right_is_not_kept(store: Store) -> None:
    found = apply(store, "licences", ledger(序列号="****-K7Q2M"), unit=JT)

    assert [right.serials for right in rights(store)] == [()]
    assert len(found.notes) == 1


def test_a_block_flattened_to_csv_goes_on_below(store: Store) -> None:
    text = f"序号,{HEAD},安装数量\n"
    text += "1,A-1,WPS Office 专业版,2019,商业软件,2019-03-12,100,数量许可,8,2019,永久,S1-AAAAAA,3\n"
    text += ",,,,,,,,,2016,永久,S2-BBBBBB,1\n,,,,,,,,,,,,\n填表说明：以上为年度数据,,,,,,,,,,,,\n"
    apply(store, "licences", text, unit=JT)
    (right,) = rights(store)

    assert ([allowed.text for allowed in right.allowed], right.quantity) == (["2019", "2016"], 8)
    with store.read() as connection:
        assert unsealed_serials(connection, right.id, store.sealer) == ("S1-AAAAAA", "S2-BBBBBB")


def test_rows_that_agree_are_one_right_and_others_are_their_own(store: Store) -> None:
    text = f"{HEAD}\n"
    text += "A-1,WinRAR,5,商业软件,2020-01-01,100,,3,5,永久,\nA-1,WinRAR,5,商业软件,2020-01-01,100,,3,4,永久,\n"
    text += "A-1,WinRAR,6,商业软件,2021-01-01,50,,2,6,永久,\n"
    apply(store, "licences", text, unit=JT)

    assert [(right.version, right.quantity, len(right.allowed)) for right in rights(store)] == [
        ("5", 3, 2),
        ("6", 2, 1),
    ]


def test_every_column_of_the_form_is_one_of_the_register() -> None:
    known = {heading for f in FIELDS for heading in f.headings}
    for column in COLUMNS:
        if column.key not in ("installed", "over"):
            assert {column.zh, column.en} <= known, column.key


@pytest.mark.parametrize("register", sorted(REGISTER_FIELDS))
def test_no_two_columns_of_a_register_answer_to_one_heading(register: str) -> None:
    seen: dict[str, str] = {}
    for f in REGISTER_FIELDS[register]:
        for heading in {folded_heading(word) for word in (*f.headings, f.name)}:
            assert seen.setdefault(heading, f.name) == f.name, heading


def test_every_field_of_a_right_can_be_said_in_the_ledger() -> None:
    """And every column has its help, every metric its word."""
    columns = {f.name for f in FIELDS}
    told_otherwise = {"id", "shared", "unlimited"}
    assert {f.name for f in dataclasses.fields(Entitlement)} - told_otherwise <= columns
    assert set(HELP) == columns
    assert {metric.id for metric in METRICS} == set(metrics().values())
