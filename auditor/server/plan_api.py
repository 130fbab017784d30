"""Plans, what-if and recognition for programmes: what `zhengban plan`, `position --add …` and `recognise` answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromQuery, JSONBody, Parameter

from auditor.console.viewer import EVERYWHERE, Act, Viewer, sees_unit
from auditor.core.model import ProductId, UnitCode
from auditor.errors import AuditorError, both
from auditor.server.console_state import Console
from auditor.server.public_api import parents_of, store_of
from auditor.server.signin import requires
from rules.metrics.roster import METRICS

AnyRequest = Request[Any, Any, Any]
Name = Annotated[str, msgspec.Meta(max_length=200)]
WayName = Literal["reassign", "transfer", "uninstall", "replace", "buy"]
_MOST_NAMES = 1000
_METRICS = {metric.id for metric in METRICS}


class RightAsked(msgspec.Struct):
    """Rights that a unit would hold. `metric`: an id such as `per_device`."""

    unit: Name
    product: Name
    quantity: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    metric: Name = "per_device"
    edition: Name | None = None
    line: Name | None = None


class UpgradeAsked(msgspec.Struct):
    """Copies of a product that would be of another release line; of one line, or of all."""

    product: Name
    to_line: Name
    from_line: Name | None = None


class WhatIfAsked(msgspec.Struct):
    """A changed world: nothing of it is written."""

    as_of: date | None = None
    unit: Name | None = None
    product: Name | None = None
    rights: Annotated[list[RightAsked], msgspec.Meta(max_length=_MOST_NAMES)] = []
    without_machines: Annotated[list[Name], msgspec.Meta(max_length=100_000)] = []
    without_products: Annotated[list[Name], msgspec.Meta(max_length=_MOST_NAMES)] = []
    upgrades: Annotated[list[UpgradeAsked], msgspec.Meta(max_length=_MOST_NAMES)] = []


@post("/api/v1/positions/what-if", guards=[requires(Act.READ_LEDGER)], status_code=200, sync_to_thread=True)
def what_if(request: AnyRequest, viewer: NamedDependency[Viewer], data: JSONBody[WhatIfAsked]) -> list[dict[str, Any]]:
    """The position of a changed world beside that of today: rows bear `shortage_before` and `surplus_before`."""
    from auditor.audit.run import facts_of_day  # the solver behind it takes a second to load
    from auditor.core.whatif import Added, Changes, Upgraded, unknown_names
    from auditor.readmodels.positions import counted, position_rows

    console: Console = request.app.state.console
    facts = facts_of_day(store_of(request), console.settings, console.catalogue(), on=data.as_of or console.today())
    wrong = sorted({right.metric for right in data.rights} - _METRICS)
    changes = Changes(
        tuple(
            Added(UnitCode(r.unit), ProductId(r.product), r.quantity, r.metric, r.edition, r.line) for r in data.rights
        ),
        frozenset(data.without_machines),
        tuple(Upgraded(ProductId(one.product), one.to_line, one.from_line) for one in data.upgrades),
        frozenset(data.without_products),
    )
    before = counted(facts)
    if wrong := [*wrong, *unknown_names(before.world, changes)]:
        told = both("没有登记或扫描到", "expected what is registered or was seen")
        raise AuditorError(f"{', '.join(wrong[:20])}: {told}")
    rows = position_rows(counted(facts, changes), unit=data.unit, product=data.product, before=before)
    with store_of(request).read() as connection:
        parents = parents_of(connection)
    return [row for row in rows if sees_unit(viewer, row["unit"], parents)]


@get("/api/v1/plans", guards=[requires(Act.READ_LEDGER)], sync_to_thread=True)
def plan(
    request: AnyRequest,
    viewer: NamedDependency[Viewer],
    run: FromQuery[Annotated[str, Parameter(max_length=64)]] = "latest",
    group: FromQuery[bool] = False,
    without: FromQuery[list[WayName] | None] = None,
    unit: FromQuery[Annotated[str | None, Parameter(max_length=100)]] = None,
) -> dict[str, Any]:
    """The cheapest way to no shortage: steps, purchases, what is left, the cost; by the price lines of the run's day.

    `group`: units help each other and buy together, for whoever sees all of them.
    """
    from auditor.core.planning.plan import EVERY_WAY, Way
    from auditor.issuing.run_files import repeated, view_of
    from auditor.readmodels.plan import alternatives_of, as_plain, buyers_of, plan_of_run

    if group and EVERYWHERE not in viewer.units:
        raise PermissionDeniedException(both("须有全部单位的权限", "expected an account that sees every unit"))
    store = store_of(request)
    view = view_of(store, *repeated(store, run))
    with store.read() as connection:
        parents = parents_of(connection)
    ways = EVERY_WAY - {Way(word) for word in without or ()}
    made = plan_of_run(view, view.prices, alternatives_of(view.facts.products), joint=group, ways=ways)
    buyers = [buyer for buyer in buyers_of(view, made) if sees_unit(viewer, buyer, parents)]
    return as_plain(view, made, [buyer for buyer in buyers if unit in (None, buyer)])


PLAN_API = (what_if, plan)
