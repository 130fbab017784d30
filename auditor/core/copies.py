"""Installations and what their titles are → copies: what licences are counted for and forms list.

Several titles of one product on one machine are one copy: a package, its desktop entry and its store record;
the two uninstall entries of one Office. What only describes another title of the machine is passed over
(described.py). A suite takes its parts. Components, drivers, updates, runtimes and system parts are counted in
the foot, never alone; unknown titles are ranked by machines. What a distribution packaged itself, and needs no
right, belongs to the one line of the operating system.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from auditor.core.described import described_titles, is_unknown
from auditor.core.installations import Shape, Shapes
from auditor.core.model import Copy, Machine, MachineFoot, ProductId, TitleId, UnitCode, Unrecognised
from auditor.core.organisation import UnitTree
from auditor.core.verdict import MUST_BE_COVERED, NEEDS_NO_RIGHT
from rules.origin import package_origin
from rules.product import Kind, LicenceClass, Product
from rules.recognised import Recognition
from rules.suites import suites_by_parts
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


@dataclass(frozen=True)
class Draft:
    """A copy without the machine: all that its titles alone say, and the places that say the rest."""

    product: ProductId
    words: Recognition
    edition: str | None
    line: str | None
    version: str | None
    titles: tuple[TitleId, ...]
    first: int
    """Place of the surest title, which stands for the copy."""
    places: tuple[int, ...]
    stale: bool
    ordinal: int = 0

    @cached_property
    def tail(self) -> str:
        """The end of the copy's key."""
        return "|".join((self.product, self.edition or "", self.line or "", str(self.ordinal)))


@dataclass(frozen=True)
class Pattern:
    """What machines of one shape bear."""

    drafts: tuple[Draft, ...]
    foot: tuple[int, int, int, int]
    """Components, drivers, system parts, unrecognised."""
    unknown: tuple[tuple[str, TitleId], ...]
    """Groups that the catalogue does not know, with their titles."""


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

    def copies(self, machine: Machine) -> tuple[tuple[Copy, ...], MachineFoot]:
        """Return the copies on one machine, ordered by key, and the foot of what does not stand alone."""
        told = self._shapes.packed(machine.installations)
        pattern = self.pattern(told.shape)
        foot = MachineFoot(machine.key, *pattern.foot)
        if not pattern.drafts:
            return (), foot
        records, installed = told.records, told.installed
        unit, key = self.tree.legal_entity_of(machine.unit), machine.key
        return tuple([self._copy(draft, machine, key, unit, records, installed) for draft in pattern.drafts]), foot

    def _copy(
        self,
        draft: Draft,
        machine: Machine,
        key: str,
        unit: UnitCode,
        records: Sequence[str],
        installed: Sequence[str],
    ) -> Copy:
        product, words = self.products[draft.product], draft.words
        first_day = min((installed[place] for place in draft.places if installed[place]), default="")
        copy = Copy(
            machine=key,
            unit=unit,
            department=machine.unit,
            person=machine.person,
            product=draft.product,
            name=product.zh,
            category=words.category,
            kind=words.kind,
            licence_class=words.licence_class,
            edition=draft.edition,
            line=draft.line,
            version=draft.version,
            installed_on=date.fromisoformat(first_day) if first_day else None,
            titles=draft.titles,
            record=records[draft.first],
            metric=product.licensing.metric,
            stale=draft.stale,
            ordinal=draft.ordinal,
        )
        object.__setattr__(copy, "_key", f"{key}|{draft.tail}")  # what the property would work out
        return copy

    def unrecognised(self, machines: Iterable[Machine]) -> tuple[Unrecognised, ...]:
        """Return the unknown groups, most machines first, then by name. Machines come in the order of their keys."""
        keys: list[str] = []
        places: defaultdict[Shape, list[int]] = defaultdict(list)
        for number, machine in enumerate(machines):
            keys.append(machine.key)
            places[self._shapes.packed(machine.installations).shape].append(number)
        seen: defaultdict[str, list[int]] = defaultdict(list)
        bearers: defaultdict[str, set[TitleId]] = defaultdict(set)
        for shape, numbers in places.items():
            unknown = self.pattern(shape).unknown
            for group, title in unknown:
                bearers[group].add(title)
            for group in dict.fromkeys(group for group, _ in unknown):
                seen[group] += numbers
        lines = [
            self._unknown_line(group, tuple([keys[number] for number in sorted(numbers)]), bearers[group])
            for group, numbers in seen.items()
        ]
        return tuple(sorted(lines, key=lambda line: (-len(line.machines), line.name, line.group)))

    def _unknown_line(self, group: str, keys: tuple[str, ...], bearers: Set[TitleId]) -> Unrecognised:
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
        titles, recognitions = self.titles, self.recognitions
        described = described_titles(shape.titles, titles, recognitions)
        known = [
            Known(place, title, titles[title], recognitions[title])
            for title, _, place in sorted(zip(shape.titles, shape.scopes, range(len(shape.titles)), strict=True))
            if title in recognitions and title not in described
        ]
        packaged = {item.recognition.product for item in known if _is_of_the_system(item)}
        standing: list[Known] = []
        others: list[Known] = []
        for item in known:
            (standing if _stands(item, packaged) else others).append(item)
        standing, others = _with_suites(standing, others, self.products)
        found = [draft for group in _by_product(standing) for draft in _drafts(group, shape)]
        kept = sorted(without_parts(found, self.products), key=lambda draft: draft.tail)
        unknown = {(item.recognition.group, item.id): None for item in known if is_unknown(item.recognition)}
        return Pattern(tuple(kept), _foot(others), tuple(unknown))


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


def _drafts(group: list[Known], shape: Shape) -> list[Draft]:
    """Return the copies of one product on one machine: one for each edition and line that is really there."""
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
            made.append(_draft(members, shape, edition, line, ordinal))
    return made


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


def _draft(items: list[Known], shape: Shape, edition: str | None, line: str | None, ordinal: int) -> Draft:
    """Return the copy that some titles show. The surest title stands for it; the earliest day is the day."""
    first = min(items, key=lambda item: (-item.recognition.confidence, item.title.version is None, item.title.source))
    words = first.recognition
    return Draft(
        product=ProductId(words.product or ""),
        words=words,
        edition=edition,
        line=line,
        version=first.title.version,
        titles=tuple(sorted({item.id for item in items})),
        first=first.place,
        places=tuple(item.place for item in items),
        stale=all(item.place in shape.stale for item in items),
        ordinal=ordinal,
    )


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
