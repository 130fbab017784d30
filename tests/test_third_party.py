"""THIRD-PARTY.md names every locked package and every shipped file that is not text of ours, each with its licence."""

from __future__ import annotations

import re

from make_third_party import FILES, LOCKS, PAGE, ROOT, locked_packages, shipped_files


def rows() -> dict[str, list[str]]:
    """Return the cells of every line of the page's tables by its first cell."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return {cells[0]: cells for line in lines for cells in [[cell.strip() for cell in line.strip("|").split("|")]]}


def test_every_locked_package_has_a_licence_line() -> None:
    told = rows()
    assert len(locked_packages()) > 50
    for package in locked_packages():
        assert package.name in told, f"{package.name}: no line; run make third-party"
        _, versions, licence, home, locks = told[package.name]
        assert versions == ", ".join(package.versions)
        assert locks == ", ".join(package.locks)
        assert licence, f"{package.name}: no licence"
        assert home.startswith("http")


def test_no_licence_forbids_use_at_work() -> None:
    copyleft = re.compile(r"\bA?GPL|SSPL|BUSL|NonCommercial|CC-BY-NC", re.IGNORECASE)
    assert [name for name, cells in rows().items() if len(cells) == 5 and copyleft.search(cells[2])] == []


def test_every_shipped_file_that_is_not_our_text_has_a_licence_line() -> None:
    told = rows()
    assert "auditor/example/licences.xlsx" in shipped_files()
    for path in shipped_files():
        assert path in FILES, f"{path}: whose is it, and under which licence? One line in make_third_party.FILES"
        assert told[path][1]


def test_locks_pin_hashes_and_name_no_place() -> None:
    for lock in LOCKS:
        text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
        pins = [block for block in text.split("\n") if re.match(r"[A-Za-z0-9]", block)]
        assert pins and all("==" in pin and pin.endswith("\\") for pin in pins)
        assert "://" not in text and "--index" not in text and "--find-links" not in text and "file:" not in text
        assert re.search(r"^# download: \d+ MB in \d+ files", text, re.MULTILINE)
