"""Cases: where each finding stands, and every act that brought it there, each covered by an entry of the trail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select, text

from auditor.core.case import OPEN, CaseState, Ground
from auditor.core.model import Finding
from auditor.errors import AuditorError, both
from auditor.proof.digest import canonical_json, digest_of, sha256_hex
from auditor.store.runs import finding_from
from auditor.store.tables import URGENCY, case_events, cases
from auditor.store.trail import append_trail

SHOWN_DIGITS = 12
SEVERITIES = ("high", "medium", "low")
_LAST = "9999"
_CHUNK = 400
_MANY = 5_000
"""Ids in one statement where nothing but the ids is told; both engines take six times as many."""


@dataclass(frozen=True)
class Case:
    """One finding as it stands. `content` is the finding as last seen; its evidence is never edited."""

    key: str
    origin: str
    code: str
    severity: str
    unit: str | None
    product: str | None
    machine: str | None
    state: str
    opened_at: str
    changed_at: str
    seen_on: str
    content: str
    grounds: str = "[]"
    owner: str | None = None
    notice: str | None = None
    noticed_on: str | None = None
    due_on: str | None = None
    excepted_until: str | None = None
    reopened: int = 0
    escalated: int = 0
    version: int = 0
    first_run: str | None = None
    last_run: str | None = None
    id: int = 0

    @property
    def finding(self) -> Finding:
        """The finding as last seen."""
        return finding_from(self.content)

    @property
    def needs(self) -> tuple[Ground, ...]:
        """What a later scan must show."""
        return tuple(
            Ground(g["machine"], g["scope"], g["document"], date.fromisoformat(g["scanned_on"]))
            if g["scanned_on"]
            else Ground(g["machine"], g["scope"], g["document"], None)
            for g in json.loads(self.grounds)
        )

    def is_overdue(self, on: date) -> bool:
        """Whether the deadline has passed while something is still to be done; the day itself is in time."""
        return self.state in OPEN and self.due_on is not None and self.due_on < on.isoformat()


@dataclass(frozen=True)
class Event:
    """One act on a case: who, when, what, and the state after it."""

    case: int
    number: int
    at: str
    by: str | None
    act: str
    state: str
    facts: Mapping[str, Any]
    digest: str = ""
    link: str = ""


@dataclass(frozen=True)
class Act:
    """An act before it is kept: the case as it was, its changed columns, what is told of it."""

    case: Case
    act: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None


_COLUMNS = tuple(f.name for f in fields(Case))


@dataclass(frozen=True)
class Filter:
    """Which cases; `None` and empty = all. `units`: any of these."""

    states: tuple[str, ...] = ()
    units: tuple[str, ...] | None = None
    code: str | None = None
    severity: str | None = None
    owner: str | None = None
    overdue_on: date | None = None
    notice: str | None = None
    text: str | None = None
    """Somewhere in the finding's facts."""
    product: str | None = None

    def of(self, chosen: Select[Any]) -> Select[Any]:
        """Return the statement with its conditions."""
        if self.states:
            chosen = chosen.where(cases.c.state.in_(self.states))
        if self.units is not None:
            chosen = chosen.where(cases.c.unit.in_(self.units))
        for name in ("code", "severity", "owner", "notice", "product"):
            wanted = getattr(self, name)
            if wanted is not None:
                chosen = chosen.where(cases.c[name] == wanted)
        if self.overdue_on is not None:
            chosen = chosen.where(cases.c.state.in_(sorted(OPEN)), cases.c.due_on < self.overdue_on.isoformat())
        if self.text:
            chosen = chosen.where(
                or_(*(c.contains(self.text, autoescape=True) for c in (cases.c.content, cases.c.code)))
            )
        return chosen


def grounds_text(grounds: Iterable[Ground]) -> str:
    """Return grounds as they are kept."""
    plain = [asdict(g) | {"scanned_on": g.scanned_on.isoformat() if g.scanned_on else None} for g in grounds]
    return canonical_json(plain).decode()


def urgency_key(case: Case) -> tuple[int, str, int]:
    """Return where a case stands in the order of a list: for the page after it."""
    return (
        SEVERITIES.index(case.severity) if case.severity in SEVERITIES else len(SEVERITIES),
        case.due_on or _LAST,
        case.id,
    )


def list_cases(
    connection: Connection,
    wanted: Filter,
    *,
    limit: int | None = None,
    start: int = 0,
    after: tuple[int, str, int] | None = None,
) -> list[Case]:
    """Return cases, gravest first, then the earliest deadline, then the oldest; `after` a place in that order."""
    chosen = wanted.of(select(cases)).order_by(*URGENCY)
    if after is not None:
        rank, due, id = after
        place = ", ".join(part.text for part in URGENCY)
        chosen = chosen.where(text(f"({place}) > (:rank, :due, :id)").bindparams(rank=rank, due=due, id=id))
    if limit is not None:
        chosen = chosen.limit(limit).offset(start)
    return [_case(row) for row in connection.execute(chosen).mappings()]


def count_cases(connection: Connection, wanted: Filter) -> dict[tuple[str | None, str], int]:
    """Return how many cases stand where: (unit, state) → number."""
    chosen = wanted.of(select(cases.c.unit, cases.c.state, func.count())).group_by(cases.c.unit, cases.c.state)
    return {(unit, state): int(number) for unit, state, number in connection.execute(chosen)}


def find_case(connection: Connection, name: str) -> Case:
    """Return the case of a number or key. Raises `AuditorError`."""
    chosen = select(cases).where(cases.c.id == int(name) if name.isdecimal() else cases.c.key == name)
    row = connection.execute(chosen).mappings().first()
    if row is None:
        told = both("没有这个问题项，应为其编号", "no such finding; expected its number")
        raise AuditorError(f"{name}: {told}")
    return _case(row)


def cases_of_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Case]:
    """Return cases by their numbers; one that is not there is left out."""
    found: dict[int, Case] = {}
    for start in range(0, len(ids), _MANY):
        chosen = select(cases).where(cases.c.id.in_(ids[start : start + _MANY]))
        found |= {row["id"]: _case(row) for row in connection.execute(chosen).mappings()}
    return found


def case_number(connection: Connection, key: str) -> int | None:
    """Return the number under which a finding is followed, `None` when it is not."""
    found: int | None = connection.execute(select(cases.c.id).where(cases.c.key == key)).scalar()
    return found


def cases_by_key(connection: Connection, *, origin: str) -> dict[str, Case]:
    """Return every case of an origin."""
    rows = connection.execute(select(cases).where(cases.c.origin == origin)).mappings()
    return {row["key"]: _case(row) for row in rows}


def notice_numbers(connection: Connection, beginning: str) -> list[str]:
    """Return the numbers of notices that begin so, each once."""
    told = case_events.c.facts
    chosen = select(told).where(
        case_events.c.act == "noticed", told.contains(f'"notice":"{beginning}', autoescape=True)
    )
    return sorted({str(json.loads(facts)["notice"]) for facts in connection.execute(chosen).scalars()})


def events_of(connection: Connection, case_id: int) -> list[Event]:
    """Return the acts on a case, oldest first."""
    rows = connection.execute(
        select(case_events).where(case_events.c.case == case_id).order_by(case_events.c.number)
    ).mappings()
    return [_event(row) for row in rows]


def last_facts(connection: Connection, case_ids: Sequence[int], act: str) -> dict[int, Event]:
    """Return the last event of an act for each case that has one."""
    found: dict[int, Event] = {}
    for start in range(0, len(case_ids), _CHUNK):
        chosen = select(case_events).where(
            case_events.c.case.in_(case_ids[start : start + _CHUNK]), case_events.c.act == act
        )
        for row in connection.execute(chosen.order_by(case_events.c.case, case_events.c.number)).mappings():
            found[row["case"]] = _event(row)
    return found


def open_cases(
    connection: Connection, new: Sequence[tuple[Case, Mapping[str, Any]]], *, at: str, by: str | None
) -> int:
    """Keep new cases, each with what is told of its opening; return how many."""
    if not new:
        return 0
    connection.execute(cases.insert(), [{n: v for n, v in vars(made).items() if n != "id"} for made, _ in new])
    ids: dict[str, int] = {}
    keys = [made.key for made, _ in new]
    for start in range(0, len(keys), _CHUNK):
        chosen = select(cases.c.key, cases.c.id).where(cases.c.key.in_(keys[start : start + _CHUNK]))
        ids.update((key, id) for key, id in connection.execute(chosen))
    told = [Event(ids[made.key], 1, at, by, "opened", made.state, facts) for made, facts in new]
    _keep_events(connection, told, at=at, act="finding.opened")
    return len(new)


def keep_acts(connection: Connection, acts: Sequence[Act], *, at: str, name: str) -> list[Case]:
    """Carry acts out, all or none; return the cases after them.

    Raises `AuditorError` when somebody else acted on a case after it was read: nothing is overwritten unseen.
    """
    if not acts:
        return []
    after = [
        Case(**{**vars(act.case), **act.changes, "version": act.case.version + 1, "changed_at": at}) for act in acts
    ]
    alike: dict[tuple[tuple[tuple[str, Any], ...], int], list[int]] = {}
    for act in acts:
        alike.setdefault((tuple(sorted(act.changes.items())), act.case.version), []).append(act.case.id)
    for (changes, version), ids in alike.items():
        values = dict(changes) | {"version": version + 1, "changed_at": at}
        for start in range(0, len(ids), _MANY):
            chunk = ids[start : start + _MANY]
            chosen = cases.update().where(cases.c.id.in_(chunk), cases.c.version == version).values(values)
            if connection.execute(chosen).rowcount != len(chunk):
                told = both(
                    "其他人刚刚处理过，请重新查看后再办", "somebody else has just acted on it; look again first"
                )
                raise AuditorError(f"{', '.join(map(str, chunk[:5]))}: {told}")
    numbers = _last_numbers(connection, [act.case.id for act in acts])
    told_events = [
        Event(act.case.id, numbers.get(act.case.id, 0) + 1, at, act.by, act.act, done.state, act.facts)
        for act, done in zip(acts, after, strict=True)
    ]
    _keep_events(connection, told_events, at=at, act=name)
    return after


def note_sightings(connection: Connection, seen: Sequence[Mapping[str, Any]]) -> None:
    """Bring evidence and day up to date where a case is seen again and nothing else happens: `id` and columns."""
    if seen:
        names = ("content", "grounds", "last_run", "seen_on", "severity")
        chosen = (
            cases.update().where(cases.c.id == bindparam("which")).values({n: bindparam(f"new_{n}") for n in names})
        )
        connection.execute(chosen, [{f"new_{n}": row[n] for n in names} | {"which": row["id"]} for row in seen])


def event_digest(event: Event) -> str:
    """Return the digest of one act: what, when, by whom, after what."""
    return _digest(event, _facts_text(event))


def _digest(event: Event, facts: str) -> str:
    """The digest of the act as canonical JSON, of which the facts are written already: many acts share them."""
    head, tail = _around(event.act, event.at, event.by, event.state)
    return sha256_hex(f'{head},"case":{event.case},"facts":{facts},"number":{event.number},{tail}'.encode())


@lru_cache(maxsize=1000)
def _around(act: str, at: str, by: str | None, state: str) -> tuple[str, str]:
    """What stands before the case in an act's canonical JSON, and after its number."""
    head = canonical_json({"act": act, "at": at, "by": by}).decode()
    return head[:-1], canonical_json({"state": state}).decode()[1:]


def _facts_text(event: Event) -> str:
    return canonical_json(dict(event.facts)).decode()


def events_subject(digests: Sequence[str]) -> str:
    """Return the subject of the trail's entry that covers acts."""
    return f"events {len(digests)} {digest_of(sorted(digests))}"


def all_events(connection: Connection) -> Iterator[Event]:
    """Yield every act, by case and number."""
    for row in connection.execute(select(case_events).order_by(case_events.c.case, case_events.c.number)).mappings():
        yield _event(row)


def _keep_events(connection: Connection, told: Sequence[Event], *, at: str, act: str) -> None:
    texts = {id(event.facts): _facts_text(event) for event in {id(event.facts): event for event in told}.values()}
    digests = [_digest(event, texts[id(event.facts)]) for event in told]
    link = append_trail(connection, at=at, act=act, subject=events_subject(digests))
    connection.execute(
        case_events.insert(),
        [
            {"case": e.case, "number": e.number, "at": e.at, "by": e.by, "act": e.act, "state": e.state,
             "facts": texts[id(e.facts)], "digest": digest, "link": link}
            for e, digest in zip(told, digests, strict=True)
        ],
    )  # fmt: skip


def _last_numbers(connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(ids), _MANY):
        chosen = select(case_events.c.case, func.max(case_events.c.number)).where(
            case_events.c.case.in_(ids[start : start + _MANY])
        )
        found.update((id, int(n)) for id, n in connection.execute(chosen.group_by(case_events.c.case)))
    return found


def _case(row: Mapping[Any, Any]) -> Case:
    return Case(**{name: row[name] for name in _COLUMNS})


def _event(row: Mapping[Any, Any]) -> Event:
    return Event(
        row["case"], row["number"], row["at"], row["by"], row["act"], row["state"], json.loads(row["facts"]),
        row["digest"], row["link"],
    )  # fmt: skip


def case_state(state: str) -> CaseState:
    """Return the state of a kept case."""
    return CaseState(state)
