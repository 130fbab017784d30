"""zhengban import: inventory documents and agents' export files, through the same intake as HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import NOT_DONE, UnitOption, context_of, now, one_line, say
from auditor.errors import AuditorError, NotAuthentic, Refused, both

if TYPE_CHECKING:
    from auditor.intake.arrival import Receipt
    from auditor.settings import Settings
    from auditor.store.database import Store

SUFFIXES = (".json", ".json.gz", ".zbx")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "import",
        help="导入采集文件（JSON、采集端导出的 .zbx 或目录）/ import inventory documents and exports: files or folders",
    )(import_documents)


def import_documents(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="文件或目录 / files or folders")],
    unit: UnitOption = None,
) -> None:
    """Keep each document; what is refused is told with its reason, and the others are still kept."""
    context = context_of(ctx)
    settings = context.settings()
    kept = refused = 0
    with context.store(create=True) as store:
        for path in _files(paths):
            try:
                outcomes = _take(store, path, unit, settings)
            except (Refused, NotAuthentic) as error:
                refused += 1
                say(f"{path}: {error}")
            except OSError as error:
                refused += 1
                say(f"{path}: {error.strerror}")
            else:
                kept += _tell(path, outcomes)
                refused += sum(isinstance(outcome, Refused) for outcome in outcomes)
    print(both(f"{kept} 份已入库，{refused} 份被拒收", f"{kept} kept, {refused} refused"))
    if refused:
        raise typer.Exit(NOT_DONE)


def _take(store: Store, path: Path, unit: str | None, settings: Settings) -> Sequence[Receipt | Refused]:
    """Take what one file holds: a document, or an agent's export with several. Raises `Refused`, `NotAuthentic`."""
    from auditor.intake.arrival import BY_FILE
    from auditor.intake.export_file import MAX_BYTES, is_export, take_export
    from auditor.intake.receiving import receive

    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if is_export(data):
        return take_export(store, data, now=now(), settings=settings)
    encoding = "gzip" if path.name.endswith(".gz") else "identity"
    return [receive(store, data, settings=settings, encoding=encoding, origin=BY_FILE, unit=unit, now=now())]


def _tell(path: Path, outcomes: Sequence[Receipt | Refused]) -> int:
    """Say what became of the documents of a file; return how many were kept."""
    kept = 0
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            say(f"{path}: {outcome}")
        else:
            kept += 1
            print(f"{one_line(path.name)}: {outcome.status}, machine {outcome.machine}")
    return kept


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
