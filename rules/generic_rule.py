"""GenericRule: one kind of thing that is told by names and marks, without a product."""

from __future__ import annotations

from dataclasses import dataclass

from rules.product import Category, Kind, LicenceClass


@dataclass(frozen=True)
class GenericRule:
    """One kind of thing that no form lists by itself. Every condition that is given must hold."""

    id: str
    kind: Kind
    licence_class: LicenceClass
    category: Category
    names: str = ""
    """On the normal name; empty when other conditions decide."""
    keys: str = ""
    """On the source's own key."""
    publishers: str = ""
    """On the publisher as written."""
    sections: str = ""
    """On the source's own classification."""
    versions: str = ""
    """On the version as written."""
    unlike: str = ""
    """On the normal name: it must not match."""
    sources: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    after_list: bool = False
    """The name list goes before it: the rule only guesses by words that a program's own name may hold."""
