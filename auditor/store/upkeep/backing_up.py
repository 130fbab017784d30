"""Backing up while checkers write: the store as it stood at one moment, as one file with a manifest.

The file is an embedded database whatever engine the store runs on: that of SQLite by its online backup, that of a
server row by row from one snapshot. So a backup can be read by anybody, restored to either engine, and needs no program
of the server's version. The sealing key is never in it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, select, text

from auditor.errors import StoreError, both
from auditor.store.database import SCHEMA_REVISION, Store
from auditor.store.engines.roster import ENGINES
from auditor.store.tables import trail
from auditor.store.trail import append_trail
from auditor.store.upkeep.copying import TableDigest, copy_all, differing, digest_tables
from auditor.store.upkeep.files import beside, check_room, close_whole, embedded, new_engine
from auditor.store.upkeep.manifest import FORMAT, KEY_WORDS, Manifest, digest_of_file, manifest_file, write_manifest


def back_up(store: Store, file: Path, *, at: str, release: str) -> Manifest:
    """Write the backup and its manifest, note it in the trail and return the manifest. Raises `StoreError`.

    The entry of the trail comes after the moment that the backup shows: it is not in the backup itself.
    """
    if manifest_file(file).exists():
        raise StoreError(
            f"{manifest_file(file)}: {both('已存在，不会覆盖', 'is there already and is not overwritten')}"
        )
    with beside(file) as part:
        _check_room(store, part.parent)
        read = _write(store, part)
        tables, last = _read_back(part)
        if read is not None and read != tables:
            told = both("备份与读出的内容不符", "the backup is not what was read")
            raise StoreError(f"{file}: {told}: {'; '.join(differing(read, tables))}")
        size, digest = digest_of_file(part)
    manifest = Manifest(
        format=FORMAT, release=release, made_at=at, came_from=store.engine.dialect.name, schema=SCHEMA_REVISION,
        size_bytes=size, sha256=digest, key=store.sealer.fingerprint(KEY_WORDS), trail=last, tables=tables,
    )  # fmt: skip
    write_manifest(file, manifest)
    with store.begin() as connection:
        append_trail(connection, at=at, act="database.backed_up", subject=f"sha256 {digest} trail {last}")
    return manifest


def _check_room(store: Store, folder: Path) -> None:
    with store.read() as connection:
        check_room(folder, sum(ENGINES[connection.dialect.name].sizes(connection).values()))


def _write(store: Store, part: Path) -> dict[str, TableDigest] | None:
    """Return the digests of what was read, `None` when the database copied itself."""
    with store.told_as_faults():
        if ENGINES[store.engine.dialect.name].copy_whole(store.engine, part):
            return None
    made = new_engine(part)
    with store.read() as source, made.begin() as target:
        read = copy_all(source, target)
    close_whole(made)
    return read


def _read_back(part: Path) -> tuple[dict[str, TableDigest], str]:
    engine = plain_engine(part)
    try:
        with engine.connect() as connection:
            told = connection.execute(text("PRAGMA quick_check(1)")).scalar()
            if told != "ok":
                raise StoreError(f"{part}: {both('备份不完整', 'the backup is not whole')}: {told}")
            return digest_tables(connection), last_entry_of(connection)
    finally:
        engine.dispose()


def plain_engine(file: Path) -> Engine:
    """Return an engine that changes nothing of how the file is kept."""
    return create_engine(embedded(file))


def last_entry_of(connection: Connection) -> str:
    """Return number and link of the newest entry of the trail, `0:` without any."""
    last = connection.execute(select(trail.c.id, trail.c.link).order_by(trail.c.id.desc()).limit(1)).first()
    return f"{last.id}:{last.link}" if last is not None else "0:"
