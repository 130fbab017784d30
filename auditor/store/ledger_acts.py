"""Acts on the ledger and what stands beside it: transfers, disposals, exemptions, price lines.

A row names its right by unit, 软件编号 and line, so it holds on when a later import opens a new row of the ledger.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from auditor.core.ledger_acts import Disposal, DisposalKind, Exemption, PriceLine, Transfer, is_in_force
from auditor.core.model import ProductId, SoftwareCode, UnitCode
from auditor.proof.digest import canonical_json
from auditor.proof.values import value_bytes, value_from
from auditor.store.dated_rows import DISPOSALS, EXEMPTIONS, LICENCES, PRICES, TRANSFERS, Register, rows_as_of

T = TypeVar("T")
Dated = TypeVar("Dated", "RegisteredTransfer", "RegisteredDisposal")


class HasCode(Protocol):
    """Every act has a number of its own."""

    @property
    def code(self) -> str:
        """单号."""


@dataclass(frozen=True, order=True)
class RightKey:
    """What names a row of the ledger for good: owning unit, 软件编号, number of the row within it from 1."""

    unit: UnitCode
    code: SoftwareCode
    line: int = 1

    def __str__(self) -> str:
        return f"{self.unit}/{self.code}" + (f"/{self.line}" if self.line != 1 else "")


@dataclass(frozen=True)
class RegisteredTransfer:
    """划转 as registered. `quantity` in rights, not packs."""

    code: str
    """单号."""
    right: RightKey
    from_unit: UnitCode
    to_unit: UnitCode
    quantity: int
    effective_on: date
    document: str | None = None
    remarks: str | None = None


@dataclass(frozen=True)
class RegisteredDisposal:
    """处置 as registered. `unit` holds the rights that leave."""

    code: str
    right: RightKey
    unit: UnitCode
    kind: DisposalKind
    quantity: int
    effective_on: date
    document: str | None = None
    remarks: str | None = None


@dataclass(frozen=True)
class RegisteredExemption:
    """豁免 as registered; at least one of `machine`, `product`, `name` is given."""

    code: str
    reason: str
    approver: str
    machine: str | None = None
    product: ProductId | None = None
    name: str | None = None
    """软件名称 as written."""
    unit: UnitCode | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    document: str | None = None


@dataclass(frozen=True)
class RegisteredPrice:
    """One line of a price list as registered; volume tiers are several lines. Yuan."""

    code: str
    name: str
    """软件名称 as written."""
    product: ProductId | None
    metric: str
    price: Decimal
    from_quantity: int = 1
    edition: str | None = None
    line: str | None = None
    rights_per_pack: int = 1
    supplier: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    document: str | None = None
    remarks: str | None = None


def act_row(act: HasCode) -> dict[str, str]:
    """Return the register's row of an act."""
    facts: dict[str, Any] = json.loads(value_bytes(act))
    kept = {name: value for name, value in facts.items() if value is not None and name != "code"}
    return {"code": act.code, "facts": canonical_json(kept).decode("utf-8")}


def registered_transfers(connection: Connection) -> list[RegisteredTransfer]:
    """Return every transfer that stands, by effective day and number."""
    return [act for _, act in _by_day(connection, TRANSFERS, RegisteredTransfer)]


def registered_disposals(connection: Connection) -> list[RegisteredDisposal]:
    """Return every disposal that stands, by effective day and number."""
    return [act for _, act in _by_day(connection, DISPOSALS, RegisteredDisposal)]


def list_transfers(connection: Connection, on: date) -> list[Transfer]:
    """Return the transfers of rights that are in force on a day, effective by then or not, by day and number."""
    rows = _rows_of_rights(connection, on)
    return [
        Transfer(number, rows[act.right], act.from_unit, act.to_unit, act.quantity, act.effective_on, act.document)
        for number, act in _by_day(connection, TRANSFERS, RegisteredTransfer)
        if act.right in rows
    ]


def list_disposals(connection: Connection, on: date) -> list[Disposal]:
    """Return the disposals of rights that are in force on a day, effective by then or not, by day and number."""
    rows = _rows_of_rights(connection, on)
    return [
        Disposal(number, rows[act.right], act.unit, act.kind, act.quantity, act.effective_on, act.document)
        for number, act in _by_day(connection, DISPOSALS, RegisteredDisposal)
        if act.right in rows
    ]


def list_exemptions(connection: Connection, on: date) -> list[Exemption]:
    """Return the exemptions that hold on a day. One for a product that the catalogue does not know exempts nothing."""
    return [
        Exemption(
            number,
            act.reason,
            act.approver,
            act.machine,
            act.product,
            act.unit,
            act.starts_on,
            act.ends_on,
        )
        for number, act in standing_acts(connection, EXEMPTIONS, RegisteredExemption)
        if is_in_force(act.starts_on, act.ends_on, on) and (act.name is None or act.product is not None)
    ]


def list_prices(connection: Connection, on: date) -> list[PriceLine]:
    """Return the price lines of a day whose product the catalogue knows, in their own order."""
    return sorted(
        (
            PriceLine(
                act.product,
                act.metric,
                act.price,
                act.from_quantity,
                act.edition,
                act.line,
                act.rights_per_pack,
                act.supplier,
                act.starts_on,
                act.ends_on,
            )
            for _, act in standing_acts(connection, PRICES, RegisteredPrice)
            if act.product is not None and is_in_force(act.starts_on, act.ends_on, on)
        ),
        key=value_bytes,
    )


def act_from(kind: type[T], code: str, facts: str) -> T:
    """Return the act that a row tells of."""
    return value_from(canonical_json({"product": None} | json.loads(facts) | {"code": code}), kind)


def standing_acts(connection: Connection, register: Register, kind: type[T]) -> list[tuple[int, T]]:
    """Return every act that stands, each with its number in the store."""
    return [(row["row"], act_from(kind, row["code"], row["facts"])) for row in rows_as_of(connection, register, None)]


def _by_day(connection: Connection, register: Register, kind: type[Dated]) -> list[tuple[int, Dated]]:
    """Return every act that stands, by effective day and 单号."""
    return sorted(standing_acts(connection, register, kind), key=lambda found: (found[1].effective_on, found[1].code))


def _rows_of_rights(connection: Connection, on: date) -> dict[RightKey, int]:
    return {
        RightKey(UnitCode(row["unit"]), SoftwareCode(row["code"]), row["line"]): row["row"]
        for row in rows_as_of(connection, LICENCES, on)
    }
