"""A check filled in on the spot: a form for each drawn computer, or for the certificates of a unit, kept as it goes.

Who fills a form in names what stood on it before, so that of two who write on one form one is told; forms beside it
go on. When no line is left open the check waits for its signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from auditor.errors import AuditorError, both
from auditor.proof.digest import digest_of
from auditor.store.database import Connection
from auditor.store.dossiers import Dossier
from auditor.supervision.kept_forms import OF_NO_FORM, is_whole, kept_forms
from auditor.supervision.spot_checks import (
    DRAWN,
    FILLED,
    MACHINES,
    Found,
    Judged,
    found_of,
    keep_found,
    refuse_faults,
)

MOST_CERTIFICATES = 60
"""Certificates on one form of a stocktake."""


@dataclass(frozen=True)
class Part:
    """One form. `code`: 计算机编号, or the unit whose certificates are looked for."""

    number: int
    unit: str
    code: str
    lines: tuple[Mapping[str, Any], ...]

    @property
    def numbers(self) -> frozenset[int]:
        """The lines on it."""
        return frozenset(line["number"] for line in self.lines)

    def holds(self, found: Found) -> bool:
        """Whether what was found stands on this form; software on no list stands on that of its computer."""
        return found.number in self.numbers if found.number else found.code == self.code


def parts_of(check: Dossier, drawn: Mapping[str, Any]) -> list[Part]:
    """Return the forms of a check in the order in which its lines stand."""
    if check["kind"] == MACHINES:
        groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for line in drawn["lines"]:
            groups.setdefault((line["unit"], line["code"]), []).append(line)
        cut = [(unit, code, lines) for (unit, code), lines in groups.items()]
    else:
        by_unit: dict[str, list[Mapping[str, Any]]] = {}
        for line in drawn["lines"]:
            by_unit.setdefault(line["unit"], []).append(line)
        cut = [
            (unit, unit, lines[start : start + MOST_CERTIFICATES])
            for unit, lines in by_unit.items()
            for start in range(0, len(lines), MOST_CERTIFICATES)
        ]
    return [Part(number, unit, code, tuple(lines)) for number, (unit, code, lines) in enumerate(cut, start=1)]


class FilledIn(Protocol):
    """One line of a form that came back."""

    @property
    def number(self) -> int: ...
    @property
    def present(self) -> bool: ...
    @property
    def judged(self) -> str | None: ...
    @property
    def told(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


def as_found(lines: Iterable[FilledIn]) -> list[Found]:
    """Return what a form says. Raises `AuditorError` for a judgement that is none."""
    try:
        return [
            Found(
                line.number, line.present, Judged(line.judged) if line.judged else None, line.told, line.code, line.name
            )
            for line in lines
        ]
    except ValueError as error:
        raise AuditorError(f"{both('判定应为', 'expected one of')} {', '.join(Judged)}") from error


def stands_on(part: Part, found: Iterable[Found]) -> list[Found]:
    """Return what was found of a form so far."""
    return [line for line in found if part.holds(line)]


def version_of(part: Part, found: Iterable[Found]) -> str:
    """Return what a form says of its state: whoever fills it in repeats it."""
    return digest_of([asdict(line) for line in stands_on(part, found)])[:16]


def left_open(parts: Iterable[Part], found: Iterable[Found]) -> dict[int, int]:
    """Return how many lines of each form nobody has filled in yet."""
    filled = {line.number for line in found}
    return {part.number: len(part.numbers - filled) for part in parts}


def note(
    connection: Connection, check: Dossier, parts: Sequence[Part], part: Part, lines: Sequence[Found], *, seen: str,
    at: str,
) -> Dossier:  # fmt: skip
    """Keep what was found of one form, in the place of what stood on it. Lines may be left open.

    Raises `AuditorError` for faults, and when somebody else filled the form in after it was looked at (`seen`).
    """
    before = found_of(connection, check)
    if seen != version_of(part, before):
        told = both(
            "其他人刚刚填写过这张表，请重新查看后再填", "somebody else has just filled this form in; look again"
        )
        raise AuditorError(f"{check['number']} {part.code}: {told}")
    refuse_faults(check, lines, set(part.numbers), whole=False)
    strange = [line for line in lines if not part.holds(line)]
    if strange:
        raise AuditorError(f"{check['number']} {part.code}: {both('不是这张表的内容', 'not of this form')}")
    after = [line for line in before if not part.holds(line)] + list(lines)
    open_lines = sum(left_open(parts, after).values())
    result = _keep(connection, check, parts, part, lines, before)
    return keep_found(connection, check, result, state=DRAWN if open_lines else FILLED, at=at)


def _keep(
    connection: Connection, check: Dossier, parts: Sequence[Part], part: Part, lines: Sequence[Found],
    before: Sequence[Found],
) -> str:  # fmt: skip
    """Keep one form; of a check that was filled in whole before, every form once."""
    own = {part.number: [asdict(line) for line in lines]}
    if check["result"] is None or not is_whole(connection, check["result"]):
        return kept_forms(connection, check["result"], own)
    forms: dict[int, list[dict[str, Any]]] = {}
    by_line = {number: each.number for each in parts for number in each.numbers}
    by_code = {each.code: each.number for each in parts}
    for line in before:
        number = by_line[line.number] if line.number else by_code.get(line.code, OF_NO_FORM)
        forms.setdefault(number, []).append(asdict(line))
    return kept_forms(connection, None, forms | own)
