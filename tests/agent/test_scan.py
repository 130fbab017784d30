"""The scan's accounts: every scope ends as complete, partial, absent or failed, whatever a collector does."""

from __future__ import annotations

from typing import Callable, Iterator

import pytest
from recorded_machine import NOON, scan_with

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.inventory.coverage import Fault, Outcome, ScopeRun
from agent.inventory.document import Inventory, Scanner, encode
from agent.inventory.host import Host, OperatingSystem
from agent.inventory.software import Software
from agent.inventory.traces import Activation, RunningProgram
from agent.limits import Limits
from agent.machine.base import Machine, Unreadable
from agent.scan import scan


def software(name: str, scope: str = "") -> Software:
    return Software(source="s", name=name, scope=scope)


def yielding(*found: Found, then: Exception | None = None) -> Collector:
    """Return a collector named `s` that finds these things and then ends or raises."""

    def collect(machine: Machine) -> Iterator[Found]:
        yield from found
        if then is not None:
            raise then

    return Collector(name="s", platforms=frozenset({"other"}), collect=collect)


def accounts(inventory: Inventory) -> list[tuple[str, Outcome, int, tuple[Fault, ...]]]:
    return [(run.scope, run.outcome, run.found, run.faults) for run in inventory.coverage]


BOOM = Fault("s", "ZeroDivisionError: boom")


@pytest.mark.parametrize(
    ("collector", "expected"),
    [
        (yielding(), [("s", Outcome.COMPLETE, 0, ())]),
        (yielding(software("a")), [("s", Outcome.COMPLETE, 1, ())]),
        (yielding(then=Absent("x")), [("s", Outcome.ABSENT, 0, ())]),
        (yielding(then=Unreadable("/x", "no right")), [("s", Outcome.FAILED, 0, (Fault("/x", "no right"),))]),
        (yielding(then=ZeroDivisionError("boom")), [("s", Outcome.FAILED, 0, (BOOM,))]),
        (yielding(software("a"), then=ZeroDivisionError("boom")), [("s", Outcome.PARTIAL, 1, (BOOM,))]),
        (yielding(Problem("/x:3", "no name"), software("a")), [("s", Outcome.PARTIAL, 1, (Fault("/x:3", "no name"),))]),
        (
            yielding(Scope("s:1"), software("a"), Scope("s:2")),
            [("s:1", Outcome.COMPLETE, 1, ()), ("s:2", Outcome.COMPLETE, 0, ())],
        ),
        (yielding(software("a"), Scope("s:1")), [("s", Outcome.COMPLETE, 1, ()), ("s:1", Outcome.COMPLETE, 0, ())]),
        (
            yielding(ScopeAbsent("s:1"), ScopeFailed("s:2", "locked"), Scope("s:3"), software("a")),
            [
                ("s:1", Outcome.ABSENT, 0, ()),
                ("s:2", Outcome.FAILED, 0, (Fault("s:2", "locked"),)),
                ("s:3", Outcome.COMPLETE, 1, ()),
            ],
        ),
        (
            yielding(Scope("s:1"), software("a"), then=ZeroDivisionError("boom")),
            [
                ("s:1", Outcome.PARTIAL, 1, (BOOM,)),
                ("s", Outcome.FAILED, 0, (Fault("s:1", "the scopes after this one were not read"),)),
            ],
        ),
        (yielding(Scope("s:1"), then=Absent("x")), [("s:1", Outcome.ABSENT, 0, ())]),
        (yielding(software("  ")), [("s", Outcome.PARTIAL, 0, (Fault("s", "a record without a name"),))]),
    ],
)
def test_accounts_for_every_scope(
    collector: Collector, expected: list[tuple[str, Outcome, int, tuple[Fault, ...]]]
) -> None:
    assert accounts(scan_with(Machine(), collector)) == expected


def test_every_record_stands_in_a_scope_of_the_document() -> None:
    inventory = scan_with(
        Machine(),
        yielding(
            software("before"),
            Scope("s:1"),
            software("a", "s:1"),
            software("elsewhere", "nowhere"),
            Scope("s:2"),
            software("back", "s:1"),
            RunningProgram("p"),
        ),
    )

    assert [(s.name, s.scope) for s in inventory.software] == [
        ("before", "s"),
        ("a", "s:1"),
        ("elsewhere", "s:1"),
        ("back", "s:1"),
    ]
    assert [(p.name, p.scope) for p in inventory.programs] == [("p", "s:2")]
    assert [(run.scope, run.found) for run in inventory.coverage] == [("s", 1), ("s:1", 3), ("s:2", 1)]


def test_one_broken_collector_does_not_end_the_scan() -> None:
    inventory = scan_with(Machine(), yielding(then=MemoryError("boom")), yielding(software("a")))
    assert [run.outcome for run in inventory.coverage] == [Outcome.FAILED, Outcome.COMPLETE]
    assert [s.name for s in inventory.software] == ["a"]


def test_collectors_of_other_families_do_not_run() -> None:
    windows = Collector(name="w", platforms=frozenset({"windows"}), collect=yielding(software("a")).collect)
    assert scan_with(Machine(), windows).coverage == ()


def test_there_is_one_host() -> None:
    first, second = Host(OperatingSystem("linux"), name="a"), Host(OperatingSystem("linux"), name="b")
    inventory = scan_with(Machine(), yielding(first, second))
    assert inventory.host == first
    assert inventory.coverage[0].faults == (Fault("s", "a second identity of the host"),)
    assert scan_with(Machine()).host == Host(OperatingSystem("other"))


def test_faults_beyond_fifty_are_counted() -> None:
    (run,) = scan_with(Machine(), yielding(*[Problem(str(n), "x") for n in range(73)])).coverage
    assert (len(run.faults), run.more_faults, run.outcome) == (50, 23, Outcome.PARTIAL)


def test_too_many_records_are_a_declared_cut() -> None:
    limits = Limits(max_records=3)
    inventory = scan_with(
        Machine(), yielding(Scope("s:1"), *[software(str(n)) for n in range(9)]), yielding(software("z")), limits=limits
    )
    first = inventory.coverage[0]
    assert len(inventory.software) == 3
    assert (first.scope, first.outcome, first.found, first.cut) == (
        "s:1",
        Outcome.PARTIAL,
        3,
        "scan limited to 3 records",
    )
    assert [run.outcome for run in inventory.coverage[1:]] == [Outcome.FAILED, Outcome.FAILED]


def ticking(step: float) -> Callable[[], float]:
    """Return a clock on which every look takes `step` seconds."""
    now = [0.0]

    def clock() -> float:
        now[0] += step
        return now[0]

    return clock


def timed(limits: Limits, *collectors: Collector) -> tuple[ScopeRun, ...]:
    return scan(Machine(), collectors, scanner=Scanner("t", "0"), now=NOON, limits=limits, clock=ticking(1.0)).coverage


def test_a_slow_collector_is_cut_and_says_so() -> None:
    (run,) = timed(Limits(collector_seconds=5), yielding(*[software(str(n)) for n in range(50)]))
    assert run.outcome is Outcome.PARTIAL
    assert 1 <= run.found < 10
    assert run.cut == "limited to 5 seconds"


def test_a_collector_whose_turn_comes_too_late_is_not_begun() -> None:
    many = [software(str(n)) for n in range(50)]
    first, second = timed(Limits(scan_seconds=10, collector_seconds=99), yielding(*many), yielding(*many))
    assert first.outcome is Outcome.PARTIAL
    assert (second.outcome, second.found, second.cut) == (Outcome.FAILED, 0, "scan limited to 10 seconds: not begun")


def test_the_document_keeps_within_its_bytes_and_says_what_is_missing() -> None:
    found = [Software(source="s", name="名称 %d" % n, scope="") for n in range(4000)]
    whole = scan_with(Machine(), yielding(*found))
    cut = scan_with(
        Machine(), yielding(*found), yielding(Scope("p"), RunningProgram("p")), limits=Limits(max_output_bytes=100_000)
    )

    assert whole.coverage[0].cut is None
    assert 80_000 < len(encode(cut)) <= 100_000
    kept = len(cut.software)
    assert cut.software == whole.software[:kept]
    assert (cut.coverage[0].found, cut.coverage[0].outcome) == (kept, Outcome.PARTIAL)
    assert cut.coverage[0].cut == "output limited to 100000 bytes: %d records left out" % (4000 - kept)


def test_a_document_that_just_fits_is_left_alone() -> None:
    found = [software("x" * 200) for _ in range(50)]
    size = len(encode(scan_with(Machine(), yielding(*found))))
    assert scan_with(Machine(), yielding(*found), limits=Limits(max_output_bytes=size + 300)).coverage[0].cut is None


def test_activations_belong_to_their_scope_and_count_as_records() -> None:
    licence = Activation(kind="windows", scope="s:1", key_last5="3V66T")
    inventory = scan_with(Machine(), yielding(Scope("s:1"), licence, Scope("s:2"), licence, licence))

    assert inventory.activations == (licence, licence, licence)
    assert accounts(inventory) == [("s:1", Outcome.COMPLETE, 3, ()), ("s:2", Outcome.COMPLETE, 0, ())]
    few = scan_with(Machine(), yielding(licence, licence, licence), limits=Limits(max_records=2))
    assert (len(few.activations), few.coverage[0].cut) == (2, "scan limited to 2 records")


def test_a_document_that_must_be_cut_keeps_its_activations() -> None:
    licence = Activation(kind="windows", scope="s", key_last5="3V66T")
    many = yielding(*(software("x" * 500) for _ in range(100)), licence)
    inventory = scan_with(Machine(), many, limits=Limits(max_output_bytes=10_000))

    assert inventory.activations == (licence,) and 0 < len(inventory.software) < 100
    assert len(encode(inventory)) <= 10_000
    assert (inventory.coverage[0].outcome, inventory.coverage[0].found) == (
        Outcome.PARTIAL,
        len(inventory.software) + 1,
    )


def test_an_activation_leaves_the_machine_without_a_key_and_without_a_name() -> None:
    told = Activation("office", "s", seen_at="C:\\Users\\lisi\\ospp.txt", status="ABCDE-FGHJK-LMNPQ-RSTVW-3V66T")
    (found,) = scan_with(Machine(), yielding(told)).activations

    assert found.status == "XXXXX-XXXXX-XXXXX-XXXXX-3V66T"
    assert found.seen_at is not None and "lisi" not in found.seen_at and found.seen_at.endswith("\\ospp.txt")
