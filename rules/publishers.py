"""Many spellings of a publisher → one. Compared without case, punctuation, legal form and mail address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from rules.names import normal_name
from rules.product import Publisher

_MAIL = re.compile(r"<[^<>]*>|\S+@\S+")
_MARKS = re.compile("[\u2122\u00ae\u00a9]|\\((?:r|tm|c)\\)", re.IGNORECASE)
_YEARS = re.compile(r"\b(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)\d\d)?\b")
"""The years of a copyright notice."""
_JOINED = re.compile(r"(?<=\w)[.'’](?=\w)|(?<=\w)\.(?=\s|$|,)")
_BREAKS = re.compile(r"[^\w]+|_")
_CHINESE_FORM = re.compile(r"(?:集团)?(?:股份|責任|责任)?(?:有限|控股)*(?:责任)?(?:公司|集团)+(?:\w{0,4}分公司)?$")
_FORMS = """
inc incorporated ltd limited co corp corporation company llc llp lp pllc
gmbh mbh ag kg kgaa ohg ug ev gbr se ek
sa sas sasu sarl eurl srl spa snc bv nv bvba sl slu ltda lda cv
ab oy oyj as asa aps is hf ehf
sro doo dooel zrt kft nyrt spzoo zoo eood ood ead dd uab sia ou
ооо оао зао пао ао ип тов ooo oao zao jsc pjsc
kk gk yk pty plc pte pvt bhd sdn tbk pt
holdings holding group
"""
"""Legal forms by language: English, German, Romance and Dutch, Nordic, Central Europe, Russian, Asia and Pacific."""
_LEGAL_FORMS = frozenset(_FORMS.split())
_LEADING_WORDS = "ооо оао зао пао ао ип тов ooo oao zao pt copyright the"
_LEADING_FORMS = frozenset(_LEADING_WORDS.split())
_JAPANESE_KOREAN_FORM = re.compile("株式会社|有限会社|合同会社|주식회사|\\(주\\)|㈜|㈱")


_SIGNER = re.compile(r"(?:^|,\s*)(?:O|CN)=(?:\"([^\"]*)\"|([^,]*))")
_GUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


def organisation_of(text: str) -> str:
    """Return the organisation of a signer's distinguished name (`CN=…, O=Adobe Inc., C=US`), else the text itself.

    The shop's own number for a publisher (`CN=5BD5593D-…`) says nothing to people and is left out.
    """
    if "CN=" not in text and not text.startswith("O="):
        return text
    found = [quoted or bare for quoted, bare in _SIGNER.findall(text)]
    said = [name for name in found if not _GUID.fullmatch(name)]
    return said[-1] if said else ""


@lru_cache(maxsize=65_536)
def publisher_key(text: str) -> str:
    """Return what all spellings of a publisher share; empty when the text says nothing.

    `Tencent Technology (Shenzhen) Company Limited` → `tencenttechnologyshenzhen`;
    `腾讯科技（深圳）有限公司` → `腾讯科技深圳`. A name that is nothing but a legal form is kept.
    """
    told = organisation_of(text[:500])
    folded = unicodedata.normalize("NFKC", _MARKS.sub("", _MAIL.sub(" ", told))).casefold()
    folded = _YEARS.sub(" ", _JAPANESE_KOREAN_FORM.sub(" ", folded)) if len(folded) > 4 else folded
    words = [word for word in _BREAKS.split(_JOINED.sub("", folded)) if word]
    left = list(words)
    while len(left) > 1 and left[-1] in _LEGAL_FORMS:
        left.pop()
    while len(left) > 1 and left[0] in _LEADING_FORMS:
        left = left[1:]
    joined = "".join(left)
    short = _CHINESE_FORM.sub("", joined)
    return short or joined


_FORM_AT_END = re.compile(
    r"[\s,]+(?:" + "|".join(sorted(_LEGAL_FORMS - {"group", "holding", "holdings"})) + r")\.?$",
    re.IGNORECASE,
)
_DOTTED_FORM = re.compile(
    r"[\s,]+(?:s\.\s?[ar]\.(?:\s?[sl]\.)?|s\.p\.a\.|b\.v\.|n\.v\.|s\.r\.o\.|"
    r"l\.l\.c\.|co\.,? ?ltd\.?|sp\. z ?o\.? ?o\.?|gmbh & co\.? kg)$",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"^(?:(?:copyright|©)[\s:]*)*(?:(?:19|20)\d\d[\s,–-]+)*", re.IGNORECASE)


def clean_publisher(text: str | None) -> str | None:
    """Return the publisher for people: mail address, copyright notice and Latin legal form taken off.

    A Chinese legal name stays whole, since a form names the right holder by it. `None` when nothing is left.
    """
    if not text:
        return None
    told = organisation_of(text[:500])
    name = _NOTICE.sub("", normal_name(_MAIL.sub(" ", told))).strip(" ,;-") or normal_name(told)
    before = None
    while before != name:
        before, name = name, _FORM_AT_END.sub("", _DOTTED_FORM.sub("", name)).strip(" ,;&-") or name
    return name or None


class PublisherNames:
    """All spellings of the catalogue, by key."""

    def __init__(self, publishers: Iterable[Publisher]) -> None:
        ids: dict[str, str] = {}
        self._ids: Mapping[str, str] = ids
        self._named_clashes: set[tuple[str, str]] = set()
        self.clashes: list[tuple[str, str, str]] = []
        """(spelling, publisher that has it, publisher that wants it too)."""
        for publisher in publishers:
            for spelling in (publisher.id, publisher.zh, publisher.en, *publisher.spellings):
                self._add(ids, spelling, publisher.id)

    @classmethod
    def of_keys(cls, ids: Mapping[str, str]) -> PublisherNames:
        """Return the spellings as they were worked out before: key → id of the publisher, without clashes."""
        found = cls(())
        found._ids = ids
        return found

    @property
    def ids(self) -> Mapping[str, str]:
        """Key of a spelling → id of the publisher."""
        return self._ids

    def _add(self, ids: dict[str, str], spelling: str, publisher_id: str) -> None:
        key = publisher_key(spelling)
        if not key:
            return
        holder = ids.setdefault(key, publisher_id)
        if holder != publisher_id and (key, publisher_id) not in self._named_clashes:
            self._named_clashes.add((key, publisher_id))
            self.clashes.append((spelling, holder, publisher_id))

    def publisher_id(self, text: str | None) -> str | None:
        """Return the publisher whose spelling this is, `None` when nobody's."""
        return self._ids.get(publisher_key(text)) if text else None
