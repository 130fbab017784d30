"""What a licence server or file told → records of the contract, with problems beside them."""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Found, Problem, Scope, ScopeFailed
from agent.formats.licence_told import FeatureTold, LicencesTold
from agent.inventory.licence_servers import LicenceFeature, LicenceUse


def records_of(told: LicencesTold, technology: str, scope: str, seen_at: str) -> Iterator[Found]:
    """Yield the scope with its features, then what could not be told; a server that told nothing failed."""
    if not told.recognised:
        yield ScopeFailed(scope, "%s: not the words of %s" % (seen_at, technology))
    elif told.failure is not None and not told.features:
        yield ScopeFailed(scope, told.failure)
    else:
        yield Scope(scope)
        for feature in told.features:
            yield record_of(feature, technology, scope, seen_at)
        for where, what in told.problems:
            yield Problem("%s: %s" % (seen_at, where), what)


def record_of(feature: FeatureTold, technology: str, scope: str, seen_at: str) -> LicenceFeature:
    """Return the record of one feature; accounts become pseudonyms where the scan takes the record."""
    said = dict(vars(feature))
    where = said.pop("seen_at")
    uses = tuple(LicenceUse(**vars(use)) for use in said.pop("uses"))
    place = "%s %s" % (seen_at, where) if where else seen_at
    return LicenceFeature(technology=technology, scope=scope, seen_at=place, uses=uses, **said)
