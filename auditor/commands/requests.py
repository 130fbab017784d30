"""zhengban requests: 软件使用需求申请 and 软件安装维护申请 on their way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from auditor.commands.context import (
    FINDINGS,
    Format,
    FormatOption,
    chosen_language,
    context_of,
    day_of,
    now_text,
    print_json,
    print_listing,
)
from auditor.commands.rights import acting, reading, writing
from auditor.console.viewer import Act
from auditor.errors import WrongUsage, both

COLUMNS = {"number": "编号 number", "kind": "种类 kind", "unit": "单位 unit", "what": "内容 what",
           "state": "状态 state", "last": "最近一步 last step"}  # fmt: skip
NumberArgument = Annotated[str, typer.Argument(help="申请编号 / number of the request")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="经办人，默认系统登录名 / who does it")]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="日期，默认今天 / day; today by default")
]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    room = typer.Typer(no_args_is_help=True, help="软件需求与安装维护申请 / demand and installation requests")
    room.command("demand", help="提出需求申请 / ask for software")(demand)
    room.command("install", help="提出安装、卸载、升级申请 / ask for an installation")(install)
    room.command(
        "advance",
        help="""办理下一步 / take the next step

\b
需求 demand: department 部门审核 → it 信息化审核 → planned 列入采购计划 → delivered 到货 → entered 入账
安装 install: department → it → installed 已安装 → confirmed 使用人确认
随时可 rejected 不同意 / rejected at any step
""",
        short_help="办理下一步 / take the next step",
    )(advance)
    room.command("list", help="列出申请 / list the requests")(list_all)
    room.command("show", help="一份申请及办理过程 / one request")(show)
    room.command("print", help="印成申请表；安装类另有确认单 / as the form; of an installation the confirmation too")(
        print_forms
    )
    room.command(
        "unrequested", help="找出未经审批的安装，列为问题项 / installations without a request become findings"
    )(unrequested)
    app.add_typer(room, name="requests")


def demand(
    ctx: typer.Context,
    unit: Annotated[str, typer.Option("--unit", metavar="CODE", help="单位编码 / unit")],
    department: Annotated[str, typer.Option("--department", help="部门 / department")],
    line: Annotated[
        list[str],
        typer.Option("--line", metavar="名称=数量[;用途]", help="软件名称=数量;用途，可多次 / name=quantity;purpose"),
    ],
    on: OnOption = None,
    phone: Annotated[str, typer.Option("--phone", help="联系电话 / telephone")] = "",
    by: ByOption = None,
) -> None:
    """Ask for software."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.requests import DEMAND, apply

    context = context_of(ctx)
    lines = [_line(text) for text in line]
    with writing(context, Act.REQUEST, by) as (who, connection):
        who.must_see([unit])
        content = {"unit": unit, "department": department, "applicant": who.name, "phone": phone, "lines": lines}
        done = apply(connection, DEMAND, content, on=day_of(on, context.today()), actor=Actor(who.name), at=now_text())
    print(f"{done['number']} {done['state']}")


def install(
    ctx: typer.Context,
    unit: Annotated[str, typer.Option("--unit", metavar="CODE", help="单位编码 / unit")],
    department: Annotated[str, typer.Option("--department", help="部门 / department")],
    computer: Annotated[str, typer.Option("--computer", help="计算机编号 / computer code")],
    software: Annotated[str, typer.Option("--software", help="软件名称及版本 / software and version")],
    reason: Annotated[str, typer.Option("--reason", help="申请理由 / why")],
    kind: Annotated[str, typer.Option("--kind", help="install, remove, upgrade")] = "install",
    existing: Annotated[str, typer.Option("--existing", help="现有软件及版本 / what is there now")] = "",
    person: Annotated[str, typer.Option("--person", help="使用人 / user")] = "",
    on: OnOption = None,
    by: ByOption = None,
) -> None:
    """Ask for an installation, removal or upgrade."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.requests import INSTALLATION, apply

    context = context_of(ctx)
    told = {"unit": unit, "department": department, "computer": computer, "software": software, "reason": reason,
            "kind": kind, "existing": existing, "person": person}  # fmt: skip
    with writing(context, Act.REQUEST, by) as (who, connection):
        who.must_see([unit])
        content, day = {**told, "applicant": who.name}, day_of(on, context.today())
        done = apply(connection, INSTALLATION, content, on=day, actor=Actor(who.name), at=now_text())
    print(f"{done['number']} {done['state']}")


def advance(
    ctx: typer.Context,
    number: NumberArgument,
    step: str,
    name: Annotated[str, typer.Option("--name", help="办理人 / who does it")],
    opinion: Annotated[str, typer.Option("--opinion", help="意见或结果 / opinion or result")] = "",
    code: Annotated[
        list[str] | None, typer.Option("--code", help="入账的软件编号，可多次 / codes in the ledger, for `entered`")
    ] = None,
    on: OnOption = None,
) -> None:
    """Take one step."""
    from auditor.store.dossiers import REQUESTS, find_dossier
    from auditor.supervision.requests import advance as keep

    context = context_of(ctx)
    told: dict[str, Any] = {"opinion": opinion} if opinion else {}
    told |= {"codes": code} if code else {}
    with writing(context, Act.REQUEST) as (who, connection):
        found = find_dossier(connection, REQUESTS, number)
        who.must_see([found["unit"]])
        done = keep(connection, found, step, name=name, on=day_of(on, context.today()), at=now_text(), told=told)
    print(f"{number} {done['state']}")


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """List the requests."""
    from auditor.store.dossiers import REQUESTS, list_dossiers

    with reading(context_of(ctx)) as (who, connection):
        found = [row for row in list_dossiers(connection, REQUESTS) if who.sees(row["unit"])]
    rows = [
        row
        | {
            "what": row["content"].get("software") or "、".join(li["name"] for li in row["content"].get("lines", ())),
            "last": f"{row['steps'][-1]['name']} {row['steps'][-1]['on']}",
        }
        for row in found
    ]
    print_listing(rows, COLUMNS, form)


def show(
    ctx: typer.Context,
    number: NumberArgument,
    run: Annotated[
        str, typer.Option("--run", help="与哪次稽核的安装记录对照 / run whose journal is looked at")
    ] = "latest",
) -> None:
    """Show one request, and the installation of the journal that it is tied to."""
    from auditor.errors import AuditorError
    from auditor.issuing.run_files import repeated
    from auditor.store.dossiers import REQUESTS, find_dossier
    from auditor.supervision.requests import INSTALLATION, seen_by_scan

    context = context_of(ctx)
    with context.store() as store:
        who = acting(context, store, Act.READ)
        with store.read() as connection:
            found = find_dossier(connection, REQUESTS, number)
            who.must_see([found["unit"]])
        seen = None
        if found["kind"] == INSTALLATION:
            try:
                seen = seen_by_scan(found, repeated(store, run)[0])
            except AuditorError:
                seen = None  # no run yet: nothing was seen
    told = {"on": seen.on, "product": seen.product, "document": seen.document} if seen is not None else None
    print_json(found | {"seen_by_scan": told}, indent=1)


def print_forms(
    ctx: typer.Context,
    number: NumberArgument,
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="输出目录 / folder")],
    formats: Annotated[str, typer.Option("--format", help="xlsx, docx, pdf, html, csv, json; 默认 docx")] = "docx",
    run: Annotated[str, typer.Option("--run", help="与哪次稽核对照 / run that it is seen beside")] = "latest",
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
) -> None:
    """Print a request as its form, and of an installation the confirmation beside it."""
    from auditor.issuing.roster import FORMATS
    from auditor.letters.request_forms import request_files
    from auditor.store.dossiers import REQUESTS, find_dossier

    context = context_of(ctx)
    chosen = [part.strip() for part in formats.split(",") if part.strip()]
    if not chosen or set(chosen) - set(FORMATS):
        raise WrongUsage(f"--format {formats}: {both('应为', 'expected')} {', '.join(FORMATS)}")
    with context.store() as store:
        who = acting(context, store, Act.PRINT)
        with store.read() as connection:
            who.must_see([find_dossier(connection, REQUESTS, number)["unit"]])
        _, _, files = request_files(
            store, context.settings(), number, run=run, formats=chosen, language=chosen_language(language, context)
        )
    output.mkdir(parents=True, exist_ok=True)
    for name, content in files:
        (output / name).write_bytes(content)
        print(output / name)


def unrequested(
    ctx: typer.Context,
    run: Annotated[str, typer.Option("--run", help="稽核编号，默认最近一次 / run; the newest by default")] = "latest",
    since: Annotated[str | None, typer.Option("--since", metavar="YYYY-MM-DD", help="从哪天起 / from this day")] = None,
) -> None:
    """Open a finding for each installation without a request, in the units of the setting."""
    from auditor.issuing.run_files import repeated
    from auditor.supervision.jobs import units_with_requests
    from auditor.supervision.requests import find_unrequested

    context = context_of(ctx)
    units = units_with_requests(context.settings())
    if not units:
        raise WrongUsage(
            f"installation_requests: {both('设置为空，不核对', 'the setting is empty: nothing to look at')}"
        )
    first = day_of(since, context.today()) if since is not None else None
    with context.store() as store:
        acting(context, store, Act.DECIDE_FINDINGS).must_see_all()
        made, _ = repeated(store, run)
        with store.begin() as connection:
            found = find_unrequested(connection, made, units=units, since=first, at=now_text())
    print(f"{both('新列问题项', 'new findings')}: {len(found)}")
    if found:
        raise typer.Exit(FINDINGS)


def _line(text: str) -> dict[str, Any]:
    name, sign, rest = text.partition("=")
    quantity, _, purpose = rest.partition(";")
    if not sign or not quantity.strip().isdecimal():
        raise WrongUsage(f"--line {text}: {both('应为 名称=数量;用途', 'expected name=quantity;purpose')}")
    return {"name": name.strip(), "quantity": int(quantity), "purpose": purpose.strip()}
