"""zhengban users: accounts of the console. The first one is made here; there is no default password."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import Format, FormatOption, context_of, print_listing, say
from auditor.errors import AuditorError, WrongUsage, both

COLUMNS = {
    "login": "登录名 login",
    "name": "姓名 name",
    "roles": "角色 roles",
    "units": "范围 units",
    "source": "来源 source",
    "second_factor": "动态口令 second factor",
    "state": "状态 state",
    "id": "编号 id",
}
LoginArgument = Annotated[str, typer.Argument(help="登录名或编号 / login or id")]
RolesOption = Annotated[
    list[str],
    typer.Option(
        "--role",
        help="administrator, system_administrator, security_administrator, audit_administrator, unit_auditor, "
        "group_auditor, inspector, trail_reader; 可重复 / may be given several times",
    ),
]
UnitsOption = Annotated[
    list[str] | None,
    typer.Option("--unit", metavar="CODE", help="可查看的单位及下级，* 为全部，可重复 / root of a subtree, * for all"),
]
PasswordFileOption = Annotated[
    Path | None,
    typer.Option(
        "--password-file", help="从文件第一行读口令，- 为标准输入；不写则询问 / first line of a file, - for stdin"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="控制台账号：角色、范围、口令 / accounts, roles, places, passwords")
    room.command("add", help="新增账号（第一个账号用本命令建立）/ make an account; the first one is made here")(add)
    room.command("list", help="列出 / list them")(list_all)
    room.command("rights", help="更改角色与范围，其登录即退出 / other roles and places; its sessions end")(rights)
    room.command("password", help="重置口令，下次登录须更换 / reset; to be changed at the next sign-in")(password)
    room.command("unlock", help="解除锁定 / let a locked account try again")(unlock_account)
    room.command("second-factor-off", help="关闭动态口令（手机丢失时）/ forget the second factor")(code_off)
    room.command("end", help="停用 / end an account")(end)
    room.command("erase", help="注销：去除姓名等，操作记录保留编号 / erase who it was; what it did stays")(erase_one)
    app.add_typer(room, name="users")


def add(
    ctx: typer.Context,
    login: Annotated[str, typer.Argument(help="登录名 / login")],
    role: RolesOption,
    name: Annotated[str, typer.Option("--name", help="姓名 / name")] = "",
    unit: UnitsOption = None,
    person: Annotated[str | None, typer.Option("--person", help="人员编号 / id on the register of people")] = None,
    language: Annotated[str, typer.Option("--language", help="zh_CN, en")] = "zh_CN",
    directory: Annotated[
        bool, typer.Option("--ldap", help="口令由目录服务核对 / the directory knows the password")
    ] = False,
    password_file: PasswordFileOption = None,
) -> None:
    """Make an account."""
    from auditor.accounts.managing import add_user
    from auditor.accounts.signing_in import DIRECTORY, LOCAL

    context = context_of(ctx)
    word = None if directory else _password(password_file)
    with context.store(create=True) as store:
        made = add_user(
            store,
            context.settings(),
            login=login,
            name=name or login,
            roles=role,
            units=tuple(unit or ()),
            person=person,
            language=language,
            source=DIRECTORY if directory else LOCAL,
            password=word,
            now=datetime.now(UTC),
        )
    print(made)


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """Print every account."""
    from auditor.store.accounts import list_accounts

    with context_of(ctx).store() as store, store.read() as connection:
        found = list_accounts(connection)
    rows = [
        {
            "login": each.login or "",
            "name": each.name,
            "roles": " ".join(sorted(each.roles)),
            "units": " ".join(each.units),
            "source": each.source,
            "second_factor": "yes" if each.totp_confirmed else "no",
            "state": "erased" if each.erased_at else "ended" if each.ended_at else "in use",
            "id": each.id,
        }
        for each in found
    ]
    print_listing(rows, COLUMNS, form)


def rights(
    ctx: typer.Context,
    login: LoginArgument,
    role: RolesOption,
    unit: UnitsOption = None,
    person: Annotated[str | None, typer.Option("--person", help="人员编号 / id on the register of people")] = None,
) -> None:
    """Give other roles and places."""
    from auditor.accounts.managing import set_rights

    context = context_of(ctx)
    with context.store() as store:
        set_rights(
            store, context.settings(), login, roles=role, units=tuple(unit or ()), person=person, now=datetime.now(UTC)
        )


def password(ctx: typer.Context, login: LoginArgument, password_file: PasswordFileOption = None) -> None:
    """Reset a password."""
    from auditor.accounts.managing import change_password

    context = context_of(ctx)
    word = _password(password_file)
    with context.store() as store:
        change_password(store, context.settings(), login, new=word, old=None, now=datetime.now(UTC))
    say(both("口令已重置，下次登录须更换", "reset; it has to be changed at the next sign-in"))


def unlock_account(ctx: typer.Context, login: LoginArgument) -> None:
    """Let a locked account try again."""
    from auditor.accounts.managing import unlock

    with context_of(ctx).store() as store:
        unlock(store, login, now=datetime.now(UTC))


def code_off(ctx: typer.Context, login: LoginArgument) -> None:
    """Forget a second factor."""
    from auditor.accounts.managing import second_factor_off

    with context_of(ctx).store() as store:
        second_factor_off(store, login, now=datetime.now(UTC))


def end(ctx: typer.Context, login: LoginArgument) -> None:
    """End an account."""
    from auditor.accounts.managing import end_account

    with context_of(ctx).store() as store:
        end_account(store, login, now=datetime.now(UTC))


def erase_one(
    ctx: typer.Context,
    login: LoginArgument,
    apply: Annotated[bool, typer.Option("--apply", help="执行，不可恢复 / do it; it cannot be taken back")] = False,
) -> None:
    """Erase who an account was."""
    from auditor.accounts.managing import erase

    if not apply:
        raise WrongUsage(both("注销不可恢复，确认请加 --apply", "this cannot be taken back; add --apply"))
    with context_of(ctx).store() as store:
        erase(store, login, now=datetime.now(UTC))


def _password(file: Path | None) -> str:
    """Return a password: never from the command line, where other people of the machine see it."""
    import getpass

    if file is not None:
        try:
            text = sys.stdin.read(4096) if str(file) == "-" else file.read_text(encoding="utf-8")[:4096]
        except (OSError, UnicodeDecodeError) as error:
            raise AuditorError(f"{file}: {both('口令文件读不出', 'the file cannot be read')}: {error}") from error
        return text.partition("\n")[0].rstrip("\r")
    if not sys.stdin.isatty():
        raise WrongUsage(
            both("没有终端可以询问口令，请用 --password-file", "no terminal to ask on; use --password-file")
        )
    first = getpass.getpass(both("新口令", "new password") + ": ")
    if first != getpass.getpass(both("再次输入", "once more") + ": "):
        raise WrongUsage(both("两次输入不一致", "the two differ"))
    return first
