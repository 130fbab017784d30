"""From a printed number, by links alone, to the machine's own words and to the paper's digest."""

from __future__ import annotations

import io
import json
import re
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from inventories import document, package
from shell import Shell

from agent.inventory.host import OperatingSystem
from auditor.proof.digest import sha256_hex
from auditor.store.blobs import get_blob
from auditor.store.database import open_store

UNITS = "单位编码,单位名称,上级单位编码,单位性质\nG,集团,,独立法人\nN,北方公司,G,独立法人\n"
LICENCES = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限
N-1,WinRAR,商业软件,N,2020-01-01,2,永久
"""
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unit(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Three PCs bear WinRAR, the unit owns two licences with a certificate."""
    shell = Shell(tmp_path_factory.mktemp("walk") / "work")
    shell.folder.mkdir()
    shell("units", "import", shell.file("units.csv", UNITS), "--apply")
    (shell.folder / "N").mkdir()
    machines = ["计算机编号,部门编码,序列号,设备类型"]
    for number in range(3):
        machines.append(f"N{number},N,SNN{number:05d},台式机")
        other = package("7-Zip 23.01 (x64)", "23.01", scope="uninstall_keys:HKLM64", publisher="Igor Pavlov")
        software = package(
            "WinRAR 6.24 (64-bit)", "6.24.0", scope="uninstall_keys:HKLM64", publisher="win.rar GmbH",
            identifier="WinRAR archiver",
        )  # fmt: skip
        system = OperatingSystem("windows", "Windows 11 Pro", installation_id=f"guid-{number}")
        content = document(
            [other, software], serial=f"SNN{number:05d}", name=f"n-{number}", system=system,
            mac_addresses=(f"3c:52:82:11:22:{number:02x}",),
        )  # fmt: skip
        shell.file(f"N/pc{number}.json", content)
    shell("import", "N", "--unit", "N")
    shell("machines", "import", shell.file("machines.csv", "\n".join(machines)), "--apply")
    shell("licences", "import", shell.file("licences.csv", LICENCES), "--apply")
    (shell.folder / "paper.pdf").write_bytes(PAPER)
    shell("papers", "add", "paper.pdf", "--kind", "许可证书", "--right", "N/N-1")
    shell("audit", "--output", "out", code=1)
    return shell


class Page(HTMLParser):
    """Sections by id: their text, and the targets of their links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text: dict[str, str] = {}
        self.links: dict[str, list[str]] = {}
        self._at = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "section":
            self._at = told["id"] or ""
            self.text[self._at], self.links[self._at] = "", []
        if tag == "a" and self._at:
            self.links[self._at].append((told["href"] or "").removeprefix("#"))

    def handle_data(self, data: str) -> None:
        if self._at:
            self.text[self._at] += data


def installed_of(workbook: bytes, code: str) -> int:
    """Return 安装数量 of a 软件编号 as the printed summary shows it."""
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in rows if any("安装数量" in str(value or "") for value in row))
    column = next(n for n, value in enumerate(head) if "安装数量" in str(value or ""))
    return int(str(next(row for row in rows if code in row)[column]))


def test_from_a_printed_number_to_the_raw_line_and_the_paper(unit: Shell) -> None:
    [summary] = (unit.folder / "out").rglob("N/*汇总表*.xlsx")
    number = installed_of(summary.read_bytes(), "N-1")
    told: dict[str, Any] = json.loads(unit("position", "--explain", "--format", "json", code=1)[0])
    walk = told["walk"]

    cell = walk["cell:N:N-1"]
    assert cell["facts"]["installed"] == str(number) == "3"
    groups = [walk[link["id"]] for link in cell["links"]]
    assert sum(int(group["facts"]["copies"]) for group in groups) == number
    copies = [walk[link["id"]] for group in groups for link in group["links"] if link["kind"] == "copy"]
    assert len(copies) == number
    documents = 0
    store = open_store(f"sqlite:///{unit.folder}/zhengban.db")
    with closing(store), store.read() as connection:
        for copy in copies:
            by_kind = {link["kind"]: walk[link["id"]] for link in copy["links"]}
            line = by_kind["evidence"]["facts"]
            index = re.fullmatch(r"software\[(\d+)\]", line["record"])
            assert index is not None
            raw = json.loads(get_blob(connection, line["document"]))["software"][int(index[1])]
            assert raw["name"] == line["words"] == "WinRAR 6.24 (64-bit)"
            assert by_kind["machine"]["facts"]["document"] == line["document"]
            rule = next(link["id"] for link in by_kind["evidence"]["links"] if link["kind"] == "rule")
            assert walk[rule]["facts"]["product"] == "rarlab/winrar"
            [paper] = [walk[link["id"]] for link in by_kind["right"]["links"]]
            content = get_blob(connection, paper["facts"]["digest"])
            assert (content, sha256_hex(content)) == (PAPER, paper["facts"]["digest"])
            documents += 1
    assert documents == number


def test_every_position_leads_to_its_groups_and_every_link_to_a_node(unit: Shell) -> None:
    told: dict[str, Any] = json.loads(unit("position", "--explain", "--format", "json", code=1)[0])
    walk = told["walk"]
    assert {link["id"] for node in walk.values() for link in node["links"]} <= set(walk)
    for row in told["positions"]:
        groups = [walk[link["id"]] for link in walk[row["id"]]["links"] if link["kind"] == "group"]
        assert sum(int(group["facts"]["copies"]) for group in groups) == row["raw"]


def test_the_page_is_walked_by_its_own_links(unit: Shell, tmp_path: Path) -> None:
    unit("position", "--walk", str(tmp_path / "walk.html"), code=1)
    page = Page((tmp_path / "walk.html").read_text(encoding="utf-8"))
    assert {target for links in page.links.values() for target in links} <= set(page.text)
    seen, open_ones = set(), ["cell:N:N-1"]
    while open_ones:
        at = open_ones.pop()
        if at not in seen:
            seen.add(at)
            open_ones += page.links[at]
    kinds = {name.partition(":")[0] for name in seen}
    assert kinds == {"cell", "group", "copy", "machine", "evidence", "rule", "right", "paper"}
    assert any("software[1]" in page.text[name] for name in seen)
