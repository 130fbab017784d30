"""Frozen inputs → titles recognised → copies, positions, findings → kept in the store under the run's id."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from auditor.audit.freeze import WINDOW_DAYS, Frozen, Manifest, freeze, look, organisation_of
from auditor.audit.kept import first_form, grouped_form
from auditor.core.evidence import SignSeen, Watched
from auditor.core.installations import picked
from auditor.core.model import AuditResult, EvidenceLine, Machine, TitleId
from auditor.core.reconcile import Facts, reconcile
from auditor.proof.digest import digest_of_parts
from auditor.proof.values import value_bytes
from auditor.settings import Settings
from auditor.store.database import Connection, Store
from auditor.store.runs import list_runs, save_run
from rules.catalogue import Catalogue
from rules.fact import FactKind
from rules.indicator import SignPattern
from rules.recognition import Recogniser
from rules.suspicion import Organisation, Sign, SignReader
from rules.title import Title

PROGRAMS = "processes"
"""The source that tells what runs."""


@dataclass(frozen=True)
class Run:
    """One audit: what it rests on and what it worked out."""

    id: str
    manifest: Manifest
    frozen: Frozen
    facts: Facts
    result: AuditResult


def make_run(
    store: Store, settings: Settings, catalogue: Catalogue, *, on: date, made_at: str, release: str
) -> tuple[Run, bool]:
    """Freeze the store as of the day, audit it, keep the result; also return whether the run is new.

    The same inputs give the same id, and a run that is already there is not made twice. The store is open to
    others while the run is worked out: what comes in meanwhile belongs to the next run.
    """
    with without_collection():
        with store.begin() as connection:
            manifest, frozen = freeze(connection, settings, catalogue, on=on)
        run = work_out(manifest, frozen)
        with store.begin() as connection:
            is_new = all(row.id != run.id for row in list_runs(connection))
            keep(connection, run, made_at=made_at, release=release)
            return run, is_new


@contextmanager
def without_collection() -> Iterator[None]:
    """Leave reference cycles alone: an audit makes millions of values and no cycle, and looking for some takes long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def work_out(manifest: Manifest, frozen: Frozen) -> Run:
    """Return the run of frozen inputs: a pure function of them."""
    facts = facts_of(frozen)
    return Run(manifest.id, manifest, frozen, facts, reconcile(facts))


def facts_of_day(store: Store, settings: Settings, catalogue: Catalogue, *, on: date) -> Facts:
    """Return what an audit of the day would rest on; nothing is kept."""
    with store.read() as connection:
        return facts_of(look(connection, settings, catalogue, on=on))


def facts_of(frozen: Frozen) -> Facts:
    """Return the facts that the core counts: the titles recognised, the signs read."""
    recogniser = Recogniser(frozen.catalogue)
    recognitions = {id: recogniser.recognise(title) for id, title in frozen.titles.items()}
    return Facts(
        on=frozen.on,
        units=frozen.units,
        people=frozen.people,
        machines=frozen.machines,
        titles=frozen.titles,
        recognitions=recognitions,
        products=frozen.catalogue.products,
        entitlements=frozen.entitlements,
        free_list=frozen.free_list,
        signs=signs_of(frozen.machines, frozen.titles, frozen.catalogue, organisation_of(frozen.settings)),
        watched=watched_products(frozen.catalogue),
        previous=frozen.previous,
        stale_after_days=frozen.settings.stale_after_days,
        expiring_within_days=frozen.settings.expiring_within_days,
        transfers=frozen.transfers,
        disposals=frozen.disposals,
        exemptions=frozen.exemptions,
        prices=frozen.prices,
        sessions=frozen.check_outs,
        pairs=frozen.access,
        measured=frozen.quantities,
        window_days=WINDOW_DAYS,
        zone=ZoneInfo(frozen.settings.time_zone),
    )


def signs_of(
    machines: tuple[Machine, ...], titles: dict[TitleId, Title], catalogue: Catalogue, organisation: Organisation
) -> dict[str, tuple[SignSeen, ...]]:
    """Return the indicators that each machine shows, with the record of its document that shows them."""
    reader = SignReader(catalogue, organisation)
    suspect = {id for id, title in titles.items() if reader.of_title(title)}
    found = {}
    for machine in machines:
        items = picked(machine.installations, suspect)
        if not items and not machine.programs and not machine.facts:
            continue
        signs = reader.signs([titles[item.title] for item in items], machine.programs, machine.facts)
        if signs:
            records = [item.record for item in items]
            found[machine.key] = tuple(_seen(sign, machine, records) for sign in signs)
    return found


def _seen(sign: Sign, machine: Machine, records: list[str]) -> SignSeen:
    line = EvidenceLine(machine.key, machine.document, _record(sign.record, records), sign.seen, sign.indicator)
    return SignSeen(sign.indicator, sign.strength.value, sign.affects, line, sign.type)


def watched_products(catalogue: Catalogue) -> Watched:
    """Return what is not known of which product when a source fails: by running program, by its activation."""
    found: set[tuple[str, str]] = set()
    for indicator in catalogue.indicators.values():
        sources = {source for sign in indicator.signs for source in _sources_of(sign)}
        found |= {(source, product) for source in sources for product in catalogue.affected(indicator.affects)}
    return frozenset(found)


def _sources_of(sign: SignPattern) -> Iterator[str]:
    if sign.program is not None:
        yield PROGRAMS
    if sign.fact is FactKind.ACTIVATION:
        kinds = [condition.test for condition in sign.where if condition.field == "of"]
        yield from (f"activation:{kind}" for kind in kinds)


def _record(place: str, records: list[str]) -> str:
    """`titles[1]` → the record of the document; a program and a fact keep their place."""
    kind, _, number = place.rstrip("]").partition("[")
    return records[int(number)] if kind == "titles" else place


def kept_parts(run: Run) -> Iterator[bytes]:
    """Yield what a run leaves behind, as it is kept and compared."""
    return grouped_form(run.result, run.frozen.previous)


def is_result(run: Run, digest: str) -> bool:
    """Return whether a digest is that of the run's result, in the form of today or in the first one."""
    if digest_of_parts(kept_parts(run)) == digest:
        return True
    return digest_of_parts(first_form(run.result, run.frozen.previous)) == digest


def keep(connection: Connection, run: Run, *, made_at: str, release: str) -> None:
    """Keep a run; one that is there already is compared with it. Raises `StoreError` when it came out differently."""
    save_run(
        connection,
        run=run.id,
        as_of=run.frozen.on,
        now=made_at,
        release=release,
        manifest=value_bytes(run.manifest),
        result=kept_parts(run),
        counts=_counts(run.result),
        findings=run.result.findings,
        is_same=lambda digest: is_result(run, digest),
    )


def _counts(result: AuditResult) -> dict[str, int]:
    return {
        "copies": len(result.assignments),
        "findings": len(result.findings),
        "machines": len(result.feet),
        "shortage": sum(int(position.shortage) for position in result.positions),
        "unrecognised": len(result.unrecognised),
    }
