"""A run as screens read it: units in the order of the tree, machines numbered through them, positions, bearers.

Worked out from the result of the run; throwing it away loses nothing. The machines of a subtree are one range of
numbers, so that a page for a part of the organisation is a look at one stretch of an index. Pages go by key.
"""

from __future__ import annotations

import json
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, bindparam, delete, func, or_, select

from auditor.core.model import Assignment
from auditor.proof.values import value_bytes, value_from
from auditor.store.bulk import bulk, insertion, query
from auditor.store.tables import findings, run_bearers, run_machines, run_positions, run_units

_LEVEL = 1
_CHUNK = 5_000
LARGEST = 4_294_967_295
"""Of a number of a machine."""
MACHINE_ORDERS = ("number", "gravity", "copies", "last_scan_on", "host_name")


@dataclass(frozen=True)
class UnitSpan:
    """One unit of a run: its place in the tree, and which places and machines lie at or below it."""

    at: int
    last: int
    code: str
    name: str
    parent: str | None
    kind: str
    depth: int
    first_machine: int
    last_machine: int
    content: Mapping[str, Any]

    @property
    def machines(self) -> int:
        """How many machines stand at or below it."""
        return self.last_machine - self.first_machine + 1


@dataclass(frozen=True)
class MachineEntry:
    """One machine of a run."""

    number: int
    key: str
    machine: int | None
    code: str | None
    host_name: str | None
    unit: str
    machine_class: str
    state: str
    os_family: str | None
    last_scan_on: str
    unseen: str
    copies: int
    gravity: int


@dataclass(frozen=True)
class Bearer:
    """One thing that machines bear: which, by their numbers, rising."""

    name: str
    numbers: tuple[int, ...]
    content: Mapping[str, Any]


@dataclass(frozen=True)
class MachineFilter:
    """Which machines a page lists; empty and `None` mean: all."""

    first: int = 0
    last: int = LARGEST
    text: str = ""
    """Within 计算机编号 or, where it may be seen, the host name."""
    with_host_name: bool = True
    machine_class: str | None = None
    os_family: str | None = None
    gravity: frozenset[int] = frozenset()
    unseen: str | None = None
    """A reason, or `any`."""


_MACHINES = tuple(name for name in MachineEntry.__dataclass_fields__)
_ADD_UNIT = insertion(run_units, "run", *UnitSpan.__dataclass_fields__)
_ADD_MACHINE = insertion(run_machines, "run", *_MACHINES, "content")
_POSITIONS = ("number", "unit_at", "product", "metric", "category", "shortage", "surplus", "raw", "content")
_ADD_POSITION = insertion(run_positions, "run", *_POSITIONS)
_ADD_BEARER = insertion(run_bearers, "run", "kind", "name", "machines", "numbers", "content")
_NUMBERS = query(
    select(run_bearers.c.name, run_bearers.c.machines, run_bearers.c.numbers).where(
        run_bearers.c.run == bindparam("a_run"), run_bearers.c.kind == bindparam("a_kind")
    ),
    "a_run",
    "a_kind",
)


def is_indexed(connection: Connection, run: str) -> bool:
    """Whether the run can be read by screens."""
    return connection.execute(select(run_units.c.at).where(run_units.c.run == run).limit(1)).first() is not None


def save_index(
    connection: Connection,
    run: str,
    *,
    units: Sequence[UnitSpan],
    machines: Iterable[tuple[MachineEntry, Sequence[Assignment]]],
    positions: Iterable[Mapping[str, Any]],
    bearers: Iterable[tuple[str, Bearer]],
) -> None:
    """Keep the index of a run in the place of the one that is there."""
    for table in (run_units, run_machines, run_positions, run_bearers):
        connection.execute(delete(table).where(table.c.run == run))
    statements = bulk(connection)
    rows = [
        (run, *(getattr(u, n) for n in UnitSpan.__dataclass_fields__ if n != "content"), _json(u.content))
        for u in units
    ]
    statements.many(_ADD_UNIT, rows)
    batch: list[tuple[Any, ...]] = []
    for entry, assignments in machines:
        packed = zlib.compress(value_bytes(tuple(assignments)), _LEVEL)
        batch.append((run, *(getattr(entry, name) for name in _MACHINES), packed))
        if len(batch) == _CHUNK:
            statements.many(_ADD_MACHINE, batch)
            batch = []
    statements.many(_ADD_MACHINE, batch)
    statements.many(_ADD_POSITION, ((run, *(row[name] for name in _POSITIONS)) for row in positions))
    statements.many(
        _ADD_BEARER,
        ((run, kind, b.name, len(b.numbers), _packed(b.numbers), _json(b.content)) for kind, b in bearers),
    )


def list_unit_spans(connection: Connection, run: str) -> list[UnitSpan]:
    """Return the units of a run in the order of the tree."""
    rows = connection.execute(select(run_units).where(run_units.c.run == run).order_by(run_units.c.at)).mappings()
    return [
        UnitSpan(**{n: row[n] for n in UnitSpan.__dataclass_fields__ if n != "content"},
                 content=json.loads(row["content"]))
        for row in rows
    ]  # fmt: skip


# --- machines ---------------------------------------------------------------------------------------------------------


def count_machines(connection: Connection, run: str, wanted: MachineFilter) -> int:
    """Return how many machines a filter leaves."""
    chosen = select(func.count()).select_from(run_machines).where(*_kept(run, wanted))
    return int(connection.execute(chosen).scalar_one())


def page_of_machines(
    connection: Connection,
    run: str,
    wanted: MachineFilter,
    *,
    order: str = "number",
    falling: bool = False,
    after: tuple[str | int, int] | None = None,
    limit: int = 50,
) -> list[MachineEntry]:
    """Return the machines that follow `after` (value of the order's column, number) in the order, at most `limit`."""
    column = func.coalesce(run_machines.c.host_name, "") if order == "host_name" else run_machines.c[order]
    number = run_machines.c.number
    chosen = select(*(run_machines.c[name] for name in _MACHINES)).where(*_kept(run, wanted))
    if after is not None:
        value, last = after
        beyond = column < value if falling else column > value
        chosen = chosen.where(or_(beyond, and_(column == value, number > last)))
    chosen = chosen.order_by(column.desc() if falling else column, number).limit(limit)
    return [MachineEntry(**row) for row in connection.execute(chosen).mappings()]


def _kept(run: str, wanted: MachineFilter) -> list[ColumnElement[bool]]:
    table = run_machines.c
    conditions: list[ColumnElement[bool]] = [table.run == run, table.number.between(wanted.first, wanted.last)]
    if wanted.text:
        found = table.code.icontains(wanted.text, autoescape=True)
        if wanted.with_host_name:
            found = or_(found, table.host_name.icontains(wanted.text, autoescape=True))
        conditions.append(found)
    if wanted.machine_class:
        conditions.append(table.machine_class == wanted.machine_class)
    if wanted.os_family:
        conditions.append(table.os_family == wanted.os_family)
    if wanted.gravity:
        conditions.append(table.gravity.in_(sorted(wanted.gravity)))
    if wanted.unseen:
        conditions.append(table.unseen != "" if wanted.unseen == "any" else table.unseen == wanted.unseen)
    return conditions


def machine_entry(connection: Connection, run: str, key: str) -> MachineEntry | None:
    """Return the machine of a key."""
    chosen = select(*(run_machines.c[name] for name in _MACHINES))
    row = connection.execute(chosen.where(run_machines.c.run == run, run_machines.c.key == key)).mappings().first()
    return MachineEntry(**row) if row is not None else None


def machine_of_code(connection: Connection, run: str, code: str) -> MachineEntry | None:
    """Return the machine of a 计算机编号, or of a key where it has none."""
    chosen = select(*(run_machines.c[name] for name in _MACHINES))
    chosen = chosen.where(run_machines.c.run == run, or_(run_machines.c.code == code, run_machines.c.key == code))
    row = connection.execute(chosen.limit(1)).mappings().first()
    return MachineEntry(**row) if row is not None else None


def machines_by_keys(connection: Connection, run: str, keys: Iterable[str]) -> dict[str, MachineEntry]:
    """Return the machines of some keys; one that the run does not have is left out."""
    chosen = select(*(run_machines.c[name] for name in _MACHINES))
    rows = connection.execute(chosen.where(run_machines.c.run == run, run_machines.c.key.in_(sorted(set(keys)))))
    return {row["key"]: MachineEntry(**row) for row in rows.mappings()}


def machines_by_numbers(connection: Connection, run: str, numbers: Sequence[int]) -> list[MachineEntry]:
    """Return machines by their numbers, in that order."""
    chosen = select(*(run_machines.c[name] for name in _MACHINES))
    chosen = chosen.where(run_machines.c.run == run, run_machines.c.number.in_(list(numbers)))
    return [MachineEntry(**row) for row in connection.execute(chosen.order_by(run_machines.c.number)).mappings()]


def machine_by_id(connection: Connection, run: str, machine: int) -> MachineEntry | None:
    """Return the machine that was seen under a number of the store."""
    chosen = select(*(run_machines.c[name] for name in _MACHINES))
    chosen = chosen.where(run_machines.c.run == run, run_machines.c.machine == machine)
    row = connection.execute(chosen).mappings().first()
    return MachineEntry(**row) if row is not None else None


def assignments_of(
    connection: Connection, run: str, numbers: Sequence[int]
) -> list[tuple[MachineEntry, tuple[Assignment, ...]]]:
    """Return machines by their numbers with all that became of their copies, in the order of numbers."""
    columns = (*(run_machines.c[name] for name in _MACHINES), run_machines.c.content)
    chosen = select(*columns).where(run_machines.c.run == run, run_machines.c.number.in_(list(numbers)))
    found = []
    for row in connection.execute(chosen.order_by(run_machines.c.number)).mappings():
        values = dict(row)
        content = zlib.decompress(values.pop("content"))
        found.append((MachineEntry(**values), value_from(content, tuple[Assignment, ...])))
    return found


# --- positions and bearers --------------------------------------------------------------------------------------------


def page_of_positions(
    connection: Connection,
    run: str,
    unit_at: int,
    *,
    only: str = "all",
    category: str | None = None,
    products: frozenset[str] | None = None,
    after: tuple[float, int] | None = None,
    limit: int = 50,
) -> list[Mapping[str, Any]]:
    """Return positions of a unit with all below it, the largest shortage first; `only`: all, short, spare.

    `products` keeps those of some products. `after`: shortage and number of the last one before.
    """
    table = run_positions.c
    chosen = select(run_positions).where(*_kept_positions(run, unit_at, only, category, products))
    if after is not None:
        value, number = after
        chosen = chosen.where(or_(table.shortage < value, and_(table.shortage == value, table.number > number)))
    chosen = chosen.order_by(table.shortage.desc(), table.number).limit(limit)
    return [{**row, "content": json.loads(row["content"])} for row in connection.execute(chosen).mappings()]


def count_positions(
    connection: Connection,
    run: str,
    unit_at: int,
    *,
    only: str = "all",
    category: str | None = None,
    products: frozenset[str] | None = None,
) -> int:
    """Return how many positions `page_of_positions` lists on all its pages."""
    conditions = _kept_positions(run, unit_at, only, category, products)
    return int(connection.execute(select(func.count()).select_from(run_positions).where(*conditions)).scalar_one())


def short_positions_by_unit(connection: Connection, run: str) -> dict[int, int]:
    """Return how many products are short by place of the unit, all below it included."""
    table = run_positions.c
    chosen = select(table.unit_at, func.count()).where(table.run == run, table.shortage > 0).group_by(table.unit_at)
    return {int(at): int(number) for at, number in connection.execute(chosen)}


def positions_of_product(connection: Connection, run: str, product: str) -> list[Mapping[str, Any]]:
    """Return the positions of one product of every unit, by place in the tree."""
    table = run_positions.c
    chosen = select(run_positions).where(table.run == run, table.product == product).order_by(table.unit_at)
    return [{**row, "content": json.loads(row["content"])} for row in connection.execute(chosen).mappings()]


def _kept_positions(
    run: str, unit_at: int, only: str, category: str | None, products: frozenset[str] | None
) -> list[ColumnElement[bool]]:
    table = run_positions.c
    conditions: list[ColumnElement[bool]] = [table.run == run, table.unit_at == unit_at]
    if only == "short":
        conditions.append(table.shortage > 0)
    elif only == "spare":
        conditions.append(table.surplus > 0)
    if category:
        conditions.append(table.category == category)
    if products is not None:
        conditions.append(table.product.in_(sorted(products)))
    return conditions


def bearer(connection: Connection, run: str, kind: str, name: str) -> Bearer | None:
    """Return which machines bear one thing."""
    table = run_bearers.c
    chosen = select(run_bearers).where(table.run == run, table.kind == kind, table.name == name)
    row = connection.execute(chosen).mappings().first()
    return _bearer(row) if row is not None else None


def list_bearers(connection: Connection, run: str, kind: str, names: Iterable[str] | None = None) -> list[Bearer]:
    """Return everything of a kind, or some of it by name; what most machines bear first."""
    table = run_bearers.c
    chosen = select(run_bearers).where(table.run == run, table.kind == kind)
    if names is not None:
        chosen = chosen.where(table.name.in_(sorted(set(names))))
    chosen = chosen.order_by(table.machines.desc(), table.name)
    return [_bearer(row) for row in connection.execute(chosen).mappings()]


def names_borne(connection: Connection, run: str, kind: str) -> frozenset[str]:
    """Return the names of everything of a kind that some machine bears."""
    chosen = select(run_bearers.c.name).where(run_bearers.c.run == run, run_bearers.c.kind == kind)
    return frozenset(connection.execute(chosen.where(run_bearers.c.machines > 0)).scalars())


def bearers_within(connection: Connection, run: str, kind: str, first: int, last: int) -> list[tuple[int, str]]:
    """Return how many machines of a range of numbers bear each thing, with its name; what most bear first."""
    found = []
    for name, machines, packed in bulk(connection).rows(_NUMBERS, run, kind):
        numbers = struct.unpack(f"<{machines}I", zlib.decompress(packed))
        mine = bisect_right(numbers, last) - bisect_left(numbers, first)
        if mine:
            found.append((mine, name))
    return sorted(found, key=lambda row: (-row[0], row[1]))


def page_of_bearers(
    connection: Connection, run: str, kind: str, *, after: tuple[int, str] | None, text: str = "", limit: int = 50
) -> list[Bearer]:
    """Return what machines bear, most machines first, after a number of machines and a name."""
    table = run_bearers.c
    chosen = select(run_bearers).where(table.run == run, table.kind == kind)
    if text:
        chosen = chosen.where(table.content.icontains(text, autoescape=True))
    if after is not None:
        many, name = after
        chosen = chosen.where(or_(table.machines < many, and_(table.machines == many, table.name > name)))
    chosen = chosen.order_by(table.machines.desc(), table.name).limit(limit)
    return [_bearer(row) for row in connection.execute(chosen).mappings()]


def count_bearers(connection: Connection, run: str, kind: str, text: str = "") -> int:
    """Return how many things of a kind machines bear."""
    chosen = select(func.count()).select_from(run_bearers).where(run_bearers.c.run == run, run_bearers.c.kind == kind)
    if text:
        chosen = chosen.where(run_bearers.c.content.icontains(text, autoescape=True))
    return int(connection.execute(chosen).scalar_one())


# --- findings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FindingFilter:
    """Which findings a page lists. `units=None`: all, those of no unit too."""

    units: frozenset[str] | None = None
    severity: str | None = None
    code: str | None = None
    product: str | None = None
    machine: str | None = None


def page_of_findings(
    connection: Connection, run: str, wanted: FindingFilter, *, after: int = 0, limit: int = 50
) -> list[tuple[int, str]]:
    """Return number and content of the findings after a number, in the order of the run."""
    chosen = select(findings.c.number, findings.c.content).where(*_kept_findings(run, wanted))
    rows = connection.execute(chosen.where(findings.c.number > after).order_by(findings.c.number).limit(limit))
    return [(int(number), content) for number, content in rows]


def count_findings(connection: Connection, run: str, wanted: FindingFilter) -> dict[tuple[str, str], int]:
    """Return how many findings there are by severity and code."""
    table = findings.c
    chosen: Select[Any] = select(table.severity, table.code, func.count()).where(*_kept_findings(run, wanted))
    rows = connection.execute(chosen.group_by(table.severity, table.code))
    return {(severity, code): int(number) for severity, code, number in rows}


def finding_keys(connection: Connection, run: str, units: frozenset[str] | None) -> set[tuple[str, str]]:
    """Return key and code of every finding of a run, or of some units."""
    chosen = select(findings.c.key, findings.c.code).where(*_kept_findings(run, FindingFilter(units=units)))
    return {(key, code) for key, code in connection.execute(chosen)}


def finding_content(connection: Connection, run: str, number: int) -> str | None:
    """Return one finding of a run by its number."""
    chosen = select(findings.c.content).where(findings.c.run == run, findings.c.number == number)
    return connection.execute(chosen).scalar()


def _kept_findings(run: str, wanted: FindingFilter) -> list[ColumnElement[bool]]:
    table = findings.c
    conditions: list[ColumnElement[bool]] = [table.run == run]
    if wanted.units is not None:
        conditions.append(table.unit.in_(sorted(wanted.units)))
    for column, value in (
        (table.severity, wanted.severity),
        (table.code, wanted.code),
        (table.product, wanted.product),
        (table.machine, wanted.machine),
    ):
        if value:
            conditions.append(column == value)
    return conditions


def _packed(numbers: Sequence[int]) -> bytes:
    return zlib.compress(struct.pack(f"<{len(numbers)}I", *numbers), _LEVEL)


def _bearer(row: RowMapping) -> Bearer:
    numbers = struct.unpack(f"<{row['machines']}I", zlib.decompress(row["numbers"]))
    return Bearer(row["name"], numbers, json.loads(row["content"]))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
