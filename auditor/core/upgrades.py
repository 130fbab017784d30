"""Upgrades: which lost title and which new title of one scope are the same program in another version."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from auditor.core.model import TitleId
from rules.title import Title

_VERSION_WORDS = re.compile(r"(?<![a-z])v?\d+(?:[.\-_+~:]\w+)+|\b(?:19|20)\d\d\b|\b\d+\b", re.IGNORECASE)


@dataclass(frozen=True)
class Succession:
    """`after` stands where `before` stood. `upgrade` is false when only the description changed."""

    before: TitleId
    after: TitleId
    upgrade: bool


def successions(
    lost: Iterable[TitleId], new: Iterable[TitleId], titles: Mapping[TitleId, Title]
) -> tuple[Succession, ...]:
    """Pair lost with new titles of one scope, ordered by the lost one's id; no title is in two pairs.

    First by source, identifier and architecture, several of one key in the order of their versions; then by
    the name without its version, only where one lost and one new title bear it.
    """
    left, fresh = set(lost), set(new)
    pairs: list[Succession] = []
    if not left or not fresh:  # a first scan loses nothing, most others too
        return ()
    for key_of, alone in ((_by_identifier, False), (_by_name, True)):
        before, after = _grouped(left, titles, key_of), _grouped(fresh, titles, key_of)
        for key in before.keys() & after.keys():
            if alone and (len(before[key]) > 1 or len(after[key]) > 1):
                continue
            for old, newer in zip(before[key], after[key], strict=False):
                pairs.append(Succession(old, newer, titles[old].version != titles[newer].version))
                left.discard(old)
                fresh.discard(newer)
    return tuple(sorted(pairs, key=lambda pair: pair.before))


def name_without_version(title: Title) -> str:
    """Return the name with its version, numbers and brackets left empty cut off, case folded."""
    name = title.name.replace(title.version, " ") if title.version else title.name
    name = re.sub(r"[(\[{]\W*[)\]}]", " ", _VERSION_WORDS.sub(" ", name))
    return " ".join(re.sub(r"[\W_]+", " ", name).casefold().split())


def _grouped(
    ids: Iterable[TitleId], titles: Mapping[TitleId, Title], key_of: Callable[[Title], Hashable | None]
) -> dict[Hashable, list[TitleId]]:
    groups: dict[Hashable, list[TitleId]] = defaultdict(list)
    for number in sorted(ids, key=lambda number: (titles[number].version or "", number)):
        key = key_of(titles[number])
        if key is not None:
            groups[key].append(number)
    return groups


def _by_identifier(title: Title) -> Hashable | None:
    return (title.source, title.identifier, title.architecture) if title.identifier else None


def _by_name(title: Title) -> Hashable | None:
    name = name_without_version(title)
    return (title.source, name, title.architecture) if name else None
