"""zhengban import: inventory documents from files, through the same intake as HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import NOT_DONE, UnitOption, context_of, now, one_line, say
from auditor.errors import AuditorError, Refused, both

SUFFIXES = (".json", ".json.gz")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import", help="导入采集文件（JSON 或目录）/ import inventory documents: files or folders")(
        import_documents
    )


def import_documents(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="文件或目录 / files or folders")],
    unit: UnitOption = None,
) -> None:
    """Keep each document; what is refused is told with its reason, and the others are still kept."""
    from auditor.intake.receiving import receive

    context = context_of(ctx)
    settings = context.settings()
    kept = refused = 0
    with context.store(create=True) as store:
        for path in _files(paths):
            try:
                encoding = "gzip" if path.name.endswith(".gz") else "identity"
                receipt = receive(
                    store,
                    path.read_bytes(),
                    settings=settings,
                    encoding=encoding,
                    origin="file",
                    unit=unit,
                    now=now(),
                )
            except Refused as error:
                refused += 1
                say(f"{path}: {error}")
            except OSError as error:
                refused += 1
                say(f"{path}: {error.strerror}")
            else:
                kept += 1
                print(f"{one_line(path.name)}: {receipt.status}, machine {receipt.machine}")
    print(both(f"{kept} 份已入库，{refused} 份被拒收", f"{kept} kept, {refused} refused"))
    if refused:
        raise typer.Exit(NOT_DONE)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith(SUFFIXES))
            if not found:
                raise AuditorError(
                    f"{path}: {both('没有采集文件', 'no document')}; {both('应为', 'expected')} {', '.join(SUFFIXES)}"
                )
            yield from found
        elif path.exists():
            yield path
        else:
            raise AuditorError(f"{path}: {both('没有这个文件或目录', 'no such file or folder')}")
