"""What a ledger calls a product → the product of the catalogue, with edition and release line.

People write 软件名称 by hand: `Microsoft Office 2016 专业增强版`, `WPS Office专业版`, `Windows10`. The longest
name or alias of the catalogue that the text begins with or contains as a whole decides; what is left must be
an edition, a line, or a word that says nothing. A name with anything else left is not known: never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rules.catalogue import Catalogue
from rules.product import Product
from rules.recognition import Recogniser
from rules.title import Title

NOTHING_SAID = re.compile(
    "简体中文版|简体中文|中文版|中文|英文版|英文|操作系统|正版|软件|系统|随机预装|预装|批量许可|企业授权|许可证|授权|"
    "许可|套装|批量|零售|办公|oem|for|windows|edition|version|licen[cs]es?|software|32|64|bit|位|版"
)
"""Words that say nothing of the product, longest first; taken off before what is left is judged."""
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class LedgerName:
    """What a name in a ledger means."""

    product: str
    edition: str | None = None
    line: str | None = None


class LedgerNames:
    """The names of a catalogue made ready to read ledgers."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._products = catalogue.products
        self._recogniser = Recogniser(catalogue)
        self._names = sorted(
            {(folded(name), product.id) for product in catalogue.products.values() for name in _names_of(product)},
            key=lambda item: (-len(item[0]), item),
        )
        self._answers: dict[tuple[str, str | None], LedgerName | None] = {}

    def find(self, name: str, version: str | None = None) -> LedgerName | None:
        """Return what 软件名称 and 软件版本 mean, `None` when the catalogue does not know it for certain."""
        asked = (name, version)
        if asked not in self._answers:
            self._answers[asked] = self._by_name(name, version) or self._by_rules(name, version)
        return self._answers[asked]

    def _by_name(self, name: str, version: str | None) -> LedgerName | None:
        text = folded(name)
        for known, product_id in self._names:
            if len(known) < 2 or known not in text:
                continue
            product = self._products[product_id]
            before, _, after = text.partition(known)
            edition, rest = _edition_in(product, before + " " + after)
            line, rest = _line_in(product, rest)
            if not _SIGNS.sub("", NOTHING_SAID.sub("", _publisher_off(product, rest))):
                told = edition or _edition_in(product, known)[0] or edition_of(product, version)
                return LedgerName(product_id, told, line or line_of(product, version))
        return None

    def _by_rules(self, name: str, version: str | None) -> LedgerName | None:
        """A ledger that copies the name from the machine is read as the machine is."""
        for source in ("uninstall_keys", "operating_system"):
            answer = self._recogniser.recognise(Title("windows", source, name, version=version))
            if answer.product is not None and answer.confidence > 0:
                product = self._products[answer.product]
                return LedgerName(answer.product, answer.edition, answer.line or line_of(product, version))
        return None


def line_of(product: Product, version: str | None) -> str | None:
    """Return the release line that 软件版本 names: the whole text, or a word of it."""
    if version is None:
        return None
    whole = folded(version)
    by_text = {folded(line.id): line.id for line in product.lines}
    if whole in by_text:
        return by_text[whole]
    words = [folded(word) for word in re.split(r"[\s、,，;；/()（）]+", version)]
    found = [by_text[word] for word in words if word in by_text]
    return found[0] if len(found) == 1 else None


def edition_of(product: Product, text: str | None) -> str | None:
    """Return the edition that a text names."""
    return _edition_in(product, folded(text or ""))[0]


def folded(text: str) -> str:
    """Return a text without case, width, blanks and punctuation, so that spellings compare."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def _names_of(product: Product) -> list[str]:
    return [product.zh, product.en, *product.aliases]


def _edition_in(product: Product, text: str) -> tuple[str | None, str]:
    """Return the edition with the longest name in the text, and the text without it."""
    named = [(folded(name), edition.id) for edition in product.editions for name in (edition.zh, edition.en)]
    for name, edition in sorted(named, key=lambda item: (-len(item[0]), item)):
        if name and name in text:
            return edition, text.replace(name, " ", 1)
    return None, text


def _line_in(product: Product, text: str) -> tuple[str | None, str]:
    """Return the line that stands in the text as a whole word or number, and the text without it."""
    for line in sorted(product.lines, key=lambda line: (-len(line.id), line.id)):
        name = folded(line.id)
        hit = re.search(rf"(?<![0-9a-z]){re.escape(name)}(?![0-9])", text)
        if hit is not None:
            return line.id, text[: hit.start()] + " " + text[hit.end() :]
    return None, text


def _publisher_off(product: Product, text: str) -> str:
    """Take the publisher's own short name off: 金山 before WPS, 微软 before Office."""
    return text.replace(folded(product.publisher), " ")
