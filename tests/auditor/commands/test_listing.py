"""What a machine calls itself does not drive the terminal of whoever looks at a listing."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from auditor.commands.context import Format, print_json, print_listing, say

NAMES = [
    "\x1b[2J\x1b]0;owned\x07Office",
    "\u009b31mOffice",
    "\u202egnp.exe",
    "\u2066a\u2069\u200f",
    "two\nlines\tand\r\nmore",
    "\x00\x08\x7f\u0085",
    "half \ud800",
    "[bold red]no markup[/]",
    "=HYPERLINK(1)",
    "+1+1",
    "@SUM(A1)",
    "-2",
    "钉钉",
]
COLUMNS = {"name": "名称"}
ROWS = [{"name": name} for name in NAMES]
DRIVES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]"
)


@pytest.mark.parametrize("form", list(Format))
def test_nothing_drives_the_terminal(capsys: pytest.CaptureFixture[str], form: Format) -> None:
    print_listing(ROWS, COLUMNS, form)
    out = capsys.readouterr().out
    assert not DRIVES.search(out)
    assert "钉钉" in out and "Office" in out
    out.encode("utf-8")


def test_a_table_has_one_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_listing(ROWS, COLUMNS, Format.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(NAMES)
    assert "two lines and more" in lines[5]
    assert "[bold red]no markup[/]" in lines[8]


def test_json_keeps_the_name_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_listing(ROWS, COLUMNS, Format.JSON)
    assert [row["name"] for row in json.loads(capsys.readouterr().out)] == NAMES
    print_json({"\u202e": ["\ud800\x9b"]})
    assert json.loads(capsys.readouterr().out) == {"\u202e": ["\ud800\x9b"]}


def test_csv_has_no_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    print_listing(ROWS, COLUMNS, Format.CSV)
    cells = [row[0] for row in csv.reader(io.StringIO(capsys.readouterr().out))]
    assert cells[9:13] == ["'=HYPERLINK(1)", "'+1+1", "'@SUM(A1)", "-2"]


def test_a_message_does_not_drive_it_either(capsys: pytest.CaptureFixture[str]) -> None:
    say("inventory refused: \x1b[31m\u202e\ud800")
    assert not DRIVES.search(capsys.readouterr().err)
