"""Tables of titles answered line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

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
        "publisher": "rarlab",
        "edition": None,
        "line": None,
        "version": "6.24.0",
        "class": "commercial",
        "kind": "application",
        "category": "archiver",
        "confidence": 0.95,
        "rule": "rarlab/winrar#uninstall-entry",
        "because": "WinRAR 6.24 (64-bit) · win.rar GmbH",
    }
    assert (second["product"], second["name"], second["version"], second["confidence"]) == (None, "某工具", "1.2", 0.0)
    assert third["rule"] == "kingsoft/wps-office#package"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (
            ["title\tversion\n"],
            "line 1: 应有名为 name 的列，实为 title, version / expected a column named name, got title, version",
        ),
        (["name\tname\n"], "line 1: name 列重复，应只有一列 / the column name stands twice; expected it once"),
        (["name\tversion\n", "a\tb\tc\n"], "line 2: 应不超过 2 列，实为 3 列 / expected at most 2 columns, got 3"),
        (
            ["name\tplatform\n", "a\tbeos\n"],
            "line 2: platform: 应为 windows.* 之一，实为 'beos' / expected one of windows.*, got 'beos'",
        ),
        (["name\tversion\n", "\t1.0\n"], "line 2: 名称为空，应填写 / expected a name, got nothing"),
        (
            ["name\tsource\n", "a\tregistry\n"],
            "line 2: source: 应为 .* 之一，实为 'registry' / expected one of .*, got 'registry'",
        ),
        (
            ["name\n", "a" * 20_001],
            "line 2: 应不超过 20000 个字符，实为 20001 个 / expected at most 20000 characters, got 20001",
        ),
    ],
)
def test_a_faulty_line_is_named(lines: list[str], fault: str) -> None:
    with pytest.raises(TableFault, match=f"^{fault}$"):
        list(recognise_lines(lines, CATALOGUE))


def test_an_empty_table_has_no_answers() -> None:
    assert list(recognise_lines([], CATALOGUE)) == []
    assert list(recognise_lines(["name\n"], CATALOGUE)) == []
