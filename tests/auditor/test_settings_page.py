"""The tables of settings in the handbook and on the page of the interface are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.settings import SETTINGS, Setting

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| `([a-z_]+)` \| (.*?) \| (.*) \|$", re.MULTILINE)


def told(row: Setting) -> tuple[str, str, str]:
    default = str(row.default).lower() if isinstance(row.default, bool) else str(row.default)
    return row.name, default, row.help


@pytest.mark.parametrize(
    ("page", "heading", "names"),
    [
        ("admin.md", "## 设置 · Settings", [row.name for row in SETTINGS]),
        (
            "api.md",
            "## 限制 · Limits",
            [row.name for row in SETTINGS if row.name.startswith("intake_") or row.name == "clock_window_seconds"],
        ),
    ],
)
def test_the_table_of_a_page_is_that_of_the_program(page: str, heading: str, names: list[str]) -> None:
    section = (DOCS / page).read_text(encoding="utf-8").split(f"{heading}\n")[1].split("\n## ")[0]
    shown = [(name, default.strip("`"), meaning) for name, default, meaning in ROW.findall(section)]
    assert shown == [told(row) for row in SETTINGS if row.name in names]
