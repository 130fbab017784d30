"""What no installation shows, as registered: check-outs of floating licences, who reaches a server, stated quantities.

Rows bear their own days and moments; all that is known of them today is known for every day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction

from sqlalchemy import Connection

from auditor.core.ledger_acts import AccessPair, Measured, Session, is_in_force
from auditor.core.model import PersonId, ProductId, UnitCode
from auditor.store.dated_rows import ACCESS, CHECK_OUTS, QUANTITIES
from auditor.store.ledger_acts import standing_acts


@dataclass(frozen=True)
class RegisteredCheckOut:
    """借出 of a floating licence as registered; moments are UTC texts, the end is open while it is out."""

    code: str
    name: str
    """软件名称 as written."""
    product: ProductId | None
    starts_at: str
    ends_at: str | None = None
    quantity: int = 1
    unit: UnitCode | None = None
    person: PersonId | None = None
    machine: str | None = None
    """计算机编号."""


@dataclass(frozen=True)
class RegisteredAccess:
    """访问 as registered: one user reaches one server product from one device."""

    code: str
    name: str
    product: ProductId | None
    person: PersonId
    machine: str
    line: str | None = None
    """Release line of the server."""
    unit: UnitCode | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class RegisteredQuantity:
    """申报数量 as registered: users, heads or managed resources that the unit itself states."""

    code: str
    name: str
    product: ProductId | None
    quantity: Fraction
    unit: UnitCode | None = None
    starts_on: date | None = None
    ends_on: date | None = None


def list_check_outs(connection: Connection, on: date, *, window_days: int, zone: tzinfo) -> list[Session]:
    """Return the check-outs of known products that lie in the window which ends with the day, in their own order."""
    until = datetime.combine(on, time.min, zone) + timedelta(days=1)
    since = until - timedelta(days=window_days)
    found = [
        Session(act.product, _moment(act.starts_at), _end(act.ends_at), act.quantity, act.unit, act.person, act.machine)
        for _, act in standing_acts(connection, CHECK_OUTS, RegisteredCheckOut)
        if act.product is not None
    ]
    inside = [one for one in found if one.starts_at < until and (one.ends_at is None or one.ends_at > since)]
    return sorted(inside, key=_order)


def list_access(connection: Connection, on: date) -> list[AccessPair]:
    """Return who reaches what on a day, of known products, in their own order, each once."""
    found = {
        AccessPair(act.product, act.person, act.machine, act.line, act.unit)
        for _, act in standing_acts(connection, ACCESS, RegisteredAccess)
        if act.product is not None and is_in_force(act.starts_on, act.ends_on, on)
    }
    return sorted(found, key=lambda pair: (pair.product, pair.person, pair.machine, pair.line or "", pair.unit or ""))


def list_quantities(connection: Connection, on: date) -> list[Measured]:
    """Return what each unit states of each known product on a day: its newest statement that holds."""
    newest: dict[tuple[ProductId, str], RegisteredQuantity] = {}
    for _, act in standing_acts(connection, QUANTITIES, RegisteredQuantity):
        if act.product is None or not is_in_force(act.starts_on, act.ends_on, on):
            continue
        key = (act.product, act.unit or "")
        before = newest.get(key)
        if before is None or _since(before) < _since(act):
            newest[key] = act
    return [Measured(key[0], act.quantity, act.unit) for key, act in sorted(newest.items())]


def _since(act: RegisteredQuantity) -> tuple[date, str]:
    return (act.starts_on or date.min, act.code)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _end(text: str | None) -> datetime | None:
    return _moment(text) if text is not None else None


_FAR = datetime.max.replace(tzinfo=UTC)


def _order(one: Session) -> tuple[object, ...]:
    who = (one.unit or "", one.person or "", one.machine or "")
    return (one.product, one.starts_at, one.ends_at or _FAR, one.quantity, *who)
