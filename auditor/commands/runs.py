"""zhengban runs: the audits that were made."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from auditor.commands.context import Format, FormatOption, context_of, print_json, print_listing

COLUMNS = {
    "id": "run",
    "as_of": "截至日期 as of",
    "made_at": "时间 made at (UTC)",
    "machines": "计算机 machines",
    "copies": "软件套数 copies",
    "shortage": "授权不足 shortage",
    "findings": "问题项 findings",
    "unrecognised": "未识别 unrecognised",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="历次稽核 / the audits that were made")
    room.command("list", help="列出 / list them, newest first")(list_all)
    room.command(
        "show", help="查看一次稽核的输入摘要与签发文件 / digests of the inputs and the files that were issued"
    )(show)
    app.add_typer(room, name="runs")


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """Print every run."""
    from auditor.store.runs import list_runs

    with context_of(ctx).store() as store, store.read() as connection:
        rows = list_runs(connection)
    told = [
        {
            "id": row.id if form is not Format.TABLE else row.id[:16],
            "as_of": row.as_of,
            "made_at": row.made_at,
            **row.counts,
        }
        for row in reversed(rows)
    ]
    print_listing(told, COLUMNS, form)


def show(
    ctx: typer.Context, run: Annotated[str, typer.Argument(help="稽核编号或其开头 / id or its beginning")]
) -> None:
    """Print the manifest of a run and the files that went out."""
    from auditor.store.runs import get_run, list_issued, run_manifest

    with context_of(ctx).store() as store, store.read() as connection:
        row = get_run(connection, run)
        manifest = json.loads(run_manifest(connection, row))
        files = list_issued(connection, row.id)
    told = {
        "run": row.id,
        "as_of": row.as_of.isoformat(),
        "release": row.release,
        "manifest": manifest,
        "files": [{"file_name": file.file_name, "sha256": file.digest, "issued_at": file.issued_at} for file in files],
    }
    print_json(told, indent=1)
