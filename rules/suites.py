"""A suite that only its parts show: its own line is missing in the list, the products of its installer are there.

An installer of Office leaves some twenty-five products of Windows Installer beside the suite's own entry. Where a list
holds those alone (a tool that reads Windows Installer only, an entry that somebody removed), one suite is installed,
whose edition nobody knows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from rules.product import Product
from rules.recognised import Recognition
from rules.title import Title

CONFIDENCE_PARTS = 0.7


@dataclass(frozen=True)
class PartsOfSuite:
    """What tells a suite by its parts."""

    suite: str
    part: str
    """Product of the parts."""
    names: re.Pattern[str]
    """Names of parts that one program of the suite brings: groups `program` and `line`."""
    needed: frozenset[str]
    """Programs that must be there, in lower case."""
    least: int
    """So many programs of one line."""


OFFICE = PartsOfSuite(
    "microsoft/office",
    "microsoft/office-components",
    re.compile(
        r"Microsoft (?:Office )?(?P<program>Word|Excel|PowerPoint|Outlook|Access|Publisher|OneNote|InfoPath|Groove|"
        r"Lync|Skype for Business) MUI \(.{2,60}\) (?P<line>20\d\d)",
        re.IGNORECASE,
    ),
    frozenset({"word", "excel"}),
    3,
)
"""Word or Excel bought alone brings its own part only; Visio and Project bring none of these."""


@dataclass(frozen=True)
class SuiteTold:
    """A suite, and the places of the parts that tell it."""

    recognition: Recognition
    places: tuple[int, ...]


def suites_by_parts(
    parts: Sequence[tuple[Title, Recognition]], standing: Set[str | None], products: Mapping[str, Product]
) -> Iterator[SuiteTold]:
    """Yield the suites that the parts of one machine tell, in the order of their lines.

    `standing`: products that stand there themselves; a suite among them needs no telling.
    """
    if OFFICE.suite in standing or OFFICE.suite not in products:
        return
    programs: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
    for place, (title, found) in enumerate(parts):
        hit = OFFICE.names.fullmatch(title.name.strip()) if found.product == OFFICE.part else None
        if hit is not None:
            programs[hit["line"]].setdefault(hit["program"].lower(), []).append(place)
    for line in sorted(programs):
        borne = programs[line]
        if len(borne) >= OFFICE.least and borne.keys() >= OFFICE.needed:
            places = sorted(place for found in borne.values() for place in found)
            yield SuiteTold(_suite(products[OFFICE.suite], line, [parts[place] for place in places]), tuple(places))


def _suite(product: Product, line: str, parts: Sequence[tuple[Title, Recognition]]) -> Recognition:
    known = next((own.id for own in product.lines if own.id == line), None)
    return replace(
        parts[0][1],
        group=product.id if known is None else f"{product.id}@{known}",
        name=product.en,
        kind=product.kind,
        licence_class=product.licensing.licence_class,
        category=product.category,
        confidence=CONFIDENCE_PARTS,
        product=product.id,
        publisher=product.publisher,
        edition=None,
        line=known,
        rule=f"{product.id}#told-by-parts",
        because=", ".join(title.name for title, _ in parts[:3]),
    )
