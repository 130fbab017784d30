"""The store: opened once a process, read and written in transactions.

Opening brings an older schema up to date; a schema of a newer release is an error. A transaction that
wrote is on the disk when `begin()` ends without an error, and left no trace when it ends with one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy
from sqlalchemy import Engine, PoolProxiedConnection, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from auditor.core.model import TitleId
from auditor.errors import AuditorError, Busy, StoreError, both
from auditor.proof.sealing import Sealer, SealingFault, key_from_file, key_from_text
from auditor.settings import Settings
from auditor.store.engines.roster import ENGINES, KINDS
from rules.title import Words

Connection: TypeAlias = sqlalchemy.Connection
"""A transaction that is open; rooms above take it from here and never import the library."""

Address: TypeAlias = URL
"""The parts of a database's address."""

_RETRY_SECONDS = 5
_DAMAGED = both(
    "数据库文件已损坏；用 zhengban database check 查明何处，并从备份恢复",
    "the database is damaged; zhengban database check says where; restore it from a backup",
)
_MOST_TITLES = 200_000
"""Kept in memory by their words: some 150 MB at the most."""
SCHEMA_REVISION = "0009"
"""The newest revision in `migrations/versions`."""


class Store:
    """An open store. Safe to use from several threads; each `begin` and `read` has its own connection."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self.engine = engine
        self.sealer = sealer
        self.title_ids: dict[Words, TitleId] = {}
        """Ids of titles by their words, of those that are in the store for good: a title never gets another id."""
        self._differs = ENGINES[engine.dialect.name]
        self._of_thread = threading.local()
        self._look_up_connections: list[PoolProxiedConnection] = []
        driver: Any = engine.dialect.dbapi
        self._operational_error: type[Exception] = driver.OperationalError
        self._driver_error: type[Exception] = driver.DatabaseError

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a transaction that may write; it is committed at the end, rolled back on an error.

        Raises `Busy` when other writers leave no room in time, `StoreError` when the disk does not take it.
        """
        with self.told_as_faults(), self.engine.begin() as connection:
            self._differs.begin_write(connection)
            yield connection

    @contextmanager
    def take_in(self) -> Iterator[Connection]:
        """Open a transaction as `begin` does, which may run beside others of its kind where the engine allows it:
        whoever opens it calls `hold` before the first read, and reads nothing else that it rests on."""
        with self.told_as_faults(), self.engine.begin() as connection:
            self._differs.begin_intake(connection)
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads and sees one state throughout. Raises `Busy`, `StoreError`."""
        with self.told_as_faults(), self._differs.connect_to_read(self.engine) as connection, connection.begin():
            yield connection

    @contextmanager
    def told_as_faults(self) -> Iterator[None]:
        """Tell what the driver raises as what an operator can put right: `Busy` or `StoreError`."""
        try:
            yield
        except OperationalError as error:
            raise self.fault(error.orig or error) from error
        except DatabaseError as error:
            if error.orig is None or not self._differs.is_damaged(error.orig):
                raise
            raise self.fault(error.orig) from error
        except self._driver_error as error:  # of a statement on the driver's own cursor
            if not isinstance(error, self._operational_error) and not self._differs.is_damaged(error):
                raise
            raise self.fault(error) from error

    def remember_titles(self, ids: Mapping[Words, TitleId]) -> None:
        """Note ids of titles whose transaction is committed."""
        if len(self.title_ids) + len(ids) > _MOST_TITLES:
            self.title_ids.clear()
        self.title_ids.update(ids)

    def fault(self, error: BaseException) -> AuditorError:
        """Return what an error of the driver is to whoever asked: `Busy` where trying again makes sense."""
        if self._differs.is_busy(error):
            return Busy(f"{both('数据库忙', 'the store is busy')}: {error}", _RETRY_SECONDS)
        if self._differs.is_damaged(error):
            return StoreError(f"{self.engine.url}: {_DAMAGED}: {error}")
        told = both("数据库无法读写", "the store cannot be read or written")
        return StoreError(f"{self.engine.url}: {told}: {error}")

    def look_up_connection(self) -> PoolProxiedConnection:
        """Return a connection of this thread's own that opens no transaction: for single look-ups."""
        found: PoolProxiedConnection | None = getattr(self._of_thread, "connection", None)
        if found is None:
            found = self._of_thread.connection = self._differs.connect_without_transactions(self.engine)
            self._look_up_connections.append(found)
        return found

    def forget_look_up_connection(self) -> None:
        """Give up this thread's own connection: it is broken."""
        found: PoolProxiedConnection | None = getattr(self._of_thread, "connection", None)
        if found is not None:
            del self._of_thread.connection
            self._look_up_connections.remove(found)
            found.invalidate()

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver raises for a database that does not do as told."""
        return self._operational_error

    def close(self) -> None:
        """Close every connection."""
        for connection in self._look_up_connections:
            connection.close()
        self.engine.dispose()


def open_settings_store(settings: Settings, *, create: bool = True) -> Store:
    """Open the store that the settings name. Raises `StoreError`."""
    key_file = settings.text("key_file")
    return open_store(
        settings.text("database"),
        create=create,
        key_file=Path(key_file) if key_file else None,
        sealing_key=settings.text("sealing_key") or None,
        wait_seconds=settings.whole("database_wait_seconds"),
    )


def open_store(
    url: str,
    *,
    create: bool = True,
    key_file: Path | None = None,
    sealing_key: str | None = None,
    wait_seconds: int = 30,
) -> Store:
    """Open the store at `url`, make it or bring it up to date where needed.

    `create=False` refuses a store that is not there. Without `key_file` the sealing key lies beside the database
    file, that of a server in the current folder, with `.key` after the database's name; it is made while nothing
    was sealed yet. Raises `StoreError`.
    """
    address = address_of(url)
    engine = open_engine(address, create=create, wait_seconds=wait_seconds)
    try:
        return Store(engine, _open_sealer(engine, address, key_file, sealing_key))
    except SealingFault as error:
        engine.dispose()
        raise StoreError(str(error)) from error
    except BaseException:
        engine.dispose()
        raise


def address_of(url: str) -> URL:
    """Return the parts of an address. Raises `StoreError` for one of no database that we know."""
    try:
        address = make_url(url)
        if address.get_backend_name() in KINDS:
            return address
    except ArgumentError as error:
        raise _no_address(url) from error
    raise _no_address(url)


def _no_address(url: str) -> StoreError:
    return StoreError(f"{url}: {both('应为数据库地址，如', 'expected an address such as')} sqlite:///zhengban.db")


def open_engine(address: URL, *, create: bool, wait_seconds: int = 30) -> Engine:
    """Connect and bring the schema up to date, without a key. Raises `StoreError`."""
    engine = ENGINES[address.get_backend_name()].connect(address, create=create, wait_seconds=wait_seconds)
    try:
        _bring_up_to_date(engine, create=create)
    except DatabaseError as error:
        engine.dispose()
        damaged = error.orig is not None and ENGINES[address.get_backend_name()].is_damaged(error.orig)
        told = _DAMAGED if damaged else both("数据库打不开", "the store cannot be opened")
        raise StoreError(f"{address}: {told}: {error.orig}") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def key_place(settings: Settings, address: URL) -> Path | None:
    """Return the file of the sealing key of the database at an address; `None`: the key stands in a setting."""
    if settings.text("sealing_key"):
        return None
    return Path(settings.text("key_file") or f"{address.database}.key")


def _open_sealer(engine: Engine, address: URL, key_file: Path | None, sealing_key: str | None) -> Sealer:
    if sealing_key is not None:
        return Sealer(key_from_text(sealing_key))
    file = key_file if key_file is not None else Path(f"{address.database}.key")
    if not file.exists() and _holds_sealed(engine):
        zh = "应为封存本数据库密文的密钥文件；请从建库的主机或备份复制，不会另建"
        raise StoreError(f"{file}: {both(zh, 'expected the key of what is sealed in this store; copy it here')}")
    return Sealer(key_from_file(file, create=True))


def _holds_sealed(engine: Engine) -> bool:
    """Whether something in the store can be read with its key alone."""
    asked = ("SELECT 1 FROM agents LIMIT 1", "SELECT 1 FROM entitlements WHERE sealed_serials IS NOT NULL LIMIT 1")
    with ENGINES[engine.dialect.name].connect_to_read(engine) as connection:
        return any(connection.execute(text(each)).first() is not None for each in asked)


def _bring_up_to_date(engine: Engine, *, create: bool) -> None:
    differs = ENGINES[engine.dialect.name]
    with differs.connect_to_read(engine) as connection:
        revision = _revision(connection)
    if revision == SCHEMA_REVISION:
        return
    if revision is None and not create:
        raise StoreError(f"{engine.url}: {both('应为本程序的数据库', 'expected a database of this program')}")
    if revision is not None and revision > SCHEMA_REVISION:
        zh = f"数据库结构 {revision} 由更新的版本建立，应为 {SCHEMA_REVISION}"
        told = both(zh, f"schema {revision} was made by a newer release; expected {SCHEMA_REVISION}")
        raise StoreError(f"{engine.url}: {told}")
    with engine.begin() as connection:
        differs.begin_upgrade(connection)
        if _revision(connection) != SCHEMA_REVISION:  # another process may have done it meanwhile
            _upgrade(connection)


def _revision(connection: Connection) -> str | None:
    """Return the revision of the schema, `None` for an empty database. Raises `StoreError` for a foreign one."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        told = both("应为空数据库或本程序的数据库", "expected an empty database or one of this program")
        raise StoreError(f"{connection.engine.url}: {told}")
    return None


def may_write_beside(connection: Connection) -> bool:
    """Whether others may take documents in while this transaction is open."""
    return not ENGINES[connection.dialect.name].writes_alone


def hold(connection: Connection, names: Iterable[str]) -> bool:
    """Keep others who hold one of these names waiting until the transaction ends; false: nobody else can write."""
    return ENGINES[connection.dialect.name].hold(connection, names)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
