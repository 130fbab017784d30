"""Backups while checkers write, restored and moved on either engine: equal row by row, or nothing at all."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filled_store import filled_store
from inventories import document, package
from light_store import KEY as KEY_TEXT
from light_store import light_store
from sqlalchemy import text

from auditor.core.days import utc_text
from auditor.errors import StoreError
from auditor.intake.receiving import receive
from auditor.proof.sealing import Sealer
from auditor.store.database import Store, address_of, open_store
from auditor.store.machines import list_machines
from auditor.store.trail import first_broken_entry, list_trail
from auditor.store.upkeep.backing_up import back_up
from auditor.store.upkeep.copying import digest_tables
from auditor.store.upkeep.manifest import manifest_file, read_manifest
from auditor.store.upkeep.moving import check_alone, move
from auditor.store.upkeep.restoring import restore, verified, verify_contents

AT = "2026-07-01T00:00:00Z"
KEY = Sealer(bytes(32))


@pytest.fixture
def filled(url: str) -> Iterator[Store]:
    made = light_store(url)
    yield made
    made.close()


def contents(store: Store) -> dict[str, object]:
    """Digests of all tables but the trail, which tells what was done meanwhile."""
    with store.read() as connection:
        found: dict[str, object] = dict(digest_tables(connection))
    del found["trail"]
    return found


def opened(url: str) -> Store:
    return open_store(url, create=False, sealing_key=KEY_TEXT)


def test_a_backup_restores_to_what_it_was(filled: Store, new_url: Callable[[], str], tmp_path: Path) -> None:
    file, wanted = tmp_path / "b.zbk", contents(filled)
    made = back_up(filled, file, at=AT, release="test")
    assert read_manifest(file) == made == verified(file, KEY) == verify_contents(file)
    assert made.tables["machines"].rows == 4
    assert sorted(path.name for path in tmp_path.glob("b.zbk*")) == ["b.zbk", "b.zbk.json"]
    with filled.read() as connection:
        assert list_trail(connection)[-1].subject == f"sha256 {made.sha256} trail {made.trail}"
    target = new_url()
    restore(file, address_of(target), KEY, at=AT)
    again = opened(target)
    assert contents(again) == wanted
    with again.read() as connection:
        assert first_broken_entry(connection) is None
        last = list_trail(connection)[-1]
    assert (last.act, last.subject) == ("database.restored", f"sha256 {made.sha256}")
    receipt = receive(again, document([package("bash", "6")], name="later"), origin="file", now=datetime.now(UTC))
    assert receipt.status == "kept"  # numbers go on after those that came
    again.close()
    with pytest.raises(StoreError, match=r"expected an empty database|is there already"):
        restore(file, address_of(target), KEY, at=AT)


def test_a_backup_of_one_engine_restores_to_the_other(filled: Store, tmp_path: Path) -> None:
    """From SQLite to SQLite on the quick runs; the slow ones start at PostgreSQL."""
    file = tmp_path / "b.zbk"
    back_up(filled, file, at=AT, release="test")
    restore(file, address_of(f"sqlite:///{tmp_path}/other.db"), KEY, at=AT)
    other = opened(f"sqlite:///{tmp_path}/other.db")
    assert contents(other) == contents(filled)
    other.close()
    assert sorted(path.name for path in tmp_path.glob("other.db*")) == ["other.db"]


@pytest.mark.slow
def test_a_file_moves_to_a_server_and_back(tmp_path: Path) -> None:
    from postgres import shared_server

    first = filled_store(tmp_path).store
    first.sealer = KEY
    on_server, back = shared_server().new_database(), f"sqlite:///{tmp_path}/back.db"
    wanted = contents(first)
    assert move(first, address_of(on_server), at=AT)["blobs"].rows > 10
    second = opened(on_server)
    assert contents(second) == wanted
    receive(second, document([package("bash", "6")], name="later"), origin="file", now=datetime.now(UTC))
    wanted = contents(second)
    move(second, address_of(back), at=AT)
    third = opened(back)
    assert contents(third) == wanted
    with third.read() as connection:
        acts = [entry.act for entry in list_trail(connection) if entry.act.startswith("database.")]
        assert first_broken_entry(connection) is None
    assert acts == ["database.moved_here", "database.moved_here"]
    with pytest.raises(StoreError, match="expected an empty database: "):
        move(third, address_of(on_server), at=AT)
    for store in (first, second, third):
        store.close()


@pytest.mark.slow
def test_a_row_that_the_other_does_not_take_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    from postgres import shared_server

    store = filled_store(tmp_path).store
    with store.begin() as connection:
        connection.execute(text("UPDATE machines SET host_name = 'a' || char(0) || 'b' WHERE id = 3"))
    target = shared_server().new_database()
    with pytest.raises(StoreError, match=r"machines: .*does not take row 3"):
        move(store, address_of(target), at=AT)
    empty = opened(target)
    with empty.read() as connection:
        assert list_machines(connection) == []
    empty.close()
    store.close()


def test_who_has_it_open_is_noticed(url: str) -> None:
    store = open_store(url)
    with store.read() as connection:
        list_trail(connection)
        with pytest.raises(StoreError, match="stop the checker first"):
            check_alone(address_of(url))
    store.close()
    check_alone(address_of(url))
    open_store(url).close()


def test_a_backup_under_load_is_one_moment(url: str, new_url: Callable[[], str], tmp_path: Path) -> None:
    """Every document in it has its machine, its state and its content, and the chain holds."""
    store, over, faults = open_store(url), threading.Event(), []

    def write(who: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            made = document([package(f"p{number % 7}", str(number))], name=f"pc-{who}", serial=f"SERIAL{who:04d}",
                            mac_addresses=(f"3c:52:82:00:00:{who:02x}",), at=utc_text(datetime.now(UTC)))  # fmt: skip
            try:
                receive(store, made, origin="file", now=datetime.now(UTC))
            except Exception as error:  # whatever it is fails the test
                faults.append(error)
                return

    writers = [threading.Thread(target=write, args=(who,)) for who in range(3)]
    for writer in writers:
        writer.start()
    files = [tmp_path / f"b{number}" for number in range(3)]
    try:
        made = [back_up(store, file, at=AT, release="test") for file in files]
    finally:
        over.set()
        for writer in writers:
            writer.join()
    assert faults == []
    assert [m.tables["documents"].rows for m in made] == sorted(m.tables["documents"].rows for m in made)
    assert made[-1].tables["documents"].rows > 0
    for file in files:
        found = sqlite3.connect(file)
        lost = "SELECT count(*) FROM documents d LEFT JOIN blobs b ON b.digest = d.digest LEFT JOIN blobs s"
        lost += " ON s.digest = d.state LEFT JOIN machines m ON m.id = d.machine"
        assert found.execute(f"{lost} WHERE b.digest IS NULL OR s.digest IS NULL OR m.id IS NULL").fetchone() == (0,)
        assert found.execute("PRAGMA foreign_key_check").fetchall() == []
        found.close()
    store.close()


def test_what_is_wrong_with_a_backup_is_told_before_anything_is_made(filled: Store, tmp_path: Path) -> None:
    file, target = tmp_path / "b.zbk", address_of(f"sqlite:///{tmp_path}/target.db")
    back_up(filled, file, at=AT, release="test")
    with pytest.raises(StoreError, match="is there already and is not overwritten"):
        back_up(filled, file, at=AT, release="test")
    with pytest.raises(StoreError, match="not that of the backup"):
        restore(file, target, Sealer(bytes(range(32))), at=AT)
    whole = file.read_bytes()
    for broken in (whole[:-1], whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]):
        file.write_bytes(broken)
        with pytest.raises(StoreError, match="changed, or not whole"):
            restore(file, target, KEY, at=AT)
    file.write_bytes(whole)
    told = json.loads(manifest_file(file).read_text("utf-8"))
    for name, value, why in (
        ("schema", "9999", "made by a newer release"),
        ("trail", "1:" + "0" * 64, "chain of the trail"),
        ("tables", told["tables"] | {"units": {"rows": 1, "sha256": ""}}, "units: 1 != 0"),
        ("format", "zhengban-backup/9", "expected zhengban-backup/1"),
    ):
        manifest_file(file).write_text(json.dumps(told | {name: value}), "utf-8")
        with pytest.raises(StoreError, match=why):
            restore(file, target, KEY, at=AT)
    manifest_file(file).unlink()
    with pytest.raises(StoreError, match="expected the manifest beside the backup"):
        restore(file, target, KEY, at=AT)
    assert list(tmp_path.glob("target*")) == list(tmp_path.glob("*.work")) == list(tmp_path.glob("*.part")) == []


def test_there_must_be_room(filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(StoreError, match=r"expected room for some [0-9]+ bytes, got 1000"):
        back_up(filled, tmp_path / "b", at=AT, release="test")
    assert list(tmp_path.glob("b*")) == []
