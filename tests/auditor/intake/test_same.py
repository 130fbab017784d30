"""A document that says what its machine's last one said: told by its outline, and nothing but the moments changes."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from inventories import debian, document, package

from auditor.core.days import utc_text
from auditor.core.identity import SAME_AGENT_AND_CONTENT
from auditor.intake.checking import check
from auditor.intake.outline import outline_of
from auditor.intake.receipt import Receipt
from auditor.intake.receiving import Offered, keep_all, offer
from auditor.intake.unpacking import bounds_of
from auditor.settings import load_settings
from auditor.store.database import Store, open_store
from auditor.store.inventories import document_content, list_documents
from auditor.store.journal import list_changes
from auditor.store.machines import clues_of, list_machines, load_machines

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SETTINGS = load_settings()
BOUNDS = bounds_of(SETTINGS)
KEY = "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"


@pytest.fixture
def store(url: str) -> Store:
    return open_store(url)


def scan(hour: int, *names: str, **more: Any) -> bytes:
    told = {"at": utc_text(NOW + timedelta(hours=hour)), "serial": "SN-0001", "name": "pc-1", "system": debian()} | more
    return document([package(name) for name in names or ("bash", "gawk")], **told)


def offered(store: Store, data: bytes, *, hour: int, agent: str = "a-1") -> Offered:
    now = NOW + timedelta(hours=hour)
    return offer(
        store, gzip.compress(data), encoding="gzip", origin="agent", agent=agent, unit="hq", now=now, settings=SETTINGS
    )


def take(store: Store, data: bytes, *, hour: int) -> tuple[Receipt, bool]:
    """Take a document; and whether it was told by its outline."""
    waits = offered(store, data, hour=hour)
    (kept,) = keep_all(store, [waits], SETTINGS)
    assert isinstance(kept, Receipt), kept
    return kept, waits.same is not None


def test_an_unchanged_scan_is_kept_whole_and_moves_the_moments_alone(store: Store) -> None:
    _, first = take(store, scan(1), hour=1)
    later = scan(5, programs=("bash", "微信"))
    receipt, second = take(store, later, hour=5)
    assert (first, second, receipt.status) == (False, True, "kept")
    with store.read() as connection:
        (machine,) = list_machines(connection)
        (before, after) = list_documents(connection)
        (shown,) = load_machines(connection)
        assert document_content(connection, receipt.document) == later
        assert list_changes(connection) == []
        assert {seen for _, _, _, seen in clues_of(connection, machine.id or 0)} == {utc_text(NOW + timedelta(hours=5))}
    assert (machine.last_collected_at, machine.last_document) == (after.collected_at, after.digest)
    assert (after.identified_by, after.state, after.facts) == (SAME_AGENT_AND_CONTENT, before.state, before.facts)
    assert shown.programs == ("bash", "微信")
    assert take(store, later, hour=6)[0].status == "known"


@pytest.mark.parametrize(
    "changed",
    [
        scan(5, "bash"),
        scan(5, name="pc-2"),
        scan(5, programs=(KEY,)),
        scan(5, programs=("a\u202eb",)),
        json.dumps(json.loads(scan(5)), indent=1).encode(),
        scan(5)[:-1] + b',"more":[1]}',
        scan(0),
    ],
    ids=["software", "name", "key", "odd signs", "written otherwise", "unknown part", "older"],
)
def test_whatever_differs_goes_the_whole_way(store: Store, changed: bytes) -> None:
    take(store, scan(1), hour=1)
    receipt, _ = take(store, changed, hour=5)
    with store.read() as connection:
        row = next(row for row in list_documents(connection) if row.digest == receipt.document)
        assert row.identified_by != SAME_AGENT_AND_CONTENT
        assert KEY[:-5].encode() not in document_content(connection, receipt.document)


def test_what_is_no_longer_so_within_the_transaction_is_checked(store: Store) -> None:
    take(store, scan(1), hour=1)
    again = offered(store, scan(3), hour=3)
    assert again.same is not None
    take(store, scan(2, "bash", "gawk", "nano"), hour=2)  # between the look and the transaction
    (kept,) = keep_all(store, [again], SETTINGS)
    assert isinstance(kept, Receipt)
    with store.read() as connection:
        (machine,) = load_machines(connection)
        assert len(list_changes(connection)) == 2  # nano came and went
    assert len(machine.installations) == 3


def test_another_agent_never_takes_the_short_way(store: Store) -> None:
    take(store, scan(1), hour=1)
    assert offered(store, scan(2), hour=2, agent="a-2").same is None


def test_the_outline_says_what_the_whole_check_says() -> None:
    for data in (scan(1), scan(1, programs=("x",)), document(), scan(1, "中文", "x" * 500)):
        outline, checked = outline_of(data), check(data, BOUNDS)
        assert outline is not None
        assert (outline.content_digest, outline.collected_at) == (
            checked.content_digest,
            checked.inventory.collected_at,
        )
    assert outline_of(b"") is outline_of(b"[]") is outline_of(b'{"programs":7}') is None
