"""zhengban report: print forms of a run that was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import UnitOption, chosen_language, context_of, now_text
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

FILE_FORMATS = ("xlsx", "docx", "pdf", "html", "csv", "json")
"""The names of `reports/roster.py`, which loads every writer."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "report",
        help="""出表 / print forms and report of a run; RUN: the id that audit printed, its beginning, or latest.

\b
--form: summary 软件使用情况汇总表 · detail 软件使用情况明细表
  journal 软件安装维护情况明细表 · free_software 可使用免费软件清单
  report 报告 · all 全部
--format: xlsx, docx, pdf, html, csv, json, 多个以逗号分隔 / apart by commas
""",
        short_help="出表 / print the forms and the report of a run",
    )(report)


def report(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="稽核编号或其开头 / id of the run or its beginning")],
    output: Annotated[Path, typer.Option("--output", help="输出目录 / folder")],
    form: Annotated[str, typer.Option("--form", help="summary, detail, journal, free_software, report, all")] = "all",
    unit: UnitOption = None,
    edition: Annotated[str, typer.Option("--edition", help="official 上报版, internal 内部版")] = "official",
    formats: Annotated[
        str,
        typer.Option("--format", help="xlsx, docx, pdf, html, csv, json; 默认 xlsx，报告 html / default xlsx, html"),
    ] = "",
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
) -> None:
    """Write the forms of a run, from its frozen inputs."""
    if form not in (*FORMS, "all"):
        raise WrongUsage(f"--form {form}: {both('应为', 'expected one of')} {', '.join(FORMS)}, all")
    if edition not in ("official", "internal"):
        raise WrongUsage(f"--edition {edition}: {both('应为', 'expected')} official, internal")
    wanted = tuple(name.strip() for name in formats.split(",") if name.strip())
    if unknown := [name for name in wanted if name not in FILE_FORMATS]:
        raise WrongUsage(f"--format {unknown[0]}: {both('应为', 'expected one of')} {', '.join(FILE_FORMATS)}")
    context = context_of(ctx)
    chosen = chosen_language(language, context)
    with context.store() as store:
        view = view_of(store, *repeated(store, run))
        forms = FORMS if form == "all" else (form,)
        for path in write_files(
            store,
            view,
            output,
            units=units_of(view, unit),
            forms=forms,
            printing=printing_of(context.settings(), language=chosen, edition=edition),
            formats=wanted,
            signing=signing_key_of(context.settings()),
            now=now_text(),
        ):
            print(path)
