"""Rows that several papers share: rates, positions, copies, rows of the ledger; and whose software is domestic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from auditor.core.entitlement import Entitlement
from auditor.core.model import Assignment, Copy, Position, UnitCode
from auditor.core.reconcile import NOT_COUNTED
from auditor.readmodels.audit_report import audit_report, rates
from auditor.readmodels.context import RunView
from reports.model import Facts, Rate
from reports.paper import Cell, Code, Drawn, Paper, Section, Share, Told
from rules.product import Category, LicenceClass

DOMESTIC = "CN"
"""Country of the right holder of domestic software (ISO 3166)."""


def paper(view: RunView, unit: UnitCode, kind: str, *sections: Section) -> Paper:
    """Return a paper of one legal entity."""
    return Paper(kind, view.head(unit, kind), sections, view.coverage(unit), view.proof)


def day(value: date) -> str:
    """Return a day as the sentences of papers write it, in every language."""
    return value.isoformat()


def own_copies(view: RunView, unit: UnitCode) -> list[Assignment]:
    """Return the copies of a unit in the order of computers and products."""
    return sorted(
        view.by_unit.get(unit, []),
        key=lambda each: (machine_name(view, each.copy), each.copy.product, each.copy.key),
    )


def own_rows(view: RunView, unit: UnitCode) -> list[Entitlement]:
    """Return the rows of a unit's ledger by code."""
    mine = [row for row in view.facts.entitlements if view.tree.legal_entity_of(row.unit) == unit]
    return sorted(mine, key=lambda row: (row.code, row.id))


def own_positions(view: RunView, unit: UnitCode) -> list[Position]:
    """Return the positions of a unit, in the order of the result."""
    return [line for line in view.result.positions if line.unit == unit]


def machine_name(view: RunView, copy: Copy) -> str:
    """Return 计算机编号, else the host name, else the key: never a person."""
    machine = view.machines.get(copy.machine)
    return (machine.code or machine.host_name or copy.machine) if machine is not None else copy.machine


def in_scope(view: RunView, unit: UnitCode) -> int:
    """Return how many computers of a unit count."""
    return sum(machine.state not in NOT_COUNTED for machine in view.machines_by_unit.get(unit, []))


def country_of(view: RunView, product: str | None) -> str | None:
    """Return the country of a product, else of its right holder; `None` for a community and what is not known."""
    found = view.facts.products.get(product) if product is not None else None
    if found is None:
        return None
    holder = view.publishers.get(found.publisher)
    return found.country or (holder.country if holder is not None else None)


def class_of(category: Category) -> str:
    """Return 操作系统, 办公软件, 杀毒软件 by their codes, `other` for all else."""
    general = (Category.OPERATING_SYSTEM, Category.OFFICE, Category.ANTIVIRUS)
    return category.value if category in general else "other"


def class_of_product(view: RunView, product: str | None) -> str:
    """Return the class of a product; `other` when it is not known."""
    found = view.facts.products.get(product) if product is not None else None
    return class_of(found.category) if found is not None else "other"


CLASSES = ("operating_system", "office", "antivirus", "other")


def bought_between(rows: Iterable[Entitlement], first: date, last: date) -> list[Entitlement]:
    """Return the rows whose purchase lies in a closed span of days, in the order of days."""
    found = [row for row in rows if row.purchased_on is not None and first <= row.purchased_on <= last]
    return sorted(found, key=lambda row: (row.purchased_on or first, row.code, row.id))


def spent(rows: Iterable[Entitlement]) -> Decimal:
    """Return the money of rows, yuan; rows without an amount add nothing."""
    return sum((row.amount for row in rows if row.amount is not None), Decimal(0))


def rate_rows(found: Sequence[Rate]) -> tuple[tuple[Cell, ...], ...]:
    """Return a row for each rate."""
    return tuple(
        (
            Code("rate", rate.what),
            Share(rate.numerator, rate.denominator),
            rate.numerator,
            rate.denominator,
            rate.short,
            rate.to_verify,
            rate.suspected,
            rate.undetermined,
            rate.excluded,
        )
        for rate in found
    )


def rates_section(view: RunView, unit: UnitCode, facts: Facts = ()) -> Section:
    """Return the section of 正版率, by copies, and its chart."""
    found = rates(view.by_unit.get(unit, []))
    bars = tuple(Drawn(Code("rate", rate.what), rate.numerator, rate.denominator) for rate in found)
    return Section("rates", facts, rate_rows(found), bars=bars)


def position_rows(view: RunView, lines: Iterable[Position]) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each position, numbered."""
    for number, line in enumerate(lines, start=1):
        yield (
            number,
            view.product_name(line.product),
            Code("category", line.category.value),
            line.raw,
            str(line.required),
            str(line.covered),
            str(line.shortage),
            str(line.surplus),
        )


def ledger_rows(view: RunView, rows: Iterable[Entitlement]) -> tuple[tuple[Cell, ...], ...]:
    """Return a row for each row of the ledger, numbered, with the days that are left of its term."""
    return tuple(
        (
            number,
            row.code,
            row.name,
            quantity(row),
            row.term,
            row.ends_on,
            (row.ends_on - view.facts.on).days if row.ends_on is not None else None,
            row.supplier,
        )
        for number, row in enumerate(rows, start=1)
    )


def quantity(row: Entitlement) -> Cell:
    """Return 许可数量 of a row: a number, or 不限."""
    return Code("quantity", "unlimited") if row.unlimited else row.rights


def finding_rows(view: RunView, unit: UnitCode) -> tuple[tuple[Cell, ...], ...]:
    """Return the findings of a unit, gravest first: urgency, title, sentence. No person is named."""
    order = {"high": 0, "medium": 1, "low": 2, "note": 3}
    found = sorted(audit_report(view, unit).findings, key=lambda line: order.get(line.severity, 9))
    return tuple(
        (number, Code("severity", line.severity), Told(line.code, line.facts, "title"), Told(line.code, line.facts))
        for number, line in enumerate(found, start=1)
    )


def is_personal(copy: Copy) -> bool:
    """Return whether software is free for personal use only."""
    return copy.licence_class is LicenceClass.PERSONAL_FREE
