"""zhengban report: print forms of a run that was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import UnitOption, context_of
from auditor.commands.issuing import FORMS, units_of, view_of, write_files
from auditor.errors import AuditorError, WrongUsage


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "report", help="出表：汇总表、明细表、安装维护情况明细表、免费软件清单、报告 / print forms and report of a run"
    )(report)


def report(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="稽核编号或其开头 / id of the run or its beginning")],
    output: Annotated[Path, typer.Option("--output", help="输出目录 / folder")],
    form: Annotated[str, typer.Option("--form", help="summary, detail, journal, free_software, report, all")] = "all",
    unit: UnitOption = None,
    edition: Annotated[str, typer.Option("--edition", help="official 上报版, internal 内部版")] = "official",
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
) -> None:
    """Write the forms of a run, from its frozen inputs."""
    from auditor.audit.repeat import repeat_run

    if form not in (*FORMS, "all"):
        raise WrongUsage(f"--form {form}: expected one of {', '.join(FORMS)}, all")
    if edition not in ("official", "internal"):
        raise WrongUsage(f"--edition {edition}: expected official or internal")
    context = context_of(ctx)
    chosen = language or context.settings().text("language")
    if chosen not in ("zh_CN", "en"):
        raise WrongUsage(f"--language {chosen}: expected zh_CN or en")
    with context.store() as store:
        repetition = repeat_run(store, run)
        if not repetition.is_same:
            raise AuditorError(f"run {repetition.row.id[:16]}: came out differently from what was kept")
        view = view_of(store, repetition.run, repetition.row.release)
        forms = FORMS if form == "all" else (form,)
        for path in write_files(
            store, view, output, units=units_of(view, unit), forms=forms, edition=edition, language=chosen
        ):
            print(path)
