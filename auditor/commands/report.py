"""zhengban report: print forms of a run that was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import UnitOption, chosen_language, context_of, now_text
from auditor.errors import WrongUsage, both
from auditor.issuing.roster import FORMATS as FILE_FORMATS
from auditor.issuing.roster import OF_SEVERAL_RUNS, several_runs_fault
from auditor.issuing.run_files import (
    FORMS,
    others_for,
    printing_of,
    repeated,
    signing_key_of,
    units_of,
    view_of,
    write_files,
)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "report",
        help="""出表 / print forms and report of a run; RUN: the id that audit printed, its beginning, or latest.

\b
--form: summary 软件使用情况汇总表 · detail 软件使用情况明细表
  journal 软件安装维护情况明细表 · free_software 可使用免费软件清单
  report 核查报告 · all 以上全部 / all of these
  plan 软件采购计划表（单位自购）· leading_group 领导小组成员信息表 · undertaking 使用正版软件承诺书
  demand_request 软件使用需求申请表 · statistics 软件正版化工作信息统计表
  install_request 软件安装维护申请表 · install_confirmation 确认单
  inspection 检查记录 · staff_notice 员工告知书
  annual 年度报告 · self_check 自查报告 · roll_up 集团汇总
  domestic 国产软件占比 · industrial 工业软件 · expiry 到期日历
  unrecognised 未识别 · blind_spots 盲区 · personal_free 仅限个人免费
  office_suites 一机多套办公软件 · idle 闲置许可 · no_paper 有授权无凭证
  comparison 两次对比 (--against) · trends 趋势 · papers 以上各表各报告
--format: xlsx, docx, pdf, html, csv, json, 多个以逗号分隔 / apart by commas
""",
        short_help="出表 / print the forms and the report of a run",
    )(report)


def report(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="稽核编号或其开头 / id of the run or its beginning")],
    output: Annotated[Path, typer.Option("--output", help="输出目录 / folder")],
    form: Annotated[str, typer.Option("--form", help="见上 / see above; 多个以逗号分隔")] = "all",
    unit: UnitOption = None,
    edition: Annotated[str, typer.Option("--edition", help="official 上报版, internal 内部版")] = "official",
    formats: Annotated[
        str,
        typer.Option("--format", help="xlsx, docx, pdf, html, csv, json; 默认 xlsx，报告 html / default xlsx, html"),
    ] = "",
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
    bom: Annotated[
        bool, typer.Option("--bom/--no-bom", help="CSV 带或不带字节顺序标记 / CSV with or without a byte order mark")
    ] = True,
    against: Annotated[
        str | None, typer.Option("--against", help="comparison: 上次稽核编号 / the run to compare with")
    ] = None,
) -> None:
    """Write the forms of a run, from its frozen inputs."""
    forms = _forms_named(form, against)
    if edition not in ("official", "internal"):
        raise WrongUsage(f"--edition {edition}: {both('应为', 'expected')} official, internal")
    wanted = tuple(name.strip() for name in formats.split(",") if name.strip())
    if unknown := [name for name in wanted if name not in FILE_FORMATS]:
        raise WrongUsage(f"--format {unknown[0]}: {both('应为', 'expected one of')} {', '.join(FILE_FORMATS)}")
    context = context_of(ctx)
    chosen = chosen_language(language, context)
    with context.store() as store:
        view = view_of(store, *repeated(store, run))
        for path in write_files(
            store,
            view,
            output,
            units=units_of(view, unit),
            forms=forms,
            printing=printing_of(context.settings(), language=chosen, edition=edition, with_bom=bom),
            formats=wanted,
            signing=signing_key_of(context.settings()),
            now=now_text(),
            others=others_for(store, view, forms, against),
        ):
            print(path)


def _forms_named(form: str, against: str | None) -> tuple[str, ...]:
    """Return the forms of the option. Raises WrongUsage for an unknown one, and for a comparison with nothing."""
    from auditor.issuing.roster import issuable

    known = [each.key for each in issuable()]
    if form in ("all", "papers"):
        apart = (*FORMS, *OF_SEVERAL_RUNS)
        return FORMS if form == "all" else tuple(key for key in known if key not in apart)
    named = tuple(name.strip() for name in form.split(",") if name.strip())
    if unknown := [name for name in named if name not in known]:
        raise WrongUsage(f"--form {unknown[0]}: {both('应为', 'expected one of')} {', '.join(known)}, all, papers")
    if not named:
        raise WrongUsage(f"--form: {both('应为', 'expected one of')} {', '.join(known)}, all, papers")
    if (fault := several_runs_fault(named, against)) is not None:
        raise WrongUsage(f"--form {form} --against {against or ''}: {both(*fault)}")
    return named
