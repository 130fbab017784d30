"""Ways to count: the roster, worked examples, and what holds for every one."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.metrics.base import Copy, Metric
from rules.metrics.roster import METRICS, metric_named

COPIES = st.lists(
    st.builds(
        Copy,
        st.sampled_from(["m1", "m2", "m3"]),
        st.just("a/a"),
        st.none() | st.sampled_from(["u1", "u2"]),
        st.none() | st.sampled_from(["b1", "b2"]),
        st.none() | st.sampled_from(["1", "2"]),
    ),
    max_size=8,
)


def test_the_roster_forgets_no_file() -> None:
    names = {entry.name.removesuffix(".py") for entry in (files("rules") / "metrics").iterdir()}
    assert names - {"__init__", "__pycache__", "base", "roster"} == {metric.id for metric in METRICS}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_every_metric_has_its_words(metric: Metric) -> None:
    assert metric_named(metric.id) is metric
    assert metric.zh and metric.en and metric.unit_zh and metric.unit_en


def test_versions_on_one_machine_are_one_device() -> None:
    copies = [Copy(f"pc{n}", "a/a") for n in range(1, 6)] + [Copy("pc3", "a/a", version="2")]
    assert metric_named("per_device").required(copies) == 5


def test_a_person_counts_once_and_a_machine_without_one_counts_as_one() -> None:
    copies = [Copy("pc1", "a/a", "U"), Copy("pc2", "a/a", "U"), Copy("pc3", "a/a", "U"), Copy("pc4", "a/a")]
    assert metric_named("per_user").required(copies) == 2


def test_a_preinstalled_right_belongs_to_one_board() -> None:
    copies = [Copy("pc1", "a/a", board="S1"), Copy("pc1-again", "a/a", board="S1"), Copy("pc2", "a/a")]
    assert metric_named("oem").required(copies) == 2
    assert metric_named("oem").poolable is False


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
@given(copies=COPIES, more=COPIES)
def test_counting_more_never_needs_fewer(metric: Metric, copies: list[Copy], more: list[Copy]) -> None:
    assert metric.required(copies) <= metric.required(copies + more) <= metric.required(copies) + metric.required(more)
