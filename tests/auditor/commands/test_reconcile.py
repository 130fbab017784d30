"""zhengban reconcile: exit codes, faults by path, JSON that says everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli import main

FILE = """as_of: 2026-06-30
products: [a]
machines: [{code: PC, count: 2, installed: [a]}]
entitlements: [{code: S1, product: a, quantity: 1}]
expect: {positions: [{product: a, required: 2, covered: 1, shortage: SHORT}]}
"""


def run(folder: Path, text: str, *options: str) -> int:
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return main(["reconcile", str(path), *options])


def test_what_is_expected_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, FILE.replace("SHORT", "1")) == 0
    assert "per_device" in capsys.readouterr().out


def test_a_difference_ends_with_1_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, FILE.replace("SHORT", "2")) == 1
    told = capsys.readouterr().err
    assert "expect.positions[0].shortage" in told and "2" in told and "got 1" in told


def test_a_bad_file_ends_with_2_and_names_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = (
        FILE.replace("2026-06-30", "June")
        .replace("count: 2", "count: -1")
        .replace("product: a, quantity", "product: b, quantity")
    )
    assert run(tmp_path, bad) == 2
    told = capsys.readouterr().err
    for path in ("line 1: as_of", "machines[0].count", "entitlements[0].product: no such product 'b'", "shortage"):
        assert path in told
    assert main(["reconcile", str(tmp_path / "none.yaml")]) == 2


def test_json_names_right_and_reason_of_each_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, FILE.replace("SHORT", "1"), "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    [outcome] = told["outcomes"]
    assert told["ok"] is True
    assert [(c["machine"], c["right"], c["reason"], c["failing"], c["entitlement"]) for c in outcome["copies"]] == [
        ("PC001", "covered", "exact", None, "S1"),
        ("PC002", "short", None, "exhausted", "S1"),
    ]
    [position] = outcome["positions"]
    assert (position["raw"], position["required"], position["shortage"], position["owned"]) == (2, 2, 1, 1)


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reconcile", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["required"] == ["as_of"]
