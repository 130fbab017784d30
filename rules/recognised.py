"""Recognition: what a title is, and by which rule."""

from __future__ import annotations

from dataclasses import dataclass

from rules.product import Category, Kind, LicenceClass


@dataclass(frozen=True)
class Recognition:
    """The answer for one title.

    `product` is `None` when the catalogue does not know it; `group` is a stable identity also then, so that
    the thousandth copy of an unknown program is one line. `confidence` is between 0 and 1: 1 hard id,
    0.95 name and publisher, 0.8 name alone, 0.6 a name list says so, 0 unknown.
    """

    group: str
    name: str
    """Name of the product, or the title's own name cleaned of version, architecture and language."""
    kind: Kind
    licence_class: LicenceClass
    category: Category
    confidence: float
    product: str | None = None
    publisher: str | None = None
    """Publisher id of the catalogue, else the cleaned publisher's name."""
    edition: str | None = None
    line: str | None = None
    version: str | None = None
    """The parsed version in dotted form; the raw one stays with the title."""
    rule: str | None = None
    """`<product>#<rule>`; `origin` for packages of a distribution; `None` for an unknown title."""
    listed: str | None = None
    """`<collection>/<id>` of the name list when no product file knows the title; class and name are the packager's."""
    because: str | None = None
    """The words that decided, for the explanation."""
