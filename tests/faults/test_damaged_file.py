"""A database file that was damaged is found, and the message names the file."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faulty import scan
from sqlalchemy.exc import DatabaseError

from auditor.errors import AuditorError
from auditor.intake.receiving import receive
from auditor.store.blobs import get_blob
from auditor.store.database import open_store
from auditor.store.inventories import list_documents
from auditor.store.machines import load_machines

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def made(folder: Path) -> Path:
    store = open_store(f"sqlite:///{folder}/z.db")
    for number in range(12):
        receive(store, scan(number, 0, NOW), now=NOW)
    store.close()
    return folder / "z.db"


def read_all(file: Path) -> None:
    """Read what stands of every machine, and every document by its digest."""
    store = open_store(f"sqlite:///{file}", create=False)
    try:
        with store.read() as connection:
            load_machines(connection)
            for row in list_documents(connection):
                get_blob(connection, row.digest)
    finally:
        store.close()


def test_a_header_that_is_none_is_named_at_the_start(tmp_path: Path) -> None:
    file = made(tmp_path)
    file.write_bytes(b"\0" * 200 + file.read_bytes()[200:])
    with pytest.raises(AuditorError, match=r"z\.db.*已损坏"):
        read_all(file)


@pytest.mark.slow
def test_one_damaged_page_is_never_taken_for_data(tmp_path: Path) -> None:
    """Pages are overwritten one at a time: reading either is told of it, or finds all as it was."""
    whole, chance, found = made(tmp_path), random.Random(7), 0
    pages = whole.stat().st_size // 4096
    for page in chance.sample(range(pages), min(40, pages)):
        copy = tmp_path / "copy.db"
        shutil.copy(whole, copy)
        shutil.copy(f"{whole}.key", f"{copy}.key")
        with copy.open("r+b") as out:
            out.seek(page * 4096)
            out.write(chance.randbytes(4096))
        try:
            read_all(copy)
        except AuditorError as error:
            found += 1
            assert "copy.db" in str(error) or "blob" in str(error), error
        except DatabaseError as error:
            raise AssertionError(f"page {page}: {error}") from error
    assert found > 5
