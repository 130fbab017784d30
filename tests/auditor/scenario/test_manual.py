"""The page of the manual: every metric has an example that comes to what it says; the schema is the code's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import auditor.scenario
from auditor.scenario.checking import differences_of
from auditor.scenario.reading import read_scenario
from auditor.scenario.results import outcome_of
from auditor.scenario.sections import FILE_FIELDS, schema
from rules.metrics.roster import METRICS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
HEAD = "as_of: 2026-06-30\n"
EXAMPLES = {
    (kind, name): text for kind, name, text in re.findall(r"```yaml\n# (metric|rule): (\w+)\n(.*?)```", PAGE, re.S)
}


@pytest.mark.parametrize(("kind", "name"), EXAMPLES)
def test_an_example_of_the_manual_comes_to_what_it_says(kind: str, name: str) -> None:
    text = EXAMPLES[(kind, name)]
    metric = name if kind == "metric" else "per_device"
    head = HEAD if "products:" in text else f"{HEAD}products: [{{id: a, lines: [v1, v2], metric: {metric}}}]\n"
    [(_, file)] = read_scenario((head + text).encode(), name)
    assert file["expect"]["positions"]
    assert differences_of(outcome_of(None, file)) == []


def test_every_metric_has_an_example() -> None:
    assert [name for kind, name in EXAMPLES if kind == "metric"] == [metric.id for metric in METRICS]


def test_the_page_names_every_section_and_figure() -> None:
    for name in (*FILE_FIELDS, "variants"):
        if name not in ("title", "seed", "as_of_moment", "stale_after_days", "window_days"):
            assert f"`{name}`" in PAGE, name


def test_the_schema_in_the_package_is_the_one_of_the_code() -> None:
    """Rewrite it with: zhengban reconcile --schema > auditor/scenario/scenario.schema.json."""
    kept = Path(auditor.scenario.__path__[0]) / "scenario.schema.json"
    assert json.loads(kept.read_text(encoding="utf-8")) == schema()
