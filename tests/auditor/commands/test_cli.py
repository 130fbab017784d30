"""Every command as its own process on a store of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from inventories import document, package
from registers import PEOPLE, UNITS
from shell import ROOT, Shell

from auditor.commands.registers import IMPORT_HELP
from auditor.intake.register_import import FIELDS

MACHINES = """计算机编号,部门编码,使用人工号,主机名,序列号,设备类型
PC-1,CW,001,hq-015,PF3ABCDE,台式机
PC-2,GH,002,hq-016,,便携机
"""
LICENCES = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限
A-1,WPS Office 2019 专业增强版,商业软件,JT,2020-01-01,5,永久
A-2,本单位自研系统,商业软件,JT,2020-01-01,1,永久
"""
FREE = "软件编号,软件名称,单位编码,授权依据\nMF-1,7-Zip,JT,LGPL\n"
COMMANDS = [
    "serve", "agents token", "agents offline", "agents account", "agents list", "agents revoke", "import",
    "titles list", "recognise", "catalogue check",
    *(f"catalogue {act}" for act in ("show", "explain", "coverage", "unknown", "diff", "import", "export")),
    "catalogue watchlist", "catalogue take-back", "catalogue new-key",
    "audit", "runs list", "runs show", "findings", "report", "position", "plan", "reconcile",
    "licences import-free", "licences list-free", "licences template", "licences export",
    "licences history", "licences check",
    *(f"licences {act}" for act in ("transfer", "dispose", "exempt")),
    *(f"licences {act}-{what}" for act in ("import", "list") for what in ("transfers", "disposals", "exemptions")),
    *(f"papers {act}" for act in ("add", "list", "missing", "show", "export", "link", "unlink")),
    *(f"prices {act}" for act in ("import", "list", "batches", "take-back")),
    *(f"{register} {act}" for register in ("units", "people", "machines", "licences")
      for act in ("import", "list", "batches", "take-back")),
]  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """An empty folder."""
    (tmp_path / "work").mkdir()
    return Shell(tmp_path / "work")


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A folder in which the first steps of the help were taken, to the first audit."""
    shell = Shell(tmp_path_factory.mktemp("cli") / "work")
    shell.folder.mkdir()
    for register, text in (("units", UNITS), ("people", PEOPLE), ("machines", MACHINES), ("licences", LICENCES)):
        shell(register, "import", shell.file(f"{register}.csv", text), "--apply")
    shell("licences", "import-free", shell.file("free.csv", FREE), "--apply")
    (shell.folder / "scans").mkdir()
    software = [package("wps-office", "11.8.2.1132"), package("strange-tool", "3.1"), package("bash", "5.2")]
    shell.file("scans/hq-015.json", document(software))
    shell("import", "scans", "--unit", "JT")
    shell("audit", "--output", "out", code=1)
    return shell


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_both_languages(shell: Shell, command: str) -> None:
    out, _ = shell(*command.split(), "--help")

    assert re.search(r"[\u4e00-\u9fff]", out)
    assert re.search(r"[a-z]{4}", out.split("Options:")[0].split("]", 1)[1])
    assert not list(shell.folder.iterdir())


def test_the_help_names_the_first_steps_and_each_is_a_command(shell: Shell) -> None:
    out, _ = shell("--help")

    steps = [line.split()[1] for line in out.splitlines() if line.startswith("    zhengban ")]
    first = ["units", "people", "machines", "licences", "licences", "agents", "serve", "import", "audit", "findings"]
    assert steps == first
    assert "0 正常 ok · 1 有问题项 findings · 2 用法有误 wrong usage · 3 未能完成 not done" in out
    assert len({line.split()[0] for line in out.split("Commands:")[1].splitlines() if line.strip()}) >= 24


@pytest.mark.parametrize("register", sorted(IMPORT_HELP))
def test_the_help_of_an_import_names_every_column(register: str) -> None:
    for f in FIELDS[register]:
        assert f.headings[0] in IMPORT_HELP[register], f.name
        assert (f"{f.headings[0]}*" in IMPORT_HELP[register]) == f.required, f.name


@pytest.mark.slow
def test_the_example_in_the_help_can_be_imported(shell: Shell) -> None:
    out, _ = shell("units", "import", "--help")
    example = out.split("(CSV):\n")[1].split("\n\n")[0]
    shell.file("units.csv", "\n".join(line.strip() for line in example.splitlines()))

    assert "新增 new 2" in shell("units", "import", "units.csv", "--apply")[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("frobnicate", "没有命令 frobnicate / No such command 'frobnicate'."),
        ("units frobnicate", "没有命令 frobnicate / No such command 'frobnicate'."),
        ("units import", "缺少参数 file / Missing argument 'file'."),
        (
            "units list --format xml",
            "--format 的值无效，应为 'table', 'json', 'csv' 之一，实为 'xml' / Invalid value for '--format'",
        ),
        ("units list --frob", "没有选项 --frob / No such option: --frob"),
        ("agents token --uses 0", "--uses 的值无效，应不小于 1 / Invalid value for '--uses'"),
        ("agents token --uses many", "--uses 的值无效，应为整数 / Invalid value for '--uses'"),
        ("units take-back last", "的值无效，应为整数 / Invalid value for '"),
        ("audit --output", "选项 --output 应带一个值 / Option '--output' requires an argument."),
        ("units list extra", "多出的参数 extra / Got unexpected extra argument"),
        ("units import a.csv --apply=1", "选项 --apply 不带值 / Option '--apply' does not take a value."),
        ("units list --as-of yesterday", "应为日期"),
        ("audit --as-of 2999-01-01", "应为今天或以前的日期"),
        ("findings --severity urgent", "high、medium、low、note"),
        ("findings --language fr", "zh_CN, en"),
        ("report x --output o --form poem", "summary, detail"),
        ("report x --output o --edition best", "official, internal"),
        ("serve --listen 8765", "HOST:PORT"),
        ("--settings missing.toml units list", "missing.toml"),
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(audited: Shell, arguments: str, told: str) -> None:
    out, error = audited(*arguments.split(), code=2)

    assert out == ""
    assert told in error


@pytest.mark.parametrize("arguments", ["", "units", "agents", "runs"])
def test_without_a_command_the_help_is_shown(shell: Shell, arguments: str) -> None:
    assert "Usage: zhengban" in shell(*arguments.split(), code=2)[1]


@pytest.mark.parametrize(
    "command", ["units list", "titles list", "audit", "runs list", "findings", "units take-back 1"]
)
def test_without_a_store_nothing_is_made(shell: Shell, command: str) -> None:
    _, error = shell(*command.split(), code=3)

    assert "zhengban.db" in error
    assert "首次使用请先导入单位登记" in error
    assert not list(shell.folder.iterdir())


@pytest.mark.slow
def test_a_preview_writes_nothing_and_a_batch_can_be_taken_back(shell: Shell) -> None:
    shell.file("units.csv", UNITS)
    out, _ = shell("units", "import", "units.csv")
    assert out.endswith("missing 0（预览，未写入 / preview, nothing was written）\n")
    assert json.loads(shell("units", "list", "--format", "json")[0]) == []

    assert "批次 batch 1" in shell("units", "import", "units.csv", "--apply", "--valid-from", "2026-01-01")[0]
    before = shell("units", "list", "--format", "csv")[0]
    assert before.splitlines()[0] == "编码 code,名称 name,上级 parent,性质 kind,总人数 headcount"
    assert before.splitlines()[3] == "JT,示例集团,,legal_entity,20"
    assert json.loads(shell("units", "list", "--as-of", "2025-12-31", "--format", "json")[0]) == []

    shell(
        "units", "import", shell.file("more.csv", UNITS.replace("财务处", "计财处") + "XX,新处,JT,部门,\n"), "--apply"
    )
    assert "计财处" in shell("units", "list")[0]
    shell("units", "take-back", "2")
    assert shell("units", "list", "--format", "csv")[0] == before
    assert "batch 2" in shell("units", "take-back", "2", code=3)[1]
    batches = json.loads(shell("units", "batches", "--format", "json")[0])
    assert [(batch["id"], batch["taken_back_at"] is None) for batch in batches] == [(1, True), (2, False)]


@pytest.mark.slow
def test_our_own_listing_can_be_imported(audited: Shell) -> None:
    for register in ("units", "people"):
        audited.file("again.csv", audited(register, "list", "--format", "csv")[0])
        out, _ = audited(register, "import", "again.csv")
        assert "新增 new 0, 变更 changed 0" in out, register


def test_a_ledger_with_bad_rows(audited: Shell) -> None:
    audited.file("bad.csv", LICENCES.replace("A-2", "A-3") + "A-4,WinRAR,商业软件,JT,昨天,若干,永久\n")

    _, error = audited("licences", "import", "bad.csv", "--apply", code=3)
    assert "bad.csv: bad.csv!E4 采购时间: 应为日期" in error
    assert "bad.csv: bad.csv!F4 许可数量: 应为整数" in error
    assert "faults: 2, rows with faults: 1, good rows: 2; nothing was imported" in error

    out, error = audited("licences", "import", "bad.csv", "--skip-bad-rows")
    assert "未导入 / left out" in error
    assert "A-3 本单位自研系统: 目录中没有该软件，已保留" in error
    assert "新增 new 1, 变更 changed 0, 不变 unchanged 1" in out


def test_a_file_that_is_not_there(shell: Shell) -> None:
    assert "无法读取" in shell("units", "import", "nothing.csv", code=3)[1]
    assert "没有这个文件或目录" in shell("import", "nothing", code=3)[1]


@pytest.mark.slow
def test_listings(audited: Shell) -> None:
    machines = json.loads(audited("machines", "list", "--format", "json")[0])
    assert [(m["code"], m["host_name"], m["person"], m["titles"]) for m in machines] == [
        ("PC-1", "hq-015", "001", 4), ("PC-2", "hq-016", "002", 0)]  # fmt: skip
    licences = json.loads(audited("licences", "list", "--format", "json")[0])
    assert [(row["code"], row["product"], row["edition"], row["quantity"]) for row in licences] == [
        ("A-1", "kingsoft/wps-office", "professional-plus", 5), ("A-2", None, None, 1)]  # fmt: skip
    free = json.loads(audited("licences", "list-free", "--format", "json")[0])
    assert [(row["code"], row["basis"]) for row in free] == [("MF-1", "LGPL")]
    unknown = json.loads(audited("titles", "list", "--unknown", "--format", "json")[0])
    names = {row["name"] for row in unknown}
    assert "strange-tool" in names
    assert "wps-office" not in names
    everything = json.loads(audited("titles", "list", "--format", "json")[0])
    assert {"wps-office", "strange-tool", "bash"} <= {row["name"] for row in everything}


@pytest.mark.slow
def test_recognise_answers_in_the_order_of_its_input(shell: Shell) -> None:
    table = "name\tversion\tplatform\nMicrosoft Office Professional Plus 2016\t16.0\twindows\nno such\t1\twindows\n"
    lines = [json.loads(line) for line in shell("recognise", given=table)[0].splitlines()]

    assert [(line["product"] or {}).get("id") for line in lines] == ["microsoft/office", None]
    assert (
        "应有名为 name 的列，实为 x, y / expected a column named name, got x, y"
        in shell("recognise", given="x\ty\n1\t2\n", code=3)[1]
    )
    assert shell("recognise", given="")[0] == ""


@pytest.mark.slow
def test_the_catalogue_is_checked_and_shown(shell: Shell) -> None:
    assert int(shell("catalogue", "check", "--count")[0]) >= 50
    assert json.loads(shell("catalogue", "show", "microsoft/office")[0])["id"] == "microsoft/office"
    assert "microsoft/office" in shell("catalogue", "show", "no/such", code=3)[1]

    folder = shell.folder / "rules" / "products" / "maker"
    folder.mkdir(parents=True)
    (folder / "one.yaml").write_text("id: maker/one\nnames: {zh: 一}\n", encoding="utf-8")
    (folder / "two.yaml").write_text("id: [broken\n", encoding="utf-8")
    _, error = shell("catalogue", "check", "rules", code=3)
    assert "one.yaml" in error
    assert "two.yaml" in error


HOUSE = """id: jt/strange-tool
names: {zh: 本单位工具, en: House Tool}
publisher: jt
kind: application
category: utility
licensing: {class: free, unverified: true}
recognise:
  - {id: package, collector: dpkg, name: strange-tool, matches: [strange-tool], rejects: [strange-tool-doc]}
"""


@pytest.mark.slow
def test_a_rule_of_the_house_is_previewed_applied_replayed_and_taken_back(audited: Shell) -> None:
    (audited.folder / "house/products/jt").mkdir(parents=True)
    audited.file("house/products/jt/strange-tool.yaml", HOUSE)
    audited.file("house/publishers.yaml", "- {id: jt, zh: 集团, en: Group}\n")
    unknown = ("catalogue", "unknown", "--format", "json")
    waiting = [{"name": "bash", "machines": 1}, {"name": "strange-tool", "machines": 1}]
    assert [{"name": row["name"], "machines": row["machines"]} for row in json.loads(audited(*unknown)[0])] == waiting

    out, told = audited("catalogue", "import", "house")
    assert out.splitlines() == [
        "added    product jt/strange-tool",
        "added    publisher jt",
        "title         1 strange-tool: application → jt/strange-tool (free)",
        "2 个条目、1 个名称、1 处安装有变化 / 2 entries, 1 titles, 1 installations change",
    ]
    assert "nothing was applied" in told and len(json.loads(audited(*unknown)[0])) == 2

    assert "applied: 0001-" in audited("catalogue", "import", "house", "--apply")[1]
    assert [row["name"] for row in json.loads(audited(*unknown)[0])] == ["bash"]
    assert "nothing changed: 0001-" in audited("catalogue", "import", "house", "--apply")[1]
    audited("catalogue", "new-key", "house.key")
    audited("catalogue", "export", "--output", "house.zbr", "--key", "house.key")
    assert "alone" in audited("catalogue", "take-back")[1]
    assert len(json.loads(audited(*unknown)[0])) == 2
    audited("catalogue", "new-key", "other.key")
    audited("catalogue", "import", "house.zbr", "--trusted-key", "other.key.pub", "--apply", code=3)
    out, _ = audited("catalogue", "import", "house.zbr", "--trusted-key", "house.key.pub")
    assert out.splitlines()[0] == "added    product jt/strange-tool"


@pytest.mark.slow
def test_how_much_is_known_and_why(audited: Shell) -> None:
    rows = json.loads(audited("catalogue", "coverage", "--format", "json")[0])
    assert rows[0]["titles"].startswith(rows[0]["installations"].split(" /")[0])
    assert [row["what"] for row in rows] == [
        "全部 all", "产品已知 product known", "名录有名 named by the list", "种类有据 kind told by a rule",
        "类别已知 class known",
    ]  # fmt: skip
    told = json.loads(audited("catalogue", "explain", "WinRAR 6.24 (64-bit)", "--publisher", "win.rar GmbH")[0])
    assert (told["product"]["id"], told["rule"].partition("#")[0]) == ("rarlab/winrar", "rarlab/winrar")
    assert told["reason"]["zh"].startswith("按名称和厂商“WinRAR 6.24 (64-bit) · win.rar GmbH”认定")


@pytest.mark.slow
def test_an_audit_without_findings_ends_with_0(shell: Shell) -> None:
    shell("units", "import", shell.file("units.csv", UNITS), "--apply")
    out, _ = shell("audit")

    assert out.startswith("run ")
    assert shell("findings")[0].strip().startswith("级别 severity")


@pytest.mark.slow
def test_runs_and_findings(audited: Shell) -> None:
    runs = json.loads(audited("runs", "list", "--format", "json")[0])
    assert len(runs) == 1
    shown = json.loads(audited("runs", "show", runs[0]["id"][:12])[0])
    assert shown["run"] == runs[0]["id"]
    assert len(shown["files"]) >= 5
    assert "没有这条稽核记录 / expected one run, got none" in audited("runs", "show", "0" * 12, code=3)[1]

    found = json.loads(audited("findings", "--format", "json", code=1)[0])
    severe = audited(
        "findings", "--severity", "high", "--format", "json", code=int(any(f["severity"] == "high" for f in found))
    )
    assert json.loads(severe[0]) == [f for f in found if f["severity"] == "high"]
    english = json.loads(audited("findings", "--language", "en", "--format", "json", code=1)[0])
    assert len(english) == len(found)
    assert english[0]["sentence"] != found[0]["sentence"]


@pytest.mark.slow
def test_a_repetition_elsewhere_gives_the_same_bytes(audited: Shell) -> None:
    run = json.loads(audited("runs", "list", "--format", "json")[0])[0]["id"]
    elsewhere = {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    audited("audit", "--repeat", run[:16], "--output", "again", code=1, **elsewhere)

    first = {path.relative_to(audited.folder / "out"): path for path in (audited.folder / "out").rglob("*.*")}
    second = {path.relative_to(audited.folder / "again"): path for path in (audited.folder / "again").rglob("*.*")}
    assert sorted(first) == sorted(second)
    assert len(first) >= 5
    assert all(first[name].read_bytes() == second[name].read_bytes() for name in first)


@pytest.mark.slow
def test_one_form_in_english_for_inside(audited: Shell) -> None:
    arguments = ("--form", "detail", "--edition", "internal", "--language", "en", "--output", "forms")
    out, _ = audited("report", "latest", *arguments)

    (path,) = out.split("\n")[:-1]
    assert path.endswith(".xlsx")
    assert (audited.folder / path).read_bytes().startswith(b"PK")
    assert "应为独立法人" in audited("report", "latest", "--unit", "XX", "--output", "forms", code=3)[1]
    audited.file("taken", "x")
    assert "taken" in audited("report", "latest", "--output", "taken", code=3)[1]


def test_tokens_and_agents(audited: Shell) -> None:
    out, error = audited("agents", "token", "--unit", "CW")
    assert len(out.split()) == 1
    assert "7 天内有效" in error
    assert "没有这个单位" in audited("agents", "token", "--unit", "XX", code=3)[1]
    assert json.loads(audited("agents", "list", "--format", "json")[0]) == []
    assert "没有这个采集端" in audited("agents", "revoke", "nobody", code=3)[1]


def test_a_reader_that_goes_away_is_no_fault(audited: Shell) -> None:
    command = f"'{sys.executable}' -m auditor titles list --format csv | head -1"
    done = subprocess.run(
        command, shell=True, cwd=audited.folder, env=audited.environment, capture_output=True, check=False, timeout=60
    )
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


def test_the_help_loads_nothing_heavy(shell: Shell) -> None:
    program = (
        "import sys; from auditor.cli import main; main(['--help']); "
        "heavy = {'sqlalchemy', 'alembic', 'litestar', 'msgspec', 're2', 'python_calamine', 'xlsxwriter', 'jinja2', "
        "'yaml', 'highspy', 'numpy', 'cryptography', 'rich'} & {name.split('.')[0] for name in sys.modules}; "
        "sys.exit(str(sorted(heavy)) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=shell.environment, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
