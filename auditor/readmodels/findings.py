"""Findings → rows of a listing: the sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.core.model import Finding
from reports.model import Facts, Name
from reports.wording import wording
from rules.catalogue import Catalogue
from rules.indicator import Indicator
from rules.product import Product

SIGN_FACTS = frozenset({"sign", "reason"})
EDITION_FACTS = frozenset({"edition", "installed", "licensed"})


def finding_rows(findings: Iterable[Finding], catalogue: Catalogue, language: str) -> list[dict[str, str | None]]:
    """Return severity, code, unit, product, machine and sentence of each finding."""
    words = wording(language)
    return [
        {
            "severity": finding.severity.value,
            "code": finding.code,
            "unit": finding.unit,
            "product": finding.product,
            "machine": finding.machine,
            "sentence": words.finding(finding.code, told_facts(finding, catalogue.products, catalogue.indicators)).text,
        }
        for finding in findings
    ]


def told_facts(finding: Finding, products: Mapping[str, Product], indicators: Mapping[str, Indicator]) -> Facts:
    """Return the facts that a sentence is made of, names of the catalogue in both languages.

    A sign is told by the title of its indicator, with what was seen behind it.

    Facts that only tell twins apart are left out. A name that a ledger or a machine wrote stays as it is.
    """
    product = products.get(finding.product) if finding.product is not None else None
    shown = ((name, _shown_sign(name, value, finding, indicators)) for name, value in finding.facts)
    return tuple(
        (name, value if isinstance(value, Name) else _named(name, value, product, products))
        for name, value in shown
        if not name.startswith("which")
    )


def _shown_sign(fact: str, value: str | int, finding: Finding, indicators: Mapping[str, Indicator]) -> str | int | Name:
    first = finding.evidence[0] if finding.evidence else None
    if fact not in SIGN_FACTS or first is None or value != first.words:
        return value
    indicator = indicators.get(first.rule)
    if indicator is None:
        return value
    return Name(f"{indicator.title.zh}：{value}", f"{indicator.title.en}: {value}")


def joined(names: Sequence[Name]) -> Name:
    """Return several names as one."""
    return Name("、".join(name.zh for name in names), ", ".join(name.en for name in names))


def _named(fact: str, value: str | int, product: Product | None, products: Mapping[str, Product]) -> str | int | Name:
    if fact == "product" and product is not None and value == product.zh:
        return Name(product.zh, product.en)
    if fact in EDITION_FACTS and product is not None:
        found = next((Name(edition.zh, edition.en) for edition in product.editions if edition.zh == value), None)
        return found if found is not None else value
    if fact == "products":
        english = {known.zh: known.en for known in products.values()}
        return joined([Name(zh, english.get(zh, zh)) for zh in str(value).split("、")])
    return value
