"""suspicions(titles, programs, facts, catalogue) → which indicators a machine shows, where, and how strongly.

A sign is never a verdict: it names what was seen, and the indicator carries its innocent readings to the reader. A host
that the organisation approved for activation, and a key of its own, are no signs: they are taken out before any
indicator looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rules.catalogue import Catalogue
from rules.condition import Test, passes, prepared
from rules.fact import Fact, FactKind
from rules.indicator import Indicator, OrganisationFact, SignPattern, Strength
from rules.matching import PatternSet
from rules.names import normal_name
from rules.title import Title

_FIRST_IS_STRONGEST = (Strength.CONCLUSIVE, Strength.STRONG, Strength.HINT)

ACTIVATION = "activation"


@dataclass(frozen=True)
class Organisation:
    """Lists of the organisation that signs are measured by; hosts and tails in lower case."""

    approved_kms_hosts: frozenset[str] = frozenset()
    approved_key_tails: frozenset[str] = frozenset()

    def is_silent_on(self, wanted: Iterable[OrganisationFact]) -> bool:
        """Tell whether one of the lists is empty."""
        return any(not getattr(self, name.value) for name in wanted)


@dataclass(frozen=True)
class Sign:
    """One indicator seen at one place."""

    indicator: str
    strength: Strength
    """Of this sign here: the indicator's own, or its `leftover` when nothing of it runs, or a step less while the
    organisation says nothing."""
    seen: str
    """What was seen: the title's name, the program's file name, the words of the fact."""
    record: str
    """Which record, by its place in what was given: `titles[3]`, `programs[0]`, `traces[12]`."""
    affects: tuple[str, ...]
    """Products of the catalogue whose copies on this machine are concerned."""
    type: str = ""
    """What it is evidence of: two signs of one type do not support each other. How a copy is activated is one type,
    whatever tells it; else each indicator is one of its own, and this is empty."""


@dataclass(frozen=True)
class _FactSign:
    indicator: Indicator
    sign: SignPattern
    tests: tuple[tuple[str, Test], ...] = field(compare=False)


@dataclass
class _Memory:
    """Facts that many machines share are looked at once."""

    known: dict[tuple[FactKind, tuple[tuple[str, str], ...]], tuple[_FactSign, ...]] = field(default_factory=dict)


class SignReader:
    """The indicators of a catalogue made ready for many machines."""

    def __init__(self, catalogue: Catalogue, organisation: Organisation | None = None) -> None:
        self._organisation = organisation or Organisation()
        self._indicators = catalogue.indicators
        self._affected = {id: catalogue.affected(found.affects) for id, found in catalogue.indicators.items()}
        signs = [(found.id, sign) for found in catalogue.indicators.values() for sign in found.signs]
        self._titles = [(id, sign.title) for id, sign in signs if sign.title is not None]
        self._programs = [(id, sign.program) for id, sign in signs if sign.program is not None]
        self._title_patterns = PatternSet([pattern for _, pattern in self._titles])
        self._program_patterns = PatternSet([pattern for _, pattern in self._programs])
        self._facts: dict[FactKind, list[_FactSign]] = {}
        for id, sign in signs:
            if sign.fact is not None:
                self._facts.setdefault(sign.fact, []).append(
                    _FactSign(self._indicators[id], sign, prepared(sign.where))
                )
        self._memory = _Memory()

    def of_title(self, title: Title) -> list[str]:
        """Return the ids of the indicators that a title shows, in order; the same for every machine that bears it."""
        hits = self._title_patterns.matching(normal_name(title.name))
        return sorted({self._titles[hit][0] for hit in hits})

    def of_program(self, file_name: str) -> list[str]:
        """Return the ids of the indicators that a running program shows, in order."""
        hits = self._program_patterns.matching(normal_name(file_name))
        return sorted({self._programs[hit][0] for hit in hits})

    def shows(self, fact: Fact) -> bool:
        """Tell whether a fact shows any indicator; the same for every machine that tells it."""
        return bool(self._of_fact(fact))

    def signs(self, titles: Iterable[Title], programs: Iterable[str], facts: Iterable[Fact] = ()) -> tuple[Sign, ...]:
        """Return all signs of one machine: strongest first, then by indicator and record."""
        running = [(id, name, f"programs[{n}]") for n, name in enumerate(programs) for id in self.of_program(name)]
        told = _complete([(found, fact) for fact in facts for found in self._of_fact(fact)])
        active = {id for id, _, _ in running} | {found.indicator.id for found, _ in told if found.sign.runs}
        signs = [self._sign(self._indicators[id], True, name, record) for id, name, record in running]
        for number, title in enumerate(titles):
            for id in self.of_title(title):
                signs.append(self._sign(self._indicators[id], id in active, title.name, f"titles[{number}]"))
        for found, fact in told:
            at_work = found.indicator.id in active
            sign = self._sign(found.indicator, at_work, fact.words, fact.record, found.sign.strength)
            signs.append(replace(sign, type=ACTIVATION) if fact.kind is FactKind.ACTIVATION else sign)
        return tuple(sorted(signs, key=_order))

    def _of_fact(self, fact: Fact) -> tuple[_FactSign, ...]:
        signs = self._facts.get(fact.kind)
        if not signs:
            return ()
        key = (fact.kind, fact.said)
        known = self._memory.known.get(key)
        if known is None:
            said = self._weighed(fact)
            known = tuple(_first_of_each(found for found in signs if said and passes(found.tests, said)))
            self._memory.known[key] = known
        return known

    def _weighed(self, fact: Fact) -> Mapping[str, str]:
        """Return what a fact says once what the organisation approved is taken out of it."""
        said = fact.words_by_name
        if fact.kind is not FactKind.ACTIVATION:
            return said
        hosts, tails = self._organisation.approved_kms_hosts, self._organisation.approved_key_tails
        approved = said.get("host", "").lower() in hosts or said.get("kms_host_itself") == "yes"
        approved = approved or said.get("by_directory") == "yes" or said.get("last5", "").lower() in tails
        return {} if approved else said

    def _sign(
        self,
        indicator: Indicator,
        active: bool,
        seen: str,
        record: str,
        own: Strength | None = None,
    ) -> Sign:
        strength = indicator.strength if active else indicator.leftover
        if own is not None and _FIRST_IS_STRONGEST.index(own) > _FIRST_IS_STRONGEST.index(strength):
            strength = own
        if self._organisation.is_silent_on(indicator.unless):
            strength = strength.weaker
        return Sign(indicator.id, strength, seen, record, self._affected[indicator.id])


def _complete(told: list[tuple[_FactSign, Fact]]) -> list[tuple[_FactSign, Fact]]:
    """Leave out signs that say something only together, where one of them is missing."""
    seen: dict[str, set[int]] = {}
    for found, _ in told:
        seen.setdefault(found.indicator.id, set()).add(found.indicator.signs.index(found.sign))
    return [
        (found, fact)
        for found, fact in told
        if not found.indicator.together or len(seen[found.indicator.id]) == len(found.indicator.signs)
    ]


def _first_of_each(found: Iterable[_FactSign]) -> Iterable[_FactSign]:
    """One fact shows an indicator once: the sign of it that says most."""
    best: dict[str, _FactSign] = {}
    for each in found:
        known = best.get(each.indicator.id)
        if known is None or _says(each) < _says(known):
            best[each.indicator.id] = each
    return best.values()


def _says(found: _FactSign) -> int:
    return _FIRST_IS_STRONGEST.index(found.sign.strength or found.indicator.strength)


def _order(sign: Sign) -> tuple[int, str, str, int]:
    kind, _, number = sign.record.rstrip("]").partition("[")
    return _FIRST_IS_STRONGEST.index(sign.strength), sign.indicator, kind, int(number) if number.isdecimal() else 0


def suspicions(
    titles: Iterable[Title], programs: Iterable[str], catalogue: Catalogue, facts: Iterable[Fact] = ()
) -> tuple[Sign, ...]:
    """Return the signs of one machine: `programs` are the file names of what runs. For many machines use SignReader."""
    return SignReader(catalogue).signs(titles, programs, facts)
