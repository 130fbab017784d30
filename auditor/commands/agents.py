"""zhengban agents: one-time tokens, enrolment files for closed networks, the agents that enrolled, and their end."""

from __future__ import annotations

import base64
import getpass
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import Format, FormatOption, UnitOption, context_of, now, now_text, print_listing, say
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.store.database import Store

COLUMNS = {
    "id": "采集端 agent",
    "name": "名称 name",
    "unit": "单位 unit",
    "version": "版本 version",
    "enrolled_at": "登记时间 enrolled (UTC)",
    "last_seen_at": "最近上报 last seen (UTC)",
    "revoked_at": "停用时间 revoked (UTC)",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="采集端：登记码、列表、停用 / agents: tokens, list, revoke")
    room.command("token", help="发放登记码，只显示这一次 / issue a token; it is shown this once")(token)
    room.command("offline", help="为不联网的计算机写登记文件 / write an enrolment file for a closed network")(offline)
    room.command("list", help="列出采集端 / list the agents")(list_all)
    room.command("revoke", help="停用一个采集端 / revoke an agent")(revoke)
    room.command("account", help="为其他工具的采集端生成账号行 / make an account line for agents of other tools")(
        account
    )
    app.add_typer(room, name="agents")


def token(
    ctx: typer.Context,
    unit: UnitOption = None,
    uses: Annotated[int, typer.Option("--uses", min=1, max=100_000, help="可用次数 / how many agents may use it")] = 1,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="有效天数 / days until it ends")] = 7,
) -> None:
    """Print a new token on standard output and nothing else."""
    from auditor.intake.enrolment import issue_token

    context = context_of(ctx)
    with context.store(create=True) as store:
        _check_unit(store, unit)
        print(issue_token(store, unit=unit, uses=uses, valid_for=timedelta(days=days), now=now()))
    say(f"{days} 天内有效，可用 {uses} 次 / valid for {days} days, for {uses} agents")


def offline(
    ctx: typer.Context,
    name: Annotated[str, typer.Option("--name", help="计算机名 / name of the computer")],
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="登记文件 / the file to write")],
    unit: UnitOption = None,
) -> None:
    """Write a file for `zhengban-agent enrol --file`; it holds the key: carry it, then destroy it."""
    from auditor.intake.enrolment import enrol_offline

    with context_of(ctx).store(create=True) as store:
        _check_unit(store, unit)
        try:
            handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise AuditorError(
                f"{output}: {both('应为可新建的文件', 'expected a new file')}: {error.strerror}"
            ) from error
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            enrolled = enrol_offline(store, name=name, unit=unit, now=now())
            json.dump({"agent_id": enrolled.agent, "key": base64.b64encode(enrolled.key).decode("ascii")}, file)
    print(enrolled.agent)
    say(both("文件中有密钥：登记后请销毁", "the file holds the key: destroy it once the machine is enrolled"))


def _check_unit(store: Store, unit: str | None) -> None:
    """Raises `AuditorError` for a unit that is not on the register."""
    from auditor.store.units import list_units

    with store.read() as connection:
        known = {row.code for row in list_units(connection)}
    if unit is not None and unit not in known:
        raise AuditorError(f"--unit {unit}: {both('没有这个单位，见', 'no such unit; see')} zhengban units list")


def account(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="账号名称 / name of the account")],
    unit: UnitOption = None,
) -> None:
    """Ask for a password (or read one line from standard input) and print a line for the file `foreign_accounts`."""
    from auditor.proof.passwords import LONGEST_PASSWORD, hash_password

    if not name or ":" in name or name.startswith("#") or not name.isprintable():
        raise WrongUsage(f"{name}: {both('名称不能含冒号', 'expected a name without a colon')}")
    if unit is not None:
        with context_of(ctx).store() as store:
            _check_unit(store, unit)
    prompt = both("口令", "password") + ": "
    password = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not 8 <= len(password) <= LONGEST_PASSWORD:
        raise WrongUsage(both("口令应不少于 8 个字符", "expected a password of at least 8 characters"))
    print(":".join(filter(None, (name, hash_password(password), unit))))


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """Print every agent that enrolled."""
    from auditor.store.agents import list_agents

    with context_of(ctx).store() as store, store.read() as connection:
        rows = [{name: getattr(agent, name) for name in COLUMNS} for agent in list_agents(connection)]
    print_listing(rows, COLUMNS, form)


def revoke(ctx: typer.Context, agent: Annotated[str, typer.Argument(help="采集端编号 / id of the agent")]) -> None:
    """Refuse whatever the agent sends from now on."""
    from auditor.store.agents import revoke_agent
    from auditor.store.trail import append_trail

    with context_of(ctx).store() as store, store.begin() as connection:
        if not revoke_agent(connection, agent, at=now_text()):
            raise AuditorError(f"{agent}: {both('没有这个采集端，见', 'no such agent; see')} zhengban agents list")
        append_trail(connection, at=now_text(), act="agent.revoked", subject=agent)
    print(agent)
