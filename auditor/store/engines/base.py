"""What differs between the databases that the store runs on. Everything else is one text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        """Whether the driver's error says that what is on the disk is not what was written."""
