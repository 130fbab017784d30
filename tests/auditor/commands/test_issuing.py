"""zhengban report and verify as processes: every format of every form, signed, and one changed byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from inventories import document, package
from shell import Shell

from agent.inventory.host import OperatingSystem

pytestmark = pytest.mark.slow
UNITS = "单位编码,单位名称,上级单位编码,单位性质\nG,示例集团,,独立法人\n"
LICENCES = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限,授权凭证编号
S-1,WinRAR,商业软件,G,2020-01-01,5,永久,Z
"""
FORMS = ("软件使用情况汇总表", "软件使用情况明细表", "软件安装维护情况明细表", "可使用免费软件清单")
FORMATS = ("xlsx", "docx", "pdf", "html", "csv", "json")


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """One PC with one program; its audit printed in every format and signed."""
    shell = Shell(tmp_path_factory.mktemp("issuing") / "work")
    shell.folder.mkdir()
    shell("units", "import", shell.file("units.csv", UNITS), "--apply")
    software = package(
        "WinRAR 6.24 (64-bit)", "6.24.0", scope="uninstall_keys:HKLM64", publisher="win.rar GmbH", identifier="WinRAR"
    )
    system = OperatingSystem("windows", "Windows 11 Pro", installation_id="4f2a")
    shell.file("pc.json", document([software], serial="SNG00001", name="G-1", system=system))
    shell("import", "pc.json", "--unit", "G")
    shell("licences", "import", shell.file("licences.csv", LICENCES), "--apply")
    shell("catalogue", "new-key", "report.key")
    shell("audit", code=1)
    told, _ = shell(
        "report", "latest", "--output", "out", "--format", ",".join(FORMATS), ZHENGBAN_REPORT_SIGNING_KEY="report.key"
    )
    assert len(told.splitlines()) == 2 * (len(FORMS) * len(FORMATS) + 2)  # the report as HTML and JSON; each signed
    return shell


def test_each_form_in_each_format(issued: Shell) -> None:
    names = {path.name for path in (issued.folder / "out" / "G").iterdir() if path.suffix != ".sig"}
    for form in FORMS:
        for name in FORMATS:
            assert any(each.startswith(form + "_") and each.endswith("." + name) for each in names), (form, name)


@pytest.mark.parametrize("name", FORMATS)
def test_one_changed_byte_is_found_offline(issued: Shell, name: str, tmp_path: Path) -> None:
    file = next((issued.folder / "out" / "G").glob(f"软件使用情况汇总表*.{name}"))
    elsewhere = ("--database", f"sqlite:///{tmp_path}/none.db")
    told, _ = issued(*elsewhere, "verify", str(file), "--public-key", "report.key.pub")
    assert "未被改动" in told and "不替代单位盖章或电子签章" in told
    for place in (0, len(file.read_bytes()) // 2, -1):
        content = bytearray(file.read_bytes())
        content[place] ^= 1
        copy = tmp_path / file.name
        copy.write_bytes(content)
        (tmp_path / (file.name + ".sig")).write_bytes(file.with_name(file.name + ".sig").read_bytes())
        told, _ = issued(*elsewhere, "verify", str(copy), code=1)
        assert "已被改动" in told


def test_without_a_signature_the_store_is_asked(issued: Shell, tmp_path: Path) -> None:
    file = next((issued.folder / "out" / "G").glob("软件使用情况明细表*.csv"))
    copy = tmp_path / file.name
    copy.write_bytes(file.read_bytes())
    told, _ = issued("verify", str(copy))
    assert "与留存的签发文件一致" in told
    copy.write_bytes(file.read_bytes() + b" ")
    told, _ = issued("verify", str(copy), code=1)
    assert "已被改动" in told
    stranger = tmp_path / "x.csv"
    stranger.write_bytes(b"x")
    told, _ = issued("verify", str(stranger), code=1)
    assert "不是本系统签发的文件" in told


def test_another_key_and_a_damaged_signature(issued: Shell, tmp_path: Path) -> None:
    file = next((issued.folder / "out" / "G").glob("软件使用情况汇总表*.csv"))
    if not (issued.folder / "other.key").exists():
        issued("catalogue", "new-key", "other.key")
    told, _ = issued("verify", str(file), "--public-key", "other.key.pub", code=1)
    assert "不是该公钥的签名" in told
    copy = tmp_path / file.name
    copy.write_bytes(file.read_bytes())
    (tmp_path / (file.name + ".sig")).write_text(json.dumps({"alg": 1}), encoding="utf-8")
    _, error = issued("verify", str(copy), code=3)
    assert "不是本程序的校验文件" in error


def test_the_trail_and_the_kept_files(issued: Shell) -> None:
    told, _ = issued("verify")
    assert "操作日志完整" in told
    assert f"{len(FORMS) * len(FORMATS) + 2}" in told


def test_a_format_that_nobody_writes(issued: Shell) -> None:
    _, error = issued("report", "latest", "--output", "x", "--format", "odt", code=2)
    assert "odt" in error and "docx" in error
