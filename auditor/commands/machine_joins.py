"""zhengban machines seen | join | part: the machines that were seen, and two of them that are one."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.commands.context import Format, FormatOption, context_of, now, print_listing, say

COLUMNS = {
    "id": "编号 number",
    "host_name": "主机名 host",
    "serial": "序列号 serial",
    "os_name": "操作系统 system",
    "unit": "单位 unit",
    "last_collected_at": "最近采集 last scan (UTC)",
    "merged_into": "已并入 joined into",
}
NumberArgument = Annotated[int, typer.Argument(min=1, help="编号，见 seen / number, see `seen`")]


def add_to(room: typer.Typer) -> None:
    """Add the commands to those of the register of machines."""
    room.command("seen", help="列出扫描到的计算机及编号 / the machines that were seen, with their numbers")(seen)
    room.command(
        "join",
        help="把一台并入另一台：此后的采集归后者，可用 part 撤回 / join one into another; part takes it back",
        short_help="两条记录合为一台 / two records are one machine",
    )(join)
    room.command("part", help="撤回合并 / take a join back")(part)


def seen(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """Print every machine that was seen."""
    from auditor.store.machines import list_machines

    with context_of(ctx).store() as store, store.read() as connection:
        rows = list_machines(connection)
    print_listing([{name: getattr(row, name) for name in COLUMNS} for row in rows], COLUMNS, form)


def join(ctx: typer.Context, number: NumberArgument, into: NumberArgument) -> None:
    """Join one machine into another."""
    from auditor.intake.joining import join as join_machines

    with context_of(ctx).store() as store:
        join_machines(store, number, into, now=now())
    say(f"{number} 已并入 {into}；撤回：zhengban machines part {number} / joined; the command takes it back")


def part(ctx: typer.Context, number: NumberArgument) -> None:
    """Take a join back."""
    from auditor.intake.joining import part as part_machines

    with context_of(ctx).store() as store:
        part_machines(store, number, now=now())
    say(f"{number} 恢复为单独一台 / stands for itself again")
