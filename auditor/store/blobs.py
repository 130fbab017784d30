"""Blobs: content by digest. The same content is kept once, compressed, and checked when it is read."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from auditor.errors import StoreError, both
from auditor.proof.digest import sha256_hex
from auditor.store.bulk import apart, insertion_of_missing, query
from auditor.store.tables import blobs

_LEVEL = 3
_CHUNK = 500
_IS_THERE = query(select(blobs.c.digest).where(blobs.c.digest == bindparam("digest")), "digest")
_ADD = insertion_of_missing(blobs, "digest", "media", "size_bytes", "packed")


def put_blob(connection: Connection, media: str, content: bytes, packed: bytes | None = None) -> str:
    """Keep `content` and return its digest. `media` says what it is: document, state, catalogue, part, issued.

    `packed` is the same content as zlib, where somebody packed it before.
    """
    digest = sha256_hex(content)
    statements = apart(connection)
    if statements.one(_IS_THERE, digest) is None:
        add_blob(connection, media, content, digest, packed)
    return digest


def add_blob(connection: Connection, media: str, content: bytes, digest: str, packed: bytes | None = None) -> None:
    """Keep content of a known digest, most likely for the first time."""
    row = (digest, media, len(content), zlib.compress(content, _LEVEL) if packed is None else packed)
    apart(connection).run(_ADD, *row)


def get_blob(connection: Connection, digest: str) -> bytes:
    """Return the content. Raises `StoreError` when it is not there or is not what its digest says."""
    packed = connection.execute(select(blobs.c.packed).where(blobs.c.digest == digest)).scalar()
    if packed is None:
        raise _missing(digest)
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
        raise _missing(missing)
    return found


def unpack_blob(digest: str, packed: bytes) -> bytes:
    """Return the content of a packed blob. Raises `StoreError` when it is not what its digest says."""
    try:
        content = zlib.decompress(packed)
    except zlib.error as error:
        raise StoreError(f"blob {digest}: {both('内容已损坏', 'damaged')}: {error}") from error
    if sha256_hex(content) != digest:
        told = both("内容已损坏，与摘要值不符", "damaged, its content has another digest")
        raise StoreError(f"blob {digest}: {told}")
    return content


def _missing(digest: str) -> StoreError:
    return StoreError(f"blob {digest}: {both('应在数据库中，未找到', 'expected to be in the store')}")
