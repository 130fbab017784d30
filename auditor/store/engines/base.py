"""What differs between the databases that the store runs on. Everything else is one text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Insert, PoolProxiedConnection, Table
from sqlalchemy.engine import URL

Row = Mapping[str, Any]


class StoreEngine(Protocol):
    """One kind of database."""

    writes_alone: bool
    """Whether nobody else writes while a transaction that may write is open."""

    def connect(self, url: URL, *, create: bool, wait_seconds: int) -> Engine:
        """Return an engine whose commits are on the disk. Raises `StoreError`."""

    def connect_to_read(self, engine: Engine) -> Connection:
        """Return a connection whose transactions only read and see one state throughout."""

    def connect_without_transactions(self, engine: Engine) -> PoolProxiedConnection:
        """Return a connection of the driver on which each statement stands alone."""

    def connect_apart(self, connection: Connection) -> PoolProxiedConnection | None:
        """Return a connection beside that of a transaction, for rows named by their content which several writers
        add at once: each statement stands alone, and is on the disk no later than the transaction.

        `None`: the transaction's own will do, since no two write at once.
        """

    def begin_write(self, connection: Connection) -> None:
        """Take the right to write before the first read, so that what was read still holds at the commit."""

    def begin_intake(self, connection: Connection) -> None:
        """Take the right to take documents in: beside others who do, who then keep apart by `hold`."""

    def begin_upgrade(self, connection: Connection) -> None:
        """Take the right to change the schema."""

    def hold(self, connection: Connection, names: Iterable[str]) -> bool:
        """Keep others who hold one of these names waiting until the transaction ends; false: nobody else writes."""

    def inserting_missing(self, table: Table) -> Insert:
        """Return the insertion that passes over rows whose unique keys are there."""

    def is_busy(self, error: BaseException) -> bool:
        """Whether the driver's error says that other writers left no room, or that the database is away for
        a while, so that trying again makes sense."""

    def is_damaged(self, error: BaseException) -> bool:
        """Whether the driver's error says that what lies on the disk is not what was written there."""

    def driver_error(self, engine: Engine) -> type[Exception]:
        """What the driver raises, whatever went wrong."""

    def is_in_use(self, url: URL) -> bool:
        """Whether another process has this database open. Raises what the driver raises when it cannot be told."""

    def copy_whole(self, engine: Engine, target: Path) -> bool:
        """Write the database as it stands into a new file of the embedded one while others write; false: not so."""

    def add_rows(
        self, connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> None:
        """Add many rows the fastest way; `names` are the columns in the order of the values."""

    def rows_added(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Let numbers go on after those that `add_rows` brought along."""

    def faults_of_files(self, connection: Connection) -> list[str]:
        """Return what the database itself finds wrong with what lies on the disk, each with the table where it can be
        told; empty when nothing is."""

    def sizes(self, connection: Connection) -> dict[str, int]:
        """Return the bytes on the disk of each table with its indexes."""

    def give_back_room(self, engine: Engine) -> None:
        """Give the room of what was removed back to the disk, where that takes a step of its own."""
