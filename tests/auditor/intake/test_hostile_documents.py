"""Whatever a document does to itself: it is refused with a reason, or kept. Nothing else is ever raised or written."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hostile_documents import changed_documents, wrapped_documents
from made_once import new_store
from recorded_machine import CAPTURES, recorded_machine, scan_with

from agent.collectors.roster import collectors_for
from agent.inventory.document import CONTRACT_VERSION, encode
from auditor.errors import Refused
from auditor.intake.arrival import Receipt
from auditor.intake.receiving import receive
from auditor.store.database import Store
from auditor.store.inventories import document_content
from auditor.store.machines import load_machines

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NAMES = sorted(path.name for path in CAPTURES.iterdir() if path.is_dir() and path.name != "recipes")
CHANGES = 40


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "zhengban.db")


def recorded_document(name: str) -> bytes:
    machine = recorded_machine(name)
    return encode(scan_with(machine, *collectors_for(machine.family)))


def rows_of(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    with sqlite3.connect(str(store.engine.url.database)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def taken(store: Store, data: bytes, encoding: str = "identity") -> Receipt | None:
    """Return the receipt; `None` when it was refused, after looking that nothing but the refusal was written."""
    before = rows_of(store)
    try:
        receipt = receive(store, data, encoding=encoding, now=NOW)
    except Refused as refused:
        assert str(refused).startswith("inventory refused: ") and len(str(refused)) < 11_000
        str(refused).encode("utf-8")
        after = rows_of(store)
        assert after.pop("refused_documents") - before.pop("refused_documents") in (0, 1)
        assert after == before
        return None
    assert receipt.text and receipt.status in ("kept", "known", "history", "held")
    with store.read() as connection:
        json.loads(document_content(connection, receipt.document))
    return receipt


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_document_is_refused_or_kept(store: Store, name: str) -> None:
    document = recorded_document(name)
    assert taken(store, document) is not None

    outcomes = []
    for told, data in changed_documents(document, CHANGES, seed=NAMES.index(name)):
        try:
            outcomes.append(taken(store, data) is None)
        except Exception as error:
            raise AssertionError(told) from error

    assert 5 < sum(outcomes) < CHANGES  # some of both: the changes are neither harmless nor all alike
    with store.read() as connection:
        assert load_machines(connection)
        load_machines(connection, date(2026, 5, 1))


def test_a_document_in_a_wrong_wrapping_is_refused_or_kept(store: Store) -> None:
    document = recorded_document("kylin-v10-desktop")
    kept = {name for name, data, encoding in wrapped_documents(document) if taken(store, data, encoding) is not None}
    assert kept == set()
    assert taken(store, document) is not None


@pytest.mark.parametrize(
    "twice",
    [
        b'{"contract":"1.0",' + b'"contract":"9.0",',
        b'{"contract":"9.0",' + b'"contract":"1.0",',
    ],
)
def test_a_key_given_twice_is_read_as_one_and_kept_as_that_one(store: Store, twice: bytes) -> None:
    """No two readers of what is kept may see different things: the last one counts, and it alone is kept."""
    document = recorded_document("debian-12")
    start = document.replace(f'"contract":"{CONTRACT_VERSION}",'.encode(), b"", 1)
    receipt = taken(store, twice + start[1:])
    if twice.endswith(b'"9.0",'):
        assert receipt is None
        return
    assert receipt is not None
    with store.read() as connection:
        assert document_content(connection, receipt.document).count(b'"contract"') == 1


@pytest.mark.parametrize("name", ["\x1b[2Jx", "\u202egnp.exe", "=1+1", "<b>x</b>", "名" * 10_000, "a\x00b"])
def test_a_name_is_kept_as_it_was_written(store: Store, name: str) -> None:
    plain = json.loads(recorded_document("debian-12"))
    plain["software"][0]["name"] = name
    receipt = taken(store, json.dumps(plain).encode())
    assert receipt is not None
    with store.read() as connection:
        assert json.loads(document_content(connection, receipt.document))["software"][0]["name"] == name
