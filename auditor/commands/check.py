"""zhengban check: spot checks (抽查) and stocktakes of papers (凭证盘点)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.commands.context import (
    FINDINGS,
    AsOfOption,
    Format,
    FormatOption,
    UnitOption,
    chosen_language,
    context_of,
    day_of,
    now_text,
    print_json,
    print_listing,
)
from auditor.commands.rights import Acting, acting, reading, units_of, writing
from auditor.console.viewer import Act
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.store.database import Connection

COLUMNS = {"number": "编号 number", "kind": "种类 kind", "state": "状态 state", "made_at": "抽取 drawn (UTC)",
           "made_by": "经办 by", "lines": "行数 lines", "signed": "签字 signed"}  # fmt: skip
COMPARED = {"line": "行号 line", "machine": "计算机 computer", "software": "软件 software", "declared": "台账 declared",
            "scanned": "扫描 scanned", "found": "现场 found", "judged": "判定 judged", "told": "现场情况 told",
            "differs": "差异 difference"}  # fmt: skip
NumberArgument = Annotated[str, typer.Argument(help="抽查编号 / number of the check")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="经办人，默认系统登录名 / who does it")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="zh_CN, en")]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    room = typer.Typer(no_args_is_help=True, help="抽查与凭证盘点 / spot checks, stocktakes of papers")
    room.command("draw", help="随机抽取计算机，打印种子 / draw machines by chance; the seed is printed")(draw)
    room.command("papers", help="开始凭证盘点 / begin a stocktake of papers")(papers)
    room.command("list", help="列出抽查 / list the checks")(list_all)
    room.command("show", help="一次抽查的全部内容 / everything of one check")(show)
    room.command("redraw", help="按种子重新抽取，核对是否一致 / draw again by the seed and compare")(redraw)
    room.command("form", help="出登记表 (XLSX) / the form to fill in on the spot")(form)
    room.command("fill", help="导入填好的登记表 / import the filled form")(fill)
    room.command("sign", help="签字；双方签字后差异转为问题项 / sign; with both signatures it is closed")(sign)
    room.command("compare", help="台账、扫描、现场三方对照 / declared, scanned, found")(compare)
    app.add_typer(room, name="check")


def draw(
    ctx: typer.Context,
    run: Annotated[str, typer.Option("--run", help="稽核编号，默认最近一次 / run; the newest by default")] = "latest",
    unit: UnitOption = None,
    seed: Annotated[str | None, typer.Option("--seed", help="抽样种子，默认随机 / by chance unless given")] = None,
    percent: Annotated[float | None, typer.Option("--percent", help="比例 % / per cent", min=0, max=100)] = None,
    minimum: Annotated[int | None, typer.Option("--minimum", help="每单位最少 / fewest a unit", min=0)] = None,
    all_servers: Annotated[
        bool | None, typer.Option("--all-servers/--no-all-servers", help="服务器全部检查 / every server")
    ] = None,
    by: ByOption = None,
) -> None:
    """Draw a sample of the machines of a run."""
    from auditor.letters.checks import draw_from_run
    from auditor.supervision.spot_checks import drawn_of

    context = context_of(ctx)
    with context.store() as store:
        who = acting(context, store, Act.SPOT_CHECK, by)
        check = draw_from_run(
            store, context.settings(), run=run, units=units_of(who, unit), by=who.name, at=now_text(), seed=seed,
            percent=percent, minimum=minimum, all_servers=all_servers,
        )  # fmt: skip
        with store.read() as connection:
            drawn = drawn_of(connection, check)
    print(f"{check['number']} seed {drawn['seed']} {drawn['algorithm']}")
    print_listing(
        [{"unit": stratum, "machine": name} for stratum, name in drawn["sample"]],
        {"unit": "单位 unit", "machine": "计算机 computer"},
        Format.TABLE,
    )


def papers(ctx: typer.Context, unit: UnitOption = None, as_of: AsOfOption = None, by: ByOption = None) -> None:
    """Begin a stocktake."""
    from auditor.letters.checks import begin_stocktake

    context = context_of(ctx)
    on = day_of(as_of, context.today())
    with writing(context, Act.SPOT_CHECK, by) as (who, connection):
        check = begin_stocktake(connection, on=on, units=units_of(who, unit), by=who.name, at=now_text())
    print(check["number"])


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """List the checks."""
    from auditor.store.dossiers import SPOT_CHECKS, list_dossiers
    from auditor.supervision.spot_checks import drawn_of

    with reading(context_of(ctx)) as (who, connection):
        drawn = [(check, drawn_of(connection, check)["lines"]) for check in list_dossiers(connection, SPOT_CHECKS)]
        seen = [(check, lines) for check, lines in drawn if all(who.sees(line["unit"]) for line in lines)]
        rows = [
            check
            | {
                "lines": len(lines),
                "signed": "、".join(sign["name"] for sign in check["sign_offs"]),
            }
            for check, lines in seen
        ]
    print_listing(rows, COLUMNS, form)


def show(ctx: typer.Context, number: NumberArgument) -> None:
    """Show one check."""
    from auditor.supervision.spot_checks import drawn_of

    with reading(context_of(ctx)) as (who, connection):
        check = _check(who, connection, number)
        print_json(check | {"drawn": drawn_of(connection, check), "found": _found(connection, check)}, indent=1)


def redraw(ctx: typer.Context, number: NumberArgument) -> None:
    """Draw again from seed, rule and population, and compare."""
    from auditor.supervision.spot_checks import PAPERS, draw_again, drawn_of

    with reading(context_of(ctx)) as (who, connection):
        check = _check(who, connection, number)
        drawn = drawn_of(connection, check)
    if check["kind"] == PAPERS:
        raise WrongUsage(f"{number}: {both('凭证盘点不抽样', 'a stocktake draws no sample')}")
    if draw_again(drawn) != drawn["sample"]:
        raise AuditorError(f"{number}: {both('重新抽取的结果不同', 'it came out differently')}")
    print(f"{number} {both('一致', 'the same')}: {len(drawn['sample'])}")


def form(
    ctx: typer.Context,
    number: NumberArgument,
    output: Annotated[Path, typer.Option("--output", help="文件 / file")],
    language: LanguageOption = None,
) -> None:
    """Write the form."""
    from auditor.letters.checks import check_workbook

    context = context_of(ctx)
    chosen = chosen_language(language, context)
    with reading(context) as (who, connection):
        output.write_bytes(check_workbook(connection, _check(who, connection, number), chosen))
    print(output)


def fill(ctx: typer.Context, number: NumberArgument, file: Path, by: ByOption = None) -> None:
    """Import the filled form."""
    from auditor.commands.registers import bytes_of
    from auditor.intake.registers.check_form import read_check_form
    from auditor.supervision.on_the_spot import as_found
    from auditor.supervision.rectification import Actor
    from auditor.supervision.spot_checks import PAPERS
    from auditor.supervision.spot_checks import fill as keep

    data = bytes_of(file)
    with writing(context_of(ctx), Act.SPOT_CHECK, by) as (who, connection):
        check = _check(who, connection, number)
        found = as_found(read_check_form(data, file.name, papers=check["kind"] == PAPERS))
        after = keep(connection, check, found, actor=Actor(who.name), at=now_text())
    print(f"{number} {after['state']} {len(found)}")


def sign(
    ctx: typer.Context,
    number: NumberArgument,
    side: Annotated[str, typer.Option("--side", help="inspector 检查人员, inspected 受检单位")],
    name: Annotated[str, typer.Option("--name", help="签字人 / who signs")],
) -> None:
    """Sign."""
    from auditor.supervision.spot_checks import sign as keep

    context = context_of(ctx)
    with writing(context, Act.SPOT_CHECK) as (who, connection):
        after = keep(connection, _check(who, connection, number), side, name, on=context.today(), at=now_text())
    print(f"{number} {after['state']}")


def compare(
    ctx: typer.Context, number: NumberArgument, language: LanguageOption = None, form: FormatOption = Format.TABLE
) -> None:
    """Compare."""
    from auditor.readmodels.spot_checks import comparison_rows
    from auditor.supervision.spot_checks import PAPERS
    from auditor.supervision.spot_checks import compare as compared_of

    context = context_of(ctx)
    with reading(context) as (who, connection):
        check = _check(who, connection, number)
        if check["kind"] == PAPERS:
            raise WrongUsage(f"{number}: {both('凭证盘点请用 show', 'a stocktake is shown by show')}")
        compared = compared_of(connection, check)
    print_listing(comparison_rows(compared, chosen_language(language, context)), COMPARED, form)
    if any(line.differs for line in compared):
        raise typer.Exit(FINDINGS)


def _check(who: Acting, connection: Connection, number: str) -> dict[str, Any]:
    """Return a check all of whose units are those of whoever acts."""
    from auditor.store.dossiers import SPOT_CHECKS, find_dossier
    from auditor.supervision.spot_checks import drawn_of

    check = find_dossier(connection, SPOT_CHECKS, number)
    who.must_see(line["unit"] for line in drawn_of(connection, check)["lines"])
    return check


def _found(connection: Connection, check: dict[str, Any]) -> list[dict[str, Any]]:
    from auditor.supervision.kept_forms import lines_kept

    return lines_kept(connection, check["result"]) if check["result"] else []
