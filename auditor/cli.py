"""zhengban: the top floor. Arguments in, exit code out; the only place that prints an error and exits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import NOT_DONE, WRONG_USAGE, CommandContext, say
from auditor.commands.roster import add_commands
from auditor.errors import AuditorError, WrongUsage
from auditor.release import release

HELP = """软件正版化检查与许可合规：扫描、识别、对账、出表。

Software genuinization and licence compliance: scan, recognise, reconcile, print the ledgers.

初次使用 / first steps:

  zhengban units import units.csv --apply            登记单位 / register units
  zhengban people import people.csv --apply          登记人员 / register people
  zhengban machines import machines.csv --apply      登记计算机 / register computers
  zhengban licences import ledger.xlsx --apply       登记许可台账 / register the licence ledger
  zhengban serve                                     接收采集端 / receive the agents
  zhengban agents token --unit CODE                  发放一次性登记码 / issue a one-time token
  zhengban audit --output out                        稽核并出表 / audit and print every form

退出码 / exit codes: 0 正常 ok · 1 有问题项 findings · 2 用法有误 wrong usage · 3 未能完成 not done
"""


def build_app() -> typer.Typer:
    """Return the command line, every command a line of the roster."""
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

    add_commands(app)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Anything but an `AuditorError` is a bug and shows its trace."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        build_app()(
            args=list(arguments) if arguments is not None else None, standalone_mode=False, prog_name="zhengban"
        )
    except WrongUsage as error:
        say(f"zhengban: {error}")
        return WRONG_USAGE
    except AuditorError as error:
        say(f"zhengban: {error}")
        return NOT_DONE
    except (typer.Exit, SystemExit) as left:
        code = getattr(left, "exit_code", getattr(left, "code", 0))
        return int(code or 0)
    except KeyboardInterrupt:
        return NOT_DONE
    except BrokenPipeError:
        return NOT_DONE
    return 0
