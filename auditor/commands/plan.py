"""zhengban plan: the cheapest way to no shortage, from the inputs of a run and the price list; it proposes, no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.commands.context import (
    FINDINGS,
    OK,
    Format,
    FormatOption,
    UnitOption,
    chosen_language,
    context_of,
    print_json,
    print_listing,
    say,
)
from auditor.errors import AuditorError, WrongUsage, both
from auditor.issuing.run_files import repeated, view_of

if TYPE_CHECKING:
    from auditor.core.model import UnitCode
    from auditor.core.planning.plan import Plan, Way
    from auditor.readmodels.context import RunView

COLUMNS = {
    "way": "措施 measure",
    "unit": "单位 unit",
    "product": "软件 product",
    "release": "版本 release",
    "quantity": "数量 quantity",
    "from_unit": "调出 from",
    "code": "软件编号 code",
    "instead": "替代 replaced by",
    "supplier": "供应商 supplier",
}
WAYS = {
    "reassign": "重新分配",
    "transfer": "划转",
    "uninstall": "卸载",
    "replace": "替换",
    "buy": "采购",
    "unmet": "未解决",
}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "plan",
        help="""补齐授权的最省方案 / the cheapest way to no shortage.

依次考虑：重新分配已离岗人员的指名许可、划转闲置许可（随机、场地及约定不得转让的除外）、卸载闲置计算机上的软件、
改用国产或免费软件、按价格表采购。只提出建议，不改动台账。
Reassign named licences of leavers, transfer idle ones (never preinstalled, site or locked), remove what stands on idle
machines, use an alternative of the catalogue, buy from the price list. A proposal; the ledger stays as it is.

\b
RUN: 稽核编号或其开头，默认最近一次 / id of a run or its beginning, the latest by default
价格取自 zhengban prices 中当日有效的价格 / prices: those of `zhengban prices` that hold on its day
退出码 / exit codes: 0 无缺口 nothing missing · 1 有建议或未解决 something proposed or unsolved
""",
        short_help="补齐授权的最省方案 / the cheapest way to no shortage",
    )(plan)


def plan(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="稽核编号 / run")] = "latest",
    group: Annotated[
        bool, typer.Option("--group", help="集团统一计划：互相调剂、合并采购 / units help each other and buy together")
    ] = False,
    without: Annotated[
        str, typer.Option("--without", metavar="WAYS", help="不采用的措施 / ways that are not used: uninstall,replace")
    ] = "",
    unit: UnitOption = None,
    form: FormatOption = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", help="输出软件采购计划表的目录 / folder for the purchase plans (XLSX)")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
) -> None:
    """Print the plan, and write 软件采购计划表 where asked."""
    from auditor.readmodels.plan import alternatives_of, buyers_of, plan_of_run

    context = context_of(ctx)
    ways = _ways(without)
    with context.store() as store:
        view = view_of(store, *repeated(store, run))
        made = plan_of_run(view, view.prices, alternatives_of(view.facts.products), joint=group, ways=ways)
        buyers = buyers_of(view, made)
        if unit is not None:
            buyers = [_checked(unit, buyers)]
        if output is not None:
            for path in _write(view, made, buyers, output, chosen_language(language, context)):
                say(str(path))
    _print(view, made, buyers, form)
    raise typer.Exit(FINDINGS if made.steps or made.unmet else OK)


def _ways(without: str) -> frozenset[Way]:
    from auditor.core.planning.plan import EVERY_WAY, Way

    named = [word.strip() for word in without.split(",") if word.strip()]
    wrong = [word for word in named if word not in {way.value for way in Way}]
    if wrong:
        zh, en = "、".join(f"{way.value} {WAYS[way]}" for way in Way), ", ".join(way.value for way in Way)
        raise WrongUsage(f"--without {', '.join(wrong)}: {both(f'应为 {zh} 中的若干项', f'expected some of {en}')}")
    return EVERY_WAY - {Way(word) for word in named}


def _checked(unit: str, buyers: Sequence[UnitCode]) -> UnitCode:
    for buyer in buyers:
        if buyer == unit:
            return buyer
    told = both("该单位没有缺口，或不单独采购", "expected a unit that lacks something and buys for itself")
    raise AuditorError(f"--unit {unit}: {told}: {', '.join(buyers)}")


def _write(view: RunView, made: Plan, buyers: Sequence[UnitCode], folder: Path, language: str) -> list[Path]:
    from auditor.readmodels.plan import plan_form
    from reports.to_xlsx import file_name, render_xlsx

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for buyer in buyers:
        form = plan_form(view, made, buyer)
        path = folder / file_name(form, language, "official")
        path.write_bytes(render_xlsx(form, language=language, edition="official"))
        written.append(path)
    return written


def _print(view: RunView, made: Plan, buyers: Sequence[UnitCode], form: Format) -> None:
    from auditor.readmodels.plan import as_plain

    plain = as_plain(view, made, buyers)
    if form is Format.JSON:
        print_json(plain, indent=1)
        return
    rows: list[dict[str, Any]] = [*plain["steps"], *({"way": "unmet", **line} for line in plain["unmet"])]
    if form is Format.TABLE:
        rows = [row | {"way": f"{WAYS[row['way']]} {row['way']}"} for row in rows]
    print_listing(rows, COLUMNS, form)
    if plain["unmet"] and form is Format.TABLE:
        say("未解决：没有可划转的闲置许可、可卸载的副本或替代软件，价格表中也没有当日价格（zhengban prices import）")
        say("unmet: nothing idle may move there, no copy can go, no alternative is known, no price line holds that day")
    if form is Format.TABLE:
        for line in plain["purchases"]:
            print(
                f"{line['buyer']}  {line['product']} {line['release'] or ''}  "
                f"{line['packs']} × {line['price']} = {line['amount']} 元 yuan"
            )
        print(f"合计 total: {plain['cost']} 元 yuan")
