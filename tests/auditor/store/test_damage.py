"""Damage is found and named: the file, the table, the row, the content, the entry of the trail."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from light_store import KEY, light_store
from sqlalchemy import text

from auditor.cli import main
from auditor.errors import StoreError
from auditor.store.blobs import get_blobs
from auditor.store.database import Store, address_of, open_store
from auditor.store.machines import list_machines
from auditor.store.tables import metadata
from auditor.store.upkeep.checking import Damage, check
from auditor.store.upkeep.references import REFERENCES


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = light_store(url)
    yield made
    made.close()


def found(url: str) -> list[Damage]:
    return list(check(address_of(url)))


def test_a_whole_store_has_no_fault(store: Store, url: str) -> None:
    assert found(url) == []


def test_each_row_that_was_changed_behind_our_back_is_named(store: Store, url: str) -> None:
    with store.begin() as connection:
        digest = connection.execute(text("SELECT state FROM machines WHERE id = 2")).scalar_one()
        other = connection.execute(text("SELECT digest FROM documents WHERE id = 5")).scalar_one()
        third = connection.execute(text("SELECT digest FROM documents WHERE id = 6")).scalar_one()
        connection.execute(text("UPDATE blobs SET packed = :b WHERE digest = :d"), {"b": b"damaged", "d": digest})
        swapped = text("UPDATE blobs SET packed = (SELECT packed FROM blobs WHERE digest = :t) WHERE digest = :d")
        connection.execute(swapped, {"t": third, "d": other})
        connection.execute(text("DELETE FROM blobs WHERE digest = :d"), {"d": third})
        connection.execute(text("UPDATE title_sets SET size = 9 WHERE id = 1"))
        connection.execute(text("UPDATE trail SET subject = 'forged' WHERE id = 3"))
    assert {(damage.kind, damage.where) for damage in found(url)} == {
        ("content", f"blobs {digest}"),
        ("content", f"blobs {other}"),
        ("row", "documents 6"),
        ("row", "title_sets 1"),
        ("trail", "trail 3"),
    }


def test_a_table_that_is_gone_is_named(store: Store, url: str) -> None:
    with store.begin() as connection:
        connection.execute(text("DROP TABLE check_outs"))
    assert [(damage.kind, damage.where) for damage in found(url)] == [("table", "check_outs")]


def test_pages_written_over_are_told_with_their_table(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    light_store(url).close()
    opened = sqlite3.connect(file)
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (page,) = opened.execute("SELECT rootpage FROM sqlite_master WHERE name = 'machines'").fetchone()
    (size,) = opened.execute("PRAGMA page_size").fetchone()
    opened.close()
    whole = bytearray(file.read_bytes())
    whole[(page - 1) * size : page * size] = b"\xa5" * size
    file.write_bytes(whole)
    told = found(url)
    assert any(damage.kind == "file" and "machines" in damage.what for damage in told), told
    assert any(damage.kind == "row" and damage.where == "machines" for damage in told)
    assert main(["--database", url, "database", "check"]) == 1
    store = open_store(url, sealing_key=KEY)
    with (
        pytest.raises(StoreError, match=r"a\.db: .*damaged; zhengban database check says where"),
        store.read() as reading,
    ):
        list_machines(reading)
    store.close()


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "begin as a database"), (b"not a database at all" * 500, "begin as a database")]
)
def test_a_file_that_is_none_is_told(
    tmp_path: Path, content: bytes, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.db").write_bytes(content)
    assert main(["--database", f"sqlite:///{tmp_path}/a.db", "database", "check"]) == 1
    assert why in capsys.readouterr().out
    assert main(["--database", f"sqlite:///{tmp_path}/none.db", "database", "check"]) == 3
    if content:  # an empty file is an empty database
        with pytest.raises(StoreError, match="zhengban database check says where"):
            open_store(f"sqlite:///{tmp_path}/a.db")


def test_a_file_cut_off_is_told(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/a.db", tmp_path / "a.db"
    light_store(url).close()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert found(url)[0].kind == "file"


@pytest.mark.slow
def test_a_page_of_a_server_that_was_written_over_is_told_with_its_table() -> None:
    from postgres import new_server

    server = new_server(options=("-c", "fsync=off"))
    try:
        url = server.new_database()
        store = light_store(url)
        with store.read() as connection:
            place = connection.execute(text("SELECT pg_relation_filepath('journal')")).scalar_one()
        store.close()
        server.stop()
        file = server.folder / "data" / place
        whole = bytearray(file.read_bytes())
        whole[40:60] = b"\xa5" * 20  # the pointers to its rows
        whole[0:24] = b"\xa5" * 24
        file.write_bytes(whole)
        server.start()
        told = found(url)
        assert [(damage.kind, damage.where) for damage in told if damage.kind == "row"] == [("row", "journal")], told
        store = open_store(url, sealing_key=KEY)
        with pytest.raises(StoreError, match="zhengban database check"), store.read() as connection:
            connection.execute(text("SELECT * FROM journal")).all()
        store.close()
    finally:
        server.remove()


def test_every_column_that_names_a_content_is_known(store: Store) -> None:
    """Found by what stands in them: a column whose values are digests of contents is in the list, or in a JSON."""
    known = {(column.table.name, column.name) for column in REFERENCES}
    told = set()
    with store.read() as connection:
        digests = set(connection.execute(text("SELECT digest FROM blobs")).scalars())
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()).mappings():
                told |= {
                    (table.name, name) for name, value in row.items() if isinstance(value, str) and value in digests
                }
        assert len(get_blobs(connection, digests)) == len(digests)
    assert told - {("blobs", "digest"), ("machines", "last_document"), ("journal", "document")} <= known | {
        ("journal_openings", "document")
    }
