"""recognise(title, catalogue): what a title is, and by which rule.

Order of the rules that hold: a hard id before name and publisher before the name alone; then the pattern with more
literal characters; then the rule with more conditions; then the product id and the rule id. So two rules that overlap
are always decided alike, and `overlaps` names them.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rules.catalogue import Catalogue
from rules.clean_name import CleanName, clean_name
from rules.generic import generic_rule
from rules.generic_rule import GenericRule
from rules.identity import STANDING, KnownIdentity, unknown_group
from rules.licence_words import licence_class_of
from rules.matching import Pattern, PatternIndex, compiled, literal_length
from rules.name_list import Listed, NameList
from rules.names import name_key, normal_name
from rules.origin import Origin, package_origin
from rules.product import Category, Edition, Kind, LicenceClass, Product, Rule
from rules.publishers import PublisherNames, clean_publisher
from rules.recognised import Recognition
from rules.rule_index import RuleIndex, index_of
from rules.source_keys import KEYED_SOURCES, MENU_SOURCES, asked_names, shop_name, source_key, vendor_and_name
from rules.title import OPERATING_SYSTEM, Title
from rules.versions import dotted_version, parse_range, scheme_of

CONFIDENCE_ID = 1.0
CONFIDENCE_NAME_AND_PUBLISHER = 0.95
CONFIDENCE_NAME = 0.8
CONFIDENCE_ORIGIN = 0.8
CONFIDENCE_OTHER_SYSTEM = 0.7
"""A menu shows the name under which another system's version of the product is known, or a shop's key says it."""
CONFIDENCE_LISTED = 0.6
"""A package collection knows the name; what it says of the licence nobody here has read."""
CONFIDENCE_GENERIC = 0.5
"""The kind is known by the name, the product is not."""
NAMED_SOURCES = frozenset({"uninstall_keys", "applications", "appx"})
"""Sources whose names installers write, each in its own way."""
CACHED_TITLES = 200_000
CACHED_NAMES = 50_000
_LANGUAGE_TAG = re.compile(r"[( ]([a-z]{2,3}-[A-Z]{2})\)")
_CHANNELS = frozenset({"esr", "lts", "ltr", "beta", "nightly", "dev", "canary", "insiders", "preview"})
_PEOPLES_PROGRAMS = frozenset({Kind.APPLICATION, Kind.SUITE, Kind.GAME})


class BoundRule:
    """One rule with its product, made ready to be asked."""

    def __init__(self, product: Product, rule: Rule) -> None:
        self.product = product
        self.rule = rule
        self.id = f"{product.id}#{rule.id}"

    @cached_property
    def rank(self) -> tuple[int, int, str, str]:
        """The more specific rule orders first."""
        rule = self.rule
        literals = literal_length(rule.name or "") + literal_length(rule.identifier or "")
        conditions = sum(map(bool, (rule.versions, rule.collectors, rule.platforms, rule.edition, rule.line)))
        return -literals, -conditions, self.product.id, rule.id

    @cached_property
    def _identity(self) -> KnownIdentity:
        return KnownIdentity(self.product)

    @cached_property
    def _name(self) -> Pattern | None:
        return compiled(self.rule.name) if self.rule.name else None

    @cached_property
    def _identifier(self) -> Pattern | None:
        return compiled(self.rule.identifier) if self.rule.identifier else None

    @cached_property
    def _edition_words(self) -> list[tuple[str, str]]:
        """Keys of the words that mean an edition, the longest first."""
        words = {name_key(word): edition for word, edition in self.rule.edition_words}
        for edition in self.product.editions:
            for word in (edition.id, edition.zh, edition.en):
                words.setdefault(name_key(word), edition.id)
        return sorted(words.items(), key=lambda pair: (-len(pair[0]), pair[0]))

    def holds_beside_patterns(self, title: Title, publisher: str | None) -> bool:
        """Whether every condition but the patterns holds."""
        rule = self.rule
        if rule.platforms and title.platform not in rule.platforms:
            return False
        if rule.collectors and title.source not in rule.collectors:
            return False
        if rule.publisher is not None and publisher != rule.publisher and (title.publisher or rule.publisher_required):
            return False
        if rule.versions is None:
            return True
        return title.version is not None and parse_range(rule.versions).holds(title.version, scheme_of(title.source))

    def patterns_hold(self, title: Title) -> bool:
        """Whether both patterns hold, for one rule asked alone."""
        by_name = self._name is None or self._name_groups(title) is not None
        by_key = self._identifier is None or self._identifier.groups_of(source_key(title) or "") is not None
        return by_name and by_key

    def confidence(self, publisher: str | None) -> float:
        """How sure the rule is, given the publisher of the title."""
        if self.rule.identifier is not None:
            return CONFIDENCE_ID
        named = self.rule.publisher is not None and publisher == self.rule.publisher
        return CONFIDENCE_NAME_AND_PUBLISHER if named else CONFIDENCE_NAME

    def recognition(self, title: Title, publisher: str | None) -> Recognition:
        """Say what the title is, given that this rule decides."""
        groups = self._groups(title)
        edition = self._edition(groups.get("edition"), title)
        known = next((e for e in self.product.editions if e.id == edition), None)
        line = self._line(groups.get("line"))
        by_key = self.rule.identifier is not None or title.source == OPERATING_SYSTEM or title.source in KEYED_SOURCES
        kind = self._kind(title)
        plain = by_key or (kind in STANDING and self._identity.is_plain(title.name))
        cleaned = None if plain else _cleaned(title)
        return Recognition(
            group=self._identity.group(cleaned, kind=kind, edition=edition, line=line),
            name=self.product.en,
            kind=kind,
            licence_class=self._licence_class(known, trial=cleaned is not None and cleaned.trial),
            category=self.product.category,
            confidence=self.confidence(publisher),
            product=self.product.id,
            publisher=self.product.publisher,
            edition=edition,
            line=line,
            version=_version(groups.get("version"), title),
            rule=self.id,
            because=self._because(title, publisher),
        )

    def _groups(self, title: Title) -> dict[str, str]:
        found: dict[str, str] = {}
        if "(?P<" in (self.rule.identifier or "") and self._identifier is not None:
            found |= self._identifier.groups_of(source_key(title) or "") or {}
        if "(?P<" in (self.rule.name or ""):
            found |= self._name_groups(title) or {}
        return found

    def _name_groups(self, title: Title) -> Mapping[str, str] | None:
        """Return the groups of the first of the names that the pattern matches, `None` when it matches none."""
        assert self._name is not None
        found = (self._name.groups_of(name) for name in asked_names(title))
        return next((groups for groups in found if groups is not None), None)

    def _edition(self, words: str | None, title: Title) -> str | None:
        if self.rule.edition is not None:
            return self.rule.edition
        if words:
            key = name_key(words)
            for word, edition in self._edition_words:
                if word == key:
                    return edition
        if self.rule.edition_words:
            return self._edition_within(words) or self._edition_within(title.identifier)
        return None

    def _edition_within(self, text: str | None) -> str | None:
        key = name_key(text) if text else ""
        own = {name_key(word) for word, _ in self.rule.edition_words}
        return next((edition for word, edition in self._edition_words if word in own and word in key), None)

    def _line(self, words: str | None) -> str | None:
        if self.rule.line is not None or not words:
            return self.rule.line
        key = name_key(words)
        return next((line.id for line in self.product.lines if name_key(line.id) == key), words.strip())

    def _kind(self, title: Title) -> Kind:
        if self.rule.kind is not None:
            return self.rule.kind
        return Kind.UPDATE if title.update else self.product.kind

    def _licence_class(self, edition: Edition | None, *, trial: bool) -> LicenceClass:
        found = self.product.licensing.licence_class
        if self.rule.licence_class is not None:
            found = self.rule.licence_class
        elif edition is not None and edition.licence_class is not None:
            found = edition.licence_class
        return LicenceClass.TRIAL if trial and found is LicenceClass.COMMERCIAL else found

    def _because(self, title: Title, publisher: str | None) -> str:
        match self.confidence(publisher):
            case 1.0:
                return title.identifier or title.name
            case 0.95:
                return f"{title.name} · {title.publisher}"
            case _:
                return title.name


def _version(in_name: str | None, title: Title) -> str | None:
    """The version beside the name when it says the same more exactly, else the one in the name."""
    beside = dotted_version(title.version, title.source)
    named = dotted_version(in_name)
    if named is None or beside is None:
        return named or beside
    return beside if (beside + ".").startswith(named + ".") else named


class _Patterns:
    """The patterns of the rules that titles of one platform can meet."""

    def __init__(self, index: RuleIndex, platform: str, bound: Callable[[int], BoundRule]) -> None:
        names, identifiers = index.beginnings(platform, "name"), index.beginnings(platform, "identifier")
        self._bound = bound
        self._names = PatternIndex(lambda number: index.rows[number].name, names.numbers, names.lengths)
        self._identifiers = PatternIndex(
            lambda number: index.rows[number].identifier, identifiers.numbers, identifiers.lengths
        )
        self._kept: dict[tuple[tuple[str, ...], str | None], tuple[BoundRule, ...]] = {}

    def begins(self, name: str) -> bool:
        """Whether a rule is on names that begin as this one does."""
        return self._names.begins(name)

    def hits(self, title: Title) -> tuple[BoundRule, ...]:
        """Return the rules whose patterns hold. One name comes with many versions: it is asked once."""
        words = asked_names(title), source_key(title)
        found = self._kept.get(words)
        if found is None:
            if len(self._kept) >= CACHED_NAMES:
                self._kept.clear()
            found = self._kept[words] = tuple(self._asked(*words))
        return found

    def _asked(self, names: tuple[str, ...], key: str | None) -> Iterator[BoundRule]:
        if len(names) == 1:
            by_name = [self._bound(hit) for hit in self._names.matching(names[0])]
        else:
            by_name = [self._bound(hit) for hit in {hit: None for name in names for hit in self._names.matching(name)}]
        by_identifier: list[BoundRule] = []
        if key and self._identifiers:
            by_identifier = [self._bound(hit) for hit in self._identifiers.matching(key)]
        elif not any(bound.rule.identifier for bound in by_name):
            yield from by_name
            return
        identified = {bound.id for bound in by_identifier}
        yield from (bound for bound in by_name if bound.rule.identifier is None or bound.id in identified)
        yield from (bound for bound in by_identifier if bound.rule.name is None)


class Recogniser:
    """A catalogue made ready for many titles; keeps the answers of the titles that it saw last.

    Patterns are made ready for each platform when its first title comes.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._names: PublisherNames = catalogue.publisher_names
        self._products = catalogue.products
        self._index = index_of(catalogue.products, catalogue.beginnings)
        self._bound: dict[int, BoundRule] = {}
        self._listed = catalogue.listed
        self._patterns: dict[str, _Patterns] = {}
        self._answers: OrderedDict[Title, Recognition] = OrderedDict()

    def recognise(self, title: Title) -> Recognition:
        """Return what the title is; never raises, whatever the title holds."""
        known = self._answers.get(title)
        if known is not None:
            return known
        answer = self._decide(title)
        self._answers[title] = answer
        if len(self._answers) > CACHED_TITLES:
            self._answers.popitem(last=False)
        return answer

    def candidates(self, title: Title) -> list[BoundRule]:
        """Return every rule that holds for the title, the one that decides first."""
        return [bound for _, bound in self._candidates(title, self._names.publisher_id(title.publisher))]

    def _decide(self, title: Title) -> Recognition:
        publisher = self._names.publisher_id(title.publisher)
        found = self._candidates(title, publisher)
        if found:
            return self._completed([bound for _, bound in found], title, publisher)
        if title.platform == "linux":
            told = self._told_by_key(title) or self._known_elsewhere(title)
            if told is not None:
                return told
        if title.platform == "windows" and "." in title.name:
            told = self._told_by_shop_name(title)
            if told is not None:
                return told
        told = self._told_by_clean_name(title, publisher)
        if told is not None:
            return told
        return _without_product(title, publisher, self._listed)

    def _completed(self, held: list[BoundRule], title: Title, publisher: str | None) -> Recognition:
        """What the first rule says; what it leaves open other rules of the same product may say."""
        first = held[0].recognition(title, publisher)
        for bound in held[1:]:
            if bound.product is held[0].product and (first.edition is None or first.line is None):
                first = _filled(first, bound.recognition(title, publisher))
        if title.source in MENU_SOURCES and title.platform == "linux" and first.line is None:
            shown = self._known_elsewhere(title)
            if shown is not None and shown.product == first.product:
                first = _filled(first, shown)
        return first

    def _told_by_key(self, title: Title) -> Recognition | None:
        """A shop's key is vendor and package (`org.videolan.vlc`): the package's rule holds if the vendor fits."""
        key = vendor_and_name(source_key(title))
        vendor = self._names.publisher_id(key[0]) if key is not None else None
        if key is None or vendor is None:
            return None
        package = replace(title, name=key[1], identifier=key[1])
        fitting = [bound for _, bound in self._candidates(package, vendor) if bound.product.publisher == vendor]
        return _less_sure(fitting[0].recognition(package, vendor), title) if fitting else None

    def _told_by_shop_name(self, title: Title) -> Recognition | None:
        """The Windows shop names packages `House.SomeTool`: rules of that house on the name in words may hold."""
        said = shop_name(title.name)
        vendor = None if said is None else self._names.publisher_id(said.vendor)
        if said is None or vendor is None:
            return None
        for name in said.names:
            there = replace(title, source="uninstall_keys", name=name, publisher=said.vendor, identifier=None)
            for _, bound in self._candidates(there, vendor):
                if bound.product.publisher == vendor and bound.product.kind in _PEOPLES_PROGRAMS:
                    return _less_sure(bound.recognition(there, vendor), title)
        return None

    def _told_by_clean_name(self, title: Title, publisher: str | None) -> Recognition | None:
        """A name with an ending that no pattern foresaw: the rules may know it without version and architecture.

        A rule that foresees no version in the name says that this installer writes none: 钉钉 2.1.19 is another's.
        """
        cleaned = _cleaned(title)
        if title.source not in NAMED_SOURCES or cleaned.name == normal_name(title.name):
            return None
        if not self._patterns_for(title).begins(cleaned.name):
            return None
        bare = replace(title, name=cleaned.name, version=title.version or cleaned.version)
        for _, bound in self._candidates(bare, publisher):
            foreseen = cleaned.version is None or "version>" in (bound.rule.name or "")
            if foreseen and bound.rule.identifier is None and bound.product.kind in _PEOPLES_PROGRAMS:
                return replace(bound.recognition(bare, publisher), because=title.name)
        return None

    def _known_elsewhere(self, title: Title) -> Recognition | None:
        """A menu shows the name that people know: the rules on names of other systems may know it."""
        if title.source not in MENU_SOURCES:
            return None
        there = replace(title, platform="windows", source="uninstall_keys", identifier=None)
        for _, bound in self._candidates(there, None):
            if bound.product.kind in _PEOPLES_PROGRAMS and bound.rule.kind is None:
                return _less_sure(bound.recognition(there, None), title)
        return None

    def _candidates(self, title: Title, publisher: str | None) -> list[tuple[float, BoundRule]]:
        hits = self._patterns_for(title).hits(title)
        held = [bound for bound in hits if bound.holds_beside_patterns(title, publisher)]
        rated = [(bound.confidence(publisher), bound) for bound in held]
        return rated if len(rated) < 2 else sorted(rated, key=lambda pair: (-pair[0], pair[1].rank))

    def _patterns_for(self, title: Title) -> _Patterns:
        found = self._patterns.get(title.platform)
        if found is None:
            found = self._patterns[title.platform] = _Patterns(self._index, title.platform, self._bound_rule)
        return found

    def _bound_rule(self, number: int) -> BoundRule:
        found = self._bound.get(number)
        if found is None:
            row = self._index.rows[number]
            product = self._products[row.product]
            found = self._bound.setdefault(number, BoundRule(product, product.rules[row.place]))
        return found


def _filled(first: Recognition, other: Recognition) -> Recognition:
    return replace(first, edition=first.edition or other.edition, line=first.line or other.line)


def _less_sure(found: Recognition, title: Title) -> Recognition:
    """What a rule for another source says of a title: taken, with the reason that it really rests on."""
    return replace(found, confidence=CONFIDENCE_OTHER_SYSTEM, because=source_key(title) or title.name)


def recognise(title: Title, catalogue: Catalogue) -> Recognition:
    """Return what one title is. For many titles make one Recogniser: this builds it anew."""
    return Recogniser(catalogue).recognise(title)


def _without_product(title: Title, publisher: str | None, names: NameList) -> Recognition:
    origin = package_origin(title)
    if origin is not None:
        return _part_of_distribution(title, origin)
    cleaned = _cleaned(title)
    unknown = _unknown(title, cleaned, publisher)
    if title.source == OPERATING_SYSTEM:
        return replace(unknown, kind=Kind.OPERATING_SYSTEM, category=Category.OPERATING_SYSTEM)
    generic = generic_rule(title, normal_name(title.name))
    told = unknown if generic is None else _of_generic_kind(unknown, generic, title)
    if generic is None or generic.after_list or generic.licence_class is LicenceClass.UNKNOWN:
        found = listed_as(title, cleaned, names)
        if found is not None:
            group = unknown_group(title, found.name, publisher or found.holder(title.publisher))
            listed = _of_list(unknown, found, group, trial=cleaned.trial)
            told = listed if generic is None or generic.after_list else _with_class_of(told, listed)
    said = licence_class_of(title.licence)
    unsaid = told.licence_class in (LicenceClass.UNKNOWN, LicenceClass.TRIAL)
    return replace(told, licence_class=said) if said is not None and unsaid else told


def _part_of_distribution(title: Title, origin: Origin) -> Recognition:
    category = Category.FONT if origin.kind is Kind.FONT else Category.SYSTEM
    return Recognition(
        group=f"{title.source}:{title.name.casefold()}",
        name=title.name,
        kind=origin.kind,
        licence_class=origin.licence_class,
        category=category,
        confidence=CONFIDENCE_ORIGIN,
        publisher=origin.distribution,
        version=dotted_version(title.version, title.source),
        rule="origin",
        because=origin.because,
    )


def _of_generic_kind(unknown: Recognition, generic: GenericRule, title: Title) -> Recognition:
    return replace(
        unknown,
        kind=generic.kind,
        licence_class=generic.licence_class,
        category=generic.category,
        confidence=CONFIDENCE_GENERIC,
        rule=f"generic#{generic.id}",
        because=title.name,
    )


def listed_as(title: Title, cleaned: CleanName, names: NameList, channel: str | None = None) -> Listed | None:
    """Return what the name list calls a title: by its cleaned name, its whole name, its own key.

    `channel`: the edition that a rule told; where it is a channel of release, it decides between listed ones.
    """
    whole = normal_name(title.name).removesuffix(".app")
    language = _LANGUAGE_TAG.search(whole)
    keys = dict.fromkeys((name_key(cleaned.name), name_key(whole)))
    holder = title.publisher
    shop = shop_name(whole) if title.platform == "windows" else None
    if shop is not None:
        keys |= dict.fromkeys(map(name_key, shop.names))
        holder = shop.vendor or holder
    return names.find(
        keys,
        platform=title.platform,
        publisher=holder,
        version=_with_channel(title.version or cleaned.version, channel),
        identifier=title.identifier,
        language=language[1] if language else "",
    )


def _with_channel(version: str | None, channel: str | None) -> str | None:
    return f"{version} {channel}" if version and channel in _CHANNELS else version


def _with_class_of(told: Recognition, listed: Recognition) -> Recognition:
    """The kind that a general rule tells, with the licence that a packager states."""
    return replace(told, licence_class=listed.licence_class, listed=listed.listed)


def _of_list(unknown: Recognition, found: Listed, group: str, *, trial: bool) -> Recognition:
    said = found.licence_class
    return replace(
        unknown,
        group=group,
        name=found.name,
        licence_class=LicenceClass.TRIAL if trial and said is LicenceClass.COMMERCIAL else said,
        confidence=CONFIDENCE_LISTED,
        publisher=unknown.publisher or found.publisher or None,
        rule=f"names#{found.id.partition('/')[0]}",
        listed=found.id,
        because=found.id,
    )


def _unknown(title: Title, cleaned: CleanName, publisher: str | None) -> Recognition:
    return Recognition(
        group=unknown_group(title, cleaned.name, publisher),
        name=cleaned.name or title.name,
        kind=Kind.APPLICATION,
        licence_class=LicenceClass.TRIAL if cleaned.trial else LicenceClass.UNKNOWN,
        category=Category.OTHER,
        confidence=0.0,
        publisher=publisher or clean_publisher(title.publisher),
        version=dotted_version(title.version, title.source) or dotted_version(cleaned.version),
    )


def _cleaned(title: Title) -> CleanName:
    return clean_name(title.name, title.version, bundle=title.platform == "macos")


@dataclass(frozen=True)
class Overlap:
    """One title for which rules of several products hold, with equal confidence."""

    title: Title
    decided: str
    """Rule that decided."""
    others: tuple[str, ...]
    """Rules of other products that hold as well, in the order in which they would follow."""


def overlaps(catalogue: Catalogue, titles: Iterable[Title]) -> tuple[Overlap, ...]:
    """Return every title that several products claim with equal confidence, in the order of the titles."""
    recogniser = Recogniser(catalogue)
    found: list[Overlap] = []
    for title in titles:
        held = recogniser.candidates(title)
        publisher = catalogue.publisher_names.publisher_id(title.publisher)
        others = tuple(
            bound.id
            for bound in held[1:]
            if bound.product.id != held[0].product.id and bound.confidence(publisher) == held[0].confidence(publisher)
        )
        if others:
            found.append(Overlap(title, held[0].id, others))
    return tuple(found)
