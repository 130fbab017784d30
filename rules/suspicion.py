"""suspicions(titles, programs, catalogue) → which indicators a machine shows, where, and how strongly.

A sign is never a verdict: it names what was seen, and the indicator carries its innocent readings to the reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rules.catalogue import Catalogue
from rules.indicator import Indicator, Strength
from rules.matching import PatternSet
from rules.names import normal_name
from rules.title import Title

_FIRST_IS_STRONGEST = (Strength.CONCLUSIVE, Strength.STRONG, Strength.HINT)


@dataclass(frozen=True)
class Sign:
    """One indicator seen at one place."""

    indicator: str
    strength: Strength
    """Of this sign here: the indicator's own, or its `leftover` when only a title is there and nothing runs."""
    seen: str
    """What was seen: the title's name, the program's file name."""
    record: str
    """Which record, by its place in what was given: `titles[3]`, `programs[0]`."""
    affects: tuple[str, ...]
    """Products of the catalogue whose copies on this machine are concerned."""


class SignReader:
    """The indicators of a catalogue made ready for many machines."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._indicators = catalogue.indicators
        self._affected = {id: catalogue.affected(found.affects) for id, found in catalogue.indicators.items()}
        signs = [(found.id, sign) for found in catalogue.indicators.values() for sign in found.signs]
        self._titles = [(id, sign.title) for id, sign in signs if sign.title is not None]
        self._programs = [(id, sign.program) for id, sign in signs if sign.program is not None]
        self._title_patterns = PatternSet([pattern for _, pattern in self._titles])
        self._program_patterns = PatternSet([pattern for _, pattern in self._programs])

    def of_title(self, title: Title) -> list[str]:
        """Return the ids of the indicators that a title shows, in order; the same for every machine that bears it."""
        hits = self._title_patterns.matching(normal_name(title.name))
        return sorted({self._titles[hit][0] for hit in hits})

    def of_program(self, file_name: str) -> list[str]:
        """Return the ids of the indicators that a running program shows, in order."""
        hits = self._program_patterns.matching(normal_name(file_name))
        return sorted({self._programs[hit][0] for hit in hits})

    def signs(self, titles: Iterable[Title], programs: Iterable[str]) -> tuple[Sign, ...]:
        """Return all signs of one machine: strongest first, then by indicator and record."""
        running = [(id, name, f"programs[{n}]") for n, name in enumerate(programs) for id in self.of_program(name)]
        active = {id for id, _, _ in running}
        found = [self._sign(self._indicators[id], True, name, record) for id, name, record in running]
        for number, title in enumerate(titles):
            for id in self.of_title(title):
                found.append(self._sign(self._indicators[id], id in active, title.name, f"titles[{number}]"))
        return tuple(sorted(found, key=_order))

    def _sign(self, indicator: Indicator, active: bool, seen: str, record: str) -> Sign:
        strength = indicator.strength if active else indicator.leftover
        return Sign(indicator.id, strength, seen, record, self._affected[indicator.id])


def _order(sign: Sign) -> tuple[int, str, str, int]:
    kind, _, number = sign.record.rstrip("]").partition("[")
    return _FIRST_IS_STRONGEST.index(sign.strength), sign.indicator, kind, int(number)


def suspicions(titles: Iterable[Title], programs: Iterable[str], catalogue: Catalogue) -> tuple[Sign, ...]:
    """Return the signs of one machine: `programs` are the file names of what runs. For many machines use SignReader."""
    return SignReader(catalogue).signs(titles, programs)
