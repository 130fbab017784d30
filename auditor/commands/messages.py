"""zhengban messages: what was told, what waits, what could not be delivered; and the rounds that a timer may run."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.commands.context import (
    FINDINGS,
    Format,
    FormatOption,
    context_of,
    now_text,
    print_listing,
    say,
)
from auditor.errors import AuditorError, both

COLUMNS = {"message": "消息 message", "channel": "渠道 channel", "state": "状态 state", "attempts": "次数 attempts",
           "made_at": "生成 made", "next_at": "下次 next", "fault": "原因 fault", "subject": "标题"}  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    room = typer.Typer(no_args_is_help=True, help="消息 / messages: what was told, what waits")
    room.command("list", help="列出消息；有未送达的退出码为 1 / list messages; exit code 1 when some are undelivered")(
        list_all
    )
    room.command("run", help="跑一轮：到期检查、汇总、发送 / one round: watch deadlines, make a digest, send")(run)
    room.command("retry", help="重发未送达的消息 / send again what was given up or is unclear")(retry)
    app.add_typer(room, name="messages")


def list_all(
    ctx: typer.Context,
    undelivered: Annotated[bool, typer.Option("--undelivered", help="只列未送达 / only those")] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """List messages."""
    from auditor.store.outbox import UNDELIVERED, list_outbox

    with context_of(ctx).store() as store, store.read() as connection:
        found = list_outbox(connection, UNDELIVERED if undelivered else ())
    print_listing([vars(row) | {"subject": row.content.subject} for row in found], COLUMNS, form)
    if any(row.state in ("unclear", "given_up") for row in found):
        raise typer.Exit(FINDINGS)


def run(ctx: typer.Context) -> None:
    """Run every job of supervision once; safe at any time, in any number of processes."""
    from auditor.scheduling.supervising import tell_and_send, watch

    context = context_of(ctx)
    settings = context.settings()
    with context.store() as store:
        ended, passed, duties = watch(store, settings)
        number, done = tell_and_send(store, settings)
    zh = f"例外到期 {ended}，逾期上报 {passed}，报送提醒 {duties}，已发 {done.sent}，未成 {done.failed}"
    en = f"ended {ended}, passed up {passed}, duties {duties}, digest {number}, sent {done.sent}, failed {done.failed}"
    say(both(zh, en))


def retry(ctx: typer.Context, message: Annotated[str, typer.Argument(help="消息编号 / id of the message")]) -> None:
    """Send again."""
    from auditor.store.outbox import try_again

    with context_of(ctx).store() as store, store.begin() as connection:
        if not try_again(connection, message, at=now_text()):
            raise AuditorError(f"{message}: {both('没有可重发的这条消息', 'no such message that could be sent again')}")
    print(message)
