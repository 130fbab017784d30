"""Laws of the count, over organisations by chance."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import random_world

from auditor.core.allocation.edges import failing_conditions
from auditor.core.holdings import ledger_of
from auditor.core.model import Failing, Reason, Right, Verdict
from auditor.core.organisation import NO_UNIT, UnitTree
from auditor.core.reconcile import NOT_COUNTED
from auditor.core.verdict import verdict

seeds = st.integers(0, 1_000_000)
Item = TypeVar("Item")
MANY = settings(max_examples=200, deadline=None)


@MANY
@given(seeds)
def test_required_is_covered_to_order_and_short(seed: int) -> None:
    result = random_world(seed).reconcile()
    for position in result.positions:
        assert position.required == position.covered + position.to_order + position.shortage
        assert min(position.required, position.covered, position.shortage, position.surplus, position.idle_reserve) >= 0
        assert position.required + position.exempt <= position.raw
        assert position.owned is None or position.owned >= 0


@MANY
@given(seeds)
def test_every_copy_has_one_verdict_and_one_unit_that_prints_it(seed: int) -> None:
    world = random_world(seed)
    result = world.reconcile()
    tree = UnitTree(world.units)
    assert len({a.copy.key for a in result.assignments}) == len(result.assignments)
    assert sum(Counter(a.verdict for a in result.assignments).values()) == len(result.assignments)
    assert all(a.verdict is verdict(a.right, a.evidence) for a in result.assignments)
    assert {a.copy.unit for a in result.assignments} <= {*tree.legal_entities(), *([] if world.units else [NO_UNIT])}
    out = {machine.key for machine in world.machines if machine.state in NOT_COUNTED}
    assert not out & {a.copy.machine for a in result.assignments}
    raw = sum(position.raw for position in result.positions)
    assert raw == sum(a.copy.licence_class.value in ("commercial", "oem", "trial") for a in result.assignments)


@MANY
@given(seeds)
def test_a_right_covers_no_more_than_its_quantity_and_only_where_no_condition_fails(seed: int) -> None:
    world = random_world(seed)
    facts, tree = world.facts(), UnitTree(world.units)
    machines = {machine.key: machine for machine in world.machines}
    rights = {right.id: right for right in ledger_of(world.rights, (), (), world.units, on=world.on).rights}
    users: defaultdict[int, set[str]] = defaultdict(set)
    for a in world.reconcile().assignments:
        if a.reason in (None, Reason.FREE_LIST) or a.entitlement is None or a.right is Right.SHORT:
            continue
        if a.failing is Failing.TRIAL:
            continue
        right, machine = rights[a.entitlement], machines[a.copy.machine]
        assert a.code == right.code and not a.over
        assert failing_conditions(a.copy, right, machine, world.products[a.copy.product], tree, on=facts.on) == ()
        if a.reason is not Reason.RIDE_ALONG:
            users[right.id].add((a.copy.person or a.copy.machine) if right.metric == "per_user" else a.copy.key)
        else:
            assert right.multi_version
    for id, mine in users.items():
        assert rights[id].unlimited or len(mine) <= rights[id].quantity


@MANY
@given(seeds)
def test_a_named_condition_does_fail_and_is_the_only_one(seed: int) -> None:
    """METRICS §4: the explanation names one right and the one condition that fails."""
    world = random_world(seed)
    tree = UnitTree(world.units)
    machines = {machine.key: machine for machine in world.machines}
    rights = {right.id: right for right in ledger_of(world.rights, (), (), world.units, on=world.on).rights}
    for a in world.reconcile().assignments:
        if a.right is not Right.SHORT or a.reason is Reason.RIDE_ALONG:
            continue
        if a.failing is Failing.NO_RIGHT:
            assert a.entitlement is None or a.over
            continue
        right, of = rights[a.entitlement or 0], world.products[a.copy.product]
        fails = failing_conditions(a.copy, right, machines[a.copy.machine], of, tree, on=world.on)
        assert fails == (() if a.failing is Failing.EXHAUSTED else (a.failing,))


@MANY
@given(seeds)
def test_a_copy_keeps_a_lawful_code_and_never_bears_anothers(seed: int) -> None:
    world = random_world(seed)
    tree = UnitTree(world.units)
    for a in world.reconcile().assignments:
        if a.code is None or a.right is Right.NOT_NEEDED or a.failing in (Failing.PERSONAL_ONLY, Failing.CLASS_UNKNOWN):
            continue
        rows = [right for right in world.rights if (right.product, right.code) == (a.copy.product, a.code)]
        owners = [(tree.legal_entity_of(right.unit), right.shared) for right in rows]
        reach = [tree.distance(a.copy.unit, owner) is not None for owner, _ in owners]
        assert any(owner == a.copy.unit or (shared and up) for (owner, shared), up in zip(owners, reach, strict=True))


@settings(max_examples=120, deadline=None)
@given(seeds, seeds)
def test_the_result_depends_neither_on_order_nor_on_the_solver_seed(seed: int, shuffle: int) -> None:
    world = random_world(seed)
    first = world.reconcile()
    chance = random.Random(shuffle)

    def mixed(items: list[Item]) -> list[Item]:
        return chance.sample(items, k=len(items))

    machines = [replace(m, installations=tuple(mixed(list(m.installations)))) for m in world.machines]
    shuffled = world.reconcile(
        units=mixed(list(world.units)),
        machines=mixed(list(machines)),
        entitlements=mixed(list(world.rights)),
        free_list=mixed(list(world.free_list)),
        seed=shuffle,
    )
    assert shuffled == first


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_a_second_audit_of_the_same_day_changes_nothing(seed: int) -> None:
    world = random_world(seed)
    first = world.reconcile()
    world.previous = {a.copy.key: str(a.code) for a in first.assignments if a.code is not None}
    second = world.reconcile()
    assert second.positions == first.positions
    assert {a.copy.key: a.code for a in second.assignments} == {a.copy.key: a.code for a in first.assignments}


@MANY
@given(seeds)
def test_findings_are_told_once_and_name_documents(seed: int) -> None:
    world = random_world(seed)
    result = world.reconcile()
    for finding in result.findings:
        assert all(line.document for line in finding.evidence)
    short = {(p.unit, p.product) for p in result.positions if p.shortage}
    assert {(f.unit, f.product) for f in result.findings if f.code == "licence.shortfall"} == short
    own = [a for a in result.assignments if a.verdict is Verdict.SHORT and a.reason is None]
    assert {(a.copy.unit, a.copy.product) for a in own} <= short
