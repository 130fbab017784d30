"""Position, what-if and plan as commands: the figures of a small group, and that asking changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inventories import document, package
from python_calamine import CalamineWorkbook
from shell import Shell

from agent.inventory.host import OperatingSystem

pytestmark = pytest.mark.slow

UNITS = "单位编码,单位名称,上级单位编码,单位性质\nG,集团,,独立法人\nN,北方公司,G,独立法人\nS,南方公司,G,独立法人\n"
LICENCES = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限,授权凭证编号
S-1,WinRAR,商业软件,S,2020-01-01,5,永久,ZS-1
N-1,WinRAR,商业软件,N,2020-01-01,1,永久,ZS-2
"""
PRICES = "软件名称,单价,起订数量,供应商\nWinRAR,200,1,示例公司\nWinRAR,150,4,示例公司\n"
UNINSTALL = "uninstall_keys:HKLM64"


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Six PCs of the north and three of the south bear WinRAR; the north owns one licence, the south five."""
    shell = Shell(tmp_path_factory.mktemp("plan") / "work")
    shell.folder.mkdir()
    shell("units", "import", shell.file("units.csv", UNITS), "--apply")
    machines = ["计算机编号,部门编码,序列号,设备类型"]
    for unit, count in (("N", 6), ("S", 3)):
        (shell.folder / unit).mkdir()
        for number in range(count):
            machines.append(f"{unit}{number},{unit},SN{unit}{number:05d},台式机")
            software = package(
                "WinRAR 6.24 (64-bit)",
                "6.24.0",
                scope=UNINSTALL,
                publisher="win.rar GmbH",
                identifier="WinRAR archiver",
            )
            shell.file(
                f"{unit}/pc{number}.json",
                document(
                    [software],
                    serial=f"SN{unit}{number:05d}",
                    name=f"{unit}-{number}",
                    mac_addresses=(f"3c:52:82:{ord(unit):02x}:22:{number:02x}",),
                    system=OperatingSystem("windows", "Windows 11 Pro", installation_id=f"{unit}-{number}-4f2a"),
                ),
            )
        shell("import", unit, "--unit", unit)
    shell("machines", "import", shell.file("machines.csv", "\n".join(machines)), "--apply")
    shell("licences", "import", shell.file("licences.csv", LICENCES), "--apply")
    shell("prices", "import", shell.file("prices.csv", PRICES), "--apply")
    shell("audit", "--output", "out", code=1)
    return shell


def asked(group: Shell, *words: str, code: int = 1) -> dict[str, Any]:
    """Return what a command says as JSON."""
    found: dict[str, Any] = json.loads(group(*words, "--format", "json", code=code)[0])
    return found


def figures(told: dict[str, Any]) -> dict[str, tuple[int, int, int, int]]:
    """Return required, covered, shortage and net of WinRAR by unit."""
    return {
        row["unit"]: (row["required"], row["covered"], row["shortage"], row["net"])
        for row in told["positions"]
        if row["product"] == "rarlab/winrar"
    }


def steps_of(told: dict[str, Any]) -> list[tuple[str, str, int, str | None]]:
    """Return the steps for WinRAR: way, unit, quantity, giver. The systems of the PCs are short as well."""
    return [
        (step["way"], step["unit"], step["quantity"], step["from_unit"])
        for step in told["steps"]
        if step["product"] == "rarlab/winrar"
    ]


def test_the_position_of_each_unit_gross_and_net(group: Shell) -> None:
    told = asked(group, "position", "--product", "WinRAR")
    assert figures(told) == {"G": (9, 4, 5, -3), "N": (6, 1, 5, -5), "S": (3, 3, 0, 2)}


def test_every_copy_says_its_right_and_paper_or_the_one_condition_that_fails(group: Shell) -> None:
    told = asked(group, "position", "--product", "rarlab/winrar", "--unit", "N", "--explain")
    copies = [(row["machine"], row["code"], row["right"], row["reason"], row["failing"]) for row in told["copies"]]
    assert copies[0] == ("N0", "N-1", "covered", "exact", None)
    assert {copy[2:] for copy in copies[1:]} == {("short", None, "exhausted")}
    assert told["copies"][0]["paper"] == "ZS-2"
    assert told["copies"][0]["record"] == "software[0]"
    assert len(told["copies"][0]["document"]) == 64


def test_what_if_shows_before_and_after_and_changes_nothing(group: Shell) -> None:
    added = asked(group, "position", "--product", "WinRAR", "--add", "N:WinRAR:5", code=0)
    (north,) = [row for row in added["positions"] if row["unit"] == "N"]
    assert (north["shortage_before"], north["shortage"]) == (5, 0)
    gone = asked(group, "position", "--product", "WinRAR", "--without-machine", "N1", "--without-machine", "N2")
    assert figures(gone)["N"] == (4, 1, 3, -3)
    without = asked(group, "position", "--product", "WinRAR", "--without-product", "WinRAR", code=0)
    assert [row.get("required", 0) for row in without["positions"]] == [0, 0, 0]
    assert figures(asked(group, "position", "--product", "WinRAR"))["N"] == (6, 1, 5, -5)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--product", "没有的软件"], 2, "没有的软件: 应为一个软件的标识或名称"),
        (["--add", "N:WinRAR:many"], 2, "--add N:WinRAR:many: 应为 / expected UNIT:PRODUCT:QUANTITY[:METRIC]"),
        (["--add", "X:WinRAR:1"], 3, "X: 没有登记或扫描到"),
        (["--without-machine", "PC-none"], 3, "PC-none: 没有登记或扫描到"),
        (["--upgrade", "WinRAR"], 2, "--upgrade WinRAR: 应为 / expected PRODUCT[:FROM]=LINE"),
        (["--as-of", "yesterday"], 2, "yesterday: 应为日期"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(group: Shell, words: list[str], code: int, told: str) -> None:
    assert told in group("position", *words, code=code)[1]


def test_each_company_for_itself_buys_all_that_it_lacks(group: Shell) -> None:
    told = asked(group, "plan", "--without", "replace")
    assert steps_of(told) == [("buy", "N", 5, None)]
    assert told["cost"] == "750.00"


def test_the_group_moves_idle_licences_first_and_writes_the_form(group: Shell) -> None:
    told = asked(group, "plan", "--group", "--without", "replace", "--output", "plans")
    assert steps_of(told) == [("transfer", "N", 1, "S"), ("buy", "N", 4, None)]
    assert told["cost"] == "600.00"  # four at 150 cost what three at 200 do, and fewer rights move
    (file,) = (group.folder / "plans").iterdir()
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    body = [row for row in rows if row[0] == 1.0]
    assert [row[1:6] for row in body] == [["WinRAR", "", 150.0, 4.0, 600.0]]


def test_a_plan_can_do_without_some_ways(group: Shell) -> None:
    told = asked(group, "plan", "--group", "--without", "transfer,replace")
    assert {way for way, *_ in steps_of(told)} == {"buy"}
    assert "--without steal: 应为 reassign 重新分配、transfer 划转" in group("plan", "--without", "steal", code=2)[1]


def test_a_unit_that_is_not_there_has_no_plan(group: Shell) -> None:
    assert "--unit X:" in group("plan", "--unit", "X", code=3)[1]


def test_the_plan_reads_well_as_a_table(group: Shell) -> None:
    out, _ = group("plan", "--group", "--without", "replace", code=1)
    assert "transfer" in out
    assert "合计 total: 600.00 元 yuan" in out
    assert not (Path(group.folder) / "plans2").exists()
