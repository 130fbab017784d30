"""逐级上报: a unit's checker signs its figures and hands them up; the tier above verifies, keeps and hands on.

A hand-in holds positions, counts and digests; no machine, no person, no serial number. A tier that hands on what came
to it carries the signed files of the units below verbatim, with the keys that it vouches for, so that the top verifies
every signature itself. Figures are counted by legal entity, each once, whichever way they came.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from auditor.core.case import OPEN
from auditor.core.counting import Count
from auditor.core.model import AuditResult, Machine, Position, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.planning.needs import needs_of
from auditor.core.planning.pooled import Lacking
from auditor.core.planning.sources import spares_of
from auditor.core.rates import rate_of
from auditor.errors import AuditorError, both
from auditor.proof.digest import sha256_hex
from auditor.proof.signing import SigningKey
from auditor.proof.values import value_from
from auditor.store.blobs import get_blob
from auditor.store.cases import Case
from auditor.store.database import Connection
from auditor.store.handed_in import HandIn, UnitKey, add_hand_in, find_key, list_hand_ins, list_keys
from auditor.store.outbox import note_event
from auditor.supervision.signed import Signed, opened, sign
from auditor.supervision.spot_checks import NOT_CHECKED
from auditor.supervision.telling import HANDED_IN

FORMAT = "zhengban.hand-in/1"
MAX_TIERS = 8


@dataclass(frozen=True)
class PositionTold:
    """One product in one legal entity."""

    product: str
    metric: str
    name: str
    category: str
    raw: int
    required: Fraction
    covered: Fraction
    to_order: Fraction
    shortage: Fraction
    surplus: Fraction
    owned: Fraction | None
    to_buy: int
    at_least: bool


@dataclass(frozen=True)
class SpareTold:
    """Idle rights that may lawfully go to another unit."""

    product: str
    metric: str
    code: str
    quantity: int
    edition: str | None = None
    line: str | None = None


@dataclass(frozen=True)
class LackTold:
    """How many rights are lacking of one edition and line; `None`: the machines do not say, or none is counted."""

    product: str
    metric: str
    edition: str | None
    line: str | None
    quantity: int


@dataclass(frozen=True)
class FindingsTold:
    """How many findings of a code stand in a state."""

    code: str
    severity: str
    state: str
    count: int


@dataclass(frozen=True)
class EntityTold:
    """The figures of one legal entity."""

    unit: str
    name: str
    parent: str | None
    machines: int
    scanned: int
    genuine: int
    counted: int
    positions: tuple[PositionTold, ...]
    spares: tuple[SpareTold, ...]
    findings: tuple[FindingsTold, ...]
    overdue: int
    forms: tuple[tuple[str, str], ...] = ()
    """Name and digest of each form that was printed."""
    evidence: str = ""
    """Digest of the documents that the figures rest on."""
    lacks: tuple[LackTold, ...] = ()
    """What `to_buy` of the positions is made of, by edition and line; a file of an earlier release does not tell."""


@dataclass(frozen=True)
class HandInBody:
    """What one checker hands up."""

    unit: str
    duty: str
    period: str
    as_of: date
    run: str
    release: str
    made_at: str
    entities: tuple[EntityTold, ...]
    corrects: str | None = None
    """Digest of the file that this one takes the place of."""
    children: tuple[str, ...] = ()
    """Signed files of units below, base64."""
    keys: tuple[tuple[str, str], ...] = ()
    """Unit and public key of the children, as this tier knows them."""


@dataclass(frozen=True)
class Received:
    """What became of a file: its digest, whose it is, and which files it carried."""

    digest: str
    body: HandInBody
    is_new: bool
    carried: tuple[str, ...] = ()


@dataclass(frozen=True)
class RolledUnit:
    """One legal entity in a roll-up. `days_old` against the day asked for; `is_late`: of an earlier period."""

    entity: EntityTold
    source: str
    as_of: date
    period: str
    days_old: int
    is_late: bool


@dataclass(frozen=True)
class RollUp:
    """All units, each once. `absent`: expected and never heard of. `set_aside`: (unit, digest) not counted."""

    duty: str
    period: str
    on: date
    units: tuple[RolledUnit, ...]
    absent: tuple[str, ...]
    set_aside: tuple[tuple[str, str], ...] = ()

    @property
    def late(self) -> tuple[str, ...]:
        """Units whose figures are of an earlier period."""
        return tuple(unit.entity.unit for unit in self.units if unit.is_late)


@dataclass
class _Sums:
    """Sums of one product and way of counting."""

    name: str
    figures: dict[str, Fraction] = field(default_factory=dict)
    units: int = 0


def entities_told(
    result: AuditResult,
    counted: Count,
    machines: Iterable[Machine],
    tree: UnitTree,
    cases: Sequence[Case],
    *,
    on: date,
    forms: Mapping[str, Mapping[str, str]],
) -> tuple[EntityTold, ...]:
    """Return the figures of every legal entity of a run. `forms`: unit → name → digest."""
    by_unit: dict[str, list[Machine]] = {}
    machines = tuple(machines)
    for machine in machines:
        if machine.state not in NOT_CHECKED:
            by_unit.setdefault(tree.legal_entity_of(machine.unit), []).append(machine)
    spares: dict[str, list[SpareTold]] = {}
    for spare in spares_of(counted, on=on):
        right = spare.right
        if not spare.is_named and right.product is not None:
            told = SpareTold(right.product, right.metric, right.code, spare.quantity, right.edition, right.line)
            spares.setdefault(tree.legal_entity_of(spare.unit), []).append(told)
    lacks = _lacks(counted, machines, tree)
    units = {*tree.legal_entities(), *map(UnitCode, by_unit), *(p.unit for p in result.positions)}
    return tuple(
        _entity(unit, result, by_unit.get(unit, []), spares.get(unit, []), tree, cases, on, forms.get(unit, {}), lacks)
        for unit in sorted(units)
    )


def hand_in(body: HandInBody, key: SigningKey, children: Sequence[bytes] = (), keys: Sequence[UnitKey] = ()) -> bytes:
    """Return the signed file, the files of the units below in it."""
    carried = tuple(base64.b64encode(data).decode("ascii") for data in children)
    known = tuple(sorted((k.unit, k.public_key) for k in keys if k.revoked_at is None))
    return sign(FORMAT, replace(body, children=carried, keys=known), key)


def receive(connection: Connection, data: bytes, *, at: str) -> Received:
    """Verify a file and all that it carries, and keep them. In a transaction that writes.

    Raises `NotAuthentic` for signatures, `AuditorError` for a second hand-in that corrects nothing, and for one that
    corrects what is not the newest. The same file again changes nothing.
    """
    revoked = {k.public_key for k in list_keys(connection) if k.revoked_at is not None}

    def registered(public_key: str) -> UnitKey | None:
        return find_key(connection, public_key)

    body, all_bodies = _verified(data, registered, revoked, at=at)
    digest = sha256_hex(data)
    there = any(row.digest == digest for row in list_hand_ins(connection, unit=body.unit))
    if there:
        return Received(digest, body, is_new=False)
    _check_turn(connection, body)
    add_hand_in(connection, _row(body, digest, at, None), data)
    carried = []
    for told, content in all_bodies:
        own = sha256_hex(content)
        if add_hand_in(connection, _row(told, own, at, digest), content):
            carried.append(own)
    facts = {"unit": body.unit, "duty": body.duty, "period": body.period}
    note_event(connection, topic=HANDED_IN, key=f"{HANDED_IN}|{digest}", facts=facts, at=at)
    return Received(digest, body, is_new=True, carried=tuple(carried))


def body_of(data: bytes) -> HandInBody:
    """Return what a kept file says; its signature was verified when it came."""
    return value_from(value_from(data, Signed).body.encode("utf-8"), HandInBody)


def roll_up(connection: Connection, duty: str, period: str, *, on: date, expected: Iterable[str]) -> RollUp:
    """Return the newest figures of every unit as of a day, each counted once.

    The later day goes before the earlier; of one day, a unit's own file before one in which another unit tells of it. A
    unit of which nothing came for the period stands with what it told last, marked as late.
    """
    rows = [row for row in list_hand_ins(connection, duty=duty) if row.as_of <= on.isoformat()]
    corrected = {row.corrects for row in rows if row.corrects is not None}
    best: dict[str, tuple[tuple[Any, ...], RolledUnit]] = {}
    aside: list[tuple[str, str]] = []
    for row in rows:
        if row.digest in corrected:
            continue
        body = body_of(get_blob(connection, row.digest))
        for entity in body.entities:
            rank = (body.as_of, entity.unit == body.unit, row.received_at, row.digest)
            told = RolledUnit(
                entity, row.digest, body.as_of, body.period, (on - body.as_of).days, body.period != period
            )
            before = best.get(entity.unit)
            if before is None or before[0] < rank:
                best[entity.unit] = (rank, told)
                if before is not None and before[1].period == told.period:
                    aside.append((entity.unit, before[1].source))
            elif before[1].period == told.period:
                aside.append((entity.unit, row.digest))
    units = tuple(best[unit][1] for unit in sorted(best))
    absent = tuple(sorted(set(expected) - best.keys()))
    return RollUp(duty, period, on, units, absent, tuple(sorted(aside)))


def totals(units: Iterable[RolledUnit]) -> list[dict[str, Any]]:
    """Return the sums of each product over units: gross, and net of what lies idle elsewhere."""
    sums: dict[tuple[str, str], _Sums] = {}
    for unit in units:
        for position in unit.entity.positions:
            own = sums.setdefault((position.product, position.metric), _Sums(position.name))
            own.units += 1
            for name in ("raw", "required", "covered", "to_order", "shortage", "surplus"):
                own.figures[name] = own.figures.get(name, Fraction(0)) + getattr(position, name)
    return [
        {"product": product, "metric": metric, "name": own.name, "units": own.units}
        | {name: str(value) for name, value in own.figures.items()}
        | {"net": str(own.figures["surplus"] - own.figures["shortage"])}
        for (product, metric), own in sorted(sums.items())
    ]


def by_tier(units: Sequence[RolledUnit], tree: UnitTree) -> dict[str, list[RolledUnit]]:
    """Return the units at or below each unit of the tree; a unit that the tree does not know stands by itself."""
    found: dict[str, list[RolledUnit]] = {}
    for unit in units:
        for above in tree.way_up(UnitCode(unit.entity.unit)) or (UnitCode(unit.entity.unit),):
            found.setdefault(above, []).append(unit)
    return found


def _entity(
    unit: UnitCode,
    result: AuditResult,
    machines: Sequence[Machine],
    spares: Sequence[SpareTold],
    tree: UnitTree,
    cases: Sequence[Case],
    on: date,
    forms: Mapping[str, str],
    lacks: Mapping[tuple[str, str], Counter[tuple[str | None, str | None]]],
) -> EntityTold:
    rate = rate_of([a for a in result.assignments if a.copy.unit == unit])
    mine = [case for case in cases if case.unit == unit]
    counts: dict[tuple[str, str, str], int] = {}
    for case in mine:
        key = (case.code, case.severity, case.state)
        counts[key] = counts.get(key, 0) + 1
    documents = sorted(machine.document for machine in machines if machine.document is not None)
    way = tree.way_up(unit)
    parent = next((tree.legal_entity_of(above) for above in way[1:]), None)
    return EntityTold(
        unit=unit,
        name=tree.name(unit) or unit,
        parent=parent,
        machines=len(machines),
        scanned=sum(machine.id is not None for machine in machines),
        genuine=rate.numerator,
        counted=rate.denominator,
        positions=tuple(
            PositionTold(
                p.product, p.metric, p.name, p.category.value, p.raw, p.required, p.covered, p.to_order, p.shortage,
                p.surplus, p.owned, p.to_buy, p.is_lower_bound,
            )
            for p in result.positions
            if p.unit == unit
        ),
        spares=tuple(spares),
        findings=tuple(FindingsTold(*key, count) for key, count in sorted(counts.items())),
        overdue=sum(case.is_overdue(on) for case in mine if case.state in OPEN),
        forms=tuple(sorted(forms.items())),
        evidence=sha256_hex("\n".join(documents).encode()),
        lacks=tuple(lack for p in result.positions if p.unit == unit for lack in _parts_of(p, lacks)),
    )  # fmt: skip


def _lacks(
    counted: Count, machines: Iterable[Machine], tree: UnitTree
) -> dict[tuple[str, str], Counter[tuple[str | None, str | None]]]:
    """Return how many copies lack a right, by (legal entity, product) and (edition, line)."""
    found: dict[tuple[str, str], Counter[tuple[str | None, str | None]]] = {}
    for need in needs_of(counted, (), {machine.key: machine for machine in machines}, tree):
        own = found.setdefault((tree.legal_entity_of(need.unit), need.product), Counter())
        own[need.copies[0].edition, need.copies[0].line] += need.quantity
    return found


def _parts_of(
    position: Position, lacks: Mapping[tuple[str, str], Counter[tuple[str | None, str | None]]]
) -> Iterable[LackTold]:
    """Part what is to be bought of a position by edition and line: never more than that, the largest parts first."""
    left = position.to_buy
    parts = lacks.get((position.unit or "", position.product), Counter())
    for (edition, line), number in sorted(parts.items(), key=lambda p: (-p[1], p[0][0] or "", p[0][1] or "")):
        if taken := min(left, number):
            yield LackTold(position.product, position.metric, edition, line, taken)
            left -= taken
    if left > 0:
        yield LackTold(position.product, position.metric, None, None, left)


def lacking_of(units: Iterable[RolledUnit]) -> list[Lacking]:
    """Return what the units of a roll-up lack, by edition and line where they tell them."""
    found = []
    for unit in units:
        entity = unit.entity
        told = {(lack.product, lack.metric) for lack in entity.lacks}
        found += [
            Lacking(entity.unit, k.product, k.metric, k.quantity, k.edition or "", k.line or "") for k in entity.lacks
        ]
        found += [
            Lacking(entity.unit, p.product, p.metric, p.to_buy)
            for p in entity.positions
            if (p.product, p.metric) not in told
        ]
    return found


def _verified(
    data: bytes, key_of: Any, revoked: set[str], *, at: str, tier: int = 0
) -> tuple[HandInBody, list[tuple[HandInBody, bytes]]]:
    """Return the body and everything that it carries, all signatures verified."""
    if tier >= MAX_TIERS:
        raise AuditorError(both(f"层级应不超过 {MAX_TIERS}", f"expected at most {MAX_TIERS} tiers"))
    text, key = opened(data, FORMAT, key_of)
    try:
        body = value_from(text, HandInBody)
    except ValueError as error:
        raise AuditorError(f"{both('报送内容有误', 'a hand-in that cannot be read')}: {error}") from error
    if body.unit != key.unit:
        zh, en = f"报送单位 {body.unit} 与签名单位 {key.unit} 不符", f"of {body.unit}, signed by {key.unit}"
        raise AuditorError(both(zh, en))
    if len({entity.unit for entity in body.entities}) != len(body.entities):
        raise AuditorError(f"{body.unit}: {both('同一单位出现两次', 'a unit stands in it twice')}")
    known = {public: UnitKey(unit, public, at) for unit, public in body.keys if public not in revoked}
    for public in revoked & {public for _, public in body.keys}:
        known[public] = UnitKey("?", public, at, revoked_at=at)
    carried: list[tuple[HandInBody, bytes]] = []
    for child in body.children:
        content = base64.b64decode(child)
        told, deeper = _verified(content, known.get, revoked, at=at, tier=tier + 1)
        carried += [(told, content), *deeper]
    return body, carried


def _check_turn(connection: Connection, body: HandInBody) -> None:
    rows = list_hand_ins(connection, unit=body.unit, duty=body.duty, period=body.period)
    corrected = {row.corrects for row in rows}
    newest = [row for row in rows if row.digest not in corrected]
    if newest and body.corrects is None:
        zh = f"{body.period} 已于 {newest[-1].received_at} 报送，更正须写明所更正的文件"
        en = f"{body.period} was handed in at {newest[-1].received_at}; a correction must name it"
        raise AuditorError(f"{body.unit} {body.duty}: {both(zh, en)}: {newest[-1].digest}")
    if body.corrects is not None and body.corrects not in {row.digest for row in newest}:
        told = both("所更正的不是最近一次报送", "what it corrects is not the newest hand-in")
        raise AuditorError(f"{body.unit} {body.duty}: {told}: {body.corrects}")


def _row(body: HandInBody, digest: str, at: str, came_with: str | None) -> HandIn:
    return HandIn(body.unit, body.duty, body.period, body.as_of.isoformat(), digest, at, body.corrects, came_with)
