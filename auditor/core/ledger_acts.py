"""What happens to rights after they were entered: transfers, disposals; and what stands beside the ledger:
exemptions, price lines, sessions, access pairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from auditor.core.model import PersonId, ProductId, UnitCode


def is_in_force(starts_on: date | None, ends_on: date | None, on: date) -> bool:
    """Return whether a term holds on a day; both ends belong to it, `None` = open."""
    return (starts_on is None or starts_on <= on) and (ends_on is None or on <= ends_on)


class DisposalKind(StrEnum):
    """处置方式: 转让, 捐赠, 调剂, 报废."""

    SOLD = "sold"
    DONATED = "donated"
    REASSIGNED = "reassigned"
    SCRAPPED = "scrapped"


@dataclass(frozen=True, order=True)
class Transfer:
    """划转: rights of one row go to another unit from the effective day on. `document` is the paper behind it."""

    id: int
    entitlement: int
    from_unit: UnitCode
    to_unit: UnitCode
    quantity: int
    """In rights, not packs."""
    effective_on: date
    document: str | None = None


@dataclass(frozen=True, order=True)
class Disposal:
    """处置: rights of one row leave the organisation on a day."""

    id: int
    entitlement: int
    unit: UnitCode
    kind: DisposalKind
    quantity: int
    """In rights, not packs."""
    effective_on: date
    document: str | None = None


@dataclass(frozen=True, order=True)
class Exemption:
    """豁免: copies that need no right for a stated reason. At least one of `machine`, `product` is given."""

    id: int
    reason: str
    approver: str
    machine: str | None = None
    """计算机编号."""
    product: ProductId | None = None
    unit: UnitCode | None = None
    """Holds for this unit and below it; `None` = everywhere."""
    starts_on: date | None = None
    ends_on: date | None = None
    """Last day; `None` = until taken back."""


@dataclass(frozen=True, order=True)
class PriceLine:
    """One line of a price list, with the quantity from which on it holds (volume tiers are several lines)."""

    product: ProductId
    metric: str
    price: Decimal
    """Yuan for one right, or for one pack when `rights_per_pack` says so."""
    from_quantity: int = 1
    edition: str | None = None
    line: str | None = None
    rights_per_pack: int = 1
    supplier: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Session:
    """One check-out of a floating licence: half open [start, end); `None` = still open. Times are UTC-aware."""

    product: ProductId
    starts_at: datetime
    ends_at: datetime | None
    quantity: int = 1
    unit: UnitCode | None = None
    person: PersonId | None = None
    machine: str | None = None


@dataclass(frozen=True, order=True)
class AccessPair:
    """One user reaches one server product from one device. `line` is the release line of the server."""

    product: ProductId
    person: PersonId
    machine: str
    line: str | None = None
    unit: UnitCode | None = None


@dataclass(frozen=True, order=True)
class Measured:
    """A quantity that somebody states for a product: users, heads, managed resources."""

    product: ProductId
    quantity: Fraction
    unit: UnitCode | None = None
