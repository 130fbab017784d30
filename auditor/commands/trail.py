"""zhengban trail: the trail, the check of its chain, its export to a file or to syslog."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.commands.context import (
    FINDINGS,
    OK,
    Format,
    FormatOption,
    context_of,
    now_text,
    print_json,
    print_listing,
    say,
)
from auditor.errors import WrongUsage, both

COLUMNS = {
    "id": "序号 no.",
    "at": "时间 when (UTC)",
    "account": "账号 account",
    "act": "操作 act",
    "subject": "对象 subject",
    "link": "校验值 link",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="操作日志：查看、校验、导出 / the trail: list, check, export")
    room.command("list", help="最近的记录 / the newest entries")(list_newest)
    room.command("check", help="校验整条链 / check the whole chain")(check)
    room.command("export", help="导出为 JSON 行，或发往 syslog / JSON lines, or to syslog")(export)
    app.add_typer(room, name="trail")


def list_newest(
    ctx: typer.Context,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="条数 / how many")] = 50,
    act: Annotated[str | None, typer.Option("--act", help="操作以此开头 / how the act begins")] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Print the newest entries, the newest first."""
    from auditor.store.trail import newest_trail

    with context_of(ctx).store() as store, store.read() as connection:
        rows = [vars(entry) for entry in newest_trail(connection, most=most, act=act)]
    print_listing(rows, COLUMNS, form)


def check(
    ctx: typer.Context,
    known: Annotated[
        str | None,
        typer.Option(
            "--known", metavar="NO:LINK", help="以前另行保存的序号和校验值 / number and link kept elsewhere before"
        ),
    ] = None,
) -> int:
    """Check the whole chain: 0 when it holds, 1 when it breaks. With `--known`, that this entry is still there too."""
    from auditor.store.trail import all_trail, first_broken_entry

    number, _colon, link = (known or "").partition(":")
    if known is not None and (not number.isdecimal() or not link):
        raise WrongUsage(f"--known {known}: {both('应为', 'expected')} NO:LINK")
    with context_of(ctx).store() as store, store.read() as connection:
        broken, last, found = first_broken_entry(connection), None, known is None
        for entry in all_trail(connection):
            last = entry
            found = found or (entry.id == int(number) and entry.link == link)
    if broken is not None:
        print(both(f"第 {broken} 条不符", f"entry {broken} does not fit"))
        return FINDINGS
    if not found:
        print(both(f"没有第 {number} 条或其校验值不同", f"entry {number} is not there with that link"))
        return FINDINGS
    print(f"{last.id}:{last.link}" if last is not None else "0:")
    say(both("链完整；另行保存这一行，以后用 --known 核对", "the chain holds; keep this line elsewhere for --known"))
    return OK


def export(
    ctx: typer.Context,
    syslog: Annotated[bool, typer.Option("--syslog", help="发往设置 syslog / send to the setting syslog")] = False,
    after: Annotated[int, typer.Option("--after", min=0, help="从这一序号之后 / after this number")] = 0,
) -> None:
    """Print the trail as JSON lines, or send it; that stands in the trail too."""
    from auditor.notices.syslog import SyslogSender
    from auditor.store.trail import append_trail, list_trail

    context = context_of(ctx)
    sender = SyslogSender(context.settings().text("syslog")) if syslog else None
    with context.store() as store:
        with store.begin() as connection:
            append_trail(connection, at=now_text(), act="trail.exported", subject="syslog" if syslog else "json")
        while True:
            with store.read() as connection:
                page = list_trail(connection, after=after, most=1_000)
            for entry in page:
                if sender is not None:
                    sender.send(entry)
                else:
                    print_json(vars(entry))
            if not page:
                break
            after = page[-1].id
    if sender is not None:
        sender.close()
        say(both(f"已发送至第 {after} 条", f"sent up to entry {after}"))
