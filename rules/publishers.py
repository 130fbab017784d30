"""Many spellings of a publisher → one. Compared without case, punctuation, legal form and mail address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from rules.product import Publisher

_MAIL = re.compile(r"<[^<>]*>|\S+@\S+")
_MARKS = re.compile("[\u2122\u00ae\u00a9]|\\((?:r|tm|c)\\)", re.IGNORECASE)
_JOINED = re.compile(r"(?<=\w)[.'’](?=\w)|(?<=\w)\.(?=\s|$|,)")
_BREAKS = re.compile(r"[^\w]+|_")
_CHINESE_FORM = re.compile(r"(?:集团)?(?:股份|責任|责任)?(?:有限|控股)*(?:责任)?(?:公司|集团)+(?:\w{0,4}分公司)?$")
_LEGAL_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "ltd",
        "limited",
        "co",
        "corp",
        "corporation",
        "company",
        "llc",
        "llp",
        "lp",
        "gmbh",
        "mbh",
        "ag",
        "kg",
        "kgaa",
        "ohg",
        "ug",
        "ev",
        "sa",
        "sas",
        "sasu",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "ab",
        "oy",
        "oyj",
        "as",
        "aps",
        "asa",
        "kk",
        "pty",
        "plc",
        "pte",
        "pvt",
        "sro",
        "doo",
        "zrt",
        "kft",
        "bvba",
        "sl",
        "slu",
        "ltda",
        "eood",
        "ood",
        "ooo",
        "zao",
        "jsc",
        "pjsc",
        "holdings",
        "holding",
        "group",
    ]
)


@lru_cache(maxsize=65_536)
def publisher_key(text: str) -> str:
    """Return what all spellings of a publisher share; empty when the text says nothing.

    `Tencent Technology (Shenzhen) Company Limited` → `tencenttechnologyshenzhen`;
    `腾讯科技（深圳）有限公司` → `腾讯科技深圳`. A name that is nothing but a legal form is kept.
    """
    folded = unicodedata.normalize("NFKC", _MARKS.sub("", _MAIL.sub(" ", text[:500]))).casefold()
    words = [word for word in _BREAKS.split(_JOINED.sub("", folded)) if word]
    left = list(words)
    while len(left) > 1 and left[-1] in _LEGAL_FORMS:
        left.pop()
    if len(left) > 1 and left[0] == "the":
        left = left[1:]
    joined = "".join(left)
    short = _CHINESE_FORM.sub("", joined)
    return short or joined


class PublisherNames:
    """All spellings of the catalogue, by key."""

    def __init__(self, publishers: Iterable[Publisher]) -> None:
        self._ids: dict[str, str] = {}
        self._named_clashes: set[tuple[str, str]] = set()
        self.clashes: list[tuple[str, str, str]] = []
        """(spelling, publisher that has it, publisher that wants it too)."""
        for publisher in publishers:
            for spelling in (publisher.id, publisher.zh, publisher.en, *publisher.spellings):
                self._add(spelling, publisher.id)

    def _add(self, spelling: str, publisher_id: str) -> None:
        key = publisher_key(spelling)
        if not key:
            return
        holder = self._ids.setdefault(key, publisher_id)
        if holder != publisher_id and (key, publisher_id) not in self._named_clashes:
            self._named_clashes.add((key, publisher_id))
            self.clashes.append((spelling, holder, publisher_id))

    def publisher_id(self, text: str | None) -> str | None:
        """Return the publisher whose spelling this is, `None` when nobody's."""
        return self._ids.get(publisher_key(text)) if text else None
