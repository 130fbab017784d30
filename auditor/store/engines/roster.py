"""The databases that the store runs on, by SQLAlchemy's name of the dialect."""

from __future__ import annotations

from auditor.store.engines.base import StoreEngine
from auditor.store.engines.postgresql import Postgresql
from auditor.store.engines.sqlite import Sqlite

ENGINES: dict[str, StoreEngine] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
