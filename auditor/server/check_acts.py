"""Spot checks as console and interface see them: who may see which, how far each is, what stands on each form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from auditor.core.sampling import rank
from auditor.errors import AuditorError
from auditor.intake.registers.papers import check_paper
from auditor.readmodels.screens.checks import CheckRow, ExtraRow, LineRow, OneForm, PartRow
from auditor.server.console_state import NotThere
from auditor.store.database import Connection
from auditor.store.dossiers import SPOT_CHECKS, Dossier, find_dossier, list_dossiers
from auditor.store.papers import add_paper
from auditor.supervision.bulk_acts import Sees
from auditor.supervision.on_the_spot import Part, left_open, parts_of, stands_on, version_of
from auditor.supervision.spot_checks import MACHINES, Found, compare, drawn_of, found_of


class Size(NamedTuple):
    """What was drawn, in figures. `machines` is 0 for a stocktake."""

    units: tuple[str, ...]
    machines: int
    lines: int
    as_of: str


SIGNATURE = "signature"
_KNOWN: dict[str, Size] = {}
_MOST_KNOWN = 2_000


def size_of_check(connection: Connection, check: Dossier) -> Size:
    """Return what was drawn in figures; it never changes, so it is read once."""
    digest = check["drawn"]
    if digest not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        drawn = drawn_of(connection, check)
        lines = drawn["lines"]
        machines = len({line["code"] for line in lines}) if check["kind"] == MACHINES else 0
        _KNOWN[digest] = Size(tuple(sorted({line["unit"] for line in lines})), machines, len(lines), drawn["as_of"])
    return _KNOWN[digest]


def check_seen(connection: Connection, number: str, sees: Sees) -> Dossier:
    """Return a check all of whose units may be seen. Raises `NotThere`: whether it is there is not told."""
    try:
        check = find_dossier(connection, SPOT_CHECKS, number)
    except AuditorError as error:
        raise NotThere(number) from error
    if not all(map(sees, size_of_check(connection, check).units)):
        raise NotThere(number)
    return check


def checks_seen(connection: Connection, sees: Sees) -> list[CheckRow]:
    """Return the checks all of whose units may be seen, the newest first."""
    found = list_dossiers(connection, SPOT_CHECKS)
    return [
        row_of(connection, check) for check in reversed(found) if all(map(sees, size_of_check(connection, check).units))
    ]


def row_of(connection: Connection, check: Dossier) -> CheckRow:
    """Return where a check stands."""
    size = size_of_check(connection, check)
    done = len({line.number for line in found_of(connection, check) if line.number})
    return CheckRow(
        check["number"], check["kind"], check["state"], size.as_of, check["made_at"], check["made_by"], size.units,
        size.machines, size.lines, done, tuple(check["sign_offs"]),
    )  # fmt: skip


def part_rows(
    connection: Connection, check: Dossier, drawn: Mapping[str, Any], shows: Callable[[str], bool]
) -> tuple[list[Part], list[PartRow]]:
    """Return the forms of a check; names of persons only where `shows` says so of their unit."""
    parts, found = parts_of(check, drawn), found_of(connection, check)
    left = left_open(parts, found)
    amiss = _amiss(connection, check, parts, found)
    return parts, [_part_row(part, check, drawn, left[part.number], amiss[part.number], shows) for part in parts]


def form_of(
    connection: Connection, check: Dossier, number: int, shows: Callable[[str], bool]
) -> tuple[OneForm, Part, Sequence[Part]]:
    """Return one form with what stands on it. Raises `NotThere`."""
    drawn = drawn_of(connection, check)
    parts, rows = part_rows(connection, check, drawn, shows)
    if not 1 <= number <= len(parts):
        raise NotThere(str(number))
    part, found = parts[number - 1], found_of(connection, check)
    mine = stands_on(part, found)
    by_number = {line.number: line for line in mine if line.number}
    lines = tuple(_line_row(line, by_number.get(line["number"]), shows(part.unit)) for line in part.lines)
    extra = tuple(ExtraRow(x.name, x.judged.value if x.judged else None, x.told) for x in mine if not x.number)
    form = OneForm(
        row_of(connection, check), rows[number - 1], lines, extra, version_of(part, found),
        number - 1 if number > 1 else None, number + 1 if number < len(parts) else None,
    )  # fmt: skip
    return form, part, parts


def keep_signature(connection: Connection, picture: bytes, *, number: str, side: str, by: str, at: str) -> str:
    """Keep a drawn signature (JPEG) as a paper; return its digest. Raises `AuditorError` for what is no picture."""
    name = f"{number}-{side}.jpg"
    media = check_paper(picture, name).media_type
    paper, _ = add_paper(
        connection, picture, media_type=media, file_name=name, kind=SIGNATURE, number=None, remarks=None, now=at, by=by
    )
    return paper.digest


def _amiss(connection: Connection, check: Dossier, parts: Iterable[Part], found: Sequence[Found]) -> dict[int, int]:
    if check["kind"] != MACHINES:
        absent = {line.number for line in found if not line.present}
        return {part.number: len(part.numbers & absent) for part in parts}
    counts: dict[str, int] = {}
    for each in compare(connection, check):
        counts[each.line.code] = counts.get(each.line.code, 0) + bool(each.differs)
    return {part.number: counts.get(part.code, 0) for part in parts}


def _part_row(
    part: Part, check: Dossier, drawn: Mapping[str, Any], left: int, amiss: int, shows: Callable[[str], bool]
) -> PartRow:
    first = part.lines[0]
    if check["kind"] != MACHINES:
        return PartRow(part.number, part.unit, part.code, first["unit_name"], None, None, len(part.lines), left, amiss)
    return PartRow(
        part.number, part.unit, part.code, first["department"], first["person"] if shows(part.unit) else None,
        first["machine_class"], len(part.lines), left, amiss, rank(drawn["seed"], part.code)[:8],
    )  # fmt: skip


def _line_row(line: Mapping[str, Any], found: Found | None, shows: bool) -> LineRow:
    told = dict(line) if shows else dict(line) | {"person": None}
    if found is None:
        return LineRow(told, None, None, "")
    return LineRow(told, found.present, found.judged.value if found.judged else None, found.told)
