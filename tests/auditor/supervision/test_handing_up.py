"""逐级上报 over three tiers, by signed files: verified, kept once, rolled up, asked about, bought for together."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from supervised import UNITS, organisation

from auditor.core.counting import count
from auditor.core.ledger_acts import PriceLine
from auditor.core.model import ProductId, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.planning.pooled import Idle, Lacking, pooled_plan
from auditor.core.reconcile import counting_of
from auditor.errors import AuditorError, NotAuthentic
from auditor.proof.signing import SigningKey
from auditor.store.database import Store
from auditor.store.handed_in import UnitKey, add_key, list_hand_ins, revoke_key
from auditor.store.trail import first_broken_entry
from auditor.supervision.handing_up import (
    EntityTold,
    HandInBody,
    PositionTold,
    RollUp,
    SpareTold,
    by_tier,
    entities_told,
    hand_in,
    receive,
    roll_up,
    totals,
)

AT = "2026-12-01T02:00:00Z"
KEYS = {unit: SigningKey(unit.encode().ljust(32, b"-")) for unit in ("JT", "SY", "SC", "XX")}
EXPECTED = ("JT", "SY", "SC")


def public(unit: str) -> str:
    return base64.b64encode(KEYS[unit].public).decode()


def key(unit: str) -> UnitKey:
    return UnitKey(unit, public(unit), AT)


def entity(unit: str, shortage: int = 0, surplus: int = 0, parent: str | None = None) -> EntityTold:
    n = Fraction(10)
    position = PositionTold("rarlab/winrar", "per_device", "WinRAR", "archiver", 10, n, n - shortage, Fraction(0),
                            Fraction(shortage), Fraction(surplus), n, shortage, False)  # fmt: skip
    spares = (SpareTold("rarlab/winrar", "per_device", f"{unit}-1", surplus),) if surplus else ()
    return EntityTold(unit, unit, parent, 10, 9, 8, 10, (position,), spares, (), 0)


def body(unit: str, *entities: EntityTold, period: str = "2026", as_of: date = date(2026, 11, 30),
         corrects: str | None = None) -> HandInBody:  # fmt: skip
    return HandInBody(unit, "annual_report", period, as_of, "r" * 64, "test", AT, entities or (entity(unit),), corrects)


def file(unit: str, *entities: EntityTold, children: Sequence[bytes] = (), keys: Sequence[UnitKey] = (),
         period: str = "2026", as_of: date = date(2026, 11, 30), corrects: str | None = None) -> bytes:  # fmt: skip
    return hand_in(body(unit, *entities, period=period, as_of=as_of, corrects=corrects), KEYS[unit], children, keys)


@pytest.fixture
def top(empty_store: Store) -> Store:
    """The group's checker, which knows the key of SY and of itself alone."""
    with empty_store.begin() as connection:
        for unit in ("SY", "JT"):
            add_key(connection, key(unit))
    return empty_store


def take(store: Store, data: bytes, at: str = AT) -> bool:
    with store.begin() as connection:
        return receive(connection, data, at=at).is_new


def rolled(store: Store, on: date = date(2026, 12, 1), period: str = "2026") -> RollUp:
    with store.read() as connection:
        return roll_up(connection, "annual_report", period, on=on, expected=EXPECTED)


def shortage(found: RollUp) -> str:
    (line,) = totals(found.units)
    return str(line["shortage"])


def test_three_tiers_each_unit_once(top: Store) -> None:
    lowest = file("SC", entity("SC", 3))
    middle = file("SY", entity("SY", 2), children=[lowest], keys=[key("SC")])
    take(top, middle)
    take(top, file("JT", entity("JT", 0, 4)))
    found = rolled(top)

    assert [(unit.entity.unit, unit.is_late) for unit in found.units] == [("JT", False), ("SC", False), ("SY", False)]
    assert (found.absent, found.set_aside, shortage(found)) == ((), (), "5")
    assert totals(found.units)[0]["net"] == "-1"
    from auditor.core.model import Unit

    parents = [line.split(",") for line in UNITS.splitlines()[1:]]
    tree = UnitTree([Unit(UnitCode(c), n, UnitCode(p) if p else None) for c, n, p, _ in parents])
    assert {unit: len(below) for unit, below in by_tier(found.units, tree).items()} == {"JT": 3, "SY": 2, "SC": 1}
    with top.read() as connection:
        assert [(row.unit, row.came_with is not None) for row in list_hand_ins(connection)] == [
            ("SY", False), ("SC", True), ("JT", False)]  # fmt: skip
        assert first_broken_entry(connection) is None


def test_a_unit_that_moves_between_tiers_is_counted_once(top: Store) -> None:
    """In October 实业公司 told of 生产厂, in November the group did, under which it had come."""
    take(top, file("SY", entity("SY", 2), entity("SC", 3), as_of=date(2026, 10, 31)))
    take(top, file("JT", entity("JT"), entity("SC", 1), as_of=date(2026, 11, 30)))
    found = rolled(top)

    assert shortage(found) == "3"
    assert [unit for unit, _ in found.set_aside] == ["SC"]
    assert next(unit for unit in found.units if unit.entity.unit == "SC").as_of == date(2026, 11, 30)


def test_the_same_figures_by_two_ways_are_one(top: Store) -> None:
    lowest = file("SC", entity("SC", 3))
    with top.begin() as connection:
        add_key(connection, key("SC"))
    assert take(top, lowest)
    assert take(top, file("SY", entity("SY", 2), entity("SC", 3), children=[lowest], keys=[key("SC")]))
    found = rolled(top)

    assert shortage(found) == "5"
    assert [unit for unit, _ in found.set_aside] == ["SC"], "the unit's own file counts, not what the tier told of it"


def test_a_tier_that_is_away_stands_with_what_it_told_last(top: Store) -> None:
    take(top, file("SY", entity("SY", 2), period="2025", as_of=date(2025, 11, 30)))
    take(top, file("JT", entity("JT")))
    found = rolled(top)

    assert (found.late, found.absent, shortage(found)) == (("SY",), ("SC",), "2")
    assert next(unit.days_old for unit in found.units if unit.entity.unit == "SY") == 366
    take(top, file("SY", entity("SY", 0)), at="2026-12-30T00:00:00Z")
    assert rolled(top).late == ()


def test_a_correction_names_what_it_corrects(top: Store) -> None:
    from auditor.proof.digest import sha256_hex

    first = file("SY", entity("SY", 2))
    take(top, first)
    assert not take(top, first), "the same file again changes nothing"
    with pytest.raises(AuditorError, match="更正须写明所更正的文件"):
        take(top, file("SY", entity("SY", 1)))
    with pytest.raises(AuditorError, match="不是最近一次报送"):
        take(top, file("SY", entity("SY", 1), corrects="f" * 64))
    take(top, file("SY", entity("SY", 1), corrects=sha256_hex(first)))
    assert shortage(rolled(top)) == "1"
    with pytest.raises(AuditorError, match="不是最近一次报送"):
        take(top, file("SY", entity("SY", 7), corrects=sha256_hex(first)))


def altered(data: bytes) -> bytes:
    plain = json.loads(data)
    plain["body"] = plain["body"].replace('"shortage":"2"', '"shortage":"0"')
    return json.dumps(plain).encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (altered(file("SY", entity("SY", 2))), "签名与内容不符"),
        (file("XX", entity("XX")), "公钥未登记"),
        (hand_in(body("JT"), KEYS["SY"]), "与签名单位"),
        (file("SY", entity("SY"), children=[file("XX", entity("XX"))]), "公钥未登记"),
        (file("SY", entity("SY"), children=[altered(file("SC", entity("SC", 2)))], keys=[key("SC")]), "签名与内容不符"),
        (file("SY", entity("SY"), entity("SY")), "出现两次"),
        (b"PK\x03\x04", "不是签名文件"),
        (b"{}", "不是签名文件"),
    ],
)
def test_what_is_not_signed_as_it_should_be_is_refused_whole(top: Store, data: bytes, why: str) -> None:
    with pytest.raises(AuditorError, match=why):
        take(top, data)
    with top.read() as connection:
        assert list_hand_ins(connection) == []


def test_a_revoked_unit_hands_nothing_in_also_not_through_another(top: Store) -> None:
    lowest = file("SC", entity("SC"))
    with top.begin() as connection:
        add_key(connection, key("SC"))
        revoke_key(connection, public("SC"), at=AT, by="赵审")
        revoke_key(connection, public("JT"), at=AT, by="赵审")
    for data in (file("JT"), lowest, file("SY", entity("SY"), children=[lowest], keys=[key("SC")])):
        with pytest.raises(NotAuthentic, match="吊销"):
            take(top, data)


def test_eight_tiers_and_no_more(top: Store) -> None:
    data = file("SC")
    for _ in range(9):
        data = file("SC", children=[data], keys=[key("SC")])
    with pytest.raises(AuditorError, match="层级"):
        take(top, file("SY", children=[data], keys=[key("SC")]))


def test_joint_procurement_takes_what_is_idle_first_and_buys_the_rest_at_the_tiers_price() -> None:
    product = ProductId("rarlab/winrar")
    prices = [
        PriceLine(product, "per_device", Decimal(price), from_quantity=tier) for tier, price in ((1, 200), (50, 150))
    ]
    lacking = [Lacking("SC", product, "per_device", 30), Lacking("SY", product, "per_device", 40)]
    plan = pooled_plan(
        lacking, [Idle("JT", product, "per_device", "JT-1", 15)], prices, buyer="JT", on=date(2026, 11, 30)
    )

    moved = sum(step.rights for step in plan.steps if step.way.value == "transfer")
    (order,) = plan.purchases
    assert (moved, order.packs, order.price, order.buyer) == (15, 55, Decimal(150), "JT")
    assert plan.unmet == []
    alone = [pooled_plan([each], [], prices, buyer=each.unit, on=date(2026, 11, 30)) for each in lacking]
    assert sum(p.amount for one in alone for p in one.purchases) > order.amount


def test_editions_are_pooled_by_themselves_and_met_by_fitting_rights_alone() -> None:
    product, on = ProductId("microsoft/office"), date(2026, 11, 30)
    prices = [
        PriceLine(product, "per_device", Decimal(2000), edition="professional", line="2021"),
        PriceLine(product, "per_device", Decimal(900), edition="standard", line="2021"),
    ]
    lacking = [
        Lacking("SC", product, "per_device", 4, "professional", "2021"),
        Lacking("SC", product, "per_device", 3, "standard", "2021"),
        Lacking("SY", product, "per_device", 2, "standard", "2016"),
        Lacking("SY", product, "per_device", 1),
    ]
    idle = [
        Idle("JT", product, "per_device", "JT-STD", 5, "standard", "2021"),
        Idle("JT", product, "per_device", "JT-OLD", 1, "standard", "2016"),
    ]
    plan = pooled_plan(lacking, idle, prices, buyer="JT", on=on)

    moved = sorted(
        (str(s.unit), str(s.edition), str(s.line), str(s.code), s.rights)
        for s in plan.steps
        if s.way.value == "transfer"
    )
    assert ("SC", "standard", "2021", "JT-STD", 3) in moved
    assert ("SY", "standard", "2016", "JT-OLD", 1) in moved
    assert all(edition != "professional" for _, edition, *_ in moved), "no standard right covers the professional one"
    assert [(p.offer.edition, p.packs) for p in plan.purchases] == [("professional", 4)]
    assert [(need.copies[0].line, left) for need, left in plan.unmet] == [("2016", 1)], (
        "nothing on sale fits the old line"
    )


def test_what_a_unit_lacks_goes_up_by_edition(tmp_path: Path) -> None:
    org = organisation(tmp_path)
    org.machines({"PC-1": "SC", "PC-2": "SC", "PC-3": "SC"})
    for code, edition in (("PC-1", "Professional Plus"), ("PC-2", "Standard"), ("PC-3", "Standard")):
        org.scan(code, "2026-02-01", [f"Microsoft Office {edition} 2019 - zh-cn"])
    run, _ = org.audit("2026-02-10")
    tree = UnitTree(run.frozen.units)
    told = entities_told(
        run.result, count(counting_of(run.facts), tree), run.frozen.machines, tree, [], on=run.frozen.on, forms={}
    )
    (mine,) = [entity for entity in told if entity.unit == "SC"]
    office = {(lack.edition, lack.quantity) for lack in mine.lacks if lack.product == "microsoft/office"}
    (position,) = [p for p in mine.positions if p.product == "microsoft/office"]
    assert sum(number for _, number in office) == position.to_buy == 3
    assert sorted(number for _, number in office) == [1, 2] and len({edition for edition, _ in office}) == 2
