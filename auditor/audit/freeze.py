"""Store → frozen inputs: everything an audit rests on, kept by digest, so that it can be made again.

The manifest names the digest of every part; its own digest is the id of the run. The release of the program
is no part of it: a later release repeats the same run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from auditor.audit.kept import as_kept, codes_before
from auditor.core.codes import Codes, Plain
from auditor.core.days import last_moment
from auditor.core.entitlement import Entitlement, FreeSoftware
from auditor.core.installations import distinct_titles
from auditor.core.ledger_acts import AccessPair, Disposal, Exemption, Measured, PriceLine, Session, Transfer
from auditor.core.model import JournalLine, Machine, Person, TitleId, Unit
from auditor.proof.digest import sha256_hex
from auditor.proof.values import value_bytes, value_from
from auditor.settings import Settings
from auditor.store.access import list_access, list_check_outs, list_quantities
from auditor.store.blobs import get_blob, put_blob
from auditor.store.database import Connection
from auditor.store.entitlements import list_entitlements
from auditor.store.free_list import list_free_software
from auditor.store.inventories import documents_until
from auditor.store.journal import OpeningRow, list_changes, list_opening_rows, read_journal, titles_of_openings
from auditor.store.ledger_acts import list_disposals, list_exemptions, list_prices, list_transfers
from auditor.store.machines import Computer, Source, load_computers, read_sights
from auditor.store.papers import with_papers
from auditor.store.people import list_people
from auditor.store.titles import load_titles
from auditor.store.units import list_units
from rules.catalogue import Catalogue
from rules.compiled import catalogue_from_bytes, compiled_bytes
from rules.suspicion import Organisation, SignReader
from rules.title import Title

T = TypeVar("T")
ALGORITHM = "sha256"
WINDOW_DAYS = 30
"""Days before the end of the as-of day in which the peak of check-outs is looked for."""


@dataclass(frozen=True)
class RunSettings:
    """The settings that change a figure or stand on a form."""

    time_zone: str
    stale_after_days: int
    expiring_within_days: int
    filled_by: str
    phone: str
    annex_labels: tuple[tuple[str, str], ...]
    print_serials: bool = True
    approved_kms_hosts: tuple[str, ...] = ()
    """Hosts that the organisation activates by, in lower case."""
    approved_key_tails: tuple[str, ...] = ()
    """Last five characters of the volume keys that the organisation holds, in lower case."""


@dataclass(frozen=True)
class Frozen:
    """The inputs of one run as values."""

    on: date
    catalogue: Catalogue
    settings: RunSettings
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    machines: tuple[Machine, ...]
    titles: dict[TitleId, Title]
    entitlements: tuple[Entitlement, ...]
    free_list: tuple[FreeSoftware, ...]
    journal: Sequence[JournalLine]
    previous: Mapping[str, str]
    transfers: tuple[Transfer, ...] = ()
    disposals: tuple[Disposal, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    prices: tuple[PriceLine, ...] = ()
    check_outs: tuple[Session, ...] = ()
    access: tuple[AccessPair, ...] = ()
    quantities: tuple[Measured, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What a run rests on: digests alone."""

    alg: str
    as_of: date
    parts: dict[str, str]

    @property
    def id(self) -> str:
        """The id of the run."""
        return sha256_hex(value_bytes(self))


@dataclass(frozen=True)
class FrozenMachine:
    """A computer as frozen: what its source says stands in the blobs that the source names."""

    machine: Machine
    source: Source | None


PARTS: dict[str, Any] = {
    "settings": RunSettings,
    "units": tuple[Unit, ...],
    "people": tuple[Person, ...],
    "titles": tuple[tuple[TitleId, Title], ...],
    "entitlements": tuple[Entitlement, ...],
    "free_list": tuple[FreeSoftware, ...],
    "journal": tuple[JournalLine, ...],
    "previous": dict[str, str],
}
"""Every part but the catalogue, which has a form of its own."""
LATER_PARTS: dict[str, Any] = {
    "transfers": tuple[Transfer, ...],
    "disposals": tuple[Disposal, ...],
    "exemptions": tuple[Exemption, ...],
    "prices": tuple[PriceLine, ...],
    "check_outs": tuple[Session, ...],
    "access": tuple[AccessPair, ...],
    "quantities": tuple[Measured, ...],
    "computers": tuple[FrozenMachine, ...],
    "openings": tuple[OpeningRow, ...],
    "codes": Plain,
    "machines": tuple[Machine, ...],
}
"""Parts that runs of the first release do not have, and that are left out where there is nothing; `machines`, with
all their installations, was one of theirs before there was `computers`; `codes` are those of a run before that kept
them by kind, `previous` those of one that kept them copy by copy."""


def freeze(connection: Connection, settings: Settings, catalogue: Catalogue, *, on: date) -> tuple[Manifest, Frozen]:
    """Keep the inputs of the day by digest; return the manifest, and the inputs as `thaw` gives them."""
    day = _values_of_day(connection, settings, catalogue, on=on)
    parts = {name: put_blob(connection, "part", value_bytes(value)) for name, value in day.parts.items()}
    parts["catalogue"] = put_blob(connection, "catalogue", compiled_bytes(catalogue))
    return Manifest(ALGORITHM, on, dict(sorted(parts.items()))), _frozen(connection, day, catalogue, on)


def look(connection: Connection, settings: Settings, catalogue: Catalogue, *, on: date) -> Frozen:
    """Return the inputs of the day without keeping anything: for a question, not for an audit."""
    return _frozen(connection, _values_of_day(connection, settings, catalogue, on=on), catalogue, on)


@dataclass(frozen=True)
class _Day:
    """The values of a day as they are kept, and its computers with what was read of them."""

    parts: dict[str, Any]
    computers: Sequence[Computer]


def _frozen(connection: Connection, day: _Day, catalogue: Catalogue, on: date) -> Frozen:
    values = dict(day.parts)
    del values["computers"]
    openings = values.pop("openings", ())
    if codes := values.pop("codes", None):
        values["previous"] = Codes(codes)
    values["titles"] = dict(values["titles"])
    values["journal"] = read_journal(connection, openings, values["journal"]) if openings else values["journal"]
    return Frozen(on=on, catalogue=catalogue, machines=tuple(c.machine for c in day.computers), **values)


def _values_of_day(connection: Connection, settings: Settings, catalogue: Catalogue, *, on: date) -> _Day:
    reader = SignReader(catalogue)
    computers = load_computers(connection, on, zone=settings.zone, shows=reader.shows)
    changes, openings = _journal(connection, settings, on=on)
    values: dict[str, Any] = {
        "settings": run_settings(settings),
        "units": tuple(list_units(connection, on)),
        "people": tuple(list_people(connection, on)),
        "titles": _titles(connection, computers, changes, openings),
        "entitlements": tuple(with_papers(connection, list_entitlements(connection, on))),
        "free_list": tuple(list_free_software(connection, on)),
        "journal": changes,
        "previous": codes_before(connection, on),
        "computers": tuple(_bare(computer) for computer in computers),
    }
    later: dict[str, tuple[object, ...]] = {
        "transfers": tuple(list_transfers(connection, on)),
        "disposals": tuple(list_disposals(connection, on)),
        "exemptions": tuple(list_exemptions(connection, on)),
        "prices": tuple(list_prices(connection, on)),
        "check_outs": tuple(list_check_outs(connection, on, window_days=WINDOW_DAYS, zone=settings.zone)),
        "access": tuple(list_access(connection, on)),
        "quantities": tuple(list_quantities(connection, on)),
        "openings": openings,
    }
    return _Day(as_kept(values) | {name: value for name, value in later.items() if value}, computers)


def _bare(computer: Computer) -> FrozenMachine:
    """Return a computer without what its source says again."""
    if computer.source is None:
        return FrozenMachine(computer.machine, None)
    return FrozenMachine(replace(computer.machine, scopes=(), installations=(), programs=(), facts=()), computer.source)


def _titles(
    connection: Connection,
    computers: Sequence[Computer],
    changes: Sequence[JournalLine],
    openings: Sequence[OpeningRow],
) -> tuple[tuple[TitleId, Title], ...]:
    """Return the titles that machines bear and that the journal names.

    What an opening names is on its machine still, or a change says what became of it: openings are read for machines
    alone that are none any more.
    """
    wanted: set[TitleId] = set()
    for held in distinct_titles(computer.machine.installations for computer in computers):
        wanted.update(held)
    wanted |= {title for line in changes for title in (line.title, line.previous_title) if title is not None}
    here = {computer.machine.id for computer in computers}
    wanted |= titles_of_openings(connection, (row for row in openings if row.machine not in here))
    return tuple(sorted(load_titles(connection, wanted).items(), key=lambda item: item[0]))


def thaw(connection: Connection, manifest: Manifest) -> Frozen:
    """Return the inputs that the manifest names, exactly as they were frozen. Raises `StoreError`."""
    values = {
        name: value_from(get_blob(connection, manifest.parts[name]), kind)
        for name, kind in (PARTS | LATER_PARTS).items()
        if name in PARTS or name in manifest.parts
    }
    catalogue = catalogue_from_bytes(get_blob(connection, manifest.parts["catalogue"]))
    kept = values.pop("machines", ())
    computers = [Computer(replace(machine, installations=tuple(machine.installations))) for machine in kept]
    computers += _with_sights(connection, values.pop("computers", ()), catalogue)
    return _frozen(connection, _Day(values | {"computers": ()}, computers), catalogue, manifest.as_of)


def _with_sights(connection: Connection, kept: Sequence[FrozenMachine], catalogue: Catalogue) -> list[Computer]:
    """Return frozen computers with what their sources say, as the catalogue of the run asked."""
    sources = [one.source for one in kept if one.source is not None]
    sights = read_sights(connection, sources, SignReader(catalogue).shows)
    found = []
    for one in kept:
        machine = one.machine
        if one.source is not None:
            sight = sights[one.source][1]
            machine = replace(machine, scopes=sight.scopes, installations=sight.installations,
                              programs=sight.programs, facts=sight.facts)  # fmt: skip
        found.append(Computer(machine, one.source))
    return found


def run_settings(settings: Settings) -> RunSettings:
    """Return the settings that a run freezes."""
    label = settings.text("annex_labels")
    pairs = [part.split("=", 1) for part in label.split(";") if "=" in part]
    return RunSettings(
        time_zone=settings.text("time_zone"),
        stale_after_days=settings.whole("silent_after_days"),
        expiring_within_days=settings.whole("expiring_within_days"),
        filled_by=settings.text("filled_by"),
        phone=settings.text("unit_telephone"),
        annex_labels=tuple((form.strip(), text.strip()) for form, text in pairs),
        print_serials=bool(settings.values["print_serials"]),
        approved_kms_hosts=_listed(settings.text("approved_kms_hosts")),
        approved_key_tails=_listed(settings.text("approved_key_tails")),
    )


def organisation_of(settings: RunSettings) -> Organisation:
    """Return the lists of the organisation that signs are measured by."""
    return Organisation(frozenset(settings.approved_kms_hosts), frozenset(settings.approved_key_tails))


def _listed(text: str) -> tuple[str, ...]:
    """Return the entries of a setting that holds several, apart by commas, semicolons or blanks; sorted."""
    return tuple(sorted({word.lower() for word in re.split(r"[\s,;，；]+", text) if word}))


def _journal(
    connection: Connection, settings: Settings, *, on: date
) -> tuple[tuple[JournalLine, ...], tuple[OpeningRow, ...]]:
    """Return changes and opening balances that rest on documents collected up to the end of the day."""
    known = documents_until(connection, last_moment(on, settings.zone))
    changes = tuple(line for line in list_changes(connection) if line.document in known)
    return changes, tuple(row for row in list_opening_rows(connection) if row.document in known)
