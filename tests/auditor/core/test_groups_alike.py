"""Counted by groups or copy by copy, solved by kinds of demand or demand by demand: the same to the last copy."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from random_worlds import people_of, random_world

from auditor.audit.kept import codes_of, grouped_codes
from auditor.core.allocation import stages
from auditor.core.allocation.alike import solve_alike
from auditor.core.allocation.problem import Demand, Problem
from auditor.core.allocation.slots import Slot, Stages
from auditor.core.bearing import Assignments
from auditor.core.codes import Codes
from auditor.core.counting import count
from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.model import SoftwareCode, UnitCode
from auditor.core.organisation import UnitTree
from auditor.core.position import positions_of
from auditor.core.reconcile import Facts, counting_of, reconcile
from auditor.core.whole_machine import whole_machines

WORLDS = (range(30), pytest.param(range(30, 400), marks=pytest.mark.slow))
PROBLEMS = (range(100), pytest.param(range(100, 1_000), marks=pytest.mark.slow))


def facts_of(seed: int) -> Facts:
    world = random_world(seed)
    facts = replace(world.facts(), people=people_of(world) if seed % 3 == 0 else ())
    return replace(facts, previous=Codes(grouped_codes(reconcile(facts).assignments, facts.previous).plain))


@pytest.mark.parametrize("seeds", WORLDS)
def test_groups_come_out_as_single_copies_do(seeds: range) -> None:
    grouped = 0
    for seed in seeds:
        facts = facts_of(seed)
        tree, machines = UnitTree(facts.units), {machine.key: machine for machine in facts.machines}
        result, single = reconcile(facts), count(counting_of(facts), tree)
        assert isinstance(result.assignments, Assignments)
        grouped += sum(len(part.members) for part in result.assignments.parts)
        assert list(result.assignments) == single.assignments, seed
        assert result.unit_positions == positions_of(single, machines, facts.products, tree, facts.people, on=facts.on)
        assert result.whole_machines == whole_machines(single.assignments, single.interchangeable, tree)
        plain = replace(result, assignments=tuple(single.assignments))
        assert replace(result, assignments=tuple(result.assignments)) == plain
    assert grouped > len(seeds), "copies were counted by groups"


def test_codes_by_kind_are_the_codes_copy_by_copy() -> None:
    for seed in range(30):
        facts = facts_of(seed)
        told = reconcile(facts).assignments
        for previous in (facts.previous, dict(facts.previous), {"m00000001|b/office||7|0": "OLD", "gone|x||9|0": "G"}):
            expected = codes_of(told, previous)
            assert dict(sorted(grouped_codes(told, previous).items())) == expected


@pytest.mark.parametrize("seeds", WORLDS)
def test_findings_are_those_of_single_copies(monkeypatch: pytest.MonkeyPatch, seeds: range) -> None:
    for seed in seeds:
        facts = facts_of(seed)
        found = reconcile(facts).findings
        with monkeypatch.context() as patched:
            patched.setattr("auditor.core.counting._Counter._is_plain", lambda *_: False)
            assert reconcile(facts).findings == found, seed


def slot(number: int, capacity: int, ends_on: date | None) -> Slot:
    unit = UnitCode("A")
    right = Entitlement(number, unit, SoftwareCode(f"S{number}"), "x", None, SoftwareType.COMMERCIAL, "per_device",
                        capacity, ends_on=ends_on)  # fmt: skip
    return Slot((number, ""), right, unit, capacity)


def problem(chance: random.Random) -> Problem:
    """Return up to four slots and many demands of a few kinds, with costs that often tie."""
    ends = [None, date(2027, 1, 1)]
    slots = {one.order: one for n in range(chance.randrange(2, 5))
             if (one := slot(n, chance.randrange(7), chance.choice(ends)))}  # fmt: skip
    kinds = [
        {order: Stages(distance=chance.randrange(3), downgrade=chance.randrange(2), adverse=chance.randrange(2))
         for order in slots if chance.random() < 0.7}
        for _ in range(chance.randrange(1, 5))
    ]  # fmt: skip
    demands = [
        Demand(f"m{n:03d}", chance.randrange(1, 4), chance.choice(kinds)) for n in range(chance.randrange(4, 16))
    ]
    chance.shuffle(demands)
    return Problem(slots, demands)


@pytest.mark.parametrize("seeds", PROBLEMS)
def test_kinds_of_demand_come_out_as_single_demands_do(monkeypatch: pytest.MonkeyPatch, seeds: range) -> None:
    by_kinds = 0
    plain = solve_alike
    for seed in seeds:
        given = problem(random.Random(seed))
        taken: list[bool] = []
        with monkeypatch.context() as patched:
            patched.setattr(stages, "solve_alike", lambda *all, taken=taken: taken.append(plain(*all)) or taken[-1])
            found = stages.allocate(given)
        with monkeypatch.context() as patched:
            patched.setattr(stages, "solve_alike", lambda *_: False)
            expected = stages.allocate(given)
        by_kinds += any(taken)
        assert {key: sorted(flow) for key, flow in found.flows.items()} == {
            key: sorted(flow) for key, flow in expected.flows.items()
        }, seed
        assert {o: n for o, n in found.used.items() if n} == {o: n for o, n in expected.used.items() if n}, seed
    assert by_kinds > len(seeds) / 3
