"""Files of the embedded database that are made beside their place and take it when they are whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from auditor.errors import StoreError, both
from auditor.store.database import open_engine

_BESIDE = ("", "-wal", "-shm", "-journal")


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """Yield the path of a file that takes its place at the end, flushed to the disk; nothing is left of it on an error.

    Raises `StoreError` where something is already, or the folder is not there.
    """
    if place.exists():
        raise StoreError(f"{place}: {both('已存在，不会覆盖', 'is there already and is not overwritten')}")
    if not place.parent.is_dir():
        raise StoreError(f"{place}: {both('所在目录应已存在', 'expected its folder to exist')}")
    part = place.with_name(place.name + ".part")
    remove(part)
    try:
        yield part
        flush(part)
        os.replace(part, place)
        flush(place.parent)
    except OSError as error:
        told = both("写入失败（磁盘已满？）", "could not be written (is the disk full?)")
        raise StoreError(f"{part}: {told}: {error.strerror}") from error
    finally:
        remove(part)


def remove(file: Path) -> None:
    """Remove a database file with what lies beside it."""
    for ending in _BESIDE:
        file.with_name(file.name + ending).unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Have a file or folder on the disk; a system that cannot flush a folder goes without."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_room(folder: Path, wanted_bytes: int) -> None:
    """Raises `StoreError` when the disk has less room than that."""
    free = shutil.disk_usage(folder).free
    if free < wanted_bytes:
        zh = f"磁盘空间不足：需要约 {wanted_bytes} 字节，剩余 {free} 字节"
        raise StoreError(f"{folder}: {both(zh, f'expected room for some {wanted_bytes} bytes, got {free}')}")


def embedded(file: Path) -> URL:
    """Return the address of a database file."""
    return URL.create("sqlite", database=str(file))


def new_engine(file: Path) -> Engine:
    """Return an engine on a new file with every table and no row."""
    return open_engine(embedded(file), create=True)


def close_whole(engine: Engine) -> None:
    """Close a database file so that all of it stands in the one file."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("ROLLBACK") if driver.in_transaction else None
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        driver.execute("PRAGMA journal_mode = DELETE")
    engine.dispose()
