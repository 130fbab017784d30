"""zhengban findings: what somebody must look at. Alone it lists a run; its subcommands are the life of each finding."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.commands import findings_acts
from auditor.commands.context import (
    FINDINGS,
    Format,
    FormatOption,
    UnitOption,
    chosen_language,
    context_of,
    print_listing,
)
from auditor.errors import WrongUsage, both

SEVERITIES = ("high", "medium", "low", "note")
COLUMNS = {"severity": "级别 severity", "code": "类别 code", "unit": "单位 unit", "sentence": "问题 finding"}


def add_to(app: typer.Typer) -> None:
    """Add the command and what can be done with a finding."""
    room = typer.Typer()
    room.callback(
        invoke_without_command=True,
        help="""列出问题项，有则退出码为 1；子命令办理整改 / findings of a run (exit code 1), and what becomes of each

\b
待确认 → confirm 已确认 → notice 整改中 → done 待复查 → 扫描证实或 close 已关闭
误报 dismiss · 例外 except · 重新打开 reopen
""",
        short_help="列出问题项，办理整改 / list the findings, have them put right",
    )(findings)
    findings_acts.add_to(room)
    app.add_typer(room, name="findings")


def findings(
    ctx: typer.Context,
    run: Annotated[str, typer.Option("--run", help="稽核编号，默认最近一次 / run; the newest by default")] = "latest",
    unit: UnitOption = None,
    severity: Annotated[str | None, typer.Option("--severity", help="high, medium, low, note")] = None,
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Print the findings of a run as sentences."""
    if ctx.invoked_subcommand is not None:
        return
    from auditor.readmodels.findings import finding_rows
    from auditor.store.runs import get_run, list_findings

    context = context_of(ctx)
    language = chosen_language(language, context)
    if severity is not None and severity not in SEVERITIES:
        told = both(f"应为 {'、'.join(SEVERITIES)} 之一", f"expected one of {', '.join(SEVERITIES)}")
        raise WrongUsage(f"--severity {severity}: {told}")
    with context.store() as store, store.read() as connection:
        found = list_findings(connection, get_run(connection, run).id)
    chosen = [f for f in found if unit in (None, f.unit) and severity in (None, f.severity.value)]
    rows = finding_rows(chosen, context.catalogue(), language)
    print_listing(
        rows,
        COLUMNS if form is Format.TABLE else {**COLUMNS, "machine": "计算机 machine", "product": "产品 product"},
        form,
    )
    if chosen:
        raise typer.Exit(FINDINGS)
