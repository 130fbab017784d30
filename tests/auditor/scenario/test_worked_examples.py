"""The worked examples as scenario files: each comes to what it states, in any order and with any seed of the solver."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from auditor.scenario.checking import differences_of
from auditor.scenario.reading import read_scenario
from auditor.scenario.results import outcome_of, outcome_values

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
FILES = [*sorted(FOLDER.glob("t*.yaml")), FOLDER / "further-cases.yaml"]
CASES = [
    pytest.param(path, number, id=f"{path.stem}{f': {name}' if name else ''}")
    for path in FILES
    for number, (name, _) in enumerate(read_scenario(path.read_bytes(), path.name))
]
UNORDERED = ("entitlements", "people", "transfers", "access", "sessions", "exemptions")
"""Sections whose order means nothing; the first unit owns what names none, and machines are numbered as they stand."""


def case_of(path: Path, number: int) -> dict[str, Any]:
    return read_scenario(path.read_bytes(), path.name)[number][1]


def test_no_example_is_missing() -> None:
    numbers = {path.name[1:3] for path in FILES if path.name.startswith("t")}
    assert numbers == {f"{number:02d}" for number in range(1, 51)}


@pytest.mark.parametrize(("path", "number"), CASES)
def test_it_comes_to_what_it_states(path: Path, number: int) -> None:
    file = case_of(path, number)
    assert file["expect"]
    assert differences_of(outcome_of(None, file)) == []


@pytest.mark.parametrize(("path", "number"), CASES)
def test_neither_order_nor_seed_changes_anything(path: Path, number: int) -> None:
    file = case_of(path, number)
    chance = random.Random(number)
    first = outcome_of(None, file)
    told = outcome_values(first, (), explain=True)
    codes = [row["code"] for row in file.get("entitlements", ())]
    for seed in (1, 20_26):
        mixed = {
            name: chance.sample(section, k=len(section)) if name in UNORDERED and name != "entitlements" else section
            for name, section in file.items()
        }
        again = outcome_values(outcome_of(None, mixed, seed=seed), (), explain=True)
        assert again == told
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(("path", "number"), CASES)
def test_every_position_adds_up_and_every_copy_is_explained(path: Path, number: int) -> None:
    outcome = outcome_of(None, case_of(path, number))
    for position in outcome.result.unit_positions:
        assert position.required == position.covered + position.to_order + position.shortage
        assert min(position.shortage, position.surplus, position.idle_reserve, position.to_order) >= 0
    for assignment in outcome.result.assignments:
        assert assignment.reason is not None or assignment.failing is not None or assignment.right == "not_needed"
