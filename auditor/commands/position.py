"""zhengban position: the licence position of a day from the store, and what a changed world would make of it."""

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
    print_json,
    print_listing,
)
from auditor.commands.position_tables import COPIES, POSITIONS, VERDICT
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.core.reconcile import Facts
    from auditor.core.whatif import Added, Upgraded
    from auditor.store.database import Store
    from auditor.store.papers import Paper
    from reports.model import WalkNode

COLUMNS = POSITIONS | {"net": "净额 net", "at_least": "下限 at least"}
COPY_COLUMNS = {"unit": "单位 unit"} | COPIES | {"paper": "凭证 paper"} | VERDICT
BEFORE = {"shortage_before": "原不足 before", "surplus_before": "原闲置 before"}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "position",
        help="""许可盈缺 / the licence position of a day, each unit with all below; `net` is surplus less shortage.

\b
--explain 逐份列出授权依据或不满足的一个条件 / each copy: its right and why, or the one condition that fails
  与 --format json 合用时带 walk：数字→副本→计算机→证据→规则→授权→凭证 / with links down to papers
--walk FILE.html 同样内容的网页，逐级可点 / the same as a page of links
假设分析，不改动数据 / what if; nothing is changed:
  --add UNIT:PRODUCT:QUANTITY[:METRIC]   增加许可 / rights that a unit would hold
  --without-machine CODE                 计算机退出 / a machine leaves (may be repeated)
  --without-product PRODUCT              卸载该软件 / a product is removed everywhere
  --upgrade PRODUCT[:FROM]=LINE          版本升级 / its copies would be of another line
退出码 / exit codes: 0 无不足 no shortage · 1 有不足 a shortage
""",
        short_help="许可盈缺与假设分析 / licence position and what-if",
    )(position)


def position(
    ctx: typer.Context,
    unit: UnitOption = None,
    product: Annotated[str | None, typer.Option("--product", help="软件标识或名称 / id or name of a product")] = None,
    as_of: AsOfOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="逐份说明 / copy by copy")] = False,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="UNIT:PRODUCT:QUANTITY", help="增加许可")] = None,
    without_machine: Annotated[list[str] | None, typer.Option("--without-machine", help="计算机退出")] = None,
    without_product: Annotated[list[str] | None, typer.Option("--without-product", help="卸载该软件")] = None,
    upgrade: Annotated[list[str] | None, typer.Option("--upgrade", metavar="PRODUCT=LINE", help="版本升级")] = None,
    walk: Annotated[Path | None, typer.Option("--walk", metavar="FILE.html", help="溯源页面 / a page to walk")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Print the position."""
    from auditor.audit.run import facts_of_day
    from auditor.core.whatif import Changes, unknown_names
    from auditor.readmodels.positions import copy_rows, counted, position_rows
    from auditor.readmodels.walk import Walked, walk_of
    from reports.to_html import render_walk

    context = context_of(ctx)
    with context.store() as store:
        facts = facts_of_day(store, context.settings(), context.catalogue(), on=day_of(as_of, context.today()))
        papers = _papers(store, facts) if explain or walk is not None else {}
    named = _product(facts, product) if product is not None else None
    changes = Changes(
        tuple(_added(facts, text) for text in add or ()),
        frozenset(without_machine or ()),
        tuple(_upgraded(facts, text) for text in upgrade or ()),
        frozenset(_product(facts, text) for text in without_product or ()),
    )
    before = counted(facts)
    wrong = unknown_names(before.world, changes)
    if wrong:
        raise AuditorError(f"{', '.join(wrong)}: {both('没有登记或扫描到', 'expected what is registered or was seen')}")
    is_changed = changes != Changes()
    result = counted(facts, changes) if is_changed else before
    rows = position_rows(result, unit=unit, product=named, before=before if is_changed else None)
    copies = copy_rows(result, unit=unit, product=named) if explain else []
    if explain or walk is not None:
        below = [line.position for line in result.lines]
        nodes = walk_of(Walked(facts, below, result.assignments, papers), unit=unit, product=named)
    if walk is not None:
        walk.write_bytes(render_walk(nodes, language=chosen_language(None, context)))
    if form is Format.JSON:
        told: dict[str, Any] = {"as_of": facts.on.isoformat(), "positions": rows}
        more = {"copies": copies, "walk": {node.id: _told(node) for node in nodes}} if explain else {}
        print_json(told | more, indent=1)
    else:
        print_listing(rows, COLUMNS | (BEFORE if is_changed else {}), form)
        if explain:
            print_listing(copies, COPY_COLUMNS, form)
    if any(row.get("shortage") not in (None, 0) for row in rows):
        raise typer.Exit(FINDINGS)


def _told(node: WalkNode) -> dict[str, Any]:
    links = [{"kind": kind, "id": id} for kind, id in node.links]
    return {"kind": node.kind, "name": node.name, "facts": dict(node.facts), "links": links}


def _papers(store: Store, facts: Facts) -> dict[int, list[Paper]]:
    """Return the papers that prove each row of the ledger."""
    from auditor.store.papers import list_papers, papers_of_rights

    with store.read() as connection:
        known = {paper.digest: paper for paper in list_papers(connection)}
        proved = papers_of_rights(connection, facts.entitlements)
    return {row: [known[digest] for digest in digests] for row, digests in proved.items()}


def _product(facts: Facts, name: str) -> str:
    from auditor.readmodels.positions import products_named

    found = products_named(facts, name)
    if len(found) != 1:
        told = both("应为一个软件的标识或名称", "expected the id or the name of one product")
        raise WrongUsage(f"{name}: {told}{': ' + ', '.join(found) if found else ''}")
    return found[0]


def _added(facts: Facts, text: str) -> Added:
    from auditor.core.model import ProductId, UnitCode
    from auditor.core.whatif import Added
    from rules.metrics.roster import METRICS

    parts = text.split(":")
    metric = parts[3] if len(parts) > 3 else "per_device"
    known = {one.id for one in METRICS}
    if len(parts) not in (3, 4) or not parts[2].isdecimal() or metric not in known:
        raise WrongUsage(f"--add {text}: {both('应为', 'expected')} UNIT:PRODUCT:QUANTITY[:METRIC]")
    return Added(UnitCode(parts[0]), ProductId(_product(facts, parts[1])), int(parts[2]), metric)


def _upgraded(facts: Facts, text: str) -> Upgraded:
    from auditor.core.model import ProductId
    from auditor.core.whatif import Upgraded

    name, equals, line = text.rpartition("=")
    name, _, from_line = name.partition(":")
    if not equals or not name or not line:
        raise WrongUsage(f"--upgrade {text}: {both('应为', 'expected')} PRODUCT[:FROM]=LINE")
    return Upgraded(ProductId(_product(facts, name)), line, from_line or None)
