"""Installations and what their titles are → copies: what licences are counted for and forms list.

Several titles of one product on one machine are one copy: a package, its desktop entry and its store record;
the two uninstall entries of one Office. What only describes another title of the machine is passed over
(described.py). A suite takes its parts. Components, drivers, updates, runtimes and system parts are counted in
the foot, never alone; unknown titles are ranked by machines. What a distribution packaged itself, and needs no
right, belongs to the one line of the operating system.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeVar, overload

from auditor.core.bearing import CopyKind
from auditor.core.described import described_titles, describes, is_unknown
from auditor.core.installations import Installations, Shape, Shapes
from auditor.core.model import Copy, Machine, MachineFoot, ProductId, TitleId, Unrecognised
from auditor.core.organisation import UnitTree
from auditor.core.verdict import MUST_BE_COVERED, NEEDS_NO_RIGHT
from rules.origin import package_origin
from rules.product import Kind, LicenceClass, Product
from rules.recognised import Recognition
from rules.suites import OFFICE, suites_by_parts
from rules.title import Title

STANDING = frozenset({Kind.APPLICATION, Kind.SUITE, Kind.OPERATING_SYSTEM})
"""Kinds that stand alone on a form (DOMAIN: what stands on the detail form)."""
MENU = "desktop_entries"
T = TypeVar("T", Copy, "Draft")


@dataclass(frozen=True)
class Known:
    """One installation with its title and what the title is; `place` is its place among those of the machine."""

    place: int
    id: TitleId
    title: Title
    recognition: Recognition


@dataclass(frozen=True, eq=False, slots=True)
class Draft:
    """A copy without the machine: its kind, and the places of the machine's installations that say the rest."""

    like: CopyKind
    first: int
    """Place of the surest title, which stands for the copy."""
    places: tuple[int, ...]

    @property
    def product(self) -> ProductId:
        """The product of the copy."""
        return self.like.product

    @property
    def line(self) -> str | None:
        """The line of the copy."""
        return self.like.line


@dataclass(frozen=True, eq=False)
class Pattern:
    """What machines of one shape bear."""

    drafts: tuple[Draft, ...]
    kinds: tuple[CopyKind, ...]
    foot: tuple[int, int, int, int]
    """Components, drivers, system parts, unrecognised."""
    unknown: tuple[tuple[str, TitleId], ...]
    """Groups that the catalogue does not know, with their titles."""


class _Traits:
    """What each title says whatever stands beside it, worked out once: most shapes are told by these sets alone."""

    def __init__(self, titles: Mapping[TitleId, Title], recognitions: Mapping[TitleId, Recognition]) -> None:
        self.known = frozenset(recognitions)
        self.standing: set[TitleId] = set()
        self.entangled: set[TitleId] = set()
        """What asks for others on the machine: menu entries, what may describe another title or tell a suite."""
        self.components: set[TitleId] = set()
        self.drivers: set[TitleId] = set()
        self.unknown: dict[TitleId, tuple[str, TitleId]] = {}
        for id, words in recognitions.items():
            title = titles[id]
            if title.source == MENU or describes(title) or words.product == OFFICE.part:
                self.entangled.add(id)
            if _stands(Known(0, id, title, words), frozenset()):
                self.standing.add(id)
            elif is_unknown(words):
                self.unknown[id] = (words.group, id)
            elif words.kind is Kind.COMPONENT:
                self.components.add(id)
            elif words.kind is Kind.DRIVER:
                self.drivers.add(id)
        self.unknown_ids = frozenset(self.unknown)


class CopyReader:
    """Reads the copies of machines; what follows from titles alone is worked out once a shape."""

    def __init__(
        self,
        titles: Mapping[TitleId, Title],
        recognitions: Mapping[TitleId, Recognition],
        products: Mapping[str, Product],
        tree: UnitTree,
    ) -> None:
        self.titles, self.recognitions, self.products, self.tree = titles, recognitions, products, tree
        self._shapes = Shapes()
        self._patterns: dict[Shape, Pattern] = {}
        self._traits = _Traits(titles, recognitions)
        self._kinds: dict[tuple[object, ...], CopyKind] = {}
        self._suites = {id for id, product in products.items() if product.parts}

    def copies(self, machine: Machine) -> tuple[tuple[Copy, ...], MachineFoot]:
        """Return the copies on one machine, ordered by key, and the foot of what does not stand alone."""
        told = self.packed(machine)
        drafts = self.pattern(told.shape).drafts
        return tuple([self._copy(draft, machine, told) for draft in drafts]), self.foot(machine)

    def foot(self, machine: Machine) -> MachineFoot:
        """Return the foot of a machine."""
        return MachineFoot(machine.key, *self.pattern(self.packed(machine).shape).foot)

    def kinds(self, machine: Machine) -> tuple[CopyKind, ...]:
        """Return the kinds of the copies on a machine, in the order of their keys."""
        return self.pattern(self.packed(machine).shape).kinds

    def record(self, machine: Machine, like: CopyKind) -> str:
        """Return where the copy of a kind stands in the document of its machine."""
        told = self.packed(machine)
        return told.records[self._draft_of(told.shape, like).first]

    def _draft_of(self, shape: Shape, like: CopyKind) -> Draft:
        return next(draft for draft in self.pattern(shape).drafts if draft.like is like)

    def packed(self, machine: Machine) -> Installations:
        """Return the installations of a machine, packed."""
        return self._shapes.packed(machine.installations)

    def copy(self, machine: Machine, like: CopyKind) -> Copy:
        """Return the copy of that kind on a machine that bears one."""
        told = self.packed(machine)
        return self._copy(self._draft_of(told.shape, like), machine, told)

    def _copy(self, draft: Draft, machine: Machine, told: Installations) -> Copy:
        installed = told.installed
        first_day = min((installed[place] for place in draft.places if installed[place]), default="")
        entity = self.tree.legal_entity_of(machine.unit)
        return draft.like.on(machine, entity, told.records[draft.first], first_day)

    def unrecognised(self, machines: Iterable[Machine]) -> tuple[Unrecognised, ...]:
        """Return the unknown groups, most machines first, then by name. Machines come in the order of their keys."""
        keys: defaultdict[Shape, list[str]] = defaultdict(list)
        for machine in machines:
            keys[self.packed(machine).shape].append(machine.key)
        of_title: defaultdict[TitleId, list[list[str]]] = defaultdict(list)
        for shape, mine in keys.items():
            for _, title in self.pattern(shape).unknown:
                of_title[title].append(mine)
        bearers: defaultdict[str, list[TitleId]] = defaultdict(list)
        for title in of_title:
            bearers[self.recognitions[title].group].append(title)
        lines = []
        for group, titles in bearers.items():
            parts = of_title[titles[0]]
            if len(titles) > 1:
                parts = list({id(part): part for title in sorted(titles) for part in of_title[title]}.values())
            lines.append(self._unknown_line(group, Bearing(parts), titles))
        return tuple(sorted(lines, key=lambda line: (-len(line.machines), line.name, line.group)))

    def _unknown_line(self, group: str, keys: Sequence[str], bearers: Sequence[TitleId]) -> Unrecognised:
        first = min(bearers)
        words = self.recognitions[first]
        versions = len({self.titles[title].version for title in bearers})
        return Unrecognised(group, words.name, words.publisher, self.titles[first].source, keys, versions)

    def pattern(self, shape: Shape) -> Pattern:
        """Return what machines of a shape bear."""
        found = self._patterns.get(shape)
        if found is None:
            found = self._patterns[shape] = self._new_pattern(shape)
        return found

    def _new_pattern(self, shape: Shape) -> Pattern:
        traits, distinct = self._traits, set(shape.titles)
        if not distinct.isdisjoint(traits.entangled):
            return self._entangled_pattern(shape)
        unknown = tuple([traits.unknown[id] for id in sorted(distinct & traits.unknown_ids)])
        standing = distinct & traits.standing
        components, drivers = len(distinct & traits.components), len(distinct & traits.drivers)
        others = len(distinct & traits.known) - len(standing)
        foot = (components, drivers, others - len(unknown) - components - drivers, len(unknown))
        return _pattern(self._drafted(self._known(shape, standing), shape), foot, unknown)

    def _known(self, shape: Shape, wanted: Set[TitleId]) -> list[Known]:
        """Return the installations of some titles by title, scope and place."""
        titles, recognitions = self.titles, self.recognitions
        places = [(title, shape.scopes[place], place) for place, title in enumerate(shape.titles) if title in wanted]
        return [Known(place, title, titles[title], recognitions[title]) for title, _, place in sorted(places)]

    def _entangled_pattern(self, shape: Shape) -> Pattern:
        """Return the pattern of a shape in which titles speak of one another."""
        described = described_titles(shape.titles, self.titles, self.recognitions)
        known = self._known(shape, (self._traits.known & set(shape.titles)) - described)
        packaged = {item.recognition.product for item in known if _is_of_the_system(item)}
        standing: list[Known] = []
        others: list[Known] = []
        for item in known:
            (standing if _stands(item, packaged) else others).append(item)
        standing, others = _with_suites(standing, others, self.products)
        unknown = {(item.recognition.group, item.id): None for item in known if is_unknown(item.recognition)}
        return _pattern(self._drafted(standing, shape), _foot(others), tuple(unknown))

    def _drafted(self, standing: Sequence[Known], shape: Shape) -> tuple[Draft, ...]:
        found = [draft for group in _by_product(standing) for draft in self._drafts(group, shape)]
        if any(draft.product in self._suites for draft in found):
            found = without_parts(found, self.products)
        return tuple(sorted(found, key=lambda draft: draft.like.tail))

    def _drafts(self, group: list[Known], shape: Shape) -> list[Draft]:
        """Return the copies of one product on one machine: one for each edition and line that is really there."""
        if len(group) == 1:
            words = group[0].recognition
            return [self._draft(group, shape, words.edition, words.line, 0)]
        told = defaultdict(list)
        for item in group:
            told[(item.recognition.edition, item.recognition.line)].append(item)
        for vague in sorted(told, key=lambda key: -((key[0] is not None) + (key[1] is not None))):
            fuller = [key for key in told if key != vague and _says_more(key, vague)]
            if len(fuller) == 1:
                told[fuller[0]].extend(told.pop(vague))
        made: list[Draft] = []
        for (edition, line), items in told.items():
            for ordinal, members in enumerate(_side_by_side(items)):
                made.append(self._draft(members, shape, edition, line, ordinal))
        return made

    def _draft(self, items: list[Known], shape: Shape, edition: str | None, line: str | None, ordinal: int) -> Draft:
        """Return the copy that some titles show. The surest title stands for it; the earliest day is the day."""
        first = items[0] if len(items) == 1 else min(items, key=_doubt)
        titles = tuple(sorted({item.id for item in items}))
        stale = bool(shape.stale) and all(item.place in shape.stale for item in items)
        key = (first.id, first.recognition.product, titles, edition, line, ordinal, stale)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = self._new_kind(first, titles, edition, line, stale=stale, ordinal=ordinal)
        return Draft(kind, first.place, tuple([item.place for item in items]))

    def _new_kind(
        self,
        first: Known,
        titles: tuple[TitleId, ...],
        edition: str | None,
        line: str | None,
        *,
        stale: bool,
        ordinal: int,
    ) -> CopyKind:
        words = first.recognition
        product = self.products[words.product or ""]
        return CopyKind(
            product=ProductId(words.product or ""),
            name=product.zh,
            category=words.category,
            kind=words.kind,
            licence_class=words.licence_class,
            edition=edition,
            line=line,
            version=first.title.version,
            titles=titles,
            metric=product.licensing.metric,
            stale=stale,
            ordinal=ordinal,
        )


def _pattern(
    drafts: tuple[Draft, ...], foot: tuple[int, int, int, int], unknown: tuple[tuple[str, TitleId], ...]
) -> Pattern:
    return Pattern(drafts, tuple([draft.like for draft in drafts]), foot, unknown)


def _doubt(item: Known) -> tuple[float, bool, str]:
    return (-item.recognition.confidence, item.title.version is None, item.title.source)


class Bearing(Sequence[str]):
    """Keys of machines, told by groups that several of these share; put in order when they are read."""

    __slots__ = ("_size", "parts")

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        """No key is in two of the parts."""
        self.parts = parts
        self._size = sum(map(len, parts))

    def __iter__(self) -> Iterator[str]:
        return iter(sorted([key for part in self.parts for key in part]))

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def copies_of(
    machine: Machine,
    titles: Mapping[TitleId, Title],
    recognitions: Mapping[TitleId, Recognition],
    products: Mapping[str, Product],
    tree: UnitTree,
) -> tuple[tuple[Copy, ...], MachineFoot]:
    """Return the copies on one machine, ordered by key, and the foot of what does not stand alone."""
    return CopyReader(titles, recognitions, products, tree).copies(machine)


def _with_suites(
    standing: list[Known], others: list[Known], products: Mapping[str, Product]
) -> tuple[list[Known], list[Known]]:
    """Let the parts of a suite that has no line of its own stand for the suite."""
    borne = {item.recognition.product for item in standing}
    told = list(suites_by_parts([(item.title, item.recognition) for item in others], borne, products))
    if not told:
        return standing, others
    suites = {place: suite.recognition for suite in told for place in suite.places}
    risen = [replace(others[place], recognition=words) for place, words in suites.items()]
    return standing + risen, [item for place, item in enumerate(others) if place not in suites]


def _is_of_the_system(item: Known) -> bool:
    """Packaged by the distribution itself, and free of charge: part of the one line of the operating system."""
    words = item.recognition
    return (
        words.product is not None and words.licence_class in NEEDS_NO_RIGHT and package_origin(item.title) is not None
    )


def _stands(item: Known, packaged: Set[str | None]) -> bool:
    """`packaged`: products that the distribution packages; a menu entry of one only describes its package."""
    recognition = item.recognition
    if recognition.product is None or recognition.kind not in STANDING:
        return False
    if recognition.kind is Kind.OPERATING_SYSTEM:
        return True
    if _is_of_the_system(item) or (item.title.source == MENU and recognition.product in packaged):
        return False
    return recognition.licence_class is not LicenceClass.BUNDLED


def _by_product(standing: Sequence[Known]) -> list[list[Known]]:
    groups: defaultdict[str, list[Known]] = defaultdict(list)
    for item in standing:
        groups[item.recognition.product or ""].append(item)
    return [groups[product] for product in sorted(groups)]


def _says_more(full: tuple[str | None, str | None], vague: tuple[str | None, str | None]) -> bool:
    """The fuller one says all that the vague one says, and something more."""
    return all(v is None or v == f for f, v in zip(full, vague, strict=True))


def _side_by_side(items: list[Known]) -> list[list[Known]]:
    """Split what one source shows as several versions of a product that must be licensed.

    Other sources only describe the same copies again: they go with the first. Versions are ordered as text
    of equal length runs, so the order is the same on every machine.
    """
    by_source: defaultdict[str, dict[str | None, list[Known]]] = defaultdict(dict)
    for item in items:
        by_source[item.title.source].setdefault(item.title.version, []).append(item)
    if not any(item.recognition.licence_class in MUST_BE_COVERED for item in items):
        return [items]
    source = max(sorted(by_source), key=lambda name: len([v for v in by_source[name] if v is not None]))
    versions = [version for version in sorted(by_source[source], key=lambda v: v or "") if version is not None]
    if len(versions) < 2:
        return [items]
    parts = [by_source[source][version] for version in versions]
    parts[0] = parts[0] + [item for item in items if item.title.source != source or item.title.version is None]
    return parts


def without_parts(copies: Sequence[T], products: Mapping[str, Product]) -> list[T]:
    """Drop the products that a suite on the same machine brings along, unless both tell a line and these differ."""
    taken: defaultdict[str, set[str | None]] = defaultdict(set)
    for suite in copies:
        for part in products[suite.product].parts:
            taken[part].add(suite.line)

    def is_taken(copy: T) -> bool:
        lines = taken.get(copy.product, set())
        return bool(lines) and (copy.line is None or copy.line in lines or None in lines)

    return [copy for copy in copies if not is_taken(copy)]


def _foot(others: Sequence[Known]) -> tuple[int, int, int, int]:
    """Count what does not stand alone, each title once."""
    kinds = {item.id: item.recognition for item in others}
    unknown = sum(is_unknown(words) for words in kinds.values())
    components = sum(words.kind is Kind.COMPONENT for words in kinds.values())
    drivers = sum(words.kind is Kind.DRIVER for words in kinds.values())
    return components, drivers, len(kinds) - unknown - components - drivers, unknown
