"""Restoring a backup into an empty place, on either engine, after everything about it was verified; and moving.

Verified before anything is made: the file by its digest, each table by its rows, the schema's revision, the chain of
the trail up to its last link, and that the sealing key at hand is the one. What is made takes its place whole or not at
all.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from auditor.errors import StoreError, both
from auditor.proof.sealing import Sealer
from auditor.store.database import SCHEMA_REVISION, open_engine
from auditor.store.engines.roster import ENGINES
from auditor.store.trail import append_trail, first_broken_entry
from auditor.store.upkeep.backing_up import last_entry_of, plain_engine
from auditor.store.upkeep.copying import TableDigest, copy_all, differing, digest_tables, rows_in, tables_that_stand
from auditor.store.upkeep.files import beside, check_room, close_whole, embedded, remove
from auditor.store.upkeep.manifest import KEY_WORDS, Manifest, digest_of_file, read_manifest


def restore(file: Path, address: URL, sealer: Sealer | None, *, at: str) -> Manifest:
    """Make the store at `address` what the backup holds and return the manifest. `sealer=None`: the key is lost, and
    what was sealed with it cannot be read any more. Raises `StoreError`; then nothing was made."""
    manifest = verified(file, sealer)
    subject = f"sha256 {manifest.sha256}"
    if address.get_backend_name() == "sqlite":
        with beside(Path(str(address.database))) as part:
            check_room(part.parent, manifest.size_bytes)
            shutil.copyfile(file, part)
            engine = _read_up_to_date(part, manifest)
            with engine.begin() as connection:
                append_trail(connection, at=at, act="database.restored", subject=subject)
            close_whole(engine)
        return manifest
    work = file.with_name(file.name + ".work")
    check_room(file.parent, manifest.size_bytes)
    try:
        shutil.copyfile(file, work)
        engine = _read_up_to_date(work, manifest)
        fill(engine, address, at=at, act="database.restored", subject=subject)
        engine.dispose()
    finally:
        remove(work)
    return manifest


def verified(file: Path, sealer: Sealer | None) -> Manifest:
    """Return the manifest of a backup that is what it says. Raises `StoreError` with what does not fit."""
    manifest = read_manifest(file)
    size, digest = digest_of_file(file)
    if (size, digest) != (manifest.size_bytes, manifest.sha256):
        zh, en = (
            "备份文件与清单不符：已被改动或不完整",
            "the backup is not the one of its manifest: changed, or not whole",
        )
        raise StoreError(f"{file}: {both(zh, en)} ({size} bytes, sha256 {digest})")
    if manifest.schema > SCHEMA_REVISION:
        zh = f"备份的数据库结构 {manifest.schema} 由更新的版本建立，应为 {SCHEMA_REVISION}"
        told = both(zh, f"schema {manifest.schema} was made by a newer release; expected {SCHEMA_REVISION}")
        raise StoreError(f"{file}: {told}")
    if sealer is not None and sealer.fingerprint(KEY_WORDS) != manifest.key:
        zh, en = "密钥不是备份时所用的密钥", "the sealing key is not that of the backup"
        raise StoreError(f"{file}: {both(zh, en)}")
    return manifest


def verify_contents(file: Path) -> Manifest:
    """Return the manifest of a backup whose every row is as it says, read in a copy beside it. Raises `StoreError`."""
    manifest = verified(file, None)
    work = file.with_name(file.name + ".work")
    try:
        check_room(file.parent, manifest.size_bytes)
        shutil.copyfile(file, work)
        _read_up_to_date(work, manifest).dispose()
    finally:
        remove(work)
    return manifest


def _read_up_to_date(work: Path, manifest: Manifest) -> Engine:
    """Hold a copy against the manifest, then bring it up to date."""
    engine = plain_engine(work)
    try:
        with engine.connect() as connection:
            found = digest_tables(connection, tables_that_stand(connection))
            if found != dict(manifest.tables):
                told = both("表的内容与清单不符", "tables are not what the manifest says")
                raise StoreError(f"{work}: {told}: {'; '.join(differing(manifest.tables, found))}")
            last = last_entry_of(connection)
    except DatabaseError as error:
        raise StoreError(f"{work}: {both('备份打不开', 'the backup cannot be opened')}: {error.orig}") from error
    finally:
        engine.dispose()
    opened = open_engine(embedded(work), create=False)
    with opened.connect() as connection:
        broken = first_broken_entry(connection)
    if broken is not None or last != manifest.trail:
        opened.dispose()
        number = broken if broken is not None else last
        raise StoreError(f"{work}: {both('操作日志的链不符', 'the chain of the trail does not hold')}: {number}")
    return opened


def fill(source: Engine, address: URL, *, at: str, act: str, subject: str) -> dict[str, TableDigest]:
    """Copy a store into an empty one in one transaction, read it back, note it, and return the digests.

    Raises `StoreError`; then the other is as empty as it was.
    """
    differs = ENGINES[source.dialect.name]
    with differs.connect_to_read(source) as reading, reading.begin(), _emptied(address) as target:
        with target.begin() as writing:
            ENGINES[target.dialect.name].begin_write(writing)
            if rows := rows_in(writing):
                zh, en = "应为空数据库", "expected an empty database"
                raise StoreError(f"{address}: {both(zh, en)}: {', '.join(f'{n} {c}' for n, c in rows.items())}")
            read = copy_all(reading, writing)
            found = digest_tables(writing)
            if found != read:
                told = both("写入后读回的内容不同", "what was read back differs")
                raise StoreError(f"{address}: {told}: {'; '.join(differing(read, found))}")
            append_trail(writing, at=at, act=act, subject=subject)
        return read


@contextmanager
def _emptied(address: URL) -> Iterator[Engine]:
    """Yield an engine on an empty store: a file takes its place at the end, a server's database is filled in place."""
    if address.get_backend_name() != "sqlite":
        engine = open_engine(address, create=True)
        try:
            yield engine
        finally:
            engine.dispose()
        return
    with beside(Path(str(address.database))) as part:
        engine = open_engine(embedded(part), create=True)
        try:
            yield engine
        finally:
            close_whole(engine)
