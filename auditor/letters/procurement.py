"""Joint procurement: what units handed in as lacking, idle rights of others first, the rest bought at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.store.database import Connection


def joint_plan(
    connection: Connection,
    duty: str,
    period: str,
    *,
    buyer: str,
    on: date,
    sees: Callable[[str | None], bool] = lambda _: True,
) -> list[dict[str, Any]]:
    """Return the lines of the plan: `transfer`, `buy`, and `unmet` where nothing on sale or idle fits.

    From the newest hand-ins of units that `sees` allows and the price list of the day; all is bought by one buyer.
    """
    from auditor.core.planning.pooled import Idle, pooled_plan
    from auditor.store.ledger_acts import list_prices
    from auditor.supervision.handing_up import lacking_of, roll_up

    told = roll_up(connection, duty, period, on=on, expected=())
    units = [unit for unit in told.units if sees(unit.entity.unit)]
    idle = [
        Idle(u.entity.unit, s.product, s.metric, s.code, s.quantity, s.edition, s.line)
        for u in units
        for s in u.entity.spares
    ]
    plan = pooled_plan(lacking_of(units), idle, list_prices(connection, on), buyer=buyer, on=on)
    moves = [step for step in plan.steps if step.way.value == "transfer"]
    rows = [_row("transfer", m.unit, m.product, m.edition, m.line, m.quantity, m.from_unit, m.code) for m in moves]
    for bought in plan.purchases:
        offer = bought.offer
        line = _row("buy", bought.buyer, offer.product, offer.edition, offer.line, bought.packs)
        rows.append(line | {"price": bought.price, "amount": bought.amount})
    for need, left in plan.unmet:
        first = need.copies[0]
        rows.append(_row("unmet", need.unit, need.product, first.edition, first.line, left))
    return rows


def _row(
    way: str, unit: str, product: str, edition: str | None, line: str | None, quantity: int,
    from_unit: str | None = None, code: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    release = " ".join(filter(None, (line, edition)))
    told = {"way": way, "unit": unit, "product": product, "release": release, "quantity": quantity}
    return {**told, "from_unit": from_unit or "", "code": code or "", "price": "", "amount": ""}
