"""Tables of titles answered line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.loading import load_catalogue
from rules.tabular import TableFault, recognise_lines

CATALOGUE = load_catalogue([Path(__file__).parent / "catalogue"])


def test_each_line_has_its_answer() -> None:
    lines = [
        "\ufeffname\tpublisher\tversion\tplatform\tremark\r\n",
        "WinRAR 6.24 (64-bit)\twin.rar GmbH\t6.24.0\twindows\tx\r\n",
        "\r\n",
        "某工具 1.2\t\t\t\t\r\n",
        "wps-office\t\t11.1.0.11719.XA\tlinux-deb\r\n",
    ]
    first, second, third = recognise_lines(lines, CATALOGUE)

    assert first == {
        "product": {
            "id": "rarlab/winrar",
            "name": "WinRAR",
            "names": ["WinRAR"],
            "publisher": {"id": "rarlab", "zh": "RARLAB (win.rar GmbH)", "en": "win.rar GmbH", "country": "DE"},
        },
        "group": "rarlab/winrar",
        "name": "WinRAR",
        "publisher": "win.rar",
        "edition": None,
        "line": None,
        "version": "6.24.0",
        "class": "commercial",
        "kind": "application",
        "category": "archiver",
        "confidence": 0.95,
        "rule": "rarlab/winrar#uninstall-entry",
        "listed": None,
        "because": "WinRAR 6.24 (64-bit) · win.rar GmbH",
        "reason": {
            "zh": "按名称和厂商“WinRAR 6.24 (64-bit) · win.rar GmbH”认定，依据规则 rarlab/winrar#uninstall-entry。",
            "en": "Told by name and publisher “WinRAR 6.24 (64-bit) · win.rar GmbH”, "
            "rule rarlab/winrar#uninstall-entry.",
        },
    }
    assert (second["product"], second["name"], second["version"], second["confidence"]) == (None, "某工具", "1.2", 0.0)
    assert third["rule"] == "kingsoft/wps-office#package"


@pytest.mark.parametrize(
    ("row", "name", "problem"),
    [
        ("a\tb\tc\td\te\tf\tg", "a", "应不超过 6 列 / expected at most 6 columns, got 7"),
        ("a\t\t\tbeos", "a", "platform: 应为 windows, linux, macos, other 之一，实为 'beos' / expected one of"),
        ("\t\t1.0", "", "名称为空 / the name is empty"),
        ("a" * 10_000, "a" * 500, "name: 10000 个字符，只看前 2000 个 / cut to 2000"),
        ("\x00\x01\x02\tx", "", None),
        ("12345", "12345", None),
        ("Tool\x00\x07 1.2", "Tool", None),
        ("\ud800Tool", "\ud800Tool", None),
    ],
)
def test_a_hostile_row_is_answered_and_the_next_one_too(row: str, name: str, problem: str | None) -> None:
    head = "name\tpublisher\tversion\tplatform\tidentifier\tsource"
    hostile, next_one = recognise_lines([head, row, "WinRAR 6.24 (64-bit)"], CATALOGUE)

    assert hostile["product"] is None
    assert hostile["name"] == name
    told = hostile.get("problems", [])
    assert told == [] if problem is None else told[0].startswith(problem)
    assert next_one["product"]["id"] == "rarlab/winrar"


@pytest.mark.parametrize(
    "heads", ["version\tname\tx", "raw_version\traw_name\tname", "VERSION\tName\tsource", "\ufeffversion\tname\tcpe"]
)
def test_columns_stand_in_any_order_and_under_either_heading(heads: str) -> None:
    (answer,) = recognise_lines([heads, "6.24.0\tWinRAR 6.24 (64-bit)\tsomething"], CATALOGUE)
    assert (answer["product"]["id"], answer["version"]) == ("rarlab/winrar", "6.24.0")


def test_a_heading_without_names_is_a_fault() -> None:
    fault = "^line 1: 应有名为 name 的列，实为 title, version / expected a column named name, got title, version$"
    with pytest.raises(TableFault, match=fault):
        list(recognise_lines(["title\tversion\n"], CATALOGUE))


def test_without_a_source_the_usual_ones_are_asked_in_turn() -> None:
    (answer,) = recognise_lines(["name\tversion\tplatform", "Windows 10 Pro\t10.0.19045\twindows"], CATALOGUE)
    assert (answer["product"]["id"], answer["kind"]) == ("microsoft/windows", "operating_system")


@given(st.lists(st.text(max_size=60), max_size=5))
def test_as_many_answers_as_lines(cells: list[str]) -> None:
    lines = [text for cell in cells if (text := "".join(cell.splitlines()))]
    assert len(list(recognise_lines(["name", *lines], CATALOGUE))) == len(
        [line for line in lines if line.strip("\r\n")]
    )


def test_an_empty_table_has_no_answers() -> None:
    assert list(recognise_lines([], CATALOGUE)) == []
    assert list(recognise_lines(["name\n"], CATALOGUE)) == []
