"""A large organisation written straight into the tables of a store: what intake would have written, in minutes.

Documents, states, sets of titles, opening balances, registers and ledger; deterministic by its seed. Titles of a
machine are drawn from sets: Zipf demand of licensed products, the rest unknown software. Each machine has records and
days of installation of its own, so that no two states are the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from builders import product
from sqlalchemy import Connection

from auditor.core.entitlement import Entitlement, Sharing, SoftwareType
from auditor.core.model import ProductId, RegisteredMachine, SoftwareCode, TitleId, Unit, UnitCode, UnitKind
from auditor.store.blobs import put_blob
from auditor.store.database import Store
from auditor.store.entitlements import entitlement_row
from auditor.store.machine_register import machine_row
from auditor.store.tables import (
    blobs,
    documents,
    entitlements,
    journal_openings,
    machine_register,
    machines,
    units,
)
from auditor.store.titles import keep_title_set, keep_titles
from auditor.store.units import unit_row
from rules.catalogue import Catalogue
from rules.product import Product, Rule
from rules.title import Title, Words, words_of_title

SEED, MOMENT = 20_265, "2026-06-30T02:00:00Z"
SCOPE = "uninstall_keys:HKLM64"
ENTITIES = 48
"""The first so many units are legal entities; the others departments below them."""
_CHUNK = 2_000
_SINCE: dict[str, Any] = {"valid_from": "2020-01-01", "batch": 1}
Connected = Connection


@dataclass(frozen=True)
class Size:
    """How large the organisation is."""

    machines: int = 100_000
    sets: int = 20_000
    products: int = 4_000
    units: int = 200
    titles: int = 125
    """Of a machine."""
    licensed: float = 0.1
    """Share of them that needs a right."""
    partial: float = 0.1
    """Share of the machines that were read in part."""
    owned: float = 0.8
    """Rights for so much of the demand, half of them by one company alone."""


@dataclass(frozen=True)
class Filled:
    """What was written."""

    installations: int
    distinct_sets: int
    distinct_titles: int
    licensed_copies: int
    digest: str
    """Of all that was drawn by chance."""


def units_of(count: int) -> list[Unit]:
    """Return units four deep: one group, 9 companies, 38 below them, departments below these."""
    made = [Unit(UnitCode("U000"), "U000", None, UnitKind.LEGAL_ENTITY)]
    for n in range(1, count):
        parent = 0 if n < 10 else 1 + n % 9 if n < ENTITIES else 10 + n % 38
        kind = UnitKind.LEGAL_ENTITY if n < ENTITIES else UnitKind.DEPARTMENT
        made.append(Unit(UnitCode(f"U{n:03d}"), f"U{n:03d}", UnitCode(f"U{parent:03d}"), kind))
    return made


def catalogue_of(count: int, *, renamed: float = 0.0) -> Catalogue:
    """Return a catalogue of licensed products by exact names; `renamed`: share that is another edition now."""
    products: dict[str, Product] = {}
    for n in range(count):
        made = product(f"maker{n}/tool{n}", lines=("1", "2"))
        edition = "pro" if n < count * renamed else None
        rules = tuple(Rule(f"r{line}", name=f"tool{n} release {line}", line=line, edition=edition) for line in "12")
        products[made.id] = replace(made, rules=rules)
    return Catalogue(f"{count}/{renamed}", products, {}, {})


def fill(store: Store, size: Size) -> Filled:
    """Write the organisation into an empty store."""
    return _Filling(store, size).fill()


class _Filling:
    def __init__(self, store: Store, size: Size) -> None:
        self.store, self.size = store, size
        self.chance, self.seal = random.Random(SEED), hashlib.sha256()
        self.licensed = 0

    def fill(self) -> Filled:
        with self.store.begin() as connection:
            ids = list(keep_titles(connection, self._words(), now=MOMENT).values())
            sets = self._sets(ids)
            numbers = [keep_title_set(connection, one) for one in sets]
            programs = put_blob(connection, "programs", b"[]")
            connection.execute(units.insert(), [dict(unit_row(u)) | _SINCE for u in units_of(self.size.units)])
            for start in range(0, self.size.machines, _CHUNK):
                self._machines(connection, range(start, min(self.size.machines, start + _CHUNK)), sets, numbers,
                               programs)  # fmt: skip
            connection.execute(entitlements.insert(), list(self._rights()))
        titles = {title for one in sets for title in one}
        count = self.size.machines * self.size.titles
        return Filled(count, len(set(map(tuple, sets))), len(titles), self.licensed, self.seal.hexdigest()[:16])

    def _words(self) -> list[Words]:
        names = [(f"Tool{n} Release {line}", f"{line}.0") for n in range(self.size.products) for line in "12"]
        names += [(f"Free Thing {n}", f"{n % 9}.{n % 7}") for n in range(self.size.products * 5)]
        return [
            words_of_title(Title("windows", "uninstall_keys", name, publisher="Maker", version=version))
            for name, version in names
        ]

    def _sets(self, ids: Sequence[TitleId]) -> list[list[TitleId]]:
        size, chance = self.size, self.chance
        weights, drawn = [1 / (1 + n) for n in range(size.products)], []
        for _ in range(size.sets):
            tools = chance.choices(range(size.products), weights, k=round(size.titles * size.licensed))
            chosen = {ids[2 * n + chance.randrange(2)] for n in set(tools)}
            while len(chosen) < size.titles:
                chosen.add(ids[2 * size.products + int(chance.random() ** 2 * size.products * 5)])
            drawn.append(sorted(chosen))
            self.seal.update(repr(drawn[-1]).encode())
        return drawn

    def _machines(
        self,
        connection: Connection,
        numbers: range,
        sets: Sequence[list[TitleId]],
        set_ids: Sequence[int],
        programs: str,
    ) -> None:
        chance, kept, seen, papers, opened, registered = self.chance, [], [], [], [], []
        last = 2 * self.size.products
        for n in numbers:
            which = n if n < len(sets) else min(int(chance.random() ** 1.5 * len(sets)), len(sets) - 1)
            titles, first = sets[which], chance.randrange(40)
            days = [f"2025-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}" for _ in range(8)]
            rows = [[title, f"software[{first + k}]", days[title % 8] if title % 3 else None, 0]
                    for k, title in enumerate(titles)]  # fmt: skip
            outcome = "partial" if chance.random() < self.size.partial else "complete"
            self.seal.update(f"{which} {first} {outcome} {days}".encode())
            self.licensed += sum(title <= last for title in titles)
            state, packed = _blob("state", _state(n, rows, outcome))
            opening, balance = _blob("opening", json.dumps([[row[0], row[2]] for row in rows]).encode())
            kept += [packed, balance]
            paper = hashlib.sha256(b"%d" % n).hexdigest()
            seen.append({"id": n + 1, "first_seen_at": MOMENT, "last_collected_at": MOMENT,
                         "last_received_at": MOMENT, "last_document": paper, "content_digest": state, "state": state,
                         "title_set": set_ids[which], "origin": "file"})  # fmt: skip
            papers.append({"digest": paper, "machine": n + 1, "collected_at": MOMENT, "received_at": MOMENT,
                           "origin": "file", "state": state, "programs": programs, "standing": "current",
                           "identified_by": "new"})  # fmt: skip
            opened.append({"machine": n + 1, "system": "windows", "scope": SCOPE, "content": opening,
                           "happened_on": "2026-06-30", "recorded_at": MOMENT, "document": paper})  # fmt: skip
            unit = UnitCode(f"U{n % self.size.units:03d}")
            registered.append(dict(machine_row(RegisteredMachine(f"PC{n:06d}", unit, serial=_serial(n)))) | _SINCE)
        connection.execute(blobs.insert(), list({row["digest"]: row for row in kept}.values()))
        for table, made in (
            (machines, seen), (documents, papers), (journal_openings, opened), (machine_register, registered)
        ):  # fmt: skip
            connection.execute(table.insert(), made)

    def _rights(self) -> Iterator[dict[str, Any]]:
        size = self.size
        weights = [1 / (1 + n) for n in range(size.products)]
        for n in range(size.products):
            share = self.licensed * weights[n] / sum(weights)
            for k in range(2):
                right = Entitlement(
                    id=0,
                    unit=UnitCode(f"U{(n * 7 + k) % ENTITIES:03d}" if k else "U000"),
                    code=SoftwareCode(f"S{n:05d}{k}"),
                    name=f"tool{n}",
                    product=ProductId(f"maker{n}/tool{n}"),
                    software_type=SoftwareType.COMMERCIAL,
                    metric="per_device",
                    quantity=int(share * size.owned / 2),
                    sharing=Sharing.DESCENDANTS,
                    line="2" if k else None,
                )
                yield dict(entitlement_row(right, line=1, serials=(), sealer=self.store.sealer)) | _SINCE


def _serial(n: int) -> str:
    return f"SN{n:06d}X"


def _state(n: int, rows: list[list[Any]], outcome: str) -> bytes:
    """Return the picture of a machine as `auditor/store/pictures.py` keeps it."""
    host = {"name": f"pc-{n}", "os_family": "windows", "serial": _serial(n)}
    scopes = [["uninstall_keys", SCOPE, outcome, 0, 0, 1, None, None]]
    system = {"installation": "guid", "key": "windows", "scanned": 0, "scopes": scopes, "seen": {SCOPE: rows}}
    told = {"current": "windows", "form": 1, "host": host, "systems": [system]}
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def _blob(media: str, content: bytes) -> tuple[str, dict[str, Any]]:
    digest = hashlib.sha256(content).hexdigest()
    return digest, {
        "digest": digest, "media": media, "size_bytes": len(content), "packed": zlib.compress(content, 1)
    }  # fmt: skip
