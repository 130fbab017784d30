"""Units, people, computers and the allow-list of free software: what is made of a file, and every fault of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from registers import DAY, apply, read, small_store, workbook
from report_builders import free_form

from auditor.core.model import MachineClass, MachineState, UnitCode, UnitKind
from auditor.errors import AuditorError
from auditor.intake.register_import import FIELDS, preview_file
from auditor.intake.registers.reading import RegisterFaults
from auditor.store.database import Store
from auditor.store.free_list import list_free_software
from auditor.store.machine_register import list_registered_machines
from auditor.store.people import list_people
from auditor.store.units import list_units
from reports.forms.free_software import COLUMNS
from reports.to_xlsx import render_xlsx

JT = UnitCode("JT")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with three units and two people."""
    with small_store(tmp_path) as opened:
        yield opened


def faults_of(store: Store, register: str, text: str) -> list[str]:
    """Every fault of a file: place, heading, and the Chinese half of what is wrong."""
    with pytest.raises(RegisterFaults) as refused:
        read(store, register, text)
    return [str(fault).split(" / ")[0] for fault in refused.value.faults]


def test_units_with_other_headings(store: Store) -> None:
    rows: list[list[object]] = [
        ["组织机构", None, None, None, None],
        ["部门编码", "部门名称", "上级编码", "性质", "人数"],
        ["SY", "示例研究院", "JT", "法人单位", 35],
        ["SY-01", "一所", "SY", None, None],
    ]
    apply(store, "units", workbook(rows, merged=["A1:E1"]), "units.xlsx")

    with store.read() as connection:
        found = {unit.code: unit for unit in list_units(connection, DAY)}
    assert list(found) == ["CW", "GH", "JT", "SY", "SY-01"]
    assert (found[UnitCode("SY")].kind, found[UnitCode("SY")].headcount) == (UnitKind.LEGAL_ENTITY, 35)
    assert (found[UnitCode("SY-01")].kind, found[UnitCode("SY-01")].parent) == (UnitKind.DEPARTMENT, "SY")


def test_units_in_a_circle_below_nobody_and_twice(store: Store) -> None:
    head = "单位编码,单位名称,上级单位编码\n"

    assert faults_of(store, "units", f"{head}A,甲,B\nB,乙,C\nC,丙,A\nD,丁,A\n") == [
        "file.csv!C2 上级单位编码: “A”将成为自己的上级",
        "file.csv!C3 上级单位编码: “B”将成为自己的上级",
        "file.csv!C4 上级单位编码: “C”将成为自己的上级",
        "file.csv!C5 上级单位编码: 上级“A”所在的行有误",
    ]
    assert faults_of(store, "units", f"{head}A,甲,A\n") == ["file.csv!C2 上级单位编码: “A”将成为自己的上级"]
    assert faults_of(store, "units", f"{head}A,甲,XX\nB,乙,A\n") == [
        "file.csv!C2 上级单位编码: 单位登记中没有编码“XX”",
        "file.csv!C3 上级单位编码: 上级“A”所在的行有误",
    ]
    assert faults_of(store, "units", f"{head}A,甲,JT\nA,乙,JT\n") == [
        "file.csv!A3 单位编码: “A”已在 file.csv!2 出现，每个编号只能有一行"
    ]


def test_a_move_that_closes_a_circle_with_registered_units(store: Store) -> None:
    assert faults_of(store, "units", "单位编码,单位名称,上级单位编码\nJT,示例集团,CW\n") == [
        "file.csv!C2 上级单位编码: “JT”将成为自己的上级"
    ]


def test_skipping_a_bad_unit_skips_what_stands_below_it(store: Store) -> None:
    text = "单位编码,单位名称,上级单位编码\nA,甲,XX\nB,乙,A\nC,丙,B\nD,丁,JT\n"
    found = apply(store, "units", text, skip_bad_rows=True)

    assert [row["code"] for row in found.rows] == ["D"]
    assert [fault.place.row for fault in found.faults] == [2, 3, 4]


def test_people_of_units_that_nobody_knows(store: Store) -> None:
    text = "员工编号,姓名,部门编码\n003,赵强,CW\n004,,CW\n005,钱进,XX\n003,孙立,GH\n"

    assert faults_of(store, "people", text) == [
        "file.csv!B3 姓名: 为空，应填写",
        "file.csv!C4 部门编码: 单位登记中没有编码“XX”",
        "file.csv!A5 工号: “003”已在 file.csv!2 出现，每个编号只能有一行",
    ]
    apply(store, "people", text, skip_bad_rows=True)
    with store.read() as connection:
        assert [(p.id, p.name, p.unit) for p in list_people(connection, DAY)] == [
            ("001", "李芳", "CW"), ("002", "王敏", "GH"), ("003", "赵强", "CW")]  # fmt: skip


def test_machines_with_everything(store: Store) -> None:
    head = "资产编号,部门编码,责任人工号,品牌型号,出厂序列号,物理地址,计算机名,设备类别,使用状态,存放地点,购置日期\n"
    text = head
    text += "PC-1,CW,001,联想 M90,PF3ABC,3C-7C-3F-00-11-22,cw-01,笔记本电脑,涉密,3楼,2021年5月\n"
    text += "PC-2,GH,,,,,,,,,\n"
    apply(store, "machines", text)

    with store.read() as connection:
        first, second = list_registered_machines(connection, DAY)
    assert (first.code, first.unit, first.person, first.brand, first.serial, first.mac, first.host_name) == (
        "PC-1", "CW", "001", "联想 M90", "PF3ABC", "3c:7c:3f:00:11:22", "cw-01")  # fmt: skip
    assert (first.machine_class, first.state, first.place, first.purchased_on) == (
        MachineClass.PORTABLE, MachineState.CLASSIFIED, "3楼", date(2021, 5, 1))  # fmt: skip
    assert (second.machine_class, second.state, second.person) == (MachineClass.UNKNOWN, MachineState.IN_USE, None)


def test_all_faults_of_a_machine_register(store: Store) -> None:
    head = "计算机编号,部门编码,使用人工号,MAC地址,设备类型,状态,购置日期\n"
    text = head + "PC 1,CW,,,,,\nPC-2,,,,,,\nPC-3,XX,999,12:34,平板,丢失,去年\n"

    assert faults_of(store, "machines", text) == [
        "file.csv!A2 计算机编号: 应为由字母、数字、-、_、. 组成的编号，不超过 64 个字符，实为“PC 1”",
        "file.csv!B3 部门编码: 为空，应填写",
        "file.csv!D4 MAC地址: 应为 MAC 地址，如 3c:7c:3f:00:11:22，实为“12:34”",
        "file.csv!E4 设备类型: 应为服务器、台式机、便携机、虚拟机 之一，实为“平板”",
        "file.csv!F4 状态: 应为在用、闲置、维修、停用、报废、调出、涉密不扫描、个人所有不扫描 之一，实为“丢失”",
        "file.csv!G4 购置日期: 应为日期，如 2019-03-05 或 2019年3月5日，实为“去年”",
    ]
    assert faults_of(store, "machines", head + "PC-3,XX,999,,,,\n") == [
        "file.csv!B2 部门编码: 单位登记中没有编码“XX”",
        "file.csv!C2 使用人工号: 人员登记中没有工号“999”",
    ]


def test_the_free_list_with_its_basis(store: Store) -> None:
    text = "软件编号,软件名称,单位编码,授权依据,使用原因\nMF-1,7-Zip,JT,LGPL,压缩\nMF-2,自研工具,JT,,\n"
    found = apply(store, "free_list", text)

    with store.read() as connection:
        lines = list_free_software(connection, DAY)
    assert [(line.code, line.product, line.basis, line.reason) for line in lines] == [
        ("MF-1", "igor-pavlov/7-zip", "LGPL", "压缩"), ("MF-2", None, None, None)]  # fmt: skip
    assert found.unknown_products == ("MF-2 自研工具",)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_printed_free_list_comes_back_as_it_was(store: Store, language: str) -> None:
    form = free_form()
    apply(store, "free_list", render_xlsx(form, language=language), "清单.xlsx", unit=JT)

    with store.read() as connection:
        lines = list_free_software(connection, DAY)
    printed = [(ln.code, ln.name, ln.version, ln.source, ln.vendor, ln.contact, ln.reason) for ln in form.lines]
    assert [(ln.code, ln.name, ln.version, ln.source, ln.vendor, ln.contact, ln.reason) for ln in lines] == printed
    assert printed


def test_every_column_of_the_free_list_is_one_of_the_register() -> None:
    known = {heading for f in FIELDS["free_list"] for heading in f.headings}
    for column in COLUMNS:
        assert column.key == "number" or {column.zh, column.en} <= known, column.key


@pytest.mark.parametrize("register", sorted(FIELDS))
def test_no_heading_means_two_columns(register: str) -> None:
    headings = [heading.casefold() for f in FIELDS[register] for heading in f.headings]

    assert sorted(headings) == sorted(set(headings))


@pytest.mark.parametrize("register", sorted(FIELDS))
@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\n\n"])
def test_a_file_without_a_header_says_what_was_looked_for(store: Store, register: str, text: str) -> None:
    with pytest.raises(AuditorError) as refused:
        read(store, register, text)

    assert str(refused.value).startswith("file.csv: 没有表头行，应有列：")
    assert "no header row; expected one with the columns" in str(refused.value)
    for f in FIELDS[register]:
        assert not f.required or f.headings[0] in str(refused.value)


def test_a_preview_tells_new_changed_unchanged_and_missing(store: Store) -> None:
    found = read(store, "people", "工号,姓名,部门编码\n001,李芳,GH\n003,赵强,CW\n")
    with store.read() as connection:
        shown = preview_file(connection, found, DAY)

    assert shown.counts == {"new": 1, "changed": 1, "unchanged": 0, "missing": 1}
    assert [(change.key, change.columns) for change in shown.changed] == [(("001",), ("unit",))]


def test_two_hundred_faults_are_listed_and_the_rest_is_counted(store: Store) -> None:
    text = "工号,姓名,部门编码\n" + "".join(f"{n},某,XX\n" for n in range(100, 350))
    with pytest.raises(RegisterFaults) as refused:
        read(store, "people", text)

    lines = str(refused.value).splitlines()
    assert len(refused.value.faults) == 250
    assert lines[200] == "……另有 50 处错误 / … 50 more faults"
