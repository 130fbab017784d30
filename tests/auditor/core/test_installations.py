"""Packed installations: equal to the plain ones, one by one and in what is worked out from them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import random_world

from auditor.core.installations import Shapes, picked, titles_on
from auditor.core.model import TitleId
from auditor.core.reconcile import reconcile

seeds = st.integers(0, 1_000_000)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_packed_installations_are_the_plain_ones(seed: int) -> None:
    shapes = Shapes()
    for machine in random_world(seed).machines:
        plain = tuple(machine.installations)
        packed = shapes.packed(plain)
        assert tuple(packed) == plain
        assert (len(packed), hash(packed)) == (len(plain), hash(plain))
        assert replace(machine, installations=packed) == machine
        assert packed[:1] == plain[:1]
        assert titles_on(packed) == titles_on(plain) == {item.title for item in plain}
        for wanted in (frozenset[TitleId](), frozenset(item.title for item in plain[::2])):
            assert picked(packed, wanted) == picked(plain, wanted) == [i for i in plain if i.title in wanted]
        assert shapes.packed(plain).shape is packed.shape


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_an_audit_of_packed_machines_says_the_same(seed: int) -> None:
    facts, shapes = random_world(seed).facts(), Shapes()
    packed = [replace(machine, installations=shapes.packed(machine.installations)) for machine in facts.machines]
    assert reconcile(replace(facts, machines=packed)) == reconcile(facts)
