"""Stores for tests, on either engine: those on SQLite run always, those on PostgreSQL are marked slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_once import new_store

from auditor.store.database import Store, open_store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Return what makes the address of one more empty database of the engine."""
    monkeypatch.chdir(tmp_path)  # the key of a store on a server lies in the current folder
    if request.param == "postgresql":
        from postgres import shared_server

        return shared_server().new_database
    numbers = iter(range(1000))
    return lambda: f"sqlite:///{tmp_path}/made{next(numbers)}.db"


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    """Return the address of an empty database."""
    return new_url()


@pytest.fixture
def empty_store(url: str) -> Iterator[Store]:
    """Yield an open store with nothing in it."""
    opened = open_store(url) if url.startswith("postgresql") else new_store(Path(url.removeprefix("sqlite:///")))
    yield opened
    opened.close()
