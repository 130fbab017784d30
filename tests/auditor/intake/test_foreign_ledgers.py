"""Ledgers of other houses: Snipe-IT's licence CSV, a mapped table, YAML; and tables that are no ledger at all."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from corpus import corpus_folder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registers import apply, read, rights, small_store, workbook

from auditor.core.entitlement import (
    MaintenancePeriod,
    PartRole,
    Reservation,
    Sharing,
    SoftwareType,
    SuiteComposition,
    SuitePart,
    UpgradeBase,
)
from auditor.core.model import ProductId, UnitCode
from auditor.errors import AuditorError
from auditor.intake.register_import import FIELDS
from auditor.intake.registers.mapping import DateOrder, order_of, read_mapping, with_year_first
from auditor.intake.registers.reading import RegisterFaults
from auditor.store.database import Store
from auditor.store.entitlements import unsealed_serials

JT = UnitCode("JT")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with three units and two people."""
    with small_store(tmp_path) as opened:
        yield opened


SNIPE_HEAD = (
    "Full Name,Email,Username,Item name,serial number,Category,manufacturer,purchase date,purchase cost,purchase order,"
    "order number,Licensed To Name,Licensed to Email,expiration date,maintained,reassignable,seats,company,supplier,"
    "notes\n"
)


def snipe(*rows: str) -> str:
    """A file as Snipe-IT's licence importer reads it."""
    return SNIPE_HEAD + "".join(f"{row}\n" for row in rows)


def test_a_licence_of_snipe_it_is_a_right(store: Store) -> None:
    row = (
        'Ann,a@x.cn,ann,WinRAR,KEY-0001,Tools,RARLAB,03/25/2020,"1,200.00",PO-7,ON-9,Ann,a@x.cn,12/31/2030,true,no,40,'
    )
    found = apply(store, "licences", snipe(row + "财务处,经销商甲,批注"), unit=JT)
    (right,) = rights(store)

    assert (right.unit, right.name, right.product, right.quantity) == ("CW", "WinRAR", "rarlab/winrar", 40)
    assert (right.purchased_on, right.ends_on, right.amount) == (
        date(2020, 3, 25),
        date(2030, 12, 31),
        Decimal("1200.00"),
    )
    assert (right.contract, right.supplier, right.transferable) == ("PO-7", "经销商甲", False)
    assert right.remarks == "类别：Tools；厂商：RARLAB；订单号：ON-9；维护：true\n批注"
    assert right.software_type is SoftwareType.COMMERCIAL
    with store.read() as connection:
        assert unsealed_serials(connection, right.id, store.sealer) == ("KEY-0001",)
    assert [note.heading for note in found.notes] == ["Full Name …"]
    assert "a@x.cn" not in json.dumps(found.rows, default=str)
    assert "Ann" not in json.dumps(found.rows, default=str)


def test_a_licence_with_a_line_for_each_seat_counts_once_and_comes_again_as_the_same(store: Store) -> None:
    rows = [f"P{n},,p{n},WinRAR,KEY-1,,,,,,,,,,,,5,,," for n in range(3)]
    rows += ["P9,,p9,WinRAR,KEY-2,,,,,,,,,,,,7,,,", "P9,,p9,WinRAR,KEY-2,,,,,,,,,,,,8,,,"]
    first = apply(store, "licences", snipe(*rows), unit=JT)
    before = rights(store)
    again = read(store, "licences", snipe(*reversed(rows[:3]), *rows[3:]), unit=JT)

    assert sorted(right.quantity for right in before) == [5, 7]
    assert {row["code"] for row in again.rows} == {row["code"] for row in first.rows} == {r.code for r in before}
    assert [(note.place.row, note.heading) for note in first.notes] == [(2, "Full Name …"), (6, "seats")]


def test_money_of_another_currency_and_a_flag_that_is_none_are_told_and_not_guessed(store: Store) -> None:
    found = apply(store, "licences", snipe(",,,WinRAR,,,,,$12.58,,,,,,,sometimes,3,别处公司,,"), unit=JT)
    (right,) = rights(store)

    assert (right.amount, right.remarks, right.transferable, right.unit) == (None, "购价：$12.58", True, "JT")
    assert [(note.heading, note.what.split(" / ")[0]) for note in found.notes] == [
        ("Full Name …", "个人信息（姓名、邮箱、用户名）未导入"),
        ("reassignable", "“sometimes”不是是或否，未采用"),
        ("company", "1 行的 company 不是已登记的单位，归入 JT"),
    ]


@pytest.mark.parametrize(
    ("cells", "order", "day"),
    [
        (["03/25/2020", "04/05/2020"], DateOrder.MONTH_FIRST, "2020-04-05"),
        (["25/03/2020", "04/05/2020"], DateOrder.DAY_FIRST, "2020-05-04"),
        (["03/04/2020", "04/05/2020"], None, None),
        (["25/03/2020", "03/25/2020"], None, None),
        (["2020-03-25"], None, None),
    ],
)
def test_which_number_is_the_month_is_read_from_the_whole_column(
    cells: list[str], order: DateOrder | None, day: str | None
) -> None:
    assert order_of(cells) is order
    if order is not None:
        assert with_year_first("04/05/2020", order) == day


def test_every_fault_of_snipe_it_s_file_names_its_own_columns(store: Store) -> None:
    with pytest.raises(RegisterFaults) as told:
        read(store, "licences", snipe(",,,WinRAR,,,,13/45/2020,,,,,,,,,many,,,", ",,,,K,,,,,,,,,,,,3,,,"), unit=JT)

    assert [(f.place.row, f.place.column, f.heading) for f in told.value.faults] == [
        (2, "H", "purchase date"), (2, "Q", "seats"), (3, "D", "item name")]  # fmt: skip


def test_a_recorded_file_of_snipe_it(store: Store) -> None:
    folder = corpus_folder("licence-import")
    if folder is None:
        pytest.skip("no corpus beside this checkout")
    for answers in sorted((folder / "expected").glob("*.json")):
        told = json.loads(answers.read_text("utf-8"))
        for file in told["files"]:
            apply(store, "licences", (folder / file).read_bytes(), Path(file).name, unit=JT)
            held = {right.name: right for right in rights(store)}
            assert len(rights(store)) == told["expected_count"]
            assert sum(right.quantity for right in rights(store)) == told["seats_total"]
            for expected in told["expected"]:
                right = held[expected["product"][:700]]
                assert right.quantity == int(expected["seats"])
                assert _written(right.purchased_on) == expected["purchase_date"]
                assert _written(right.ends_on) == expected["expires"]
                assert bool(right.serials) == (expected["key"] == "present")


def _written(day: date | None) -> str:
    return day.strftime("%m/%d/%Y") if day is not None else ""


MAPPING = """
columns: {软件编号: Ref, 软件名称: Product Title, 许可数量: Seats, 采购时间: Bought, 软件类型: Kind, ends_on: Till}
values: {软件类型: {Perpetual: 商业软件, Bundled: OEM软件}}
fixed: {单位编码: CW, 许可类型: 数量许可}
dates: day_first
"""


def test_a_table_of_another_house_with_a_mapping(store: Store) -> None:
    text = "Ref;Product Title;Kind;Seats;Bought;Till\nX-1;WinRAR;Perpetual;7;05/04/2020;31/12/2027\n"
    apply(store, "licences", text, mapping=read_mapping(MAPPING.encode(), "mapping.yaml"))
    (right,) = rights(store)

    assert (right.code, right.unit, right.product, right.quantity) == ("X-1", "CW", "rarlab/winrar", 7)
    assert (right.purchased_on, right.ends_on, right.licence_type) == (date(2020, 4, 5), date(2027, 12, 31), "数量许可")


def test_a_fixed_value_stands_for_a_column_that_the_table_lacks(store: Store) -> None:
    mapping = read_mapping("fixed: {软件类型: 商业软件, 单位编码: JT}".encode(), "m.yaml")
    apply(store, "licences", "软件编号,软件名称,许可数量\nX-1,WinRAR,7\n\n合计,,7\n", mapping=mapping)

    assert [(right.unit, right.software_type) for right in rights(store)] == [("JT", SoftwareType.COMMERCIAL)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: {软件编码: A}", "mapping: columns.软件编码: 没有该列"),
        ("columns: [a]", "应有 columns、values、fixed、dates"),
        ("dates: year_first", "应有 columns、values、fixed、dates"),
        ("columns: {软件编号: A, 软件编号: B}", "stands twice"),
    ],
)
def test_a_mapping_that_cannot_be_meant(store: Store, text: str, told: str) -> None:
    with pytest.raises(AuditorError, match=told):
        read(store, "licences", "A,B\n1,2\n", mapping=read_mapping(text.encode(), "mapping.yaml"))


YAML = """
licences:
- unit: JT
  code: A-1
  name: Microsoft Office 2016 专业增强版
  软件类型: 商业软件
  version: 2016
  quantity: 10
  rights_per_pack: 5
  allowed:
  - 2013及以下
  - {text: 全部十二点几, versions: '>=12,<13', basis: 合同}
  sharing: named
  shared_with: [CW, GH]
  reservations: [{unit: CW, quantity: 7}]
  maintenance: [{starts_on: 2023-01-01, ends_on: 2024-12-31}]
  upgrade_from: [{line: 2010}, {product: microsoft/office, on_device: true}]
  downgrade: {steps: 2, basis: 合同第五条}
  suite: {parts: [{product: microsoft/word}, {product: microsoft/access, role: mandatory}], minimum_percent: 75}
  counting: {minimum_per_processor: 8, tiers: [[2500, 1.0], [10000, '0.8']]}
  transferable: no
  serials: [ABCDE-1, ABCDE-2]
- {unit: CW, code: A-2, name: WinRAR, software_type: commercial, quantity: 不限, amount: 6.10}
"""


def test_a_ledger_in_yaml_says_parts_as_parts(store: Store) -> None:
    apply(store, "licences", YAML, "ledger.yaml")
    second, first = rights(store)

    assert (first.rights, first.version, first.reach, first.shared_with) == (50, "2016", Sharing.NAMED, ("CW", "GH"))
    assert [(a.line, a.versions, a.basis) for a in first.allowed][-1] == (None, ">=12,<13", "合同")
    assert first.allowed[0].line == "2013"
    assert first.reservations == (Reservation(UnitCode("CW"), 7),)
    assert first.maintenance == (MaintenancePeriod(date(2023, 1, 1), date(2024, 12, 31)),)
    assert first.upgrade_from == (
        UpgradeBase(line="2010"),
        UpgradeBase(ProductId("microsoft/office"), on_device=True),
    )
    assert first.downgrade is not None
    assert (first.downgrade.steps, first.downgrade.basis) == (2, "合同第五条")
    assert first.suite == SuiteComposition(
        (SuitePart(ProductId("microsoft/access"), PartRole.MANDATORY), SuitePart(ProductId("microsoft/word"))), 75
    )
    assert first.counting.tiers == ((2500, "1.0"), (10000, "0.8"))
    assert not first.transferable
    assert (second.unlimited, second.amount) == (True, Decimal("6.10"))


def test_every_fault_of_a_yaml_ledger_comes_with_its_line(store: Store) -> None:
    text = """licences:
- {unit: JT, code: A 1, name: WinRAR, software_type: commercial, quantity: 1e12}
- unit: JT
  code: A-2
  name: WinRAR
  software_type: 盗版
  quantity: 3
  reservations: [{unit: CW}]
  maintenance: [{starts_on: 2024-01-01, ends_on: 2023-01-01}]
  serials: ['a、b']
  farbe: rot
- nothing
"""
    with pytest.raises(RegisterFaults) as told:
        read(store, "licences", text, "ledger.yaml")

    assert [(fault.place.row, fault.heading) for fault in told.value.faults] == [
        (2, "软件编号"), (2, "许可数量"), (3, "软件类型"), (3, "维护期间"), (8, "保留数量"), (10, "序列号"), (12, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("licences: [", "ledger.yaml!"),
        ("rights: []", "应为 licences: 之下的列表"),
        ("licences: {a: 1}", "应为 licences: 之下的列表"),
        ("", "应为 licences: 之下的列表"),
    ],
)
def test_a_file_that_is_no_such_list(store: Store, text: str, told: str) -> None:
    with pytest.raises(AuditorError, match=told):
        read(store, "licences", text, "ledger.yaml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_ledger_in_the_encodings_of_chinese_programs(store: Store, encoding: str) -> None:
    text = "软件编号,软件名称,软件类型,许可数量,采购时间,许可期限\nA-1,中望CAD,商业软件,3套,2019年3月,永久\n"
    apply(store, "licences", text.encode(encoding), unit=JT)

    assert [(right.product, right.quantity, right.purchased_on) for right in rights(store)] == [
        ("zwsoft/zwcad", 3, date(2019, 3, 1))
    ]


CELLS = st.none() | st.text(max_size=12) | st.integers() | st.floats() | st.dates() | st.booleans()
HEADINGS = sorted({heading for fields in FIELDS.values() for f in fields for heading in f.headings})
TABLES = st.lists(st.lists(st.sampled_from(HEADINGS) | CELLS, max_size=14), min_size=1, max_size=8)


@given(rows=TABLES, register=st.sampled_from(sorted(FIELDS)))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_table_of_cells_breaks_a_register(shared: Store, rows: list[list[object]], register: str) -> None:
    """Rows under true headings, filled with anything: an answer or a fault, never a crash."""
    fields = FIELDS[register]
    filled: list[list[object]] = [[f.headings[0] for f in fields], *rows]
    with contextlib.suppress(AuditorError):
        read(shared, register, _csv(filled), unit=JT, skip_bad_rows=True)
    with contextlib.suppress(AuditorError):
        read(shared, register, _csv(rows), unit=JT)


@given(data=st.binary(max_size=400), start=st.sampled_from([b"", b"licences:\n- ", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"]))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_bytes_break_a_register(shared: Store, data: bytes, start: bytes) -> None:
    for name in ("x.yaml", "x.csv", "x.xlsx"):
        with contextlib.suppress(AuditorError):
            read(shared, "licences", start + data, name, unit=JT)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that is only read."""
    with small_store(tmp_path_factory.mktemp("fuzz")) as opened:
        yield opened


def _csv(rows: list[list[object]]) -> bytes:
    told = "\n".join(",".join(f'"{str(cell or "").replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)
    return told.encode("utf-8", "replace")


def test_merged_cells_and_two_rows_of_headings_of_a_template(store: Store) -> None:
    """A purchase typed once over two versions, as people do."""
    head: list[object] = ["采购信息", "采购信息", "采购信息", "许可信息", "许可信息"]
    rows: list[list[object]] = [
        head,
        ["软件编号", "软件名称", "软件类型", "许可数量", "可使用版本"],
        ["A-1", "Microsoft Office 2016 专业增强版", "商业软件", 5, "2016"],
        [None, None, None, None, "2013"],
    ]
    merged = ["A1:C1", "D1:E1", "A3:A4", "B3:B4", "C3:C4", "D3:D4"]
    apply(store, "licences", workbook(rows, merged=merged), "x.xlsx", unit=JT)

    assert [(right.quantity, [a.line for a in right.allowed]) for right in rights(store)] == [(5, ["2016", "2013"])]
