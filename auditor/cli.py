"""zhengban: the top floor. Arguments in, exit code out; the only place that prints an error and exits."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import NOT_DONE, OK, WRONG_USAGE, CommandContext, say
from auditor.commands.roster import add_commands, asked_command
from auditor.errors import AuditorError, WrongUsage, both
from auditor.release import release
from auditor.usage import usage_told

USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""What the argument parser raises for every wrong usage: parent of the one that typer exports."""
HELP = """软件正版化检查与许可合规：扫描、识别、对账、出表。

Software genuinization and licence compliance: scan, recognise, reconcile, print the ledgers.

\b
初次使用 / first steps (不加 --apply 只预览 / without --apply only a preview):
  zhengban units import units.csv --apply         登记单位 / units
  zhengban people import people.csv --apply       登记人员 / people
  zhengban machines import machines.csv --apply   登记计算机 / computers
  zhengban licences import ledger.xlsx --apply    登记许可台账 / licence ledger
  zhengban licences import-free free.xlsx --apply 免费软件清单 / free software
  zhengban agents token --unit CODE               发放登记码 / one-time token
  zhengban serve                                  接收采集端 / receive agents
  zhengban import FOLDER --unit CODE              离线导入采集文件 / offline files
  zhengban audit --output out                     稽核并出表 / audit, print all
  zhengban findings                               查看问题项 / what to look at

\b
各命令加 --help 有说明，如 zhengban units import --help 列出表头。
Every command explains itself with --help; the imports list their headings.

\b
数据库默认为当前目录的 zhengban.db，用 --database 或环境变量 ZHENGBAN_DATABASE 另指。
The store is zhengban.db in the current folder unless told otherwise.

\b
退出码 / exit codes:
  0 正常 ok · 1 有问题项 findings · 2 用法有误 wrong usage · 3 未能完成 not done
"""


def build_app(asked: str | None = None) -> typer.Typer:
    """Return the command line, every command a line of the roster; `asked`: the one command that is wanted of it."""
    app = typer.Typer(
        help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )

    @app.callback()
    def options(
        ctx: typer.Context,
        settings: Annotated[Path | None, typer.Option("--settings", help="设置文件 (TOML) / settings file")] = None,
        database: Annotated[
            str | None,
            typer.Option("--database", metavar="URL", help="数据库地址，如 sqlite:///zhengban.db / store address"),
        ] = None,
        version: Annotated[bool, typer.Option("--version", help="版本 / print the release", is_eager=True)] = False,
    ) -> None:
        if version:
            print(f"zhengban {release()}")
            raise typer.Exit(0)
        ctx.obj = CommandContext(settings, database)

    add_commands(app, asked)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Anything but an `AuditorError` is a bug and shows its trace."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        code = build_app(asked_command(given))(args=given, standalone_mode=False, prog_name="zhengban")
    except USAGE_ERROR as error:
        return _say_usage(error)
    except WrongUsage as error:
        say(f"zhengban: {error}")
        return WRONG_USAGE
    except AuditorError as error:
        say(f"zhengban: {error}")
        return NOT_DONE
    except (KeyboardInterrupt, typer.Abort):
        return NOT_DONE
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  the interpreter flushes it at the end
        return NOT_DONE
    except OSError as error:
        if error.filename is None:
            raise
        told = both(f"无法读写：{error.strerror}", f"cannot be read or written: {error.strerror}")
        say(f"zhengban: {error.filename}: {told}")
        return NOT_DONE
    return code if isinstance(code, int) else OK


def _say_usage(error: Exception) -> int:
    """Tell a wrong usage by the command it was meant for; no command at all is answered with the help."""
    context: typer.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "zhengban"
    told = str(getattr(error, "message", error)).removeprefix("Value error, ")
    if context is not None and told.startswith("Usage:"):
        print(told, file=sys.stderr)
        return WRONG_USAGE
    format_message = getattr(error, "format_message", lambda: told)
    told = format_message().replace("Value error, ", "")
    say(f"{path}: {both('用法有误', 'wrong usage')}: {usage_told(told)}")
    say(both(f"{path} --help 有说明", f"{path} --help explains it"))
    return WRONG_USAGE
