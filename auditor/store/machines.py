"""Machines: who was seen, by what evidence, and the machines of a day as the core takes them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, func, select

from auditor.core.days import day_of, last_moment
from auditor.core.identity import STRONG, Clue, Evidence
from auditor.core.model import (
    Hardware,
    Installation,
    Machine,
    MachineClass,
    MachineId,
    RegisteredMachine,
    ScopeState,
    UnitCode,
)
from auditor.core.picture import Picture, pinned
from auditor.core.register_match import Match, SeenMachine, match_register
from auditor.store.blobs import get_blobs
from auditor.store.bulk import Bulk, bulk, insertion, insertion_with_id, query
from auditor.store.facts import FactReader, Shows
from auditor.store.machine_register import list_registered_machines
from auditor.store.pictures import HostFacts, decode_picture
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
class SeenOn:
    """What was known of a seen machine on a day."""

    id: MachineId
    unit: str | None
    document: str
    scanned_on: date
    picture: Picture
    host: HostFacts
    programs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()


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
    registered = list_registered_machines(connection, on)
    seen = {machine.id: machine for machine in load_seen(connection, on, zone=zone, shows=shows)}
    matches = match_register(registered, [_register_clues(machine) for machine in seen.values()])
    return joined_machines(registered, seen, matches)


def joined_machines(
    registered: Sequence[RegisteredMachine], seen: Mapping[MachineId, SeenOn], matches: Sequence[Match]
) -> list[Machine]:
    """Join register and sight; the register's word goes before the machine's own."""
    rows = {row.code: row for row in registered}
    found = {MachineId(match.machine): rows[match.code] for match in matches}
    met = {match.code for match in matches}
    computers = [_from_sight(machine, found.get(machine.id)) for machine in seen.values()]
    computers += [
        _with_register(Machine(id=None, code=row.code, unit=row.unit), row) for row in registered if row.code not in met
    ]
    return sorted(computers, key=lambda machine: machine.key)


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
    chosen = (
        select(last, machines.c.unit.label("unit"))
        .join(machines, machines.c.id == last.c.machine)
        .where(last.c.rank == 1, machines.c.merged_into.is_(None))
        .order_by(last.c.machine)
    )
    rows = connection.execute(chosen).mappings().all()
    names = ("state", "programs") if shows is None else ("state", "programs", "facts")
    contents = get_blobs(connection, [row[name] for row in rows for name in names if row[name] is not None])
    reader = FactReader(shows) if shows is not None else None
    return [_seen_on(dict(row), contents, zone, reader) for row in rows]


def _seen_on(row: dict[str, Any], contents: Mapping[str, bytes], zone: ZoneInfo, reader: FactReader | None) -> SeenOn:
    picture, host = decode_picture(contents[row["state"]])
    day = day_of(row["collected_at"], zone)
    return SeenOn(
        id=MachineId(row["machine"]),
        unit=row["unit"],
        document=row["digest"],
        scanned_on=day,
        picture=pinned(picture, day),
        host=host,
        programs=tuple(json.loads(contents[row["programs"]])),
        facts=reader.facts_in(contents[row["facts"]]) if reader is not None and row["facts"] else (),
    )


def _register_clues(machine: SeenOn) -> SeenMachine:
    host = machine.host
    return SeenMachine(machine.id, host.serial, host.macs, host.name, host.asset_tag)


def _from_sight(seen: SeenOn, row: RegisteredMachine | None) -> Machine:
    host, systems = seen.host, seen.picture.systems
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
        last_scan_on=seen.scanned_on,
        scopes=tuple(
            ScopeState(scope.source, scope.scope, scope.outcome.value, scope.scanned_on, scope.why, scope.held_since)
            for system in systems
            for scope in system.scopes
        ),
        installations=tuple(
            Installation(
                title=s.title,
                scope=s.scope,
                installed_on=s.installed_on,
                first_seen_on=s.first_seen_on,
                last_seen_on=s.last_seen_on,
                record=s.record,
                stale=s.stale,
            )
            for system in systems
            for s in system.sightings
        ),
        programs=seen.programs,
        facts=seen.facts,
        document=seen.document,
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
