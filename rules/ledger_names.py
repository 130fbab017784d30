"""What a ledger calls a product → the product of the catalogue, with edition and release line.

People write 软件名称 by hand: `Microsoft Office 2016 专业增强版`, `WPS Office专业版`, `Windows10`. The text is cut
into words, numbers and single Chinese characters; the longest name or alias of the catalogue that stands in it
whole decides. What is left must be the publisher, an edition, a line, a version, or a word that says nothing of the
product. A name with anything else left, or with two products as likely, is not known: never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from rules.catalogue import Catalogue
from rules.product import PLATFORMS, Product
from rules.recognition import Recogniser
from rules.title import Title

NOTHING_SAID = (
    *("简体中文版", "简体中文", "中文版", "中文", "英文版", "英文", "多语言版", "多国语言版", "国际版", "正式版"),
    *("操作系统", "办公软件", "正版软件", "软件", "系统", "正版", "随机预装", "预装", "随机", "原装", "批量许可"),
    *("企业授权", "永久授权", "许可证", "授权", "许可", "批量", "零售", "版本", "版", "含介质"),
    *("32位", "64位", "32bit", "64bit", "x64", "x86", "x8664", "amd64", "arm64", "aarch64", "mips64", "loongarch64"),
    *("飞腾", "鲲鹏", "龙芯", "海光", "兆芯", "申威"),
    *("oem", "coem", "olp", "edition", "version", "licence", "license", "licences", "licenses", "software", "chs"),
)  # fmt: skip
"""Words that say nothing of which product it is: language, kind, how it was bought, processor."""
_PLATFORM_WORDS = {"windows": "windows", "linux": "linux", "mac": "macos", "macos": "macos"}
_COUNTED = ("用户", "点", "套", "个", "台", "终端", "节点", "授权", "许可", "年")
"""`50用户`, `100点`, `3年`: how many and how long, not what."""
_WORDS = re.compile(r"[^\W\d_㐀-鿿]+|\d+(?:\.\d+)*|\w")
_RESTS = re.compile(r"(?:\.0+)+$")


@dataclass(frozen=True)
class LedgerName:
    """What a name in a ledger means."""

    product: str
    edition: str | None = None
    line: str | None = None


class LedgerNames:
    """The names of a catalogue made ready to read ledgers."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._recogniser = Recogniser(catalogue)
        names = {(folded(name), product.id) for product in catalogue.products.values() for name in _names_of(product)}
        self._names = sorted(
            ((n, p) for n, p in names if len(n) > 1 and not n.isdigit()), key=lambda i: (-len(i[0]), i)
        )
        self._answers: dict[tuple[str, str | None], LedgerName | None] = {}

    def find(self, name: str, version: str | None = None) -> LedgerName | None:
        """Return what 软件名称 and 软件版本 mean, `None` when the catalogue does not know it for certain."""
        asked = (name, version)
        if asked not in self._answers:
            self._answers[asked] = self._answer(name, version)
        return self._answers[asked]

    def _answer(self, name: str, version: str | None) -> LedgerName | None:
        named, ruled = self._by_name(name, version), self._by_rules(name, version)
        if named is None or ruled is None or ruled.product != named.product:
            return named or ruled
        return LedgerName(named.product, named.edition or ruled.edition, named.line or ruled.line)

    def _by_name(self, name: str, version: str | None) -> LedgerName | None:
        words = words_of(name)
        text = "".join(words)
        found: dict[str, LedgerName] = {}
        length = 0
        for known, product_id in self._names:
            if found and len(known) < length:
                break
            if known in text and (left := _without(words, known)) is not None:
                answer = self._judged(self._catalogue.products[product_id], words, left, version)
                if answer is not None:
                    found.setdefault(product_id, answer)
                    length = len(known)
        return next(iter(found.values())) if len(found) == 1 else None

    def _judged(self, product: Product, whole: list[str], left: list[str], version: str | None) -> LedgerName | None:
        """Say what a name means if it is of `product`; `left` are its words without the product's name."""
        publisher = self._catalogue.publishers.get(product.publisher)
        if publisher is not None:
            spellings = (publisher.id, publisher.zh, publisher.en, *publisher.spellings)
            left = _cleared(left, [folded(spelling) for spelling in spellings])
        for line_first in (False, True):
            edition, line, rest = _edition_and_line(product, left, line_first=line_first)
            if _says_nothing(rest, product):
                edition = edition or _edition_in(product, whole)[0] or edition_of(product, version)
                line = line or _line_in(product, whole)[0] or line_of(product, version)
                return LedgerName(product.id, edition, line)
        return None

    def _by_rules(self, name: str, version: str | None) -> LedgerName | None:
        """A ledger that copies the name from the machine is read as the machine is."""
        for source in ("uninstall_keys", "operating_system"):
            answer = self._recogniser.recognise(Title("windows", source, name, version=version))
            if answer.product is not None and answer.confidence > 0:
                product = self._catalogue.products[answer.product]
                return LedgerName(answer.product, answer.edition, answer.line or line_of(product, version))
        return None


def words_of(text: str) -> list[str]:
    """Return a text as words, numbers (`12.8` is one, `7.0` is 7) and single Chinese characters, all folded."""
    found = _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())
    return [_RESTS.sub("", word) for word in found]


def folded(text: str) -> str:
    """Return a text without case, width, blanks and punctuation, so that spellings compare."""
    return "".join(words_of(text))


def line_of(product: Product, version: str | None) -> str | None:
    """Return the one release line that 软件版本 names; `None` when it names none or two."""
    return _line_in(product, words_of(version))[0] if version else None


def edition_of(product: Product, text: str | None) -> str | None:
    """Return the edition that a text names."""
    return _edition_in(product, words_of(text))[0] if text else None


def _names_of(product: Product) -> Iterator[str]:
    yield from (product.zh, product.en, *product.aliases)


def _edition_and_line(
    product: Product, words: list[str], *, line_first: bool
) -> tuple[str | None, str | None, list[str]]:
    if line_first:
        line, rest = _line_in(product, words)
        edition, rest = _edition_in(product, rest)
    else:
        edition, rest = _edition_in(product, words)
        line, rest = _line_in(product, rest)
    return edition, line, rest


def _edition_in(product: Product, words: list[str]) -> tuple[str | None, list[str]]:
    """Return the edition with the longest name among the words, and the words without its names."""
    names = _edition_names(product)
    for name, edition in names:
        if (rest := _without(words, name)) is not None:
            return edition, _cleared(rest, [other for other, same in names if same == edition])
    return None, words


def _edition_names(product: Product) -> list[tuple[str, str]]:
    """Return every name of an edition, also as the rules spell it and without 版, the longest first."""
    own = [(name, edition.id) for edition in product.editions for name in (edition.zh, edition.en, edition.id)]
    ids = {edition.id for edition in product.editions}
    own += [(word, edition) for rule in product.rules for word, edition in rule.edition_words if edition in ids]
    names = {(folded(name), edition) for name, edition in own}
    names |= {(name.removesuffix("版"), edition) for name, edition in names if len(name) > 2}
    return sorted((pair for pair in names if len(pair[0]) > 1), key=lambda pair: (-len(pair[0]), pair))


def _line_in(product: Product, words: list[str]) -> tuple[str | None, list[str]]:
    """Return the release line among the words, with or without a V before it, and the words without it.

    Two lines name none: `Windows 10/11` is Windows.
    """
    found: set[str] = set()
    names = {(name, line.id) for line in product.lines for name in _line_names(line.id)}
    for name, line in sorted(names, key=lambda pair: (-len(pair[0]), pair)):
        while (rest := _without(words, name)) is not None:
            words, found = rest, found | {line}
    return (found.pop() if len(found) == 1 else None), words


@cache
def _line_names(line: str) -> tuple[str, ...]:
    name = folded(line)
    return (name, name.removeprefix("v")) if re.fullmatch(r"v\d.*", name) else (name, f"v{name}")


def _says_nothing(words: list[str], product: Product) -> bool:
    """Whether the words are versions, numbers of users, platforms of the product and words without meaning."""
    platforms = {platform for rule in product.rules for platform in rule.platforms or PLATFORMS}
    named = [word for word, platform in _PLATFORM_WORDS.items() if platform in platforms]
    words = _cleared(words, [*(f"for{word}" for word in named), *(f"{word}版" for word in named)])
    words = _cleared(list(_uncounted(words)), sorted(NOTHING_SAID, key=len, reverse=True))
    return not "".join(_unversioned(words))


def _uncounted(words: list[str]) -> Iterator[str]:
    """Leave `50用户` and `3年` out."""
    text, number = "".join, 0
    while number < len(words):
        after = text(words[number + 1 : number + 3])
        unit = next((unit for unit in _COUNTED if after.startswith(unit)), None)
        if words[number].isdigit() and int(words[number]) < 1900 and unit is not None:
            number += 1 + len(unit)
            continue
        yield words[number]
        number += 1


def _unversioned(words: list[str]) -> Iterator[str]:
    """Leave `V13`, `5.71`, `2020`, `SP1` out: they say which release, never which product."""
    for number, word in enumerate(words):
        if word[0].isdigit() and ("." in word or int(word) < 100 or 1990 <= int(word) <= 2099):
            continue
        if word in ("v", "sp", "ver") and number + 1 < len(words) and words[number + 1][0].isdigit():
            continue
        yield word


def _cleared(words: list[str], names: Iterable[str]) -> list[str]:
    for name in names:
        while name and (rest := _without(words, name)) is not None:
            words = rest
    return words


def _without(words: list[str], name: str) -> list[str] | None:
    """Return the words without those that make up `name`, `None` when it does not stand there whole."""
    for start in range(len(words)):
        text = ""
        for end in range(start, len(words)):
            text += words[end]
            if text == name:
                return words[:start] + words[end + 1 :]
            if not name.startswith(text):
                break
    return None
