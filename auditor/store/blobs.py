"""Blobs: content by digest. The same content is kept once, compressed, and checked when it is read."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy import Connection, bindparam, select

from auditor.errors import StoreError, both
from auditor.proof.digest import sha256_hex
from auditor.store.bulk import apart, insertion_of_missing, query
from auditor.store.tables import blobs

_LEVEL = 3
_CHUNK = 500
_AHEAD = 4
"""Parts, or chunks, that wait for the thread beside at the most."""
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


def put_blob_parts(connection: Connection, media: str, parts: Iterable[bytes]) -> str:
    """Keep a content that comes in parts, and is never whole in memory, and return its digest."""
    packer, sealed, packed, size = zlib.compressobj(_LEVEL), hashlib.sha256(), bytearray(), 0

    def take(part: bytes) -> bytes:
        sealed.update(part)
        return packer.compress(part)

    with ThreadPoolExecutor(1) as beside:  # both let go of the interpreter: the next part is made meanwhile
        waiting: deque[Future[bytes]] = deque()
        for part in parts:
            size += len(part)
            waiting.append(beside.submit(take, part))
            if len(waiting) > _AHEAD:
                packed += waiting.popleft().result()
        while waiting:
            packed += waiting.popleft().result()
    packed += packer.flush()
    digest = sealed.hexdigest()
    statements = apart(connection)
    if statements.one(_IS_THERE, digest) is None:
        statements.many(_ADD, [(digest, media, size, bytes(packed))])
    return digest


def get_blob(connection: Connection, digest: str) -> bytes:
    """Return the content. Raises `StoreError` when it is not there or is not what its digest says."""
    packed = connection.execute(select(blobs.c.packed).where(blobs.c.digest == digest)).scalar()
    if packed is None:
        raise _missing(digest)
    return unpack_blob(digest, packed)


def get_blobs(connection: Connection, digests: Iterable[str]) -> dict[str, bytes]:
    """Return several contents by digest. Raises `StoreError` as `get_blob` does."""
    return {digest: unpack_blob(digest, packed) for digest, packed in packed_blobs(connection, digests).items()}


def packed_blobs(connection: Connection, digests: Iterable[str]) -> dict[str, bytes]:
    """Return several contents packed, for `unpack_blob`. Raises `StoreError` when one is not there."""
    wanted = sorted(set(digests))
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), _CHUNK):
        chosen = select(blobs.c.digest, blobs.c.packed).where(blobs.c.digest.in_(wanted[start : start + _CHUNK]))
        found.update((digest, packed) for digest, packed in connection.execute(chosen))
    missing = next((digest for digest in wanted if digest not in found), None)
    if missing is not None:
        raise _missing(missing)
    return found


def each_blob(connection: Connection, digests: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield several contents by digest, few of them in memory at a time. Raises `StoreError` as `get_blob` does."""
    wanted = sorted(set(digests))
    for start in range(0, len(wanted), _CHUNK):
        yield from get_blobs(connection, wanted[start : start + _CHUNK]).items()


def each_packed(connection: Connection, digests: Iterable[str]) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield several contents by digest as `each_blob` does, each also as it is packed."""
    wanted = sorted(set(digests))
    with ThreadPoolExecutor(1) as beside:
        waiting: deque[Future[list[tuple[str, bytes, bytes]]]] = deque()
        for start in range(0, len(wanted), _CHUNK):
            waiting.append(beside.submit(_unpacked, packed_blobs(connection, wanted[start : start + _CHUNK])))
            if len(waiting) > _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _unpacked(packed: dict[str, bytes]) -> list[tuple[str, bytes, bytes]]:
    return [(digest, unpack_blob(digest, content), content) for digest, content in packed.items()]


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
