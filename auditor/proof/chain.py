"""Hash chain: each link is the digest of the link before it and of its own entry.

One changed, removed or moved entry breaks every later link.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.proof.digest import ALGORITHM, digest_of

FIRST = "0" * 64
"""What stands before the first link."""


def link(previous: str, entry: object) -> str:
    """Return the link of `entry` after `previous`."""
    return digest_of({"alg": ALGORITHM, "previous": previous, "entry": entry})


def first_broken(entries: Iterable[tuple[object, str]]) -> int | None:
    """Return the index of the first entry whose link does not fit, `None` when all do."""
    previous = FIRST
    for index, (entry, claimed) in enumerate(entries):
        previous = link(previous, entry)
        if previous != claimed:
            return index
    return None
