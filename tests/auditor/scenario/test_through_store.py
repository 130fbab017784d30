"""The worked examples through the store: imported, received, audited, read back; the same as from the file alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scenario_store import is_for_store, through_store

from auditor.core.model import AuditResult
from auditor.core.reconcile import reconcile
from auditor.scenario.building import facts_of
from auditor.scenario.reading import read_scenario

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
CASES = [
    pytest.param(file, id=f"{path.stem}{f': {name}' if name else ''}")
    for path in sorted([*FOLDER.glob("t*.yaml"), *FOLDER.glob("more-*.yaml"), FOLDER / "further-cases.yaml"])
    for name, file in read_scenario(path.read_bytes(), path.name)
    if is_for_store(file)
]


def told(result: AuditResult) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return positions and copies without what names titles and papers."""
    positions = [
        (p.unit, p.product, p.metric, p.raw, p.required, p.covered, p.to_order, p.shortage, p.owned, p.surplus,
         p.idle_reserve, p.exempt, p.dead_oem, p.to_verify, p.orphan_upgrades, p.by_unlimited, p.to_buy)
        for p in result.unit_positions
    ]  # fmt: skip
    copies = [
        (a.copy.machine, a.copy.product, a.copy.line, a.copy.edition, a.code, a.right, a.reason, a.failing, a.verdict)
        for a in result.assignments
    ]
    return positions, copies


def test_most_examples_go_through_the_store() -> None:
    assert len(CASES) >= 140


@pytest.mark.parametrize("file", CASES)
def test_the_store_says_what_the_file_says(file: dict[str, Any], tmp_path: Path) -> None:
    made, kept = through_store(file, tmp_path)
    assert kept == made
    assert told(made) == told(reconcile(facts_of(file).facts))
