"""CONTRIBUTING.md sends people to files and folders that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "CONTRIBUTING.md",
    "README.md",
    "DECISIONS.md",
    "docs/admin.md",
    "docs/api.md",
    "docs/auditor.md",
    "docs/rule-author.md",
    "docs/scenarios.md",
)


def test_every_place_that_a_page_names_is_there() -> None:
    named = {
        (page, name)
        for page in PAGES
        for name in re.findall(
            r"`((?:agent|rules|reports|auditor|tests)/[\w./-]*)`", (ROOT / page).read_text(encoding="utf-8")
        )
    }
    assert len(named) > 15
    assert sorted(place for place in named if not (ROOT / place[1]).exists()) == []


def test_every_link_of_a_page_leads_to_a_page() -> None:
    pictures = {"docs/pictures/report.png"}
    for page in PAGES:
        folder = (ROOT / page).parent
        links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8"))
        assert [link for link in links if link not in pictures and not (folder / link).exists()] == []


def test_the_readme_says_how_much_is_downloaded() -> None:
    sizes = {}
    for name in ("server", "test"):
        found = re.search(r"^# download: (\d+) MB", (ROOT / "locks" / f"{name}.txt").read_text("utf-8"), re.MULTILINE)
        assert found is not None
        sizes[name] = int(found[1])
    more = sizes["test"] - sizes["server"]
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"下载约 {sizes['server']} MB（测试另需约 {more} MB）" in readme
    assert f"about {sizes['server']} MB from the Python package index (the tests another {more} MB)" in readme
