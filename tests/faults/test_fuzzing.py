"""A short round of the coverage-guided fuzzer over all that reads bytes from outside; `make soak` has the long one."""

from __future__ import annotations

import pytest
from coverage_fuzz import all_told, fuzz, told
from fuzz_targets import Target, targets

SECONDS = 10
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_nothing_but_a_refusal_comes_of_any_bytes(target: Target) -> None:
    outcome = fuzz(target.take, target.seeds, seconds=SECONDS, seed=20260601)
    assert not outcome.faults, all_told(outcome.faults)
    assert outcome.runs > 50 and outcome.jumps > 20, told(target.name, outcome)
    assert outcome.grown_mib < 200, told(target.name, outcome)
