"""The store opens, upgrades, refuses what it does not know, and keeps what it acknowledged."""

from __future__ import annotations

import ast
import base64
import os
import stat
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, UniqueConstraint, create_engine, event, inspect, text

from auditor.core.model import TitleId
from auditor.errors import Busy, StoreError
from auditor.store import database
from auditor.store.blobs import get_blob, get_blobs, put_blob
from auditor.store.database import SCHEMA_REVISION, open_store
from auditor.store.tables import blobs, metadata, titles
from auditor.store.titles import keep_title_set, load_title_sets
from auditor.store.trail import append_trail, first_broken_entry

MIGRATIONS = Path(database.__file__).parent / "migrations"


EXPRESSIONS = {i.name for table in metadata.tables.values() for i in table.indexes if not i.columns}
"""Indexes on expressions, which no comparison of the library's understands: their names are compared below."""


def test_a_migrated_store_is_what_the_tables_say(url: str) -> None:
    store = open_store(url)
    with store.read() as connection:
        unlike = compare_metadata(MigrationContext.configure(connection), metadata)
        assert [each for each in unlike if getattr(each[1], "name", None) not in EXPRESSIONS] == []
        seen = inspect(connection)
        for table in metadata.sorted_tables:
            assert seen.get_pk_constraint(table.name)["constrained_columns"] == [
                column.name for column in table.primary_key.columns
            ]
            unique = {tuple(c.columns.keys()) for c in table.constraints if isinstance(c, UniqueConstraint)}
            assert {tuple(c["column_names"]) for c in seen.get_unique_constraints(table.name)} == unique
            indexes = {(tuple(i.columns.keys()), bool(i.unique)) for i in table.indexes if i.columns}
            made = {
                (tuple(map(str, i["column_names"])), bool(i["unique"]))
                for i in seen.get_indexes(table.name)
                if "duplicates_constraint" not in i and "expressions" not in i
            }
            assert made == indexes
            names = _index_names(connection, table.name)
            assert {i.name for i in table.indexes if not i.columns} <= names, "an index on expressions"


def _index_names(connection: Connection, table: str) -> set[str]:
    """The names of a table's indexes, those on expressions too."""
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = :table"
    other = "SELECT indexname FROM pg_indexes WHERE tablename = :table"
    told = text(sqlite if connection.dialect.name == "sqlite" else other)
    return set(connection.execute(told, {"table": table}).scalars())


def test_the_newest_revision_is_the_one_that_the_code_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_REVISION]


def test_no_migration_leans_on_the_tables_of_today() -> None:
    for file in sorted((MIGRATIONS / "versions").glob("0*.py")):
        imported = {
            name
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        outside = {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names}
        assert outside <= {"sqlalchemy", "alembic"}


def test_sets_of_titles_survive_from_the_first_schema(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for number in (1, 2, 70_000):
            words = {"id": number, "digest": f"d{number}", "platform": "linux", "source": "dpkg", "name": "x"}
            connection.execute(titles.insert().values(**words, words="{}", first_seen_at="2026-01-01T00:00:00Z"))
        connection.exec_driver_sql("INSERT INTO title_sets (id, digest, size) VALUES (7, 'a', 2), (9, 'b', 0)")
        connection.exec_driver_sql("INSERT INTO title_set_members (title_set, title) VALUES (7, 70000), (7, 2)")
    engine.dispose()
    store = open_store(url)
    with store.begin() as connection:
        assert load_title_sets(connection) == {7: (2, 70_000), 9: ()}
        added = keep_title_set(connection, [TitleId(1), TitleId(2)])
        assert load_title_sets(connection)[added] == (1, 2)
    store.close()


def test_every_commit_is_flushed_to_the_disk(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    for context in (store.read, store.begin):
        with context() as connection:
            pragmas = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
            ]
            assert pragmas == ["wal", 2]
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_what_is_not_there_is_not_made_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"a\.db: 应为数据库文件 / expected a database file$"):
        open_store(f"sqlite:///{tmp_path}/a.db", create=False)
    with pytest.raises(StoreError, match=r"none/a\.db: 所在目录应已存在 / expected its folder to exist$"):
        open_store(f"sqlite:///{tmp_path}/none/a.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("a.db", "应为数据库地址，如 / expected an address such as sqlite:///zhengban.db"),
        ("mysql://x/y", "应为数据库地址，如 / expected an address such as sqlite:///zhengban.db"),
        ("sqlite://", "应为文件路径，如 / expected the path of a file such as sqlite:///zhengban.db"),
        ("sqlite:///:memory:", "应为文件路径，如 / expected the path of a file such as sqlite:///zhengban.db"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=f": {told}$"):
        open_store(url)


def test_a_database_of_somebody_else_is_left_alone(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(
        StoreError, match=r"应为空数据库或本程序的数据库 / expected an empty database or one of this program$"
    ):
        open_store(url)
    assert inspect(engine).get_table_names() == ["theirs"]


def test_a_newer_schema_and_a_broken_file_are_refused(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(
        StoreError, match=r"数据库结构 9999 由更新的版本建立.* / schema 9999 was made by a newer release; expected"
    ):
        open_store(f"sqlite:///{tmp_path}/a.db")
    (tmp_path / "b.db").write_bytes(b"not a database at all, but longer than a header would be" * 20)
    with pytest.raises(StoreError, match=r"数据库文件已损坏.*restore it from a backup: .*not a database"):
        open_store(f"sqlite:///{tmp_path}/b.db")


def test_several_may_open_a_new_store_at_once(url: str) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            store = open_store(url)
            with store.begin() as connection:
                append_trail(connection, at="2026-01-01T00:00:00Z", act="test", subject="x")
            store.close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_store(url).read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM trail").scalar() == 6
        assert first_broken_entry(connection) is None


def test_a_writer_that_finds_no_room_says_when_to_come_back(url: str) -> None:
    store = open_store(url, wait_seconds=1)
    with store.begin(), pytest.raises(Busy) as busy, store.begin():
        pass
    assert busy.value.retry_after_seconds > 0
    assert str(busy.value).startswith("数据库忙 / the store is busy: ")


def test_a_full_disk_is_a_store_error_and_leaves_no_half(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    with (
        pytest.raises(StoreError, match=r"数据库无法读写 / the store cannot be read or written: .*full"),
        store.begin() as connection,
    ):
        connection.exec_driver_sql("PRAGMA max_page_count = 200")
        put_blob(connection, "document", b"small")
        put_blob(connection, "document", os.urandom(3_000_000))
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM blobs").scalar() == 0


def test_the_key_lies_beside_the_database_for_its_owner_alone(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a.db")
    key = tmp_path / "a.db.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    sealed = store.sealer.seal("序列号".encode())
    assert open_store(f"sqlite:///{tmp_path}/a.db").sealer.unseal(sealed).decode() == "序列号"
    given = base64.b64encode(b"k" * 32).decode()
    other = open_store(f"sqlite:///{tmp_path}/b.db", sealing_key=given)
    assert other.sealer.unseal(other.sealer.seal(b"x")) == b"x"
    assert not (tmp_path / "b.db.key").exists()
    key.write_text("short")
    with pytest.raises(StoreError, match=r"sealing_key: 应为 base64 编码的 32 字节 / expected 32 bytes as base64$"):
        open_store(f"sqlite:///{tmp_path}/a.db")


def test_a_blob_is_kept_once_and_a_damaged_one_is_named(url: str) -> None:
    store = open_store(url)
    with store.begin() as connection:
        digest = put_blob(connection, "document", b"content")
        assert put_blob(connection, "document", b"content") == digest
        assert get_blobs(connection, [digest, digest]) == {digest: b"content"}
        with pytest.raises(StoreError, match=r"blob none: 应在数据库中，未找到 / expected to be in the store$"):
            get_blob(connection, "none")
        with pytest.raises(StoreError, match=r"blob none: 应在数据库中，未找到 / expected to be in the store$"):
            get_blobs(connection, [digest, "none"])
        connection.execute(blobs.update().values(packed=zlib.compress(b"other")))
        with pytest.raises(StoreError, match=r"内容已损坏，与摘要值不符 / damaged, its content has another digest$"):
            get_blob(connection, digest)


def test_a_changed_trail_is_noticed(url: str) -> None:
    store = open_store(url)
    with store.begin() as connection:
        for number in range(5):
            append_trail(connection, at="2026-01-01T00:00:00Z", act="run.made", subject=f"run {number}")
        assert first_broken_entry(connection) is None
        connection.exec_driver_sql("UPDATE trail SET subject = 'run 9' WHERE id = 3")
        assert first_broken_entry(connection) == 3
        connection.exec_driver_sql("UPDATE trail SET subject = 'run 2' WHERE id = 3")
        connection.exec_driver_sql("DELETE FROM trail WHERE id = 2")
        assert first_broken_entry(connection) == 3


def test_transactions_one_after_another_use_the_same_connections(url: str) -> None:
    store = open_store(url)
    made = []
    event.listen(store.engine, "connect", lambda driver, _record: made.append(driver))
    for number in range(40):
        with store.begin() as connection:
            put_blob(connection, "document", b"%d" % number)
    assert len(made) <= 1
    store.close()


@pytest.mark.slow
def test_a_thousand_contents_hold_few_connections_of_a_server() -> None:
    from postgres import shared_server

    store = open_store(shared_server().new_database(), sealing_key=base64.b64encode(bytes(32)).decode())
    for number in range(1000):
        with store.take_in() as connection:
            put_blob(connection, "document", b"%d" % number)
    with store.read() as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert int(connection.execute(text(asked)).scalar_one()) <= 4
    store.close()


@pytest.mark.slow
def test_our_own_server_has_what_the_store_asks_of_one(tmp_path: Path) -> None:
    """The file for administrators of other databases, as they run it; and it fails where something is missing."""
    from postgres import programs_of_postgresql, shared_server

    file = Path(database.__file__).parents[1] / "deploy" / "postgresql-needs.sql"
    server = shared_server()
    name = server.new_database().partition("@/")[2].partition("?")[0]

    def played(script: str) -> int:
        psql = [str(programs_of_postgresql() / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        command = [*psql, f"host={server.folder} user=zhengban dbname={name}"]
        return subprocess.run(command, input=script, capture_output=True, text=True, check=False).returncode

    script = file.read_text("utf-8")
    assert played(script) == 0
    assert played(script.replace(' COLLATE "C"', ' COLLATE "en-x-icu"')) == 3
    assert played(script.replace("ON CONFLICT DO NOTHING;", ";")) == 3
    assert played(script.replace("pg_advisory_xact_lock_shared", "pg_no_such_lock")) == 3


def test_a_machine_without_postgresql_fails_and_does_not_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    import postgres

    monkeypatch.setattr(postgres, "_FOLDERS", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="PostgreSQL is not installed and the store must be tested on it"):
        postgres.programs_of_postgresql()
