"""The allocation against brute force: the same least shortage, whatever the rights look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from builders import HEAD_OFFICE, World, product
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.core.entitlement import AllowedVersion
from auditor.core.model import Right

LINES = ("7", "8", "9")
TOOL = product("maker/tool", lines=LINES)

rights = st.lists(
    st.tuples(st.sampled_from(LINES), st.sets(st.sampled_from(LINES)), st.integers(0, 3)), min_size=0, max_size=4
)
installed = st.lists(st.sampled_from(LINES), min_size=0, max_size=7)


def brute_force(demand: tuple[str, ...], rows: tuple[tuple[str, frozenset[str], int], ...]) -> int:
    """Return the most copies that any assignment covers, by trying them all."""

    @cache
    def best(index: int, left: tuple[int, ...]) -> int:
        if index == len(demand):
            return 0
        found = best(index + 1, left)
        for n, (line, allowed, _) in enumerate(rows):
            if left[n] and demand[index] in {line, *allowed}:
                rest = (*left[:n], left[n] - 1, *left[n + 1 :])
                found = max(found, 1 + best(index + 1, rest))
        return found

    return best(0, tuple(quantity for _, _, quantity in rows))


@settings(max_examples=150, deadline=None)
@given(rights, installed)
def test_no_assignment_covers_more(rows: list[tuple[str, set[str], int]], demand: list[str]) -> None:
    world = World()
    titles = {line: world.title(TOOL, line=line) for line in LINES}
    for line in demand:
        world.machine(titles[line])
    for line, allowed, quantity in rows:
        entries = tuple(AllowedVersion(name, line=name, basis="x") for name in sorted(allowed))
        world.right(TOOL, quantity, line=line, allowed=entries)
    result = world.reconcile()
    covered = sum(int(position.covered) for position in result.positions)
    assert covered == brute_force(tuple(demand), tuple((line, frozenset(a), q) for line, a, q in rows))
    for position in result.positions:
        assert position.required == position.covered + position.to_order + position.shortage


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 4))
def test_rights_by_user_and_by_device_together_cover_the_most_copies(
    devices: list[int], by_user: int, by_device: int
) -> None:
    """One right by user covers all devices of one person: the best is to give these to whoever has most."""
    world = World()
    title = world.title(TOOL, line="9")
    for person, count in enumerate(devices):
        for _ in range(count):
            world.machine(title, person=f"p{person}")
    world.right(TOOL, by_user, metric="per_user")
    world.right(TOOL, by_device)
    covered = sum(a.right is Right.COVERED for a in world.reconcile().assignments)
    position = world.position(TOOL)
    most = sorted(devices, reverse=True)
    # each person may be covered whole by one more right by user: that is the least that is lacking
    assert int(position.shortage) == max(0, len(devices) - by_user - whole_by_device(most, by_user, by_device))
    assert position.covered <= by_user + by_device
    assert covered <= sum(devices)


def whole_by_device(most: list[int], by_user: int, by_device: int) -> int:
    """Return how many more persons rights by device cover whole: the smallest first."""
    count = 0
    for devices in sorted(most[by_user:]):
        by_device -= devices
        count += by_device >= 0
    return count


@settings(max_examples=40, deadline=None)
@given(rights, installed, st.integers(1, 3))
def test_more_rights_never_raise_a_shortage(
    rows: list[tuple[str, set[str], int]], demand: list[str], more: int
) -> None:
    def shortage(extra: int) -> int:
        world = World()
        titles = {line: world.title(TOOL, line=line) for line in LINES}
        for line in demand:
            world.machine(titles[line], unit=HEAD_OFFICE)
        for n, (line, allowed, quantity) in enumerate(rows):
            entries = tuple(AllowedVersion(name, line=name, basis="x") for name in sorted(allowed))
            world.right(TOOL, quantity + (extra if n == 0 else 0), line=line, allowed=entries)
        return sum(int(position.shortage) for position in world.reconcile().positions)

    assert shortage(more) <= shortage(0)


def greedy(demand: Sequence[str], rows: Sequence[tuple[str, set[str], int]]) -> int:
    """Return what a plain rule covers: newest copies first, each from the first right that fits and has some left."""
    left = [quantity for _, _, quantity in rows]
    covered = 0
    for copy in sorted(demand, key=LINES.index, reverse=True):
        for number, (line, allowed, _) in enumerate(rows):
            if left[number] and copy in {line, *allowed}:
                left[number] -= 1
                covered += 1
                break
    return covered


def test_the_plain_rule_strands_a_right_that_the_allocation_uses() -> None:
    """METRICS T20c: the plain rule gives the wide right away."""
    assert greedy(["9"] * 10 + ["8"] * 10, [("9", {"8"}, 10), ("9", set(), 10)]) == 10


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(LINES), st.sets(st.sampled_from(LINES)), st.integers(0, 9)), min_size=1, max_size=6
    ),
    st.lists(st.sampled_from(LINES), max_size=30),
)
def test_never_shorter_than_a_plain_rule(rows: list[tuple[str, set[str], int]], demand: list[str]) -> None:
    world = World()
    titles = {line: world.title(TOOL, line=line) for line in LINES}
    for line in demand:
        world.machine(titles[line])
    for line, allowed, quantity in rows:
        entries = tuple(AllowedVersion(name, line=name, basis="x") for name in sorted(allowed))
        world.right(TOOL, quantity, line=line, allowed=entries)
    covered = sum(int(position.covered) for position in world.reconcile().positions)
    assert covered >= greedy(demand, rows)


def test_one_person_takes_a_right_by_user_for_each_version() -> None:
    world = World()
    for line in ("9", "8"):
        world.machine(world.title(TOOL, line=line), person="u1")
        world.right(TOOL, 1, line=line, metric="per_user")
    position = world.position(TOOL)
    assert (int(position.required), int(position.covered), int(position.surplus)) == (2, 2, 0)


def test_among_persons_who_lack_as_many_rights_either_way_the_most_copies_are_covered() -> None:
    world = World()
    nine, eight = world.title(TOOL, line="9"), world.title(TOOL, line="8")
    for title in (nine, nine, eight):
        world.machine(title, person="a")
    world.machine(nine, person="b")
    world.right(TOOL, 1, line="9", metric="per_user")
    position = world.position(TOOL)
    assert (int(position.covered), int(position.shortage)) == (1, 2)
    assert {a.copy.person for a in world.reconcile().assignments if a.right is Right.COVERED} == {"a"}


def test_a_device_with_two_versions_falls_back_on_single_rights() -> None:
    world = World()
    one, two = world.title(TOOL, line="8"), world.title(TOOL, line="9")
    for _ in range(2):
        world.machine(one, two)
    everything = (AllowedVersion("all", versions="*", basis="x"),)
    world.right(TOOL, 1, multi_version=True, allowed=everything)
    world.right(TOOL, 2, allowed=everything)
    position = world.position(TOOL)
    assert (position.raw, int(position.required), int(position.shortage), int(position.surplus)) == (4, 3, 0, 0)


def test_more_serials_than_the_quantity_and_one_serial_on_two_machines() -> None:
    world = World()
    title = world.title(TOOL, line="9")
    for serial in ("SN1", "SN1", "SN2", "SN3"):
        world.machine(title, serial=serial)
    world.right(TOOL, 2, metric="oem", bound_serials=("SN1", "SN2", "SN3", "SN8", "SN9"))
    position = world.position(TOOL)
    assert (int(position.covered), int(position.shortage), int(position.owned or 0)) == (2, 2, 2)
    assert (position.dead_oem, int(position.idle_reserve)) == (2, 0)
    world.rights[0] = replace(world.rights[0], quantity=5)
    assert int(world.position(TOOL).covered) == 3
