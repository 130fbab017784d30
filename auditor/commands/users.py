"""zhengban users: accounts, the first of which can only be made here. A password is asked for, or read from a file or
from standard input; it is never an argument, since the list of processes shows those to everybody."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import Format, FormatOption, context_of, now, print_listing, say
from auditor.console.viewer import Act, Role
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.store.accounts import Account
    from auditor.store.database import Store

COLUMNS = {
    "id": "编号 id",
    "login": "登录名 login",
    "name": "姓名 name",
    "roles": "角色 roles",
    "units": "范围 places",
    "source": "来源 source",
    "second_factor": "动态口令 second factor",
    "last_signed_in_at": "最近登录 last sign-in (UTC)",
    "locked_until": "锁定至 locked until (UTC)",
    "ended_at": "停用 ended (UTC)",
}
UserArgument = Annotated[str, typer.Argument(metavar="USER", help="编号或登录名 / id or login")]
RolesOption = Annotated[
    list[str] | None, typer.Option("--role", metavar="ROLE", help=f"角色，可重复 / may be repeated: {', '.join(Role)}")
]
UnitsOption = Annotated[
    list[str] | None,
    typer.Option("--unit", metavar="CODE", help="单位编码，可重复；* 为全部 / unit with all below it; * is everywhere"),
]
PersonOption = Annotated[str | None, typer.Option("--person", metavar="ID", help="人员编号 / id of the person")]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        "--password-file", metavar="FILE|-", help="口令文件，- 为标准输入 / file with the password, - is stdin"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="账号：建立、角色、口令、停用、注销 / accounts, roles, passwords")
    room.command("add", help="建立账号 / make an account")(add)
    room.command("list", help="列出账号 / list the accounts")(list_all)
    room.command("rights", help="改变角色与范围 / give other roles and places")(rights)
    room.command("password", help="重置口令，登录后须修改 / reset a password; it has to be changed")(password)
    room.command("unlock", help="解锁 / unlock")(unlock)
    room.command("second-factor-off", help="停用动态口令 / turn the second factor off")(second_factor_off)
    room.command("end", help="停用 / end an account")(end)
    room.command("erase", help="注销：删除姓名和登录名，日志保留编号 / erase the person; the trail keeps the id")(erase)
    room.command("token", help="发放接口令牌，只显示这一次 / issue a token for a programme")(token)
    room.command("revoke-token", help="撤销接口令牌 / revoke a token")(revoke_token)
    app.add_typer(room, name="users")


def add(
    ctx: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="登录名 / login")],
    name: Annotated[str, typer.Option("--name", help="姓名 / name")],
    role: RolesOption = None,
    unit: UnitsOption = None,
    person: PersonOption = None,
    language: Annotated[str, typer.Option("--language", help="zh_CN, en")] = "zh_CN",
    source: Annotated[
        str, typer.Option("--source", help="local；ldap 为目录账号 / local, or ldap for the directory")
    ] = "local",
    password_file: PasswordOption = None,
) -> None:
    """Make an account and print its id. Without a file the password is asked for, twice."""
    from auditor.accounts.managing import add_user

    context = context_of(ctx)
    given = _password(password_file) if source == "local" else None
    with context.store(create=True) as store:
        id = add_user(
            store, context.settings(), login=login, name=name, roles=role or [], units=unit or [], person=person,
            language=language, source=source, password=given, now=now(),
        )  # fmt: skip
    print(id)


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """Print every account."""
    from auditor.store.accounts import list_accounts

    with context_of(ctx).store() as store, store.read() as connection:
        rows = [_row(account) for account in list_accounts(connection)]
    print_listing(rows, COLUMNS, form)


def rights(
    ctx: typer.Context,
    user: UserArgument,
    role: RolesOption = None,
    unit: UnitsOption = None,
    person: PersonOption = None,
) -> None:
    """Give an account these roles and places in the place of those it has."""
    from auditor.accounts.managing import set_rights

    context = context_of(ctx)
    with context.store() as store:
        id = _id(store, user)
        set_rights(store, context.settings(), id, roles=role or [], units=unit or [], person=person, now=now())
    print(id)


def password(ctx: typer.Context, user: UserArgument, password_file: PasswordOption = None) -> None:
    """Set a password that has to be changed at the next sign-in; every session of the account ends."""
    from auditor.accounts.managing import change_password

    context = context_of(ctx)
    given = _password(password_file)
    with context.store() as store:
        change_password(store, context.settings(), _id(store, user), new=given, old=None, now=now())


def unlock(ctx: typer.Context, user: UserArgument) -> None:
    """Let a locked account try again."""
    from auditor.accounts import managing

    with context_of(ctx).store() as store:
        managing.unlock(store, _id(store, user), now=now())


def second_factor_off(ctx: typer.Context, user: UserArgument) -> None:
    """Forget the secret of an account whose telephone was lost."""
    from auditor.accounts import managing

    with context_of(ctx).store() as store:
        managing.second_factor_off(store, _id(store, user), now=now())


def end(ctx: typer.Context, user: UserArgument) -> None:
    """End an account."""
    from auditor.accounts.managing import end_account

    with context_of(ctx).store() as store:
        end_account(store, _id(store, user), now=now())


def erase(
    ctx: typer.Context,
    user: UserArgument,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
) -> None:
    """Take name, login and every secret of an account; what it did stays under its id."""
    from auditor.accounts import managing

    with context_of(ctx).store() as store:
        id = _id(store, user)
        if not yes and not typer.confirm(both(f"注销 {id}，不可恢复", f"erase {id} for good"), err=True):
            raise AuditorError(both("未注销", "nothing was erased"))
        managing.erase(store, id, now=now())
    print(id)


def token(
    ctx: typer.Context,
    user: UserArgument,
    name: Annotated[str, typer.Option("--name", help="名称 / what it is for")],
    act: Annotated[list[str], typer.Option("--act", help=f"用途，可重复 / may be repeated: {', '.join(Act)}")],
    days: Annotated[int, typer.Option("--days", min=1, help="有效天数 / days until it ends")] = 30,
) -> None:
    """Print a new token on standard output and nothing else."""
    from auditor.accounts.managing import issue_api_token

    context = context_of(ctx)
    with context.store() as store:
        id, text = issue_api_token(
            store, context.settings(), _id(store, user), name=name, acts=act, days=days, now=now()
        )
    print(text)
    say(both(f"令牌编号 {id}，{days} 天内有效", f"token {id}, valid for {days} days"))


def revoke_token(ctx: typer.Context, token: Annotated[str, typer.Argument(help="令牌编号 / id of the token")]) -> None:
    """Take a token's right away."""
    from auditor.accounts.managing import end_api_token

    with context_of(ctx).store() as store:
        end_api_token(store, token, account=None, now=now())


def _id(store: Store, user: str) -> str:
    from auditor.accounts.managing import the_account

    with store.read() as connection:
        return the_account(connection, user).id


def _row(account: Account) -> dict[str, object]:
    return {
        **{name: getattr(account, name) for name in COLUMNS if hasattr(account, name)},
        "roles": ", ".join(sorted(account.roles)),
        "units": ", ".join(account.units),
        "second_factor": account.totp_confirmed,
    }


def _password(file: str | None) -> str:
    """Read a password: from a file, from standard input for `-`, else from the terminal, twice. Raises `WrongUsage`."""
    if file == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if file is not None:
        try:
            return Path(file).read_text("utf-8").split("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            told = both("应为可读取的口令文件", "expected a file with the password")
            raise WrongUsage(f"--password-file {file}: {told}") from error
    if not sys.stdin.isatty():
        raise WrongUsage(both("没有终端时应以 --password-file 给出口令", "without a terminal give --password-file"))
    first = getpass.getpass(both("口令", "password") + ": ")
    if first != getpass.getpass(both("再次输入", "once more") + ": "):
        raise WrongUsage(both("两次输入不一致", "it was not the same twice"))
    return first
