"""Blobs: content by digest. The same content is kept once, compressed, and checked when it is read."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sqlalchemy import Connection, select

from auditor.errors import StoreError
from auditor.proof.digest import sha256_hex
from auditor.store.database import insert_missing
from auditor.store.tables import blobs

_LEVEL = 3
_CHUNK = 500


def put_blob(connection: Connection, media: str, content: bytes) -> str:
    """Keep `content` and return its digest. `media` says what it is: document, state, catalogue, part, issued."""
    digest = sha256_hex(content)
    if connection.execute(select(blobs.c.digest).where(blobs.c.digest == digest)).scalar() is None:
        packed = zlib.compress(content, _LEVEL)
        row = {"digest": digest, "media": media, "size_bytes": len(content), "packed": packed}
        insert_missing(connection, blobs, [row])
    return digest


def get_blob(connection: Connection, digest: str) -> bytes:
    """Return the content. Raises `StoreError` when it is not there or is not what its digest says."""
    packed = connection.execute(select(blobs.c.packed).where(blobs.c.digest == digest)).scalar()
    if packed is None:
        raise StoreError(f"blob {digest}: expected to be in the store")
    return unpack_blob(digest, packed)


def get_blobs(connection: Connection, digests: Iterable[str]) -> dict[str, bytes]:
    """Return several contents by digest. Raises `StoreError` as `get_blob` does."""
    wanted = sorted(set(digests))
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        rows = connection.execute(select(blobs.c.digest, blobs.c.packed).where(blobs.c.digest.in_(chunk)))
        found.update((digest, unpack_blob(digest, packed)) for digest, packed in rows)
    missing = next((digest for digest in wanted if digest not in found), None)
    if missing is not None:
        raise StoreError(f"blob {missing}: expected to be in the store")
    return found


def unpack_blob(digest: str, packed: bytes) -> bytes:
    """Return the content of a packed blob. Raises `StoreError` when it is not what its digest says."""
    try:
        content = zlib.decompress(packed)
    except zlib.error as error:
        raise StoreError(f"blob {digest}: damaged: {error}") from error
    if sha256_hex(content) != digest:
        raise StoreError(f"blob {digest}: damaged, its content has another digest")
    return content
