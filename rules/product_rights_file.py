"""The parts `rights`, `evidence` and `alternatives` of a product file → their classes."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from rules.fields import Fields
from rules.product_rights import Alternatives, FurtherRight, FurtherUse, LicenceSource, Proof

E = TypeVar("E", bound=StrEnum)


def read_proofs(fields: Fields) -> tuple[Proof, ...]:
    """Return the words of `evidence`."""
    return _vocabulary(fields, "evidence", Proof, "PROOFS")


def read_alternatives(fields: Fields) -> Alternatives | None:
    """Return `alternatives`, `None` when the file has none."""
    if "alternatives" not in fields:
        return None
    own = fields.child("alternatives")
    found = Alternatives(own.texts("domestic"), own.texts("free"))
    own.close()
    return found


def read_rights(fields: Fields, editions: set[str], lines: set[str]) -> tuple[FurtherRight, ...]:
    """Return `rights`; each names the page that grants it and the day on which it was read."""
    found = [_right(own, editions, lines) for own in fields.children("rights")]
    return tuple(right for right in found if right is not None)


def _right(own: Fields, editions: set[str], lines: set[str]) -> FurtherRight | None:
    use = own.choice("use", FurtherUse, "FURTHER_USES", needed=True)
    terms, read_on = own.text("terms", needed=True), own.day("terms_read_on")
    if terms is not None and not terms.startswith(("https://", "http://")):
        own.fault("terms", f"expected the address of a page, got {terms!r}")
    if "terms_read_on" not in own:
        own.fault("terms_read_on", "expected the day on which the page was read")
    sources = _vocabulary(own, "sources", LicenceSource, "LICENCE_SOURCES")
    for_editions, to_editions = (_known(own, key, editions, "editions") for key in ("editions", "to_editions"))
    for_lines, to_lines = (_known(own, key, lines, "lines") for key in ("lines", "to_lines"))
    note = own.text("note")
    own.close()
    if use is None or terms is None or read_on is None:
        return None
    return FurtherRight(use, terms, read_on, sources, for_editions, for_lines, to_editions, to_lines, note)


def _known(own: Fields, key: str, known: set[str], title: str) -> tuple[str, ...]:
    found = own.texts(key)
    for word in found:
        if word not in known:
            listed = ", ".join(sorted(known)) or "none"
            own.fault(key, f"expected words of the product's {title} ({listed}), got {word!r}")
    return found


def _vocabulary(own: Fields, key: str, vocabulary: type[E], title: str) -> tuple[E, ...]:
    words = own.texts(key, one_may_stand_alone=True)
    for word in words:
        if word not in tuple(vocabulary):
            own.fault(key, f"expected words of {title}, got {word!r} ({title}: {', '.join(vocabulary)})")
    return tuple(vocabulary(word) for word in words if word in tuple(vocabulary))
