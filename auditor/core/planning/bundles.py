"""Bundles: which copies one unit of a right serves together, alike ones counted instead of listed one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.core.allocation.slots import Level, Terms
from auditor.core.model import Copy
from auditor.core.planning.needs import Need


@dataclass(frozen=True)
class Bundle:
    """`times` groups of copies that nothing tells apart: each has so many of each need, and takes `uses` rights."""

    gives: tuple[tuple[int, int], ...]
    """Need → copies of one group."""
    uses: int
    groups: tuple[tuple[str, ...], ...]
    """Keys of the copies, group by group; empty for needs without copies."""
    times: int


def bundles_of(needs: Sequence[Need], fits: Iterable[int], terms: Terms) -> list[Bundle]:
    """Return the bundles of the needs `fits`: by person or device where a right serves these, else copy by copy.

    Rights that allow a second use, or so many installations, are taken as one a copy: never too few are planned.
    """
    made: list[Bundle] = []
    together: list[tuple[int, Copy]] = []
    shares = terms.level is not Level.COPY and not terms.second_use and not (terms.level is Level.DEVICE and terms.cap)
    for number in fits:
        need = needs[number]
        if shares and need.copies:
            together += [(number, copy) for copy in need.copies]
        else:
            made.append(Bundle(((number, 1),), 1, tuple((copy.key,) for copy in need.copies), need.quantity))
    return [*made, *_grouped(together, terms)]


def _grouped(copies: Sequence[tuple[int, Copy]], terms: Terms) -> list[Bundle]:
    by_bearer: defaultdict[tuple[str, str], list[tuple[int, Copy]]] = defaultdict(list)
    for number, copy in copies:
        by_bearer[_bearer(copy, terms)].append((number, copy))
    alike: defaultdict[tuple[tuple[tuple[int, int], ...], int], list[tuple[str, ...]]] = defaultdict(list)
    for bearer in sorted(by_bearer):
        mine = by_bearer[bearer]
        counts: defaultdict[int, int] = defaultdict(int)
        for number, _ in mine:
            counts[number] += 1
        elements = len({copy.machine for _, copy in mine}) if terms.by_device else len(mine)
        uses = 1 if not terms.cap else -(-elements // terms.cap)
        alike[(tuple(sorted(counts.items())), uses)].append(tuple(copy.key for _, copy in mine))
    return [Bundle(gives, uses, tuple(groups), len(groups)) for (gives, uses), groups in sorted(alike.items())]


def _bearer(copy: Copy, terms: Terms) -> tuple[str, str]:
    if terms.level is Level.PERSON and copy.person is not None:
        return "person", str(copy.person)
    return "machine", copy.machine
