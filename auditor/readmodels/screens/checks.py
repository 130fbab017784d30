"""Spot checks and stocktakes on screens: what was drawn, how far each form is, what was declared, scanned and found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CheckRow:
    """One check in a list. `total` and `done` count lines."""

    number: str
    kind: str
    state: str
    as_of: str
    made_at: str
    made_by: str | None
    units: tuple[str, ...]
    machines: int
    total: int
    done: int
    sign_offs: tuple[Mapping[str, Any], ...]

    @property
    def left(self) -> int:
        """Lines that nobody has filled in yet."""
        return self.total - self.done


@dataclass(frozen=True)
class PartRow:
    """One form: a drawn computer, or certificates of a unit. `amiss`: lines on which something differs."""

    number: int
    unit: str
    code: str
    department: str | None
    person: str | None
    machine_class: str | None
    lines: int
    left: int
    amiss: int
    rank: str = ""
    """Of a computer that was drawn by chance: the beginning of its hash."""


@dataclass(frozen=True)
class LineRow:
    """One line of a form: what is known of it, and what was found so far (`None`: nobody has said)."""

    told: Mapping[str, Any]
    present: bool | None
    judged: str | None
    said: str


@dataclass(frozen=True)
class ExtraRow:
    """Software that was on no list."""

    name: str
    judged: str | None
    said: str


@dataclass(frozen=True)
class OneCheck:
    """One check with its forms, what differs, and the findings that came of it."""

    row: CheckRow
    drawn: Mapping[str, Any]
    parts: tuple[PartRow, ...]
    compared: tuple[Mapping[str, Any], ...]
    """Lines that differ, as `comparison_rows` tells them."""
    findings: tuple[tuple[int, str, str], ...]
    """Number, title, state."""
    version: int
    digest: str
    """Of what was drawn and found: what a signature stands for."""


@dataclass(frozen=True)
class OneForm:
    """One form to fill in. `seen` names its state: whoever sends it back repeats it."""

    row: CheckRow
    part: PartRow
    lines: tuple[LineRow, ...]
    extra: tuple[ExtraRow, ...]
    seen: str
    before: int | None
    after: int | None


def rows_of_units(parts: Sequence[PartRow]) -> list[tuple[str, list[PartRow]]]:
    """Return the forms by unit, in their order."""
    found: dict[str, list[PartRow]] = {}
    for part in parts:
        found.setdefault(part.unit, []).append(part)
    return list(found.items())
