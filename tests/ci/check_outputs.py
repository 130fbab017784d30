"""Open everything that a real `make audit` wrote, and hold it to its word. Usage: check_outputs.py OUT

Needs LibreOffice and Chromium; prints one line a check and ends 1 at the first that fails.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

import openpyxl
import python_calamine

from auditor.store.database import open_store
from auditor.store.machines import load_machines
from auditor.store.titles import load_all_titles

ROOT = Path(__file__).resolve().parents[2]
FORMS = ("软件使用情况汇总表", "软件使用情况明细表", "软件安装维护情况明细表", "可使用免费软件清单")
REPORT = "软件正版化自查报告"
CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDTHS = (1280, 390)
STRANGE_PLACE = {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "4711"}


def main() -> int:
    """Run every check on the folder that is named."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "out").resolve()
    database = f"sqlite:///{(out / 'store' / 'zhengban.db').as_posix()}"
    units = legal_entities(database)
    assert units, "no legal entity"
    for unit in units:
        check_unit(out / "reports" / unit)
    check_packages(out / "store" / "zhengban.db")
    run = json.loads(zhengban(database, "runs", "list", "--format", "json"))[0]["id"]
    check_repeat(database, run, out / "reports", units)
    check_without_golden(database, run, out / "reports", units)
    print("all outputs hold")
    return 0


def check_unit(folder: Path) -> None:
    """Four workbooks that two libraries read alike and LibreOffice opens, and one report that a browser shows."""
    for form in FORMS:
        books = sorted(folder.glob(f"{form}_*.xlsx"))
        assert len(books) == 1, f"{folder}: expected one {form}, got {books}"
        cells, merged = check_workbook(books[0])
        print(f"{books[0].name}: {cells} cells and {merged} merged blocks read alike")
        check_opens(books[0])
    reports = sorted(folder.glob(f"{REPORT}_*.html"))
    assert len(reports) == 1, f"{folder}: expected one {REPORT}, got {reports}"
    check_report(reports[0])


def check_workbook(path: Path) -> tuple[int, int]:
    """Compare openpyxl with calamine, cell by cell and block by block. Return how many of each."""
    one = openpyxl.load_workbook(path)
    other = python_calamine.CalamineWorkbook.from_path(str(path))
    assert one.sheetnames == other.sheet_names
    cells = merged = 0
    for name in one.sheetnames:
        sheet, rows = one[name], other.get_sheet_by_name(name)
        read = rows.to_python(skip_empty_area=False)
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            for column, value in enumerate(row):
                said = read[number][column] if number < len(read) and column < len(read[number]) else ""
                assert same(value, said), (
                    f"{path.name} {name} row {number + 1} column {column + 1}: {value!r}, {said!r}"
                )
                cells += value is not None
        blocks = {((r.min_row - 1, r.min_col - 1), (r.max_row - 1, r.max_col - 1)) for r in sheet.merged_cells.ranges}
        told = {(tuple(first), tuple(last)) for first, last in rows.merged_cell_ranges or ()}
        assert blocks == told, f"{path.name} {name}: merged blocks differ"
        merged += len(blocks)
    assert cells, f"{path.name}: no cell"
    return cells, merged


def same(one: object, other: object) -> bool:
    """Compare a cell as openpyxl reads it with the same as calamine reads it."""
    if one is None:
        return other == ""
    if isinstance(one, datetime.datetime) and not isinstance(other, datetime.datetime):
        return one.date() == other
    return one == other


def check_opens(path: Path) -> None:
    """Turn a workbook into PDF with LibreOffice, which says nothing wrong."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is not installed"
    with tempfile.TemporaryDirectory() as folder:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        made = list(Path(folder).glob("*.pdf"))
        said = done.stdout + done.stderr
        assert done.returncode == 0 and len(made) == 1, f"{path.name}: LibreOffice: {said}"
        assert not re.search(r"\b(error|corrupt|repair)", said, re.IGNORECASE), said
        assert made[0].read_bytes().startswith(b"%PDF-"), f"{path.name}: no PDF"


def check_report(path: Path) -> None:
    """One file that asks for nothing else, in both languages, not empty at desktop and phone width."""
    text = path.read_text(encoding="utf-8")
    outside = re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'> ]*|url\(["']?https?:[^)]*""", text)
    assert not [found for found in outside if "src" in found or "url(" in found], f"{path.name}: asks for {outside[:3]}"
    assert "<link" not in text and "<script src" not in text, f"{path.name}: asks for another file"
    assert "本报告由技术扫描与台账比对生成" in text, f"{path.name}: without its closing sentence"
    for width in WIDTHS:
        lines = screenshot_lines(path, width)
        assert lines > 200, f"{path.name}: {lines} different lines at {width} px"
        print(f"{path.name}: {lines} different lines of pixels at {width} px")


def screenshot_lines(path: Path, width: int) -> int:
    """Show a page in Chromium. Return how many different lines of pixels it has."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert program, "Chromium is not installed"
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "page.png"
        place = (f"--user-data-dir={folder}/profile", f"--window-size={width},2000", f"--screenshot={picture}")
        command = [program, *CHROMIUM, *place, path.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        assert picture.is_file(), f"{path.name}: no picture: {done.stderr[-500:]}"
        return different_lines(picture.read_bytes(), width)


def different_lines(png: bytes, width: int) -> int:
    """Count the different lines of a PNG of 8 bits a channel; filtered lines of a blank page are all the same."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, packed, channels = 8, b"", 0
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        body = png[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            wide, _, depth, colour = struct.unpack(">IIBB", body[:10])
            assert (wide, depth) == (width, 8), f"picture of {wide} pixels, expected {width}"
            channels = {2: 3, 6: 4}[colour]
        elif kind == b"IDAT":
            packed += body
        place += size + 12
    raw = zlib.decompress(packed)
    step = width * channels + 1
    return len({raw[start : start + step] for start in range(0, len(raw), step)})


def check_packages(database: Path) -> None:
    """The dpkg packages of this machine in the store are those of dpkg-query."""
    if shutil.which("dpkg-query") is None:
        print("dpkg-query: not on this system, nothing to compare")
        return
    form = "${db:Status-Status}\t${Package}\t${Architecture}\t${Version}\n"
    listing = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    told: Counter[tuple[str | None, ...]] = Counter(
        tuple(row[1:]) for row in (line.split("\t") for line in listing.splitlines()) if row[0] == "installed"
    )
    store = open_store(f"sqlite:///{database.as_posix()}")
    try:
        with store.read() as connection:
            titles, machines = load_all_titles(connection), load_machines(connection)
    finally:
        store.close()
    host = Path("/proc/sys/kernel/hostname").read_text(encoding="utf-8").strip()
    ours = next(machine for machine in machines if machine.host_name == host)
    kept = (titles[item.title] for item in ours.installations)
    found: Counter[tuple[str | None, ...]] = Counter(
        (t.name, t.architecture, t.version) for t in kept if t.source == "dpkg"
    )
    assert found == told, f"dpkg: {found - told} only in the store, {told - found} only at dpkg-query"
    print(f"dpkg: {sum(found.values())} packages of {host} in the store, as dpkg-query says")


def check_repeat(database: str, run: str, reports: Path, units: list[str]) -> None:
    """Another process, time zone, locale and hash seed write the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        zhengban(database, "audit", "--repeat", run, "--output", folder, environment=STRANGE_PLACE)
        compare(reports, Path(folder), units)
    print(f"audit --repeat {run[:16]}: the same bytes under {', '.join(f'{k}={v}' for k, v in STRANGE_PLACE.items())}")


def check_without_golden(database: str, run: str, reports: Path, units: list[str]) -> None:
    """What the tests expect is no source of anything: a copy of the program without tests/ writes the same."""
    with tempfile.TemporaryDirectory() as folder:
        for package in ("agent", "rules", "reports", "auditor"):
            shutil.copytree(ROOT / package, Path(folder) / package, ignore=shutil.ignore_patterns("__pycache__"))
        target = Path(folder) / "made"
        zhengban(
            database, "audit", "--repeat", run, "--output", str(target),
            environment={"PYTHONPATH": folder}, folder=Path(folder),
        )  # fmt: skip
        compare(reports, target, units)
    print("the four packages alone, without tests/ and its golden files: the same bytes")


def compare(reports: Path, again: Path, units: list[str]) -> None:
    """Compare the folders of the legal entities byte by byte."""
    for unit in units:
        one = {path.name: path.read_bytes() for path in (reports / unit).iterdir()}
        other = {path.name: path.read_bytes() for path in (again / unit).iterdir()}
        assert one.keys() == other.keys(), f"{unit}: {sorted(one.keys() ^ other.keys())}"
        differing = [name for name in one if one[name] != other[name]]
        assert not differing, f"{unit}: other bytes in {differing}"


def legal_entities(database: str) -> list[str]:
    """Return the codes of the legal entities, as the command lists them."""
    rows = json.loads(zhengban(database, "units", "list", "--format", "json"))
    return sorted(row["code"] for row in rows if row["kind"] == "legal_entity")


def zhengban(database: str, *arguments: str, environment: dict[str, str] | None = None, folder: Path = ROOT) -> str:
    """Run the command in another process and return what it printed; findings are no failure."""
    command = [sys.executable, "-m", "auditor", "--database", database, *arguments]
    run = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    assert run.returncode in (0, 1) and "Traceback" not in run.stderr, f"{arguments}: {run.returncode}\n{run.stderr}"
    return run.stdout


if __name__ == "__main__":
    sys.exit(main())
