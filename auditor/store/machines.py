"""Machines: who was seen, by what evidence, and the machines of a day as the core takes them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, func, select

from auditor.core.days import day_of, last_moment
from auditor.core.identity import STRONG, Clue, Evidence
from auditor.core.installations import Installations
from auditor.core.model import (
    Hardware,
    Machine,
    MachineClass,
    MachineId,
    RegisteredMachine,
    ScopeState,
    UnitCode,
)
from auditor.core.register_match import Match, SeenMachine, match_register
from auditor.store.blobs import each_blob, each_packed
from auditor.store.bulk import Bulk, bulk, insertion, insertion_with_id, query
from auditor.store.facts import FactReader, Shows
from auditor.store.machine_register import list_registered_machines
from auditor.store.pictures import HostFacts, SightReader
from auditor.store.tables import documents, machine_evidence, machines
from rules.fact import Fact

SHANGHAI = ZoneInfo("Asia/Shanghai")
_MOST_VALUES = 100


@dataclass(frozen=True)
class MachineRow:
    """The row of a seen machine; `id` is `None` before it is kept."""

    first_seen_at: str
    last_collected_at: str
    last_received_at: str
    last_document: str
    content_digest: str
    state: str
    title_set: int
    host_name: str | None
    serial: str | None
    os_family: str | None
    os_name: str | None
    unit: str | None
    agent: str | None
    origin: str
    merged_into: int | None = None
    id: int | None = None


_COLUMNS = tuple(field.name for field in fields(MachineRow))  # the number last
_OF_ID = query(select(*(machines.c[name] for name in _COLUMNS)).where(machines.c.id == bindparam("wanted")), "wanted")
_ADD = insertion_with_id(machines, *_COLUMNS[:-1])
_UPDATE = query(
    machines.update()
    .where(machines.c.id == bindparam("wanted"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS[:-1]}),
    *(f"new_{name}" for name in _COLUMNS[:-1]),
    "wanted",
)
_BEARERS = query(
    select(machine_evidence.c.machine).where(
        machine_evidence.c.kind == bindparam("a_kind"), machine_evidence.c.value == bindparam("a_value")
    ),
    "a_kind",
    "a_value",
)
_JOINED = query(select(machines.c.merged_into).where(machines.c.id == bindparam("wanted")), "wanted")
_CLUES_OF = query(
    select(machine_evidence.c.kind, machine_evidence.c.value).where(machine_evidence.c.machine == bindparam("wanted")),
    "wanted",
)
_ADD_CLUE = insertion(machine_evidence, "machine", "kind", "value", "first_seen_at", "last_seen_at")
_SEEN_AGAIN = query(
    machine_evidence.update()
    .where(
        machine_evidence.c.machine == bindparam("a_machine"),
        machine_evidence.c.kind == bindparam("a_kind"),
        machine_evidence.c.value == bindparam("a_value"),
        machine_evidence.c.last_seen_at < bindparam("before"),
    )
    .values(last_seen_at=bindparam("moment")),
    "moment",
    "a_machine",
    "a_kind",
    "a_value",
    "before",
)


_SAID = query(
    select(machines.c.id, machines.c.content_digest)
    .join(machine_evidence, machine_evidence.c.machine == machines.c.id)
    .where(
        machine_evidence.c.kind == bindparam("a_kind"),
        machine_evidence.c.value == bindparam("an_agent"),
        machines.c.merged_into.is_(None),
    )
    .order_by(machines.c.id),
    "a_kind",
    "an_agent",
)


@dataclass(frozen=True)
class LastSaid:
    """What has to be known of a machine to keep a document that says nothing new."""

    content_digest: str
    last_collected_at: str
    agent: str | None
    origin: str
    unit: str | None
    merged_into: int | None
    state: str
    facts: str | None


_LAST_SAID = query(
    select(*(machines.c[field.name] for field in fields(LastSaid) if field.name != "facts"), documents.c.facts)
    .join(documents, documents.c.digest == machines.c.last_document)
    .where(machines.c.id == bindparam("wanted")),
    "wanted",
)
_SAID_AGAIN = query(
    machines.update()
    .where(machines.c.id == bindparam("wanted"))
    .values(
        last_document=bindparam("a_document"),
        last_collected_at=bindparam("collected"),
        last_received_at=bindparam("received"),
    ),
    "a_document",
    "collected",
    "received",
    "wanted",
)
_SEEN_WITH_LAST = query(
    machine_evidence.update()
    .where(machine_evidence.c.machine == bindparam("a_machine"), machine_evidence.c.last_seen_at == bindparam("before"))
    .values(last_seen_at=bindparam("moment")),
    "moment",
    "a_machine",
    "before",
)


@dataclass(frozen=True)
class Source:
    """The document and the digests of what a machine's last scan left behind."""

    document: str
    scanned_on: date
    state: str
    programs: str
    facts: str | None = None


@dataclass(frozen=True)
class SeenOn:
    """What was known of a seen machine on a day."""

    id: MachineId
    unit: str | None
    source: Source
    host: HostFacts
    sight: Sight


@dataclass(frozen=True)
class Sight:
    """What the source says beyond the host."""

    scopes: tuple[ScopeState, ...]
    installations: Installations
    programs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Computer:
    """One computer of a day, and what its sight was read from, `None` when it was never seen."""

    machine: Machine
    source: Source | None = None


def find_machine(connection: Connection, machine: int) -> MachineRow | None:
    """Return the row of a machine."""
    row = bulk(connection).one(_OF_ID, machine)
    return MachineRow(*row) if row is not None else None


def save_machine(connection: Connection, row: MachineRow) -> int:
    """Add the machine, or bring its row up to date; return its id."""
    values = [getattr(row, name) for name in _COLUMNS]
    if row.id is None:
        (added,) = bulk(connection).rows(_ADD, *values[:-1])
        return int(added[0])
    bulk(connection).run(_UPDATE, *values)
    return row.id


def contents_said(statements: Bulk, agent: str) -> dict[str, int]:
    """Return the content of the last document of each machine that an agent told of, and the machine."""
    rows = statements.rows(_SAID, Clue.AGENT.value, agent)
    return {content: int(machine) for machine, content in reversed(rows) if content}


def last_said(connection: Connection, machine: int) -> LastSaid | None:
    """Return what a machine's last document said."""
    row = bulk(connection).one(_LAST_SAID, machine)
    return LastSaid(*row) if row is not None else None


def note_seen_again(
    connection: Connection, machine: int, last: LastSaid, *, document: str, collected_at: str, received_at: str
) -> None:
    """Record a document that says what the last one said: of its identity as well."""
    statements = bulk(connection)
    statements.run(_SAID_AGAIN, document, collected_at, received_at, machine)
    if collected_at != last.last_collected_at:
        statements.run(_SEEN_WITH_LAST, collected_at, machine, last.last_collected_at)


def machines_after(
    connection: Connection, after: int, *, units: frozenset[str] | None, limit: int
) -> Sequence[MachineRow]:
    """Return seen machines by number, those after one; of some units when they are named."""
    chosen = select(machines).where(machines.c.id > after)
    if units is not None:
        chosen = chosen.where(machines.c.unit.in_(sorted(units)))
    rows = connection.execute(chosen.order_by(machines.c.id).limit(limit)).mappings()
    return [MachineRow(**row) for row in rows]


def mark_joined(connection: Connection, machine: int, into: int | None) -> None:
    """Record that a machine was joined into another one, or stands for itself again."""
    connection.execute(machines.update().where(machines.c.id == machine).values(merged_into=into))


def joined_into(statements: Bulk, found: Iterable[int]) -> set[int]:
    """Return machines with those that they were joined into, step by step."""
    all_of_them, last = set(found), set(found)
    while last:
        last = {int(row[0]) for number in last for row in statements.rows(_JOINED, number) if row[0]} - all_of_them
        all_of_them |= last
    return all_of_them


def find_candidates(connection: Connection, evidence: Evidence) -> dict[int, Evidence]:
    """Return every machine that may be the same, with all that is known of its identity.

    It shares a clue that counts: host name and system together do not reach the mark, and thousands of
    machines of one image may share them.
    """
    statements = bulk(connection)
    found = sorted(set(bearers(statements, evidence)))
    known: dict[int, dict[Clue, set[str]]] = {number: defaultdict(set) for number in found}
    for machine in found:
        for kind, value in statements.rows(_CLUES_OF, machine):
            known[machine][Clue(kind)].add(value)
    return {
        number: Evidence({clue: frozenset(values) for clue, values in clues.items()}) for number, clues in known.items()
    }


def bearers(statements: Bulk, evidence: Evidence) -> Iterator[int]:
    """Yield the machines that share a strong clue; one look-up in the index a value."""
    for clue in STRONG:
        for value in sorted(evidence.of(clue))[:_MOST_VALUES]:
            yield from (row[0] for row in statements.rows(_BEARERS, clue.value, value))


def note_evidence(connection: Connection, machine: int, evidence: Evidence, *, at: str) -> None:
    """Keep what a document says of the machine's identity, beside what others said."""
    statements = bulk(connection)
    clues = {(clue.value, value) for clue in Clue for value in evidence.of(clue)}
    known = set(statements.rows(_CLUES_OF, machine))
    statements.many(_ADD_CLUE, [(machine, kind, value, at, at) for kind, value in sorted(clues - known)])
    statements.many(_SEEN_AGAIN, [(at, machine, kind, value, at) for kind, value in sorted(clues & known)])


def forget_evidence(connection: Connection, machine: int) -> None:
    """Drop what was kept of a machine's identity, but the devices by which other tools call it."""
    connection.execute(
        machine_evidence.delete().where(
            machine_evidence.c.machine == machine, machine_evidence.c.kind != Clue.AGENT.value
        )
    )


def clues_of(connection: Connection, machine: int) -> list[tuple[str, str, str, str]]:
    """Return what is known of a machine's identity: clue, value, first and last seen, by clue and value."""
    table = machine_evidence.c
    chosen = select(table.kind, table.value, table.first_seen_at, table.last_seen_at).where(table.machine == machine)
    rows = connection.execute(chosen.order_by(table.kind, table.value))
    return [(kind, value, first, last) for kind, value, first, last in rows]


def list_machines(connection: Connection) -> Sequence[MachineRow]:
    """Return the row of every seen machine, by id."""
    rows = connection.execute(select(machines).order_by(machines.c.id)).mappings()
    return [MachineRow(**row) for row in rows]


def load_machines(
    connection: Connection, on: date | None = None, *, zone: ZoneInfo = SHANGHAI, shows: Shows | None = None
) -> list[Machine]:
    """Return every computer of a day, ordered by key: registered, seen, or both.

    `shows` tells which facts to bring along; without it there are none.

    `on=None` is the present: the newest documents and the register rows that stand open. The state of a past
    day is that after the last document collected on or before it, in `zone`.
    """
    return [computer.machine for computer in load_computers(connection, on, zone=zone, shows=shows)]


def load_computers(
    connection: Connection, on: date | None = None, *, zone: ZoneInfo = SHANGHAI, shows: Shows | None = None
) -> list[Computer]:
    """Return every computer of a day as `load_machines` does, each with its source."""
    registered = list_registered_machines(connection, on)
    seen = {machine.id: machine for machine in load_seen(connection, on, zone=zone, shows=shows)}
    matches = match_register(registered, [_register_clues(machine) for machine in seen.values()])
    return joined_machines(registered, seen, matches)


def joined_machines(
    registered: Sequence[RegisteredMachine], seen: Mapping[MachineId, SeenOn], matches: Sequence[Match]
) -> list[Computer]:
    """Join register and sight; the register's word goes before the machine's own."""
    rows = {row.code: row for row in registered}
    found = {MachineId(match.machine): rows[match.code] for match in matches}
    met = {match.code for match in matches}
    computers = [Computer(_from_sight(machine, found.get(machine.id)), machine.source) for machine in seen.values()]
    computers += [
        Computer(_with_register(Machine(id=None, code=row.code, unit=row.unit), row))
        for row in registered
        if row.code not in met
    ]
    return sorted(computers, key=lambda computer: computer.machine.key)


def load_seen(
    connection: Connection, on: date | None, *, zone: ZoneInfo = SHANGHAI, shows: Shows | None = None
) -> list[SeenOn]:
    """Return every machine seen on or before a day as it stood then, by id; `shows` as in `load_machines`."""
    newest = func.row_number().over(
        partition_by=documents.c.machine, order_by=(documents.c.collected_at.desc(), documents.c.id.desc())
    )
    ranked = select(documents, newest.label("rank"))
    if on is not None:
        ranked = ranked.where(documents.c.collected_at <= last_moment(on, zone))
    last = ranked.subquery()
    names = ("machine", "digest", "collected_at", "state", "programs", "facts")
    chosen = (
        select(*(last.c[name] for name in names), machines.c.unit.label("unit"))
        .join(machines, machines.c.id == last.c.machine)
        .where(last.c.rank == 1, machines.c.merged_into.is_(None))
        .order_by(last.c.machine)
    )
    rows = connection.execute(chosen).all()
    sources = [
        Source(row.digest, day_of(row.collected_at, zone), row.state, row.programs, row.facts if shows else None)
        for row in rows
    ]
    sights = read_sights(connection, sources, shows)
    return [
        SeenOn(MachineId(row.machine), row.unit, source, *sights[source])
        for row, source in zip(rows, sources, strict=True)
    ]


def read_sights(
    connection: Connection, sources: Sequence[Source], shows: Shows | None
) -> dict[Source, tuple[HostFacts, Sight]]:
    """Return what some sources say; states and facts are read a few at a time."""
    programs = {
        digest: tuple(json.loads(content))
        for digest, content in each_blob(connection, (source.programs for source in sources))
    }
    facts: dict[str | None, tuple[Fact, ...]] = {}
    if shows is not None:
        wanted = FactReader(shows)
        told = each_blob(connection, (source.facts for source in sources if source.facts is not None))
        facts = {digest: wanted.facts_in(content) for digest, content in told}
    by_state: defaultdict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_state[source.state].append(source)
    reader, found = SightReader(), {}
    for digest, content, compressed in each_packed(connection, by_state):
        for source in by_state[digest]:
            host, scopes, installations = reader.read(content, source.scanned_on, compressed)
            sight = Sight(scopes, installations, programs[source.programs], facts.get(source.facts, ()))
            found[source] = (host, sight)
    return found


def _register_clues(machine: SeenOn) -> SeenMachine:
    host = machine.host
    return SeenMachine(machine.id, host.serial, host.macs, host.name, host.asset_tag)


def _from_sight(seen: SeenOn, row: RegisteredMachine | None) -> Machine:
    host, sight = seen.host, seen.sight
    machine = Machine(
        id=seen.id,
        code=None,
        unit=UnitCode(seen.unit) if seen.unit else None,
        brand=" ".join(word for word in (host.manufacturer, host.model) if word) or None,
        serial=host.serial,
        machine_class=_machine_class(host),
        host_name=host.name,
        os_family=host.os_family,
        board_serial=host.board_serial,
        last_scan_on=seen.source.scanned_on,
        scopes=sight.scopes,
        installations=sight.installations,
        programs=sight.programs,
        facts=sight.facts,
        document=seen.source.document,
        hardware=_hardware(host),
    )
    return _with_register(machine, row) if row is not None else machine


def _with_register(machine: Machine, row: RegisteredMachine) -> Machine:
    known = row.machine_class is not MachineClass.UNKNOWN
    return replace(
        machine,
        code=row.code,
        unit=row.unit,
        person=row.person,
        brand=row.brand or machine.brand,
        serial=row.serial or machine.serial,
        machine_class=row.machine_class if known else machine.machine_class,
        state=row.state,
        place=row.place,
        host_name=machine.host_name or row.host_name,
        registered_since=row.since,
        hardware=_known_hardware(machine.hardware, row.hardware),
    )


def _hardware(host: HostFacts) -> Hardware | None:
    """Return what the machine itself says of its processors; a guest is given logical ones."""
    if not host.cores and host.threads is None:
        return None
    is_guest = _machine_class(host) is MachineClass.VIRTUAL
    return Hardware(host.cores, host.threads if is_guest else None)


def _known_hardware(seen: Hardware | None, registered: Hardware | None) -> Hardware | None:
    """The register's word goes before the machine's own, figure by figure."""
    if seen is None or registered is None:
        return registered or seen
    return Hardware(
        registered.cores or seen.cores,
        seen.vcpus if registered.vcpus is None else registered.vcpus,
        registered.host,
        registered.cluster,
        registered.factor,
        registered.points,
        registered.runs_workload,
    )


def _machine_class(host: HostFacts) -> MachineClass:
    if host.virtual or host.chassis == "virtual":
        return MachineClass.VIRTUAL
    known = {"server": MachineClass.SERVER, "desktop": MachineClass.DESKTOP, "portable": MachineClass.PORTABLE}
    return known.get(host.chassis or "", MachineClass.UNKNOWN)
