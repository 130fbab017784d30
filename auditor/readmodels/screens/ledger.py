"""The licence ledger of a scope: rows, one right with its papers and uses, import batches, papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from auditor.core.entitlement import Entitlement
from auditor.readmodels.screens.machines import MachinePage, bearing_page
from auditor.readmodels.screens.scope import PAGE, Scope
from auditor.store.batches import Batch, list_batches
from auditor.store.database import Connection
from auditor.store.entitlements import (
    LedgerFilter,
    count_entitlements,
    entitlements_of_rows,
    page_of_entitlements,
)
from auditor.store.ledger_history import HistoryEvent, history_of
from auditor.store.papers import Paper, PaperLink, links_of, list_papers, papers_of_rights
from auditor.store.run_index import list_bearers

LEDGER_REGISTERS = ("licences", "free_list", "transfers", "disposals", "exemptions", "prices")
REGISTERS = (*LEDGER_REGISTERS, "units", "people", "machines")


@dataclass(frozen=True)
class LedgerRow:
    """One row of the ledger."""

    right: Entitlement
    papers: tuple[str, ...]
    machines: int | None
    """Machines whose copies it covers in the run; `None`: the run does not know the row."""


@dataclass(frozen=True)
class LedgerPage:
    """One page of the ledger."""

    rows: tuple[LedgerRow, ...]
    total: int
    after: tuple[str, str, int] | None


@dataclass(frozen=True)
class RightPage:
    """One right: what the ledger says, the papers that prove it, the machines that use it, what became of its code."""

    right: Entitlement
    papers: tuple[Paper, ...]
    uses: MachinePage
    history: tuple[HistoryEvent, ...]


@dataclass(frozen=True)
class PaperPage:
    """Papers with what they prove."""

    rows: tuple[tuple[Paper, tuple[PaperLink, ...]], ...]


def ledger_page(
    connection: Connection,
    scope: Scope,
    on: date,
    *,
    text: str = "",
    product: str | None = None,
    after: tuple[str, str, int] | None = None,
) -> LedgerPage:
    """Return a page of the rows that are in force on a day."""
    wanted = LedgerFilter(units=None if scope.is_whole else scope.units, text=text, product=product)
    found = page_of_entitlements(connection, on, wanted, after=after, limit=PAGE + 1)
    shown = found[:PAGE]
    papers = papers_of_rights(connection, shown)
    uses = {b.name: len(b.numbers) for b in list_bearers(connection, scope.run.id, "right", map(str, _ids(shown)))}
    rows = tuple(LedgerRow(right, papers.get(right.id, ()), uses.get(str(right.id), 0)) for right in shown)
    more = (shown[-1].unit, shown[-1].code, shown[-1].id) if len(found) > PAGE else None
    return LedgerPage(rows, count_entitlements(connection, on, wanted), more)


def right_page(connection: Connection, scope: Scope, row: int, *, after: int = 0) -> RightPage | None:
    """Return one right; `None` when there is none, or its unit may not be seen."""
    found = entitlements_of_rows(connection, [row])
    if not found or not scope.may_see(found[0].unit):
        return None
    digests = papers_of_rights(connection, found).get(row, ())
    papers = tuple(paper for paper in list_papers(connection) if paper.digest in digests)
    history = tuple(history_of(connection, found[0].code, found[0].unit))
    return RightPage(found[0], papers, bearing_page(connection, scope, "right", str(row), after=after), history)


def batch_rows(connection: Connection, registers: tuple[str, ...] = REGISTERS) -> list[Batch]:
    """Return the batches of registers, the newest first."""
    found = [batch for batch in list_batches(connection) if batch.register in registers]
    return sorted(found, key=lambda batch: -batch.id)


def paper_page(connection: Connection, scope: Scope) -> PaperPage:
    """Return the papers that prove something of the scope, and those that prove nothing yet, oldest first."""
    links: dict[str, list[PaperLink]] = {}
    for link in links_of(connection):
        links.setdefault(link.paper, []).append(link)
    rows = [
        (paper, tuple(link for link in links.get(paper.digest, ()) if _concerns(scope, link)))
        for paper in list_papers(connection)
    ]
    return PaperPage(tuple((p, mine) for p, mine in rows if mine or (scope.is_whole and p.digest not in links)))


def may_see_paper(connection: Connection, scope: Scope, digest: str) -> bool:
    """Whether some thing that the paper proves may be seen, or all may be seen."""
    if scope.sees_all:
        return True
    units = [link.subject.unit for link in links_of(connection, paper=digest)]
    return any(unit is not None and scope.may_see(unit) for unit in units)


def _concerns(scope: Scope, link: PaperLink) -> bool:
    unit = link.subject.unit
    return scope.is_whole if unit is None else unit in scope.units


def _ids(rights: list[Entitlement]) -> list[int]:
    return [right.id for right in rights]


def counts_told(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return the counts of a batch that are not nought, in their order."""
    return tuple((name, counts[name]) for name in ("new", "changed", "unchanged", "missing") if counts.get(name))
