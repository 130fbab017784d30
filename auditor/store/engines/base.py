"""What differs between the databases that the store runs on. Everything else is one text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Insert, PoolProxiedConnection, Table
from sqlalchemy.engine import URL

Row = Mapping[str, Any]


class StoreEngine(Protocol):
    """One kind of database."""

    def connect(self, url: URL, *, create: bool, wait_seconds: int) -> Engine:
        """Return an engine whose commits are on the disk. Raises `StoreError`."""

    def connect_without_transactions(self, engine: Engine) -> PoolProxiedConnection:
        """Return a connection of the driver on which each statement stands alone."""

    def begin_write(self, connection: Connection) -> None:
        """Take the right to write before the first read, so that what was read still holds at the commit."""

    def inserting_missing(self, table: Table) -> Insert:
        """Return the insertion that passes over rows whose unique keys are there."""

    def is_busy(self, error: BaseException) -> bool:
        """Whether the driver's error says that other writers left no room, and trying again makes sense."""
