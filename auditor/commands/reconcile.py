"""zhengban reconcile: a licence position from one self-contained file, compared with what the file expects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.commands.context import FINDINGS, Format, FormatOption, print_json, print_listing, say
from auditor.commands.position_tables import COPIES, POSITIONS, VERDICT
from auditor.errors import WrongUsage, both

if TYPE_CHECKING:
    from auditor.scenario.results import Outcome


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "reconcile",
        help="""由一个文件计算许可盈缺，不用数据库 / a licence position from one file, no store needed.

\b
SCENARIO.yaml 写明单位、计算机、人员、安装、许可和截至日期；格式见手册 docs/scenarios.md。
--explain 逐份列出依据 / copy by copy, with right and reason. --schema 打印 JSON Schema。
文件中有 expect 时逐项比对，不符时退出码为 1 / exit code 1 where the outcome differs from `expect`.
""",
        short_help="由一个文件计算许可盈缺 / a position from one file",
    )(reconcile)


def reconcile(
    scenario: Annotated[Path | None, typer.Argument(metavar="SCENARIO.yaml", help="场景文件 / the file")] = None,
    form: FormatOption = Format.TABLE,
    explain: Annotated[bool, typer.Option("--explain", help="逐份说明 / copy by copy")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="打印 JSON Schema / print the schema")] = False,
) -> None:
    """Count every variant of a scenario, print what came out, and compare it with what the file expects."""
    from auditor.scenario.checking import differences_of
    from auditor.scenario.reading import read_scenario
    from auditor.scenario.results import outcome_of, outcome_values

    if schema:
        from auditor.scenario.sections import schema as scenario_schema

        print_json(scenario_schema(), indent=1)
        return
    if scenario is None:
        raise WrongUsage(both("请给出场景文件", "name a scenario file"))
    if form is Format.CSV:
        raise WrongUsage(f"--format csv: {both('应为', 'expected')} table, json")
    try:
        data = scenario.read_bytes()
    except OSError as error:
        raise WrongUsage(f"{scenario}: {both('无法读取', 'cannot be read')}: {error.strerror}") from error
    told, wrong = [], 0
    for variant, file in read_scenario(data, str(scenario)):
        outcome = outcome_of(variant, file)
        differences = differences_of(outcome)
        wrong += len(differences)
        values = outcome_values(outcome, differences, explain=explain or form is Format.JSON)
        told.append(values)
        if form is Format.TABLE:
            _print_tables(outcome, values, explain=explain)
    if form is Format.JSON:
        print_json({"scenario": scenario.name, "ok": wrong == 0, "outcomes": told}, indent=1)
    if wrong:
        raise typer.Exit(FINDINGS)


def _print_tables(outcome: Outcome, values: dict[str, Any], *, explain: bool) -> None:
    if outcome.variant is not None:
        print(f"# {outcome.variant}")
    print_listing(values["positions"], POSITIONS, Format.TABLE)
    if explain:
        print_listing(values["copies"], COPIES | VERDICT, Format.TABLE)
    for fault in values["left_out"]:
        say(f"{both('未计入', 'left out')}: {fault['fault']}: {', '.join(fault['rows'])} {fault['told']}")
    for difference in values["differences"]:
        expected, got = difference["expected"], difference["got"]
        say(f"{difference['path']}: {both('应为', 'expected')} {expected}, {both('实得', 'got')} {got}")
