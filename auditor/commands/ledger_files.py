"""zhengban licences template | export | history | check: the ledger as a file, and what became of a 软件编号."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.commands.context import (
    FINDINGS,
    AsOfOption,
    CommandContext,
    Format,
    FormatOption,
    UnitOption,
    chosen_language,
    context_of,
    day_of,
    now_text,
    print_listing,
)
from auditor.errors import AuditorError, WrongUsage, both
from reports.clean_text import FORMULA_STARTS

if TYPE_CHECKING:
    from auditor.intake.registers.licence_writing import HeldRight
    from auditor.proof.sealing import Sealer
    from auditor.store.database import Connection
    from auditor.store.ledger_history import HistoryEvent
    from reports.register_sheet import RegisterSheet
    from rules.catalogue import Catalogue


class LedgerFormat(StrEnum):
    """How the ledger is written."""

    XLSX = "xlsx"
    CSV = "csv"
    YAML = "yaml"


_BY_SUFFIX = {
    ".xlsx": LedgerFormat.XLSX,
    ".csv": LedgerFormat.CSV,
    ".yaml": LedgerFormat.YAML,
    ".yml": LedgerFormat.YAML,
}
OutputOption = Annotated[Path, typer.Option("--output", metavar="FILE|-", help="输出文件，- 为标准输出 / file or -")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="zh_CN, en")]
TEMPLATE_ROWS = 500
MAIN_COLUMNS = (
    *("number", "unit", "code", "name", "software_type", "version", "purchased_on", "amount", "licence_type"),
    *("quantity", "allowed", "basis", "term", "starts_on", "ends_on", "serials", "source_type", "metric", "sharing"),
    *("bound_serials", "bound_people", "paper", "contract", "supplier", "remarks"),
)
"""What an exported workbook always shows; a further column stands in it when a right says something there."""
HISTORY_COLUMNS = {
    "at": "时间 (UTC) at",
    "by": "经办 by",
    "act": "事项 act",
    "holds": "有效期间 holds",
    "what": "内容 what",
    "why": "事由 why",
}
CHECK_COLUMNS = {"where": "授权 right", "heading": "列 column", "what": "问题 what"}


def add_to(room: typer.Typer) -> None:
    """Add the commands."""
    room.command(
        "template",
        help="写出导入模板（含填写说明页）/ write an empty table to fill in, with a page of help",
        short_help="导入模板 / a template",
    )(template)
    room.command(
        "export",
        help="""导出台账；改后可再导入，未改的行不变 / export the ledger; importing it again changes nothing.

\b
序列号默认为掩码，导入时不覆盖已登记的；--with-serials 写出完整序列号，并记入操作轨迹。
Serial numbers are masked; --with-serials writes them whole, and the trail says so.
""",
        short_help="导出台账 / export the ledger",
    )(export)
    room.command("history", help="一个软件编号的全部变动 / everything that became of one 软件编号")(history)
    room.command(
        "check",
        help="检查现有台账自相矛盾之处；有则退出码为 1 / what contradicts itself; exit code 1 if anything",
        short_help="检查台账 / check the ledger",
    )(check)


def template(ctx: typer.Context, output: OutputOption, language: LanguageOption = None) -> None:
    """Write an empty table to fill in."""
    context = context_of(ctx)
    if _format_of(output, None) is not LedgerFormat.XLSX:
        raise WrongUsage(f"--output {output}: {both('模板为 .xlsx 文件', 'the template is an .xlsx file')}")
    sheet = _sheet([], context.today(), chosen_language(language, context), spare_rows=TEMPLATE_ROWS)
    _write_bytes(output, _workbook(sheet))


def export(
    ctx: typer.Context,
    output: OutputOption,
    form: Annotated[
        LedgerFormat | None,
        typer.Option("--format", help="xlsx, csv, yaml；默认按扩展名 / by the file's name", show_default=False),
    ] = None,
    as_of: AsOfOption = None,
    unit: UnitOption = None,
    with_serials: Annotated[
        bool, typer.Option("--with-serials", help="写出完整序列号 / serial numbers in full")
    ] = False,
    language: LanguageOption = None,
) -> None:
    """Write the ledger of a day."""
    from auditor.store.trail import append_trail

    context = context_of(ctx)
    on = day_of(as_of, context.today())
    chosen = chosen_language(language, context)
    form = _format_of(output, form)
    with context.store() as store, store.begin() if with_serials else store.read() as connection:
        held = held_rights(connection, store.sealer, on, unit, with_serials=with_serials)
        if with_serials:
            append_trail(connection, at=now_text(), act="ledger.exported_with_serials", subject=f"{len(held)} rights")
    _write_bytes(output, written(held, form, context.catalogue(), on, chosen))


def _format_of(output: Path, form: LedgerFormat | None) -> LedgerFormat:
    """Return the format asked for, else that of the file's name. Raises `WrongUsage` where they contradict."""
    named = _BY_SUFFIX.get(output.suffix.casefold())
    if output.suffix and named is None and form is None:
        endings = ", ".join(_BY_SUFFIX)
        raise WrongUsage(f"--output {output}: {both(f'扩展名应为 {endings} 之一', f'expected one of {endings}')}")
    if named is not None and form is not None and named is not form:
        told = both("与文件扩展名不符", "expected the format that the file's name tells")
        raise WrongUsage(f"--format {form}, --output {output}: {told}")
    return form or named or LedgerFormat.XLSX


def held_rights(
    connection: Connection, sealer: Sealer, on: date, unit: str | None, *, with_serials: bool
) -> list[HeldRight]:
    """Return the rights of a day, of one unit or all, with serial numbers whole or masked."""
    from auditor.intake.registers.licence_writing import HeldRight
    from auditor.store.entitlements import entitlements_by_key, unsealed_serials

    return [
        HeldRight(right, unsealed_serials(connection, right.id, sealer) if with_serials else right.serials, line)
        for (owner, _, line), right in entitlements_by_key(connection, on).items()
        if unit in (None, owner)
    ]


def written(held: Sequence[HeldRight], form: LedgerFormat, catalogue: Catalogue, on: date, language: str) -> bytes:
    """Return the ledger as a file."""
    from auditor.intake.registers.ledger_yaml import yaml_register
    from auditor.intake.registers.licence_writing import COLUMNS, ledger_rows, plain_rights

    if form is LedgerFormat.YAML:
        return yaml_register("licences", plain_rights(held)).encode("utf-8")
    rows = [[row.get(f.name) for f in COLUMNS] for row in ledger_rows(held, catalogue)]
    if form is LedgerFormat.CSV:
        return _csv([f.headings[0 if language == "zh_CN" else -1] for f in COLUMNS], rows)
    return _workbook(_sheet(rows, on, language))


def _csv(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """UTF-8 with a mark, so that spreadsheet programs find it; a text that begins like a formula is quoted."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
        case _:
            text = str(value)
            return f"'{text}" if text.lstrip("'").startswith(FORMULA_STARTS) else text


def _sheet(rows: Sequence[Sequence[Any]], on: date, language: str, *, spare_rows: int = 0) -> RegisterSheet:
    from auditor.intake.registers.licence_help import HELP, NOTES
    from auditor.intake.registers.licence_words import choices
    from auditor.intake.registers.licence_writing import COLUMNS
    from reports.clean_text import width
    from reports.forms.column import Kind
    from reports.register_sheet import RegisterColumn, RegisterSheet

    kinds = {"amount": Kind.MONEY, "purchased_on": Kind.DAY, "starts_on": Kind.DAY, "ends_on": Kind.DAY,
             "certified_on": Kind.DAY, "quantity": Kind.COUNT, "rights_per_pack": Kind.COUNT,
             "number": Kind.COUNT} | dict.fromkeys(
                 ("unit", "software_type", "version", "licence_type", "term", "source_type", "metric", "sharing"),
                 Kind.CODE)  # fmt: skip
    wide = {"name": 30, "serials": 30, "bound_serials": 28, "remarks": 40, "basis": 28, "allowed": 18, "supplier": 26}
    zh = language == "zh_CN"
    told = {f.name for place, f in enumerate(COLUMNS) if spare_rows or any(row[place] is not None for row in rows)}
    shown = [place for place, f in enumerate(COLUMNS) if f.name in told or f.name in MAIN_COLUMNS]
    columns = [
        RegisterColumn(
            heading=f.headings[0 if zh else -1],
            width=wide.get(f.name, max(12, min(width(f.headings[0 if zh else -1]) + 4, 20))),
            kind=kinds.get(f.name, Kind.TEXT),
            needed=f.required,
            choices=choices(f.name, chinese=zh),
            hint=HELP[f.name][0 if zh else 1],
            example=HELP[f.name][2],
        )
        for f in (COLUMNS[place] for place in shown)
    ]
    rows = [[row[place] for place in shown] for row in rows]
    title = "许可台账" if zh else "Licence ledger"
    return RegisterSheet(title, tuple(columns), tuple(map(tuple, rows)), on, language, NOTES[language], spare_rows)


def _workbook(sheet: RegisterSheet) -> bytes:
    from reports.register_xlsx import render_register

    return render_register(sheet)


def _write_bytes(output: Path, data: bytes) -> None:
    if str(output) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        told = both(f"无法写入：{error.strerror}", f"cannot be written: {error.strerror}")
        raise AuditorError(f"{output}: {told}") from error
    print(output)


def history(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help="软件编号 / code of the right")],
    unit: UnitOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Say everything that became of one 软件编号."""
    from auditor.store.ledger_history import ACTS, history_of

    with context_of(ctx).store() as store, store.read() as connection:
        events = history_of(connection, code, unit)
    if not events:
        raise AuditorError(f"{code}: {both('台账中没有这个软件编号', 'the ledger never had this code')}")
    rows = [
        {
            "at": event.at,
            "by": event.by,
            "act": ACTS[event.act],
            "holds": event.holds,
            "what": _what_happened(event),
            "why": event.why,
        }
        for event in events
    ]
    print_listing(rows, HISTORY_COLUMNS, form)


def _what_happened(event: HistoryEvent) -> str:
    """Say an event in the words of the ledger's columns."""
    from auditor.intake.row_words import change_words

    told = (change_words("licences", *change) for change in event.changes)
    changed = (f"{column} {after}" if event.act != "changed" else f"{column} {before} → {after}"
               for column, before, after in told)  # fmt: skip
    return f"{event.key}: {'; '.join(part for part in (event.what, *changed) if part)}"


def check(ctx: typer.Context, as_of: AsOfOption = None, form: FormatOption = Format.TABLE) -> int:
    """Name everything that contradicts itself in the ledger as it stands."""
    from auditor.intake.ledger_check import contradictions

    context: CommandContext = context_of(ctx)
    on = day_of(as_of, context.today())
    with context.store() as store, store.read() as connection:
        found = contradictions(connection, on, catalogue=context.catalogue(), sealer=store.sealer)
    print_listing([{"where": f.where, "heading": f.heading, "what": f.what} for f in found], CHECK_COLUMNS, form)
    return FINDINGS if found else 0
