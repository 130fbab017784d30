"""Copies by the kind: what copies of one product share, and which machines bear one.

An organisation has millions of copies and some thousands of kinds. Whatever asks of a copy nothing but its kind and its
unit asks a *part*: so many copies that stand alike. Single copies are made where somebody looks at one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from heapq import nsmallest
from typing import overload

from auditor.core.codes import packed
from auditor.core.model import Assignment, Copy, EvidenceLine, Machine, ProductId, TitleId, UnitCode
from rules.product import Category, Kind, LicenceClass


@dataclass(frozen=True, eq=False)
class CopyKind:
    """What copies share that the same titles show: all but the machine and what it alone says."""

    product: ProductId
    name: str
    category: Category
    kind: Kind
    licence_class: LicenceClass
    edition: str | None
    line: str | None
    version: str | None
    titles: tuple[TitleId, ...]
    metric: str | None
    stale: bool
    ordinal: int

    @cached_property
    def tail(self) -> str:
        """The end of the key of a copy."""
        return "|".join((self.product, self.edition or "", self.line or "", str(self.ordinal)))

    def on(
        self, machine: Machine, entity: UnitCode, record: str = "", first_day: str = "", *, key: str | None = None
    ) -> Copy:
        """Return the copy on a machine of a legal entity; `first_day` is ISO text, empty where none is told.

        `key`: of the machine, where it is known.
        """
        copy = Copy(
            machine.key if key is None else key,
            entity,
            machine.unit,
            machine.person,
            self.product,
            self.name,
            self.category,
            self.kind,
            self.licence_class,
            self.edition,
            self.line,
            self.version,
            date.fromisoformat(first_day) if first_day else None,
            self.titles,
            record,
            self.metric,
            self.stale,
            self.ordinal,
        )
        object.__setattr__(copy, "_key", f"{copy.machine}|{self.tail}")  # what the property would work out
        return copy


@dataclass(eq=False, slots=True)
class CopyGroup:
    """The copies of one kind on the machines of one unit."""

    like: CopyKind
    unit: UnitCode | None
    """Unit of the machines as the register names it."""
    members: list[int]
    """Numbers of the machines in `Bearers`, rising."""


@dataclass(eq=False, slots=True)
class Part:
    """So many copies of one kind that stand alike: what is said of the first is said of each."""

    like: Assignment
    """Of the first copy; its record and day of installation are not told."""
    kind: CopyKind
    members: Sequence[int]
    """Numbers of the machines, rising."""
    alike: object = None
    """The same for copies that no stage but the last code tells apart; `None` where nothing is open."""


class Bearers:
    """The machines of an audit by number, in the order of the keys of their copies."""

    def __init__(
        self,
        machines: Iterable[Machine],
        entity_of: Callable[[UnitCode | None], UnitCode],
        read: Callable[[Machine, CopyKind], Copy],
        record: Callable[[Machine, CopyKind], str],
    ) -> None:
        """`read` makes the copy of a kind on a machine, `record` tells where it stands in the document."""
        self.machines = sorted(machines, key=lambda machine: f"{machine.key}|")
        self.entity_of = entity_of
        self._read, self._record = read, record
        self.keys = [machine.key for machine in self.machines]
        self.ids = [machine.id for machine in self.machines]
        self.numbers = {key: number for number, key in enumerate(self.keys)}

    def first(self, group: CopyGroup, number: int) -> Copy:
        """Return a copy of a group without its record and day."""
        return group.like.on(self.machines[number], self.entity_of(group.unit), key=self.keys[number])

    def copy(self, kind: CopyKind, number: int) -> Copy:
        """Return a copy with all that its machine says."""
        return self._read(self.machines[number], kind)

    def line(self, part: Part, number: int, rule: str) -> EvidenceLine:
        """Return the line of evidence of a copy of a part."""
        machine, kind = self.machines[number], part.kind
        words = f"{kind.name} {kind.version or ''}".strip()
        return EvidenceLine(machine.key, machine.document, self._record(machine, kind), words, rule)


class Assignments(Sequence[Assignment]):
    """What became of every copy, in the order of keys: single ones, and parts whose copies are made when they are read.

    Reading all of them makes all of them, once.
    """

    def __init__(self, single: Sequence[Assignment], parts: Sequence[Part], bearers: Bearers) -> None:
        self.single, self.parts, self.bearers = single, parts, bearers
        self._size = len(single) + sum(len(part.members) for part in parts)

    @cached_property
    def _all(self) -> tuple[Assignment, ...]:
        numbers, order = self.bearers.numbers, list[tuple[int, str, int, int]]()
        for at, one in enumerate(self.single):
            order.append((numbers[one.copy.machine], one.copy.key.removeprefix(f"{one.copy.machine}|"), -1, at))
        for at, part in enumerate(self.parts):
            tail = part.kind.tail
            order += [(number, tail, at, number) for number in part.members]
        order.sort()
        return tuple([self.single[n] if at < 0 else self.of(self.parts[at], n) for _, _, at, n in order])

    def of(self, part: Part, number: int) -> Assignment:
        """Return the assignment of one copy of a part."""
        like = part.like
        return Assignment(
            self.bearers.copy(part.kind, number), like.code, like.entitlement, like.right, like.reason, like.failing,
            like.evidence, like.verdict, like.signs, like.over, like.basis_missing, like.note,
        )  # fmt: skip

    def each(self, part: Part) -> Iterator[Assignment]:
        """Yield the assignments of a part."""
        return (self.of(part, number) for number in part.members)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Assignment]:
        return iter(self._all)

    @overload
    def __getitem__(self, index: int) -> Assignment: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Assignment]: ...
    def __getitem__(self, index: int | slice) -> Assignment | Sequence[Assignment]:
        return self._all[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all)


class Standings:
    """Assignments one way for both: single ones as they are, parts as the first copy and how many there are."""

    def __init__(self, assignments: Sequence[Assignment]) -> None:
        self._told = assignments if isinstance(assignments, Assignments) else None
        self.single = self._told.single if self._told is not None else assignments
        self.parts = self._told.parts if self._told is not None else ()

    def weighed(self) -> Iterator[tuple[Assignment, int]]:
        """Yield what stands alike, and how many copies do."""
        yield from ((one, 1) for one in self.single)
        yield from ((part.like, len(part.members)) for part in self.parts)

    def each(self, part: Part) -> Iterator[Assignment]:
        """Yield the assignments of a part."""
        assert self._told is not None
        return self._told.each(part)

    def place(self, machine: str) -> int | str:
        """Return what parts call a machine, by its key."""
        return machine if self._told is None else self._told.bearers.numbers[machine]

    def machines(self, part: Part) -> list[str]:
        """Return the keys of the machines of a part."""
        assert self._told is not None
        keys = self._told.bearers.keys
        return [keys[number] for number in part.members]

    def numbers(self, part: Part) -> list[int | str]:
        """Return the machines of a part as `auditor/core/codes.py` packs keys."""
        assert self._told is not None
        ids, before, found = self._told.bearers.ids, 0, list[int | str]()
        for number in part.members:
            id = ids[number]
            if id is None:
                return packed(self.machines(part))
            found.append(id - before)
            before = id
        return found

    def lines(
        self,
        members: Sequence[Assignment | Part],
        most: int,
        line: Callable[[Assignment, str], EvidenceLine],
        rule: Callable[[Assignment], str],
    ) -> tuple[EvidenceLine, ...]:
        """Return the lines of the first copies of some, in the order of keys. `line`: of a single one."""
        if self._told is None:
            return tuple([line(one, rule(one)) for one in members[:most] if isinstance(one, Assignment)])
        bearers, found = self._told.bearers, list[tuple[int, str, int]]()
        for at, one in enumerate(members):
            if isinstance(one, Part):
                found += [(number, one.kind.tail, at) for number in one.members[:most]]
            else:
                tail = one.copy.key.removeprefix(f"{one.copy.machine}|")
                found.append((bearers.numbers[one.copy.machine], tail, at))
        told = []
        for number, _, at in nsmallest(most, found):
            one = members[at]
            if isinstance(one, Part):
                told.append(bearers.line(one, number, rule(one.like)))
            else:
                told.append(line(one, rule(one)))
        return tuple(told)


def grouped(bearers: Bearers, kinds_of: Callable[[Machine], Sequence[CopyKind]]) -> list[CopyGroup]:
    """Return the copies on machines by kind and unit, in the order in which the first of each is met."""
    found: defaultdict[UnitCode | None, dict[CopyKind, list[int]]] = defaultdict(dict)
    for number, machine in enumerate(bearers.machines):
        mine = found[machine.unit]
        for kind in kinds_of(machine):
            if kind in mine:
                mine[kind].append(number)
            else:
                mine[kind] = [number]
    return [CopyGroup(kind, unit, members) for unit, mine in found.items() for kind, members in mine.items()]


def codes_on(previous: Mapping[str, str], tail: str, keys: Sequence[str]) -> Callable[[int], str]:
    """Return which code the copy of a tail had on the machine of a number before, empty for none."""
    of_tail = getattr(previous, "of_tail", None)
    if of_tail is None:
        return lambda number: previous.get(f"{keys[number]}|{tail}", "")
    told: Mapping[str, str] = of_tail(tail)
    return (lambda number: told.get(keys[number], "")) if told else (lambda number: "")
