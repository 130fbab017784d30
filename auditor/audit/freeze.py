"""Store → frozen inputs: everything an audit rests on, kept by digest, so that it can be made again.

The manifest names the digest of every part; its own digest is the id of the run. The release of the program
is no part of it: a later release repeats the same run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from auditor.audit.kept import codes_before
from auditor.core.entitlement import Entitlement, FreeSoftware
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
from auditor.store.inventories import list_documents
from auditor.store.journal import list_changes, list_openings
from auditor.store.ledger_acts import list_disposals, list_exemptions, list_prices, list_transfers
from auditor.store.machines import load_machines
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
    journal: tuple[JournalLine, ...]
    previous: dict[str, str]
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


PARTS: dict[str, Any] = {
    "settings": RunSettings,
    "units": tuple[Unit, ...],
    "people": tuple[Person, ...],
    "machines": tuple[Machine, ...],
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
}
"""Parts that runs of the first release do not have, and that are left out where there is nothing."""


def freeze(connection: Connection, settings: Settings, catalogue: Catalogue, *, on: date) -> Manifest:
    """Keep the inputs of the day by digest and return the manifest."""
    values = _values_of_day(connection, settings, catalogue, on=on)
    parts = {name: put_blob(connection, "part", value_bytes(value)) for name, value in values.items()}
    parts["catalogue"] = put_blob(connection, "catalogue", compiled_bytes(catalogue))
    return Manifest(ALGORITHM, on, dict(sorted(parts.items())))


def look(connection: Connection, settings: Settings, catalogue: Catalogue, *, on: date) -> Frozen:
    """Return the inputs of the day without keeping anything: for a question, not for an audit."""
    values: dict[str, Any] = _values_of_day(connection, settings, catalogue, on=on)
    values["titles"] = dict(values["titles"])
    return Frozen(on=on, catalogue=catalogue, **values)


def _values_of_day(connection: Connection, settings: Settings, catalogue: Catalogue, *, on: date) -> dict[str, object]:
    reader = SignReader(catalogue)
    machines = load_machines(connection, on, zone=settings.zone, shows=reader.shows)
    titles = load_titles(connection, {item.title for machine in machines for item in machine.installations})
    journal = _journal(connection, settings, on=on)
    missing = {title for line in journal for title in (line.title, line.previous_title) if title is not None}
    titles |= load_titles(connection, missing - titles.keys())
    values: dict[str, object] = {
        "settings": run_settings(settings),
        "units": tuple(list_units(connection, on)),
        "people": tuple(list_people(connection, on)),
        "machines": tuple(machines),
        "titles": tuple(sorted(titles.items(), key=lambda item: item[0])),
        "entitlements": tuple(with_papers(connection, list_entitlements(connection, on))),
        "free_list": tuple(list_free_software(connection, on)),
        "journal": journal,
        "previous": codes_before(connection, on),
    }
    later: dict[str, tuple[object, ...]] = {
        "transfers": tuple(list_transfers(connection, on)),
        "disposals": tuple(list_disposals(connection, on)),
        "exemptions": tuple(list_exemptions(connection, on)),
        "prices": tuple(list_prices(connection, on)),
        "check_outs": tuple(list_check_outs(connection, on, window_days=WINDOW_DAYS, zone=settings.zone)),
        "access": tuple(list_access(connection, on)),
        "quantities": tuple(list_quantities(connection, on)),
    }
    return values | {name: value for name, value in later.items() if value}


def thaw(connection: Connection, manifest: Manifest) -> Frozen:
    """Return the inputs that the manifest names, exactly as they were frozen. Raises `StoreError`."""
    values = {
        name: value_from(get_blob(connection, manifest.parts[name]), kind)
        for name, kind in (PARTS | LATER_PARTS).items()
        if name in PARTS or name in manifest.parts
    }
    values["titles"] = dict(values["titles"])
    catalogue = catalogue_from_bytes(get_blob(connection, manifest.parts["catalogue"]))
    return Frozen(on=manifest.as_of, catalogue=catalogue, **values)


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


def _journal(connection: Connection, settings: Settings, *, on: date) -> tuple[JournalLine, ...]:
    """Return the lines that rest on documents collected up to the end of the day."""
    known = {
        row.digest
        for row in list_documents(connection)
        if datetime.fromisoformat(row.collected_at).astimezone(settings.zone).date() <= on
    }
    lines = [*list_openings(connection), *list_changes(connection)]
    return tuple(line for line in lines if line.document in known)
