"""Titles that only describe another title of the same machine: a package's menu entry, its record in the shop, its
copyright file, the archive that it came from.

They are no second piece of software: they neither wait in the queue of unknown titles nor make a copy beside the one
of their owner. Nothing is lost: what an entry knows of a product still counts where the owner is unknown or says less,
and an entry whose owner is not on the machine stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.core.model import TitleId
from rules.product import Kind
from rules.recognised import Recognition
from rules.title import Title

MENU = "desktop_entries"
FACTS = ("debian_copyright", "apt_origins")
SHOP = "opt_apps"
_OWNERS = frozenset({"dpkg", "rpm", "pacman", "apk", "snap", "flatpak", SHOP})


def is_unknown(recognition: Recognition) -> bool:
    """Unknown software; a package of the distribution itself or a part of something is not in the queue."""
    return recognition.product is None and recognition.kind in (Kind.APPLICATION, Kind.UNKNOWN, Kind.SUITE)


def described_titles(
    present: Iterable[TitleId], titles: Mapping[TitleId, Title], recognitions: Mapping[TitleId, Recognition]
) -> frozenset[TitleId]:
    """Return the titles of one machine that their owner there makes superfluous: unknown ones, and other products."""
    here = [item for item in present if item in recognitions]
    describing = [(item, key) for item in here if (key := _owner_key(titles[item])) is not None]
    if not describing:
        return frozenset()
    wanted = {key for _, key in describing}
    owners: dict[str, list[TitleId]] = {}
    for item in here:
        title = titles[item]
        key = title.identifier or title.name
        if key in wanted and title.source in _OWNERS:
            owners.setdefault(key, []).append(item)
    return frozenset(
        item
        for item, key in describing
        if any(
            owner != item
            and not (titles[item].source == SHOP and titles[owner].source == SHOP)
            and not _adds(recognitions[item], recognitions[owner])
            for owner in owners.get(key, ())
        )
    )


def describes(title: Title) -> bool:
    """Return whether a title may only describe another one of its machine."""
    return _owner_key(title) is not None


def _owner_key(title: Title) -> str | None:
    if title.source == MENU or title.source in FACTS:
        return title.parent
    return title.identifier if title.source == SHOP else None


def _adds(words: Recognition, owner: Recognition) -> bool:
    """Whether an entry goes with its owner as one copy, or names a product where its owner is unknown."""
    if words.product is None:
        return False
    if owner.product is None:
        return is_unknown(owner)
    told = ((owner.edition, words.edition), (owner.line, words.line))
    return words.product == owner.product and all(None in pair or pair[0] == pair[1] for pair in told)
