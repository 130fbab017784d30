"""What a screen looks at: one run, one unit with all below it, and how much of persons may be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from auditor.core.model import Verdict
from auditor.readmodels.audit_report import GRAVITY
from auditor.store.database import Connection
from auditor.store.run_index import MachineEntry, MachineFilter, UnitSpan, list_unit_spans
from auditor.store.runs import RunRow
from reports.model import Name
from rules.product import Product

PAGE = 50
"""Rows of a page."""


@dataclass(frozen=True)
class Scope:
    """One run, seen from one unit. `visible`: what the reader may see, `personal`: where names of persons too."""

    run: RunRow
    spans: tuple[UnitSpan, ...]
    span: UnitSpan
    visible: frozenset[str]
    personal: frozenset[str]
    sees_all: bool
    zone: ZoneInfo

    @cached_property
    def by_code(self) -> Mapping[str, UnitSpan]:
        """Units by code."""
        return {span.code: span for span in self.spans}

    @cached_property
    def units(self) -> frozenset[str]:
        """Codes of the unit and all below it."""
        return frozenset(span.code for span in self.spans if self.span.at <= span.at <= self.span.last)

    @property
    def is_whole(self) -> bool:
        """Whether the scope is all that the run knows."""
        return self.sees_all and self.span.last - self.span.at + 1 == len(self.spans)

    def name(self, unit: str | None) -> str:
        """Return a unit's name, its code when the run does not know it."""
        span = self.by_code.get(unit or "")
        return span.name if span is not None else unit or ""

    def holds(self, number: int) -> bool:
        """Whether a machine stands at or below the unit."""
        return self.span.first_machine <= number <= self.span.last_machine

    def may_see(self, unit: str) -> bool:
        """Whether the reader may see a unit."""
        return self.sees_all or unit in self.visible

    def shows_person(self, unit: str | None) -> bool:
        """Whether names of persons, and host names that may hold them, are shown to the reader."""
        return unit is not None and unit in self.personal

    def label(self, entry: MachineEntry) -> str | None:
        """Return what a machine is called: its 计算机编号, else its host name where that may be shown."""
        return entry.code or (entry.host_name if self.shows_person(entry.unit) else None)

    @property
    def machines(self) -> MachineFilter:
        """The machines of the scope."""
        return MachineFilter(first=self.span.first_machine, last=self.span.last_machine)


def scope_of(
    connection: Connection,
    run: RunRow,
    *,
    unit: str | None,
    zone: ZoneInfo,
    roots: Callable[[Mapping[str, str | None]], tuple[frozenset[str], frozenset[str], bool]],
) -> Scope | None:
    """Return the scope of a reader: the unit asked for when it may be seen, else the first one that may be.

    `roots` tells of the tree (code → code above) what the reader sees, where names too, and whether it is all.
    `None`: the reader may see no unit of the run.
    """
    spans = tuple(list_unit_spans(connection, run.id))
    visible, personal, sees_all = roots({span.code: span.parent for span in spans})
    seen = [span for span in spans if sees_all or span.code in visible]
    chosen = next((span for span in seen if span.code == unit), seen[0] if seen else None)
    if chosen is None:
        return None
    return Scope(run, spans, chosen, visible, personal, sees_all, zone)


def verdict_of(gravity: int) -> Verdict | None:
    """Return the verdict of a gravity, `None` for a machine without a copy."""
    return GRAVITY[gravity] if gravity < len(GRAVITY) else None


def product_name(products: Mapping[str, Product], product: str, told: str | None = None) -> str | Name:
    """Return a product's name in both languages; what the run called it when the catalogue no longer knows it."""
    found = products.get(product)
    return Name(found.zh, found.en) if found is not None else told or product
