"""The databases that the store runs on, by SQLAlchemy's name of the dialect; each is read when a store of it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from auditor.store.engines.base import StoreEngine


def _sqlite() -> StoreEngine:
    from auditor.store.engines.sqlite import Sqlite

    return Sqlite()


def _postgresql() -> StoreEngine:
    from auditor.store.engines.postgresql import Postgresql

    return Postgresql()


KINDS: dict[str, Callable[[], StoreEngine]] = {"sqlite": cache(_sqlite), "postgresql": cache(_postgresql)}


class _Engines(Mapping[str, StoreEngine]):
    """The engine of each kind, one for the process. A driver that no store needs would cost every command's start."""

    def __getitem__(self, kind: str) -> StoreEngine:
        return KINDS[kind]()

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)


ENGINES: Mapping[str, StoreEngine] = _Engines()
