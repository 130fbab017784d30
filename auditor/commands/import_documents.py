"""zhengban import: documents of our agents and of other tools, single files or whole folders, through one intake.

What is refused is told with its reason, and the others are still kept. A document is kept once, so an import that was
broken off is simply started again: what was taken before is told as such and costs little.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import NOT_DONE, UnitOption, context_of, now, one_line, say
from auditor.errors import AuditorError, NotAuthentic, Refused, both

if TYPE_CHECKING:
    from auditor.intake.arrival import Receipt
    from auditor.intake.foreign.told import Came
    from auditor.intake.registers.mapping import HeaderMapping
    from auditor.settings import Settings
    from auditor.store.database import Store

SUFFIXES = (
    ".json", ".json.gz", ".zbx", ".xml", ".xml.gz", ".ocs", ".csv", ".tsv", ".xlsx", ".xls", ".jsonl", ".ndjson",
    ".log", ".log.gz", ".swidtag", ".swid",
)  # fmt: skip
"""Endings of what a folder is searched for; a file that is named is looked at whatever its ending."""
TAGS = (".swidtag", ".swid")
_KNOWN = "known"


@dataclass
class _Tally:
    """What became of the documents, and of what was no document."""

    kept: int = 0
    known: int = 0
    refused: int = 0


@dataclass(frozen=True)
class _Import:
    """One import: where to, and what the options say."""

    store: Store
    settings: Settings
    unit: str | None
    machine: str | None
    mapping: HeaderMapping | None
    tally: _Tally = field(default_factory=_Tally)


@dataclass(frozen=True)
class _Piece:
    """One thing to take: a file, a folder that `collect.cmd` wrote, or the SWID tags of one machine."""

    path: Path
    tags: tuple[Path, ...] = ()


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "import",
        help="导入采集文件、采集端导出文件、其他工具的清单、表格或整个目录 / "
        "import inventories: our agents', other tools', tables, or whole folders",
    )(import_documents)


def import_documents(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="文件或目录 / files or folders")],
    unit: UnitOption = None,
    machine: Annotated[
        str | None,
        typer.Option(
            "--machine",
            metavar="NAME",
            help="文件本身不含计算机名时的计算机名 / whose file it is, where it does not say",
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="表头对应文件（YAML）/ header mapping of a table, YAML"),
    ] = None,
) -> None:
    """Keep each document; what is refused is told with its reason, and the others are still kept."""
    context = context_of(ctx)
    settings = context.settings()
    pieces = list(_pieces(paths))
    with context.store(create=True) as store:
        work = _Import(store, settings, unit, machine, _mapping(mapping))
        with _progress(pieces) as watched:
            for piece in watched:
                _take(work, piece)
    tally = work.tally
    again = (
        both(f"，其中 {tally.known} 份早已入库", f", {tally.known} of them were there before") if tally.known else ""
    )
    zh_again, _, en_again = again.partition(" / ")
    taken = tally.kept + tally.known
    print(
        both(
            f"{taken} 份已入库{zh_again}，{tally.refused} 份被拒收", f"{taken} kept{en_again}, {tally.refused} refused"
        )
    )
    if tally.refused:
        raise typer.Exit(NOT_DONE)


def _take(work: _Import, piece: _Piece) -> None:
    """Take one piece and say what became of it; a fault costs this piece alone."""
    try:
        outcomes, problems = _outcomes(work, piece)
    except (Refused, NotAuthentic) as error:
        work.tally.refused += 1
        say(f"{piece.path}: {error}")
    except AuditorError as error:
        if error.exit_code != NOT_DONE or not str(error):
            raise
        work.tally.refused += 1
        say(str(error) if str(error).startswith(str(piece.path)) else f"{piece.path}: {error}")
    except OSError as error:
        work.tally.refused += 1
        say(f"{piece.path}: {error.strerror or error}")
    else:
        for problem in problems:
            say(f"{piece.path}: {problem}")
        _tell(work.tally, piece.path, outcomes)


def _outcomes(work: _Import, piece: _Piece) -> tuple[Sequence[Receipt | Refused], Sequence[str]]:
    """Take what one piece holds. Raises `Refused`, `NotAuthentic`, `AuditorError`, `OSError`."""
    from auditor.intake.arrival import BY_FILE
    from auditor.intake.export_file import MAX_BYTES, is_export, take_export
    from auditor.intake.foreign.collect_folder import read_collected
    from auditor.intake.foreign.swid import read_swid_tags
    from auditor.intake.foreign.taking import keep_inventories, take_foreign
    from auditor.intake.receiving import receive
    from auditor.intake.unpacking import packing_of

    came = _came(work, piece.path)
    if piece.tags:
        tags = [(str(tag.relative_to(piece.path)), tag.read_bytes()) for tag in piece.tags]
        read = read_swid_tags(tags, work.machine or piece.path.resolve().name, came)
        sent = b"".join(data for _, data in tags)
        kept = keep_inventories(work.store, read.inventories, sent, came, unit=work.unit, settings=work.settings)
        return kept, read.problems
    if piece.path.is_dir():
        data = read_collected(piece.path, came)
    else:
        with piece.path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if is_export(data):
            return take_export(work.store, data, now=now(), settings=work.settings), ()
        taken = take_foreign(work.store, data, came, unit=work.unit, settings=work.settings)
        if taken is not None:
            return taken.outcomes, taken.problems
    receipt = receive(
        work.store,
        data,
        settings=work.settings,
        encoding=packing_of(data),
        origin=BY_FILE,
        unit=work.unit,
        now=now(),
    )
    return [receipt], ()


def _came(work: _Import, path: Path) -> Came:
    """Say how a file came; what does not date itself is dated by the file's last change."""
    from auditor.intake.foreign.told import Came

    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    changed = max(file.stat().st_mtime for file in files)
    return Came(
        at=min(datetime.fromtimestamp(int(changed), UTC), now()),
        now=now(),
        zone=work.settings.zone,
        name=path.name,
        machine=work.machine,
        mapping=work.mapping,
        max_depth=work.settings.whole("intake_max_depth"),
    )


def _mapping(path: Path | None) -> HeaderMapping | None:
    if path is None:
        return None
    from auditor.intake.registers.mapping import read_mapping

    try:
        return read_mapping(path.read_bytes(), str(path))
    except OSError as error:
        told = both("应为表头对应文件", "expected a header mapping")
        raise AuditorError(f"{path}: {told}: {error.strerror}") from error


def _tell(tally: _Tally, path: Path, outcomes: Sequence[Receipt | Refused]) -> None:
    """Say what became of the documents of a piece."""
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            tally.refused += 1
            say(f"{path}: {outcome}")
            continue
        if outcome.status == _KNOWN:
            tally.known += 1
        else:
            tally.kept += 1
        print(f"{one_line(path.name)}: {outcome.status}, machine {outcome.machine}")


def _pieces(paths: Sequence[Path]) -> Iterator[_Piece]:
    from auditor.intake.foreign.collect_folder import is_collected

    for path in paths:
        if path.is_dir() and is_collected(path):
            yield _Piece(path)
        elif path.is_dir():
            yield from _pieces_in(path)
        elif path.exists():
            yield _Piece(path)
        else:
            raise AuditorError(f"{path}: {both('没有这个文件或目录', 'no such file or folder')}")


def _pieces_in(top: Path) -> Iterator[_Piece]:
    """Yield what a folder holds, in the order of names: files, collected folders, and the tags of each folder in it."""
    from auditor.intake.foreign.collect_folder import is_collected

    collected = [folder for folder in sorted(top.rglob("*")) if folder.is_dir() and is_collected(folder)]
    inside = set(collected)
    files = [
        file
        for file in sorted(top.rglob("*"))
        if file.is_file() and file.name.lower().endswith(SUFFIXES) and inside.isdisjoint(file.parents)
    ]
    tags: dict[Path, list[Path]] = {}
    for file in files:
        if file.name.lower().endswith(TAGS):
            first = file.relative_to(top).parts[0]
            tags.setdefault(top if first == file.name else top / first, []).append(file)
    pieces = [_Piece(folder) for folder in collected]
    pieces += [_Piece(folder, tuple(found)) for folder, found in tags.items()]
    pieces += [_Piece(file) for file in files if not file.name.lower().endswith(TAGS)]
    if not pieces:
        told = both("没有采集文件", "no document")
        raise AuditorError(f"{top}: {told}; {both('应为', 'expected')} {', '.join(SUFFIXES)}")
    yield from sorted(pieces, key=lambda piece: piece.path)


@contextmanager
def _progress(pieces: Sequence[_Piece]) -> Iterator[Iterator[_Piece]]:
    """Show how far the import is where people look, one line a piece elsewhere."""
    if len(pieces) < 2 or not sys.stderr.isatty():
        yield iter(pieces)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(both("导入", "import"), total=len(pieces))

        def watched() -> Iterator[_Piece]:
            for piece in pieces:
                yield piece
                shown.advance(task)

        yield watched()
