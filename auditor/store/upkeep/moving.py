"""Moving a store to another database, from file to server or back: whole or not at all, nobody writing meanwhile."""

from __future__ import annotations

from sqlalchemy.engine import URL

from auditor.errors import StoreError, both
from auditor.store.database import Store
from auditor.store.engines.roster import ENGINES
from auditor.store.trail import append_trail
from auditor.store.upkeep.copying import TableDigest
from auditor.store.upkeep.restoring import fill


def check_alone(address: URL) -> None:
    """Raises `StoreError` when another process has the database open."""
    if ENGINES[address.get_backend_name()].is_in_use(address):
        zh, en = "另有进程在使用，请先停止核查端", "another process has it open: stop the checker first"
        raise StoreError(f"{address}: {both(zh, en)}")


def move(store: Store, target: URL, *, at: str) -> dict[str, TableDigest]:
    """Copy the store to an empty database, hold both equal, note it in both trails and return what was moved.

    The one that was moved from keeps its rows. Raises `StoreError`; then nothing stands at the new place.
    """
    if target == store.engine.url:
        raise StoreError(f"{target}: {both('与来源相同', 'expected another database than the one it comes from')}")
    with store.begin() as held:  # whoever writes waits until the end
        moved = fill(store.engine, target, at=at, act="database.moved_here", subject=store.engine.dialect.name)
        append_trail(held, at=at, act="database.moved_away", subject=target.get_backend_name())
    return moved
