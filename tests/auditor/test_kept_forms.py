"""What a run leaves behind: the form of today, and the one of earlier releases, which holds still."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from large_store import Size, catalogue_of, fill

from auditor.audit.freeze import freeze
from auditor.audit.kept import codes_before, codes_of, first_form
from auditor.audit.repeat import repeat_run
from auditor.audit.run import Run, keep, make_run, work_out
from auditor.errors import StoreError
from auditor.proof.values import plain_from, value_bytes
from auditor.settings import load_settings
from auditor.store.database import Store
from auditor.store.runs import finding_text, get_run, list_findings, run_result, save_run

DAY, MADE = date(2026, 6, 30), "2026-06-30T12:00:00Z"
SIZE = Size(machines=60, sets=20, products=25, units=12, titles=20)


@pytest.fixture
def store(empty_store: Store) -> Store:
    fill(empty_store, SIZE)
    return empty_store


def audited(store: Store, *, renamed: float = 0.0) -> Run:
    catalogue = catalogue_of(SIZE.products, renamed=renamed)
    return make_run(store, load_settings(), catalogue, on=DAY, made_at=MADE, release="b")[0]


def kept_as_before(store: Store) -> Run:
    """Keep a run as the releases before did: copy by copy."""
    with store.begin() as connection:
        manifest, frozen = freeze(connection, load_settings(), catalogue_of(SIZE.products), on=DAY)
    run = work_out(manifest, frozen)
    with store.begin() as connection:
        save_run(connection, run=run.id, as_of=DAY, now=MADE, release="a", manifest=value_bytes(manifest),
                 result=first_form(run.result, frozen.previous), counts={}, findings=run.result.findings)  # fmt: skip
    return run


def test_a_run_is_repeated_to_the_byte_and_its_codes_go_on(store: Store) -> None:
    first = audited(store)
    assert len(first.result.assignments) > 60
    assert repeat_run(store, first.id).is_same

    second = audited(store, renamed=0.5)
    assert second.frozen.previous == codes_of(first.result.assignments, {})
    again = repeat_run(store, second.id)
    assert again.is_same
    assert again.run.frozen.previous == second.frozen.previous
    assert tuple(again.run.result.assignments) == tuple(second.result.assignments)


def test_a_run_of_an_earlier_release_holds_and_hands_its_codes_on(store: Store) -> None:
    old = kept_as_before(store)
    assert repeat_run(store, old.id).is_same
    with store.begin() as connection:
        assert codes_before(connection, DAY) == codes_of(old.result.assignments, {})

    new = audited(store)
    assert new.frozen.previous == codes_of(old.result.assignments, {})
    assert "previous" in new.manifest.parts
    assert repeat_run(store, new.id).is_same
    assert repeat_run(store, old.id).is_same


def test_the_same_run_of_an_earlier_release_is_the_one_that_is_there(store: Store) -> None:
    old = kept_as_before(store)
    with store.begin() as connection:
        keep(connection, old, made_at=MADE, release="b")
        assert get_run(connection, old.id).release == "a"
    other = replace(old, result=replace(old.result, feet=()))
    with pytest.raises(StoreError, match="重做结果应与留存的"), store.begin() as connection:
        keep(connection, other, made_at=MADE, release="b")


def test_the_result_names_every_copy_and_seals_the_findings(store: Store) -> None:
    run = audited(store)
    with store.read() as connection:
        told = plain_from(run_result(connection, get_run(connection, run.id)))
        kept = list_findings(connection, run.id)
    tails = [kind[0] for kind in told["kinds"]]
    found = set()
    for kind, *_, steps in told["parts"]:
        number = 0
        for step in steps:
            number += step
            found.add(f"m{number:08d}|{tails[kind]}")
    assert found | {one["copy"]["machine"] for one in told["single"]} == {a.copy.key for a in run.result.assignments}

    text = "".join(finding_text(one) + "\n" for one in kept)
    assert told["findings"] == [len(kept), hashlib.sha256(text.encode()).hexdigest()]
    bearers = told["unrecognised"]["bearers"]
    for row, line in zip(told["unrecognised"]["groups"], run.result.unrecognised, strict=True):
        places = [sum(row[-1][: n + 1]) for n in range(len(row[-1]))]
        assert sum(len(bearers[place]) for place in places) == len(line.machines)
