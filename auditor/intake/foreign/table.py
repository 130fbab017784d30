"""Tables of installed software, CSV or XLSX: what SCCM, Intune, Lansweeper, Jamf and scripts export, and our forms.

Format: one row for each program on each computer under a row of headings; without a column that names the computer the
    table is that of one, named by the option `--machine` or by the file.
Gaps:   a table does not say whether it is whole, so it adds and never removes; a list of titles with numbers of devices
    names no computer and is refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from agent.formats.written_day import day_of
from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.document import CONTRACT_VERSION, Inventory, Scanner
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from auditor.core.other_tools import DEVICE, PARTS
from auditor.errors import Refused, both
from auditor.intake.foreign.agent_hosts import distribution_of, package_source
from auditor.intake.foreign.official_forms import is_form, read_form, system_of
from auditor.intake.foreign.table_columns import columns_of, fixed_of, mapping_faults, words_of
from auditor.intake.foreign.told import Came, Read, utc
from auditor.intake.registers.cells import folded_heading
from auditor.intake.registers.mapping import DateOrder, HeaderMapping, order_of, with_year_first
from auditor.intake.tables import Table, Value, column_letters, read_tables

SOURCE = "table"
SCOPE = "table:software"
FORM = "form"
_HEADING_ROWS = 20
_NOTHING = frozenset({"", "none", "null", "undefined", "n/a", "unknown", "-", "--"})
_CHANNELS = {"0": "Retail", "1": "Compliance checked", "2": "OEM", "3": "Volume"}
"""ChannelCode of SCCM's SMS_InstalledSoftware."""
_WINDOWS_MARK = re.compile(r"[A-Za-z]:\\|\{[0-9A-Fa-f-]{36}\}|MsiExec", re.IGNORECASE)
_TOOLS = (
    ("SCCM", ("arpdisplayname", "netbiosname0", "resourceid", "softwarecode", "prodid0", "displayname0")),
    ("Intune", ("applicationkey", "osdescription", "applicationshortversion")),
    ("Lansweeper", ("softwarepublisher", "assetname")),
    ("Jamf", ("jsscomputerid", "bundleid", "applicationtitle")),
)
_QUOTED_LINE = re.compile(rb"^'[^'\r\n]*',('[^'\r\n]*'|None)[,\r\n]", re.MULTILINE)
_IN_QUOTES = re.compile(r"'(.*)'", re.DOTALL)


def read_table(data: bytes, came: Came) -> Read:
    """Return a document for each computer of the table. Raises `Refused` and `AuditorError`."""
    mapping = came.mapping
    mapping_faults(mapping, came.name)
    rows_by_machine: dict[str, list[tuple[str, dict[str, str]]]] = {}
    problems: list[str] = []
    tool = "table"
    sheets = read_tables(_with_double_quotes(data), came.name)
    if mapping is None and is_form(sheets):
        return _read_form(sheets, came)
    for sheet in sheets:
        head, columns = _heading(sheet, mapping, came.name)
        if not columns:
            continue
        tool = _tool(sheet.rows[head])
        if "computer" not in columns and "devices" in columns:
            zh = "此表按软件汇总设备数，没有计算机名一列，无法对应到计算机"
            raise Refused(
                sheet.sheet, both(zh, "a list of titles with numbers of devices: expected a column of computers")
            )
        default = came.machine or came.stem
        for place, row in _rows(sheet, head, columns, mapping):
            if not row.get("software"):
                problems.append(f"{place}: {both('没有软件名称', 'expected the name of the software')}")
                continue
            computer = row.get("computer") or (None if "computer" in columns else default)
            if computer is None:
                problems.append(f"{place}: {both('没有计算机名', 'expected the name of the computer')}")
                continue
            rows_by_machine.setdefault(computer, []).append((place, row))
    if not rows_by_machine:
        zh = "表头应有软件名称、计算机名等列；其他写法请用 --mapping 对应"
        raise Refused("", both(zh, "expected headings such as Computer Name, DisplayName; name others with --mapping"))
    documents = tuple(_inventory(tool, computer, found, came) for computer, found in rows_by_machine.items())
    return Read(documents, tuple(problems[:50]))


def _read_form(sheets: Sequence[Table], came: Came) -> Read:
    """Return a document for each computer of a form as printed, or as filled by hand."""
    rows_by_machine, problems = read_form(sheets)
    if not rows_by_machine:
        raise Refused("", "\n".join(problems) or both("表中没有一行软件", "the form has no line of software"))
    documents = []
    for computer, found in rows_by_machine.items():
        system = system_of(row["software"] for _, row in found)
        told = [(place, row | {"system": system}) for place, row in found]
        documents.append(_inventory(FORM, computer, told, came))
    return Read(tuple(documents), tuple(problems[:50]))


def _with_double_quotes(data: bytes) -> bytes:
    """Return a CSV whose cells stand in apostrophes, as scripts print lists, with the quotes that readers know."""
    if not _QUOTED_LINE.search(data[:4096]):
        return data
    try:
        text = data.decode("utf-8-sig")
        made = io.StringIO()
        csv.writer(made).writerows(csv.reader(io.StringIO(text, newline=""), quotechar="'", strict=True))
    except (UnicodeDecodeError, csv.Error):
        return data
    return made.getvalue().encode("utf-8")


def _heading(sheet: Table, mapping: HeaderMapping | None, name: str) -> tuple[int, dict[str, int]]:
    """Return the row of headings and the columns that are known in it: the row that knows most."""
    best: tuple[int, dict[str, int]] = 0, {}
    for number, row in enumerate(sheet.rows[:_HEADING_ROWS]):
        columns = columns_of(row, mapping, name)
        if len(columns) > len(best[1]):
            best = number, columns
    return best


def _tool(headings: Sequence[Value]) -> str:
    folded = {folded_heading(heading) for heading in headings}
    return next((tool for tool, marks in _TOOLS if folded.intersection(marks)), "table")


def _rows(
    sheet: Table, head: int, columns: Mapping[str, int], mapping: HeaderMapping | None
) -> Iterator[tuple[str, dict[str, str]]]:
    fixed, words = fixed_of(mapping), words_of(mapping)
    order = _date_order(sheet, head, columns, mapping)
    for number, row in enumerate(sheet.rows[head + 1 :], start=head + 2):
        if not any(cell is not None for cell in row):
            continue
        told = dict(fixed)
        for name, place in columns.items():
            cell = row[place] if place < len(row) else None
            if name == "installed_on" and order is not None:
                cell = with_year_first(cell, order)
            value = _told(cell)
            if value is not None:
                told[name] = words.get(name, {}).get(folded_heading(value), value)
        yield f"{sheet.sheet}!{column_letters(columns['software'])}{number}", told


def _date_order(sheet: Table, head: int, columns: Mapping[str, int], mapping: HeaderMapping | None) -> DateOrder | None:
    if mapping is not None and mapping.dates is not None:
        return mapping.dates
    place = columns.get("installed_on")
    return None if place is None else order_of([row[place] for row in sheet.rows[head + 1 :] if place < len(row)])


def _told(cell: Value) -> str | None:
    if isinstance(cell, date):
        return cell.isoformat()
    told = " ".join(str(cell if cell is not None else "").split())
    quoted = _IN_QUOTES.fullmatch(told)
    told = quoted.group(1) if quoted is not None else told
    return None if told.casefold() in _NOTHING else told


def _inventory(tool: str, computer: str, found: Sequence[tuple[str, dict[str, str]]], came: Came) -> Inventory:
    about: dict[str, str] = {}
    for _, row in found:
        about = row | about
    family = _family(tool, about, [row for _, row in found])
    packages = "desktop_entries" if tool == FORM else package_source(about.get("system"))
    software = tuple(_software(row, place, family, packages) for place, row in found)
    fault = Fault("rows", "a table does not say whether it is whole")
    macs = tuple(sorted({row["mac"].casefold().replace("-", ":") for _, row in found if len(row.get("mac", "")) == 17}))
    system = about.get("system") if family != "other" or len(about.get("system", "")) > 8 else None
    return Inventory(
        contract=CONTRACT_VERSION,
        collected_at=utc(came.at),
        scanner=Scanner(tool, "unknown", agent_id=f"{DEVICE}{SOURCE}:{computer.casefold()}"),
        host=Host(
            operating_system=OperatingSystem(
                family=family,
                name=system.removeprefix("Microsoft ") if system and len(system) > 8 else None,
                version=about.get("system_version"),
                distribution=distribution_of(system) if family == "linux" else None,
            ),
            name=computer,
            domain=about.get("domain"),
            model=about.get("model"),
            serial=about.get("serial"),
            uuid=about.get("uuid"),
            mac_addresses=macs,
        ),
        software=software,
        coverage=(
            ScopeRun(SOURCE, SCOPE, Outcome.PARTIAL, found=len(software), faults=(fault,)),
            ScopeRun(PARTS, f"{SOURCE}:document", Outcome.PARTIAL),
        ),
    )


def _family(tool: str, about: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> str:
    system = about.get("system", "").casefold()
    if "windows" in system:
        return "windows"
    if "mac" in system or "os x" in system:
        return "macos"
    if "linux" in system or distribution_of(system) is not None:
        return "linux"
    if system.startswith(("ios", "ipad", "android")):
        return "other"
    if tool == "Jamf" or any(row.get("location", "").endswith(".app") for row in rows):
        return "macos"
    marks = any(
        _WINDOWS_MARK.search(" ".join((row.get("location", ""), row.get("identifier", ""), row.get("uninstall", ""))))
        for row in rows
    )
    return "windows" if marks or tool in ("SCCM", "Intune") or any("publisher" in row for row in rows) else "other"


def _software(row: Mapping[str, str], place: str, family: str, packages: str) -> Software:
    written, channel = row.get("installed_on"), row.get("channel")
    installed_on = day_of(written) if written is not None else None
    sources = {"windows": "uninstall_keys", "macos": "applications", "linux": packages}
    return Software(
        source=sources.get(family, SOURCE),
        name=row["software"],
        scope=SCOPE,
        seen_at=place,
        version=row.get("version"),
        publisher=row.get("publisher"),
        identifier=row.get("identifier"),
        architecture=row.get("architecture"),
        language=row.get("language"),
        installed_on=installed_on,
        install_date_raw=written if written != installed_on else None,
        location=row.get("location"),
        licence_channel=_CHANNELS.get(channel, channel) if channel is not None else None,
    )
