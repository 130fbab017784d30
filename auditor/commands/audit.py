"""zhengban audit: freeze the store, count, find, and print; or make an earlier run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import (
    FINDINGS,
    AsOfOption,
    CommandContext,
    Format,
    FormatOption,
    context_of,
    day_of,
    now_text,
    print_listing,
    say,
)
from auditor.errors import WrongUsage, both
from auditor.issuing.run_files import (
    FORMS,
    printing_of,
    repeated,
    signing_key_of,
    units_of,
    view_of,
    write_files,
)

if TYPE_CHECKING:
    from auditor.audit.run import Run
    from auditor.core.model import UnitCode
    from auditor.readmodels.context import RunView
    from auditor.store.database import Store

COLUMNS = {
    "unit": "单位 unit",
    "coverage": "覆盖率 coverage",
    "operating_system": "操作系统 OS",
    "office": "办公软件 office",
    "antivirus": "杀毒软件 antivirus",
    "three_classes": "三类合计 three classes",
    "shortage": "授权不足 shortage",
    "surplus": "闲置 surplus",
    "findings": "问题项 findings",
    "unrecognised": "未识别 unrecognised",
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "audit",
        help="""稽核：冻结输入、识别、对账，加 --output 则出表 / freeze, recognise, reconcile, print.

\b
输出 / prints: 稽核编号 run id，每个独立法人一行 / a line for each legal entity.
--output DIR：每个独立法人一个目录，内有四张表（XLSX）和报告（HTML）。
--repeat RUN：用冻结的输入重做，逐字节相同 / the same files again, byte for byte.
有问题项时退出码为 1 / exit code 1 when there are findings.
""",
        short_help="稽核并出表 / audit, and print the forms",
    )(audit)


def audit(
    ctx: typer.Context,
    as_of: AsOfOption = None,
    repeat: Annotated[
        str | None, typer.Option("--repeat", metavar="RUN", help="重做某次稽核 / make a run again")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="输出目录 / folder for every form and report")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Make an audit run (or repeat one), print a short table, write the forms."""
    context = context_of(ctx)
    with context.store() as store:
        if repeat is not None:
            run, release = repeated(store, repeat)
        else:
            run, release = _made(context, store, as_of)
        view = view_of(store, run, release)
        if repeat is None:
            from auditor.readmodels.run_index import index_run

            index_run(store, view)
        units = units_of(view, None)
        if output is not None:
            settings = context.settings()
            paths = write_files(
                store,
                view,
                output,
                units=units,
                forms=FORMS,
                printing=printing_of(settings, language=settings.text("language")),
                signing=signing_key_of(settings),
                now=now_text(),
                keep=repeat is None,
            )
            for path in paths:
                say(str(path))
    if form is Format.TABLE:
        print(f"run {run.id}")
    print_listing(
        [_row(view, unit) for unit in units], {"run": "run", **COLUMNS} if form is not Format.TABLE else COLUMNS, form
    )
    if run.result.findings:
        raise typer.Exit(FINDINGS)


def _made(context: CommandContext, store: Store, as_of: str | None) -> tuple[Run, str]:
    from auditor.audit.run import make_run
    from auditor.release import release

    on = day_of(as_of, context.today())
    if on > context.today():
        raise WrongUsage(f"--as-of {on}: {both('应为今天或以前的日期', 'expected a day that has come')}")
    run, is_new = make_run(store, context.settings(), context.catalogue(), on=on, made_at=now_text(), release=release())
    if not is_new:
        say(f"run {run.id[:16]}: 输入未变，与已有稽核相同 / the same inputs as an earlier run")
    return run, release()


def _row(view: RunView, unit: UnitCode) -> dict[str, object]:
    from auditor.readmodels.audit_report import audit_report

    report = audit_report(view, unit)
    rates = {rate.what: f"{rate.numerator}/{rate.denominator}" for rate in report.rates}
    return {
        "run": view.proof.run,
        "unit": report.head.unit_name,
        "coverage": f"{report.coverage.scanned}/{report.coverage.in_scope}",
        "shortage": sum(int(line.shortage) for line in report.positions),
        "surplus": sum(int(line.surplus) for line in report.positions),
        "findings": len(report.findings),
        "unrecognised": len(report.unknown),
        **rates,
    }
