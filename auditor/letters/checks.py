"""Spot checks and stocktakes from what the store holds: drawn from a run, printed as workbooks, read back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from auditor.errors import WrongUsage, both

if TYPE_CHECKING:
    from auditor.settings import Settings
    from auditor.store.database import Connection, Store
    from auditor.store.dossiers import Dossier


def draw_from_run(
    store: Store,
    settings: Settings,
    *,
    run: str,
    units: frozenset[str] | None,
    by: str | None,
    at: str,
    seed: str | None = None,
    percent: float | None = None,
    minimum: int | None = None,
    all_servers: bool | None = None,
) -> Dossier:
    """Draw a sample of the computers of a run and keep it; what is `None` is as the settings have it.

    Raises `AuditorError` when the run comes out differently, and when there is nothing to draw from.
    """
    from auditor.core.organisation import UnitTree
    from auditor.core.sampling import SamplingRule
    from auditor.issuing.run_files import repeated
    from auditor.supervision.rectification import Actor
    from auditor.supervision.spot_checks import draw_check

    share = percent if percent is not None else settings.number("spot_check_percent")
    least = minimum if minimum is not None else settings.whole("spot_check_minimum")
    if not 0 <= share <= 100 or not 0 <= least <= 1_000_000:
        told = both("比例应在 0 至 100，最少台数不小于 0", "expected per cent of 0 to 100 and a minimum of 0 or more")
        raise WrongUsage(told)
    servers = all_servers if all_servers is not None else bool(settings.values["spot_check_all_servers"])
    made, _ = repeated(store, run)
    with store.begin() as connection:
        return draw_check(
            connection, run=made.id, as_of=made.frozen.on, facts=made.facts, result=made.result,
            tree=UnitTree(made.frozen.units), rule=SamplingRule(Fraction(str(share)), least, servers), seed=seed,
            units=units, actor=Actor(by), at=at,
        )  # fmt: skip


def begin_stocktake(
    connection: Connection, *, on: date, units: frozenset[str] | None, by: str | None, at: str
) -> Dossier:
    """Begin a stocktake of the certificates of a day's ledger. Raises `AuditorError` when there are none."""
    from auditor.core.organisation import UnitTree
    from auditor.store.entitlements import list_entitlements
    from auditor.store.papers import with_papers
    from auditor.store.units import list_units
    from auditor.supervision.rectification import Actor
    from auditor.supervision.spot_checks import draw_stocktake

    known = list_units(connection, on)
    return draw_stocktake(
        connection, rights=with_papers(connection, list_entitlements(connection, on)),
        names={str(u.code): u.name for u in known}, tree=UnitTree(known), as_of=on, units=units, actor=Actor(by), at=at,
    )  # fmt: skip


def check_workbook(
    connection: Connection, check: Dossier, language: str, shows: Callable[[str], bool] = lambda _: True
) -> bytes:
    """Return the form of a check as a workbook: what was found so far stands in it.

    Names of persons only where `shows` says so of their unit.
    """
    from auditor.readmodels.spot_checks import check_form, stocktake_form
    from auditor.store.units import list_units
    from auditor.supervision.spot_checks import PAPERS, drawn_of, found_of
    from reports.register_xlsx import render_register

    drawn = drawn_of(connection, check)
    found = [asdict(line) for line in found_of(connection, check)]
    if check["kind"] == PAPERS:
        return render_register(stocktake_form(check["number"], drawn, language, found))
    drawn |= {"lines": [line if shows(line["unit"]) else line | {"person": None} for line in drawn["lines"]]}
    names = {str(unit.code): unit.name for unit in list_units(connection)}
    return render_register(check_form(check["number"], drawn, names, language, found))
