"""Emptying a store of a demonstration, so that the real work can begin in it.

Only what was tried out goes: registers, ledger, documents, runs, findings, forms. Accounts, roles, enrolled agents,
enrolment tokens, the schedule and the trail stay, and the trail says what was removed. A store that holds anything
beside the demonstration is not touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from auditor.errors import StoreError, both
from auditor.store.database import Store
from auditor.store.engines.roster import ENGINES
from auditor.store.tables import import_batches, metadata, submissions
from auditor.store.trail import append_trail
from auditor.store.upkeep.trail_kept import EMPTIED

KEPT = frozenset(
    {
        "accounts",
        "former_passwords",
        "sessions",
        "api_tokens",
        "agents",
        "enrolment_tokens",
        "taken_exports",
        "due_jobs",
        "trail",
        "unit_keys",
    }
)


def to_remove(connection: Connection) -> dict[str, int]:
    """Return how many rows of each table would go."""
    counts = {}
    for table in metadata.sorted_tables:
        if table.name not in KEPT:
            many = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            if many:
                counts[table.name] = many
    return counts


def check_demonstration(connection: Connection, shipped: Collection[str]) -> None:
    """Raises `StoreError` unless every import came from a file of the example, by digest, and nothing was handed in."""
    rows = connection.execute(select(import_batches).order_by(import_batches.c.id)).mappings().all()
    own = [row for row in rows if row["file_digest"] not in shipped]
    handed = int(connection.execute(select(func.count()).select_from(submissions)).scalar_one())
    if not rows:
        told = both("没有示例数据", "holds no demonstration: none of its files was imported")
        raise StoreError(f"{connection.engine.url}: {told}")
    if own or handed:
        first = f": {own[0]['register']} {own[0]['file_name']}" if own else ""
        zh = f"含有示例以外的数据（{len(own)} 次导入，{handed} 份报送），不会清空"
        en = f"holds more than the demonstration ({len(own)} imports, {handed} reports handed in) and is not emptied"
        raise StoreError(f"{connection.engine.url}: {both(zh, en)}{first}")


def empty(store: Store, shipped: Collection[str], *, at: str) -> Mapping[str, int]:
    """Remove the demonstration and return how many rows of each table went. Raises `StoreError`."""
    with store.begin() as connection:
        check_demonstration(connection, shipped)
        counts = to_remove(connection)
        for table in reversed(metadata.sorted_tables):
            if table.name not in KEPT:
                connection.execute(table.delete())
        told = " ".join(f"{name} {many}" for name, many in sorted(counts.items()))
        append_trail(connection, at=at, act=EMPTIED, subject=told)
    store.title_ids.clear()
    ENGINES[store.engine.dialect.name].give_back_room(store.engine)
    return counts
