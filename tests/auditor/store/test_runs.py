"""Runs, findings and issued files."""

from __future__ import annotations

from datetime import date

import pytest

from auditor.core.model import EvidenceLine, Finding, ProductId, Severity, UnitCode
from auditor.errors import AuditorError, StoreError
from auditor.store.blobs import get_blob
from auditor.store.database import Store
from auditor.store.runs import (
    RunRow,
    get_run,
    list_findings,
    list_issued,
    list_runs,
    record_issued,
    run_manifest,
    run_result,
    save_run,
)
from auditor.store.trail import list_trail

NOW = "2026-06-01T00:00:00Z"
FINDINGS = [
    Finding(
        code="licence.shortage",
        severity=Severity.HIGH,
        unit=UnitCode("hq"),
        product=ProductId("rarlab/winrar"),
        facts=(("required", 14), ("which_line", "6")),
        evidence=(EvidenceLine("m00000001", "d" * 64, "software[12]", "WinRAR 6.24", "uninstall-entry"),),
    ),
    Finding(code="coverage.not_scanned", severity=Severity.LOW, unit=None, machine="rPC-001"),
]


@pytest.fixture
def store(empty_store: Store) -> Store:
    return empty_store


def save(store: Store, run: str = "ab" * 32, result: bytes = b"result") -> RunRow:
    with store.begin() as connection:
        return save_run(
            connection,
            run=run,
            as_of=date(2026, 5, 31),
            now=NOW,
            release="0.1.0",
            manifest=b"manifest",
            result=[result],
            counts={"findings": 2},
            findings=FINDINGS,
        )


def test_a_run_gives_back_what_was_saved(store: Store) -> None:
    run = save(store)
    with store.read() as connection:
        assert (run_manifest(connection, run), run_result(connection, run)) == (b"manifest", b"result")
        assert list_findings(connection, run.id) == FINDINGS
        assert list_findings(connection, run.id, unit="hq") == FINDINGS[:1]
        assert get_run(connection, "ababab") == get_run(connection, "latest") == run
    assert (run.as_of, run.counts, run.sequence) == (date(2026, 5, 31), {"findings": 2}, 1)


def test_the_same_run_again_is_the_one_that_is_there(store: Store) -> None:
    assert save(store) == save(store)
    with pytest.raises(
        StoreError, match=r"run .*: 重做结果应与留存的 .* 一致，实为 .* / expected result .* as before, got "
    ):
        save(store, result=b"another")
    with store.read() as connection:
        assert len(list_runs(connection)) == 1
        assert [entry.act for entry in list_trail(connection)] == ["run.made"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("latest", "还没有稽核记录 / expected a run, none was made yet"),
        ("abcdef", "没有这条稽核记录 / expected one run, got none"),
        ("ab", "稽核编号至少给出前六位 / expected at least six signs of an id"),
    ],
)
def test_a_run_that_is_not_there_is_an_error(store: Store, asked: str, why: str) -> None:
    with store.read() as connection, pytest.raises(AuditorError, match=f"^run {asked}: {why}$"):
        get_run(connection, asked)


def test_several_runs_of_one_beginning_are_an_error(store: Store) -> None:
    save(store, "abcdef" + "0" * 58)
    save(store, "abcdef" + "1" * 58)
    with store.read() as connection:
        with pytest.raises(AuditorError, match=r"有多条稽核记录以此开头，应只有一条 / expected one run, got several$"):
            get_run(connection, "abcdef")
        assert get_run(connection, "latest").sequence == 2


def test_an_issued_file_is_kept_by_its_digest(store: Store) -> None:
    run = save(store)
    with store.begin() as connection:
        digests = [
            record_issued(connection, run=run.id, file_name="汇总表.xlsx", content=content, now=NOW)
            for content in (b"one", b"one", b"two")
        ]
        assert digests[0] == digests[1] != digests[2]
        assert [(f.file_name, f.digest) for f in list_issued(connection, run.id)] == [
            ("汇总表.xlsx", digests[0]),
            ("汇总表.xlsx", digests[2]),
        ]
        assert get_blob(connection, digests[0]) == b"one"
