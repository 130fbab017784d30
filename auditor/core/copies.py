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

from auditor.core.described import described_titles, is_unknown
from auditor.core.model import Copy, Installation, Machine, MachineFoot, ProductId, TitleId, Unrecognised
from auditor.core.organisation import UnitTree
from auditor.core.verdict import MUST_BE_COVERED, NEEDS_NO_RIGHT
from rules.origin import package_origin
from rules.product import Kind, LicenceClass, Product
from rules.recognised import Recognition
from rules.title import Title

STANDING = frozenset({Kind.APPLICATION, Kind.SUITE, Kind.OPERATING_SYSTEM})
"""Kinds that stand alone on a form (DOMAIN: what stands on the detail form)."""
MENU = "desktop_entries"


@dataclass(frozen=True)
class Known:
    """One installation with its title and what the title is."""

    installation: Installation
    title: Title
    recognition: Recognition


def copies_of(
    machine: Machine,
    titles: Mapping[TitleId, Title],
    recognitions: Mapping[TitleId, Recognition],
    products: Mapping[str, Product],
    tree: UnitTree,
) -> tuple[tuple[Copy, ...], MachineFoot]:
    """Return the copies on one machine, ordered by key, and the foot of what does not stand alone."""
    described = described_titles((item.title for item in machine.installations), titles, recognitions)
    known = [
        Known(item, titles[item.title], recognitions[item.title])
        for item in sorted(machine.installations, key=lambda item: (item.title, item.scope))
        if item.title in recognitions and item.title not in described
    ]
    packaged = {item.recognition.product for item in known if _is_of_the_system(item)}
    standing: list[Known] = []
    others: list[Known] = []
    for item in known:
        (standing if _stands(item, packaged) else others).append(item)
    found = [copy for group in _by_product(standing) for copy in _copies(machine, group, products, tree)]
    kept = without_parts(found, products)
    return tuple(sorted(kept, key=lambda copy: copy.key)), _foot(machine, others)


def unrecognised(
    machines: Iterable[Machine], titles: Mapping[TitleId, Title], recognitions: Mapping[TitleId, Recognition]
) -> tuple[Unrecognised, ...]:
    """Return the unknown groups, most machines first, then by name."""
    seen: defaultdict[str, set[str]] = defaultdict(set)
    bearers: defaultdict[str, set[TitleId]] = defaultdict(set)
    for machine in machines:
        described = described_titles((item.title for item in machine.installations), titles, recognitions)
        for item in machine.installations:
            recognition = recognitions.get(item.title)
            if recognition is not None and is_unknown(recognition) and item.title not in described:
                seen[recognition.group].add(machine.key)
                bearers[recognition.group].add(item.title)
    lines = []
    for group, keys in seen.items():
        first = min(bearers[group])
        words = recognitions[first]
        versions = len({titles[title].version for title in bearers[group]})
        lines.append(
            Unrecognised(group, words.name, words.publisher, titles[first].source, tuple(sorted(keys)), versions)
        )
    return tuple(sorted(lines, key=lambda line: (-len(line.machines), line.name, line.group)))


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


def _copies(machine: Machine, group: list[Known], products: Mapping[str, Product], tree: UnitTree) -> list[Copy]:
    """Return the copies of one product on one machine: one for each edition and line that is really there."""
    told = defaultdict(list)
    for item in group:
        told[(item.recognition.edition, item.recognition.line)].append(item)
    for vague in sorted(told, key=lambda key: -((key[0] is not None) + (key[1] is not None))):
        fuller = [key for key in told if key != vague and _says_more(key, vague)]
        if len(fuller) == 1:
            told[fuller[0]].extend(told.pop(vague))
    made: list[Copy] = []
    for (edition, line), items in told.items():
        for ordinal, members in enumerate(_side_by_side(items)):
            made.append(replace(_copy(machine, members, products, tree), edition=edition, line=line, ordinal=ordinal))
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


def _copy(machine: Machine, items: list[Known], products: Mapping[str, Product], tree: UnitTree) -> Copy:
    """Return the copy that some titles show. The surest title stands for it; the earliest day is the day."""
    first = min(items, key=lambda item: (-item.recognition.confidence, item.title.version is None, item.title.source))
    words = first.recognition
    product = products[words.product or ""]
    days = [item.installation.installed_on for item in items if item.installation.installed_on is not None]
    return Copy(
        machine=machine.key,
        unit=tree.legal_entity_of(machine.unit),
        department=machine.unit,
        person=machine.person,
        product=ProductId(product.id),
        name=product.zh,
        category=words.category,
        kind=words.kind,
        licence_class=words.licence_class,
        edition=words.edition,
        line=words.line,
        version=first.title.version,
        installed_on=min(days, default=None),
        titles=tuple(sorted({item.installation.title for item in items})),
        record=first.installation.record,
        metric=product.licensing.metric,
        stale=all(item.installation.stale for item in items),
    )


def without_parts(copies: list[Copy], products: Mapping[str, Product]) -> list[Copy]:
    """Drop the products that a suite on the same machine brings along, unless both tell a line and these differ."""
    taken: defaultdict[str, set[str | None]] = defaultdict(set)
    for suite in copies:
        for part in products[suite.product].parts:
            taken[part].add(suite.line)

    def is_taken(copy: Copy) -> bool:
        lines = taken.get(copy.product, set())
        return bool(lines) and (copy.line is None or copy.line in lines or None in lines)

    return [copy for copy in copies if not is_taken(copy)]


def _foot(machine: Machine, others: Sequence[Known]) -> MachineFoot:
    """Count what does not stand alone, each title once."""
    kinds = {item.installation.title: item.recognition for item in others}
    unknown = sum(is_unknown(words) for words in kinds.values())
    components = sum(words.kind is Kind.COMPONENT for words in kinds.values())
    drivers = sum(words.kind is Kind.DRIVER for words in kinds.values())
    rest = len(kinds) - unknown - components - drivers
    return MachineFoot(machine.key, components, drivers, rest, unknown)
