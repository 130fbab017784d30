"""What every command shares: settings, store, catalogue, the language, and how a listing is printed."""

from __future__ import annotations

import csv
import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.errors import StoreError, WrongUsage, both
from auditor.settings import Settings, Value, load_settings
from reports.clean_text import FORMULA_STARTS, UNFIT, clean

if TYPE_CHECKING:
    from auditor.store.database import Store
    from rules.catalogue import Catalogue

OK, FINDINGS, WRONG_USAGE, NOT_DONE = 0, 1, 2, 3


class Format(StrEnum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="输出格式 / how the listing is printed")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="YYYY-MM-DD", help="截至日期，默认今天 / as of this day, today by default"),
]
UnitOption = Annotated[str | None, typer.Option("--unit", metavar="CODE", help="单位编码 / code of the unit")]


@dataclass
class CommandContext:
    """The options that stand before the command."""

    settings_file: Path | None = None
    database: str | None = None

    def settings(self, **flags: Value) -> Settings:
        """Return the settings; flags go before the environment, which goes before the file."""
        if self.database is not None:
            flags["database"] = self.database
        return load_settings(flags=flags, environment=os.environ, file=self.settings_file)

    @contextmanager
    def store(self, *, create: bool = False) -> Iterator[Store]:
        """Open the store; a command that only looks at it does not make one."""
        from auditor.store.database import open_settings_store

        settings = self.settings()
        try:
            store = open_settings_store(settings, create=create)
        except StoreError as error:
            told = both("数据库打不开；首次使用请先导入单位登记", "the store cannot be opened; import units first")
            if create:
                raise
            raise StoreError(f"{error}\n{told} (zhengban units import FILE --apply)") from error
        try:
            yield store
        finally:
            store.close()

    def catalogue(self) -> Catalogue:
        """Return the catalogue with the organisation's layer, by way of its compiled form beside the user's caches."""
        from auditor.audit.catalogue_in_force import catalogue_in_force

        return catalogue_in_force(self.settings())

    def layer_folder(self) -> Path:
        """Return the folder of the organisation's layer: the setting, else a folder beside an embedded database."""
        from auditor.audit.catalogue_in_force import layer_folder

        return layer_folder(self.settings())

    def today(self) -> date:
        """Return the day it is in the setting `time_zone`."""
        return datetime.now(self.settings().zone).date()


def context_of(ctx: typer.Context) -> CommandContext:
    """Return the options that stand before the command."""
    found = ctx.find_object(CommandContext)
    return found if found is not None else CommandContext()


def chosen_language(language: str | None, context: CommandContext) -> str:
    """Return the language of what is printed: the flag's, else that of the settings. Raises `WrongUsage`."""
    chosen = language or context.settings().text("language")
    if chosen not in ("zh_CN", "en"):
        raise WrongUsage(f"--language {chosen}: {both('应为', 'expected')} zh_CN, en")
    return chosen


def now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


def now_text() -> str:
    """Return the moment as the store writes it."""
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")


def operator(by: str | None) -> str | None:
    """Return who acts: as told, else the login name of the operating system."""
    if by is not None:
        return clean(by).strip()[:100] or None
    try:
        return getpass.getuser()[:100]
    except (OSError, KeyError):
        return None


def day_of(text: str | None, default: date) -> date:
    """Read a day given on the command line. Raises `WrongUsage`."""
    if text is None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(f"{text}: {both('应为日期，如 2026-06-30', 'expected a day such as 2026-06-30')}") from error


def print_listing(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], form: Format) -> None:
    """Print rows: a table for people (headings as given), JSON for programs, CSV for spreadsheets."""
    match form:
        case Format.JSON:
            print_json([{name: row.get(name) for name in columns} for row in rows], indent=1)
        case Format.CSV:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(columns.values())
            writer.writerows([_safe_cell(row.get(name)) for name in columns] for row in rows)
        case Format.TABLE:
            _print_table(rows, columns)


def print_json(value: Any, *, indent: int | None = None) -> None:
    """Print a value as JSON that says exactly what it is; what could drive a terminal stands as an escape."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    print(UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def one_line(text: str) -> str:
    """Return a text of a machine fit for a terminal: on one line, nothing in it that drives or turns the line."""
    return clean(text).replace("\n", " ").replace("\t", " ")


def _safe_cell(value: Any) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = "" if value is None else clean(str(value))
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _print_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if row.get(name) is None else one_line(str(row.get(name)))) for name in columns))
    width = None if sys.stdout.isatty() else 240
    Console(width=width).print(table)


def say(text: str) -> None:
    """Print one line of progress where it does not disturb what programs read."""
    print(clean(text), file=sys.stderr, flush=True)
