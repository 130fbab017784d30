"""Supervision from the command line: findings, spot checks, hand-ins, requests, messages, and verify over all of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from docx.document import Document as DocumentFile
from supervised import AUTOKMS, TASK, organisation

from auditor.cli import main

OFFICE = "Microsoft Office Professional Plus 2019 - zh-cn"
OK, FINDINGS, WRONG, NOT_DONE = 0, 1, 2, 3


class Shell:
    """Runs the program on one store."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def __call__(self, *words: str, expect: int = OK, **settings: str) -> str:
        code = main(["--database", f"sqlite:///{self.folder}/zhengban.db", *words])
        out, err = self.capsys.readouterr()
        assert code == expect, (words, out, err)
        return out + err


@pytest.fixture
def zhengban(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("ZHENGBAN_NOTICE_FOLDER", str(tmp_path / "out"))
    monkeypatch.setenv("ZHENGBAN_NOTICE_TOPICS", "*")
    org = organisation(tmp_path)
    org.machines({"PC-1": "SC"})
    org.scan("PC-1", "2026-02-01", [OFFICE], traces=[AUTOKMS, TASK])
    org.store.close()
    shell = Shell(tmp_path, capsys)
    assert "整改 / findings: 新增" in shell("audit", "--as-of", "2026-02-10", expect=FINDINGS)
    return shell


def number_of(zhengban: Shell, code: str, product: str | None = "microsoft/office") -> str:
    rows = json.loads(zhengban("findings", "list", "--code", code, "--format", "json"))
    return str(next(row["id"] for row in rows if row["product"] == product))


@pytest.mark.slow
def test_a_finding_from_the_first_look_to_its_end(zhengban: Shell, tmp_path: Path) -> None:
    crack = number_of(zhengban, "copy.suspected")
    assert "待确认" in zhengban("findings", "list", "--unit", "JT", "--below")
    assert zhengban("findings", "list", "--unit", "JT").count("\n") == 1
    zhengban("findings", "confirm", "--all", "--code", "copy.suspected", "--by", "赵审")
    assert "confirmed" in zhengban("findings", "assign", crack, "--owner", "钱厂", "--by", "赵审")
    out = zhengban("findings", "notice", crack, "--output", str(tmp_path / "letters"), "--by", "赵审")
    letter = Document(out.strip())
    told = "\n".join(
        [p.text for p in letter.paragraphs] + [c.text for t in letter.tables for r in t.rows for c in r.cells]
    )
    assert "生产厂：" in told
    assert "AutoKMS" in told
    zhengban("findings", "state", crack, "--text", "集成商预装", "--by", "钱厂")
    zhengban("findings", "comment", crack, "--text", "已电话核实")
    zhengban("findings", "done", crack, "--text", "已清除")
    paper = tmp_path / "采购合同.pdf"
    paper.write_bytes(b"%PDF-1.7\n%%EOF\n")
    digest = zhengban("papers", "add", str(paper), "--number", "HT-1").split()[0]
    zhengban("findings", "attach", crack, "--paper", "HT-1")
    zhengban("findings", "close", crack, "--paper", digest[:12], "--reason", "已购买正版")
    assert "不再接受陈述" in zhengban("findings", "state", crack, "--text", "x", expect=NOT_DONE)
    shown = json.loads(zhengban("findings", "show", crack))
    assert [act["act"] for act in shown["history"]] == [
        "登记", "确认", "指派", "发整改通知", "单位陈述", "备注", "报整改完成", "附凭证", "凭证关闭"]  # fmt: skip
    assert shown["papers"] == [digest]
    assert "应写明" in zhengban("findings", "confirm", expect=WRONG)
    other = number_of(zhengban, "copy.suspected", "microsoft/windows")
    assert "例外应有截止日期" in zhengban(
        "findings", "except", other, "--approver", "孙", "--reason", "r", expect=NOT_DONE
    )
    zhengban("findings", "reopen", crack, "--reason", "凭证不符")
    zhengban("findings", "dismiss", number_of(zhengban, "machine.no_antivirus", None), "--reason", "专网")
    assert "操作日志完整" in zhengban("verify")


@pytest.mark.slow
def test_overdue_and_the_list_of_units_that_a_person_releases(zhengban: Shell, tmp_path: Path) -> None:
    zhengban("findings", "confirm", "--all", "--code", "copy.suspected")
    zhengban("findings", "notice", "--all", "--output", str(tmp_path), "--number", "ZG-1")
    assert "copy" not in zhengban("findings", "overdue")
    file = tmp_path / "名单.docx"
    assert "须写明审核发布人" in zhengban("findings", "overdue", "--output", str(file), expect=WRONG)
    zhengban(
        "findings", "overdue", "--as-of", "2030-01-01", "--output", str(file), "--released-by", "赵审", expect=FINDINGS
    )
    cells = [cell.text for table in Document(str(file)).tables for row in table.rows for cell in row.cells]
    assert "生产厂" in cells
    zhengban("findings", "rules")


@pytest.mark.slow
def test_a_spot_check_on_paper(zhengban: Shell, tmp_path: Path) -> None:
    assert zhengban("check", "draw", "--seed", "摇号-1", "--unit", "SC").startswith(
        "CC-2026-001 seed 摇号-1 sha256-rank/1"
    )
    assert "一致" in zhengban("check", "redraw", "CC-2026-001")
    form = tmp_path / "登记表.xlsx"
    zhengban("check", "form", "CC-2026-001", "--output", str(form))
    book = openpyxl.load_workbook(io.BytesIO(form.read_bytes()))
    sheet = book.worksheets[0]
    heads = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if isinstance(sheet.cell(row, heads["行号"]).value, int):
            sheet.cell(row, heads["现场是否有"]).value = "是"
            sheet.cell(row, heads["判定"]).value = "非正版"
    book.save(form)
    zhengban("check", "fill", "CC-2026-001", str(form))
    zhengban("check", "sign", "CC-2026-001", "--side", "inspector", "--name", "李检")
    zhengban("check", "sign", "CC-2026-001", "--side", "inspected", "--name", "钱厂")
    assert "认定非正版" in zhengban("check", "compare", "CC-2026-001", expect=FINDINGS)
    assert "CC-2026-001" in zhengban("check", "list")
    assert json.loads(zhengban("check", "show", "CC-2026-001"))["drawn"]["seed"] == "摇号-1"
    assert "抽查 CC-2026-001：PC-1" in zhengban("findings", "list", "--code", "check.irregular")
    assert "操作日志完整" in zhengban("verify")


@pytest.mark.slow
def test_handed_in_signed_received_rolled_up_and_asked_about(zhengban: Shell, tmp_path: Path) -> None:
    zhengban("hand-in", "draft", "--duty", "summary", "--period", "2026", "--unit", "SC", "--by", "钱")
    assert "不能审核自己" in zhengban("hand-in", "review", "BS-2026-001", "--name", "钱", expect=NOT_DONE)
    zhengban("hand-in", "review", "BS-2026-001", "--name", "孙")
    assert "submitted" in zhengban("hand-in", "submit", "BS-2026-001", "--by", "钱")
    zhengban("hand-in", "export", "BS-2026-001", "--output", str(tmp_path / "frozen"))
    assert [path.suffix for path in (tmp_path / "frozen").iterdir()] == [".xlsx"]
    zhengban("hand-in", "list")
    secret, signed = tmp_path / "sc.key", tmp_path / "sc.json"
    public = zhengban("hand-in", "keygen", str(secret)).strip()
    zhengban("hand-in", "sign", "--duty", "summary", "--period", "2026", "--unit", "SC", "--key", str(secret),
             "--output", str(signed))  # fmt: skip
    assert "公钥未登记" in zhengban("hand-in", "receive", str(signed), expect=NOT_DONE)
    zhengban("hand-in", "keys", "--add", f"SC={public}")
    assert "已接收" in zhengban("hand-in", "receive", str(signed))
    assert "此前已收到" in zhengban("hand-in", "receive", str(signed))
    printed = zhengban("hand-in", "rollup", "--duty", "summary", "--period", "2026", "--format", "json", "--unit", "SC")
    told = json.loads(printed.partition("从未报送")[0])
    assert {line["product"] for line in told["totals"]} >= {"microsoft/office"}
    zhengban("hand-in", "procure", "--duty", "summary", "--period", "2026", "--unit", "JT", expect=FINDINGS)
    question, reply = tmp_path / "q.json", tmp_path / "a.json"
    zhengban("hand-in", "ask", "--unit", "SC", "--product", "microsoft/office", "--duty", "summary", "--period", "2026",
             "--key", str(secret), "--output", str(question))  # fmt: skip
    zhengban("hand-in", "answer", str(question), "--key", str(secret), "--output", str(reply))
    assert json.loads(zhengban("hand-in", "take-answer", str(reply)))["copies"][0]["computer"] == "PC-1"
    zhengban("hand-in", "keys", "--revoke", public)
    assert "吊销" in zhengban("hand-in", "receive", str(signed), expect=NOT_DONE)
    assert "2026H1" in zhengban("hand-in", "calendar", "--as-of", "2026-07-05", expect=FINDINGS)
    assert "应为 https" in zhengban("hand-in", "send", str(signed), "--to", "http://example.cn", expect=WRONG)


@pytest.mark.slow
def test_requests_and_messages(zhengban: Shell, tmp_path: Path) -> None:
    zhengban("requests", "demand", "--unit", "SC", "--department", "技术科", "--line", "WPS=3;公文", "--by", "周")
    zhengban("requests", "install", "--unit", "SC", "--department", "技术科", "--computer", "PC-1", "--software", "WPS",
             "--reason", "公文", "--by", "周")  # fmt: skip
    assert "department" in zhengban("requests", "advance", "XQ-2026-001", "department", "--name", "吴")
    assert "XQ-2026-001" in zhengban("requests", "list")
    assert json.loads(zhengban("requests", "show", "AZ-2026-001"))["seen_by_scan"] is None
    assert "设置为空" in zhengban("requests", "unrequested", expect=WRONG)
    zhengban("messages", "run")
    assert "sent" in zhengban("messages", "list")
    (place,) = (tmp_path / "out").iterdir()
    assert "新的确证性迹象" in (place / "message.txt").read_text("utf-8")
    zhengban("messages", "run")
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert "没有可重发" in zhengban("messages", "retry", "x", expect=NOT_DONE)


@pytest.mark.slow
def test_requests_are_printed_as_their_forms(zhengban: Shell, tmp_path: Path) -> None:
    zhengban("requests", "demand", "--unit", "SC", "--department", "技术科", "--line", "WPS Office=3;公文", "--line",
             "自研工具=1", "--by", "周", "--phone", "8001")  # fmt: skip
    zhengban("requests", "install", "--unit", "SC", "--department", "技术科", "--computer", "PC-1", "--software",
             "Microsoft Office", "--reason", "公文 <流转>", "--person", "李四", "--by", "周")  # fmt: skip
    for step, name, more in (
        ("department", "吴", ["--opinion", "同意，尽快"]), ("it", "郑", []), ("installed", "王", ["--opinion", "装好"]),
        ("confirmed", "李四", []),
    ):  # fmt: skip
        zhengban("requests", "advance", "AZ-2026-001", step, "--name", name, *more)

    place = str(tmp_path / "p")
    printed = zhengban("requests", "print", "AZ-2026-001", "--output", place, "--format", "docx,html,xlsx")
    names = [Path(line).name for line in printed.split()]
    assert len(names) == 6 and all(name.startswith("AZ-2026-001-") for name in names)
    texts = {Path(line).name: _words_of(Document(line)) for line in printed.split() if line.endswith(".docx")}
    request = next(text for name, text in texts.items() if "申请表" in name)
    for words in (
        "技术科", "PC-1", "Microsoft Office", "公文 <流转>", "AZ-2026-001", "意见：同意，尽快", "意见：同意", "郑",
        "■安装", "装好", "李四",
    ):  # fmt: skip
        assert words in request, words
    confirmation = next(text for name, text in texts.items() if "确认单" in name)
    assert "扫描记录见到的日期：2026-02-01" in confirmation or "装好" in confirmation
    assert "AZ-2026-001" in confirmation and "李四" in confirmation

    (line,) = zhengban("requests", "print", "XQ-2026-001", "--output", str(tmp_path / "p"), "--format", "xlsx").split()
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(line).worksheets[0].iter_rows()]
    lines = [row for row in rows if "WPS Office" in row or "自研工具" in row]
    assert [row[lines[0].index("公文") + 2] for row in lines] == [3, 1]
    assert any("周" in str(cell) for row in rows for cell in row) and any("8001" in str(c) for row in rows for c in row)
    assert "没有" in zhengban("requests", "print", "XQ-2026-009", "--output", str(tmp_path), expect=NOT_DONE)
    assert "docx" in zhengban("requests", "print", "XQ-2026-001", "--output", "x", "--format", "odt", expect=WRONG)


def _words_of(document: DocumentFile) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def token_of(zhengban: Shell, tmp_path: Path, role: str, unit: str, *acts: str) -> str:
    """Make an account with a token and return the file of the token."""
    secret = tmp_path / "password"
    secret.write_text("Correct-Horse-42!", "utf-8")
    login = f"{role}-{unit}"
    zhengban(
        "users", "add", login, "--name", f"账号{unit}", "--role", role, "--unit", unit, "--password-file", str(secret)
    )
    chosen = [word for act in acts for word in ("--act", act)]
    token = zhengban("users", "token", login, "--name", "命令", *chosen).splitlines()[0]
    file = tmp_path / f"{login}.token"
    file.write_text(token + "\n", "ascii")
    return str(file)


ALL = ("read", "print", "findings.decide", "checks.do", "reports.hand_in", "requests.do")


@pytest.mark.slow
def test_commands_hold_an_account_to_its_roles_and_units(
    zhengban: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crack = number_of(zhengban, "copy.suspected")
    monkeypatch.setenv("ZHENGBAN_COMMANDS_NEED_TOKEN", "true")
    assert "command_token_file" in zhengban("findings", "confirm", crack, expect=NOT_DONE)
    monkeypatch.setenv(
        "ZHENGBAN_COMMAND_TOKEN_FILE", token_of(zhengban, tmp_path, "inspector", "JT", *ALL[:2], "checks.do")
    )
    assert "findings.decide" in zhengban("findings", "confirm", crack, expect=NOT_DONE)
    assert "reports.hand_in" in zhengban("hand-in", "review", "BS-2026-001", "--name", "x", expect=NOT_DONE)
    monkeypatch.setenv("ZHENGBAN_COMMAND_TOKEN_FILE", token_of(zhengban, tmp_path, "unit_auditor", "SC", *ALL))
    assert crack in zhengban("findings", "list", "--format", "csv")
    assert "confirmed" in zhengban("findings", "confirm", crack)
    assert json.loads(zhengban("findings", "show", crack))["history"][-1]["by"] == "账号SC"
    assert "应为账号本人" in zhengban("findings", "comment", crack, "--text", "x", "--by", "别人", expect=WRONG)
    demand = ("requests", "demand", "--department", "技术科", "--line", "WinRAR=2")
    assert "units that are not the account's: JT" in zhengban(*demand, "--unit", "JT", expect=NOT_DONE)
    assert "XQ-" in zhengban(*demand, "--unit", "SC")
    assert "可见全部单位" in zhengban("hand-in", "rollup", "--duty", "summary", "--period", "2026", expect=NOT_DONE)
    other = token_of(zhengban, tmp_path, "group_auditor", "SC", *ALL)
    monkeypatch.setenv("ZHENGBAN_COMMAND_TOKEN_FILE", other)
    zhengban("check", "draw", "--seed", "s")
    assert "CC-2026-001" in zhengban("check", "list", "--format", "csv")
    (tmp_path / "wrong").write_text("zb_nothing", "ascii")
    monkeypatch.setenv("ZHENGBAN_COMMAND_TOKEN_FILE", str(tmp_path / "wrong"))
    assert "令牌无效" in zhengban("findings", "list", expect=NOT_DONE)


def test_an_act_on_many_is_taken_back_by_a_command(zhengban: Shell) -> None:
    zhengban("findings", "assign", "--all", "--owner", "钱厂", "--by", "赵审")
    (row,) = json.loads(zhengban("findings", "bulk", "--format", "json"))
    assert row["count"] > 1 and row["by"] == "赵审"
    assert "将撤销" in zhengban("findings", "undo", row["digest"][:12])
    assert "钱厂" in zhengban("findings", "list")
    assert "已撤销" in zhengban("findings", "undo", row["digest"], "--apply")
    assert "钱厂" not in zhengban("findings", "list")
    assert "已经撤销" in zhengban("findings", "undo", row["digest"], "--apply", expect=NOT_DONE)
    assert "没有这次批量办理" in zhengban("findings", "undo", "0" * 64, expect=NOT_DONE)
