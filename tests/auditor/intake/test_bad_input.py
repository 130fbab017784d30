"""What is refused: each with the path of its fault, recorded, and nothing else written."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from inventories import document, package
from made_once import new_store

from auditor.errors import Refused, TooLarge
from auditor.intake.receiving import receive
from auditor.settings import Settings, load_settings
from auditor.store.database import Store
from auditor.store.inventories import document_content, list_documents, list_refused

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path / "zhengban.db")


@pytest.fixture
def settings() -> Settings:
    return load_settings(
        flags={"intake_max_bytes": 2_000_000, "intake_max_packed_bytes": 20_000, "intake_max_records": 50}
    )


def changed(change: Callable[[Any], object]) -> bytes:
    plain = json.loads(document([package(f"lib{n}") for n in range(14)]))
    change(plain)
    return json.dumps(plain).encode()


def put(*path: str | int, value: object) -> bytes:
    def change(plain: Any) -> None:
        for step in path[:-1]:
            plain = plain[step]
        plain[path[-1]] = value

    return changed(change)


NESTED: Any = []
for _ in range(40):
    NESTED = [NESTED]

CASES = [
    (put("software", 12, "version", value=7), "software[12].version: expected text or nothing, got 7"),
    (put("software", 3, "name", value=7), "software[3].name: expected text, got 7"),
    (put("software", 3, "name", value=" "), "software[3].name: expected text that is not empty"),
    (put("software", 3, "per_user", value="yes"), 'software[3].per_user: expected true or false or nothing, got "yes"'),
    (put("software", value="x" * 60), f'software: expected a list, got "{"x" * 38}…'),
    (put("software", 2, value=None), "software[2]: expected an object, got nothing"),
    (put("software", 5, "scope", value="snap"), 'software[5].scope: expected a scope of coverage, got "snap"'),
    (put("host", "memory_bytes", value=1.5), "host.memory_bytes: expected a whole number or nothing, got 1.5"),
    (put("host", "mac_addresses", value={}), "host.mac_addresses: expected a list, got an object"),
    (put("host", value={}), "host.operating_system: expected a value, got none"),
    (
        put("host", "operating_system", "family", value="beos"),
        'host.operating_system.family: expected one of windows, linux, macos, other, got "beos"',
    ),
    (
        put("coverage", 0, "outcome", value="fine"),
        'coverage[0].outcome: expected one of complete, partial, absent, failed, got "fine"',
    ),
    (
        changed(lambda plain: plain["coverage"].append(plain["coverage"][0])),
        'coverage[1].scope: expected a scope of its own, "dpkg:/var/lib/dpkg/status" stands in 0 as well',
    ),
    (put("collected_at", value="yesterday"), 'collected_at: expected a moment such as 2026-03-01T08:00:00Z, got "yest'),
    (put("collected_at", value="2026-02-30T08:00:00Z"), "collected_at: expected a moment such as"),
    (put("contract", value="2.0"), "contract: expected version 1.x, got 2.0"),
    (put("contract", value=1), "contract: expected a version such as 1.0, got 1"),
    (changed(lambda plain: plain.pop("contract")), "contract: expected a version such as 1.0, got nothing"),
    (put("unknown", value=NESTED), "expected at most 32 levels of nesting, got more"),
    (b'{"a":' * 50_000, "expected at most 32 levels of nesting, got more"),
    (b"[" * 50_000, "expected at most 32 levels of nesting, got more"),
    (b'{"\\ud800":' * 50_000, "expected at most 32 levels of nesting, got more"),
    (document()[:-20], "expected JSON in UTF-8, got "),
    (document().replace(b"hq-015", b"hq-\xff15"), "expected JSON in UTF-8, got "),
    (b"", "expected JSON in UTF-8, got 0 bytes: Input data was truncated"),
    (b"[]", "expected an object, got a list"),
    (b"\x00\x01\x02", "expected JSON in UTF-8, got 3 bytes"),
    (document([package(f"lib{n}") for n in range(60)]), "expected at most 50 records, got 61"),
]


@pytest.mark.parametrize(("data", "why"), CASES, ids=range(len(CASES)))
def test_a_bad_document_is_refused_with_the_path_of_its_fault(
    store: Store, settings: Settings, data: bytes, why: str
) -> None:
    with pytest.raises(Refused) as refused:
        receive(store, data, now=NOW, settings=settings)
    assert str(refused.value).startswith(f"inventory refused: {why}")
    with store.read() as connection:
        assert list_documents(connection) == []
        assert [row.why for row in list_refused(connection)] == [str(refused.value)]


@pytest.mark.parametrize(
    ("data", "encoding", "why"),
    [
        (b" " * 2_000_001, "identity", "expected at most 2000000 bytes, got 2000001"),
        (b"\x1f\x8b" + b" " * 20_000, "gzip", "expected at most 20000 bytes as sent, got 20002"),
        (gzip.compress(b" " * 2_500_000), "gzip", "expected at most 1048576 bytes unpacked from 2"),
        (gzip.compress(bytes(range(256)) * 50 + b" " * 9_000_000), "gzip", "expected at most 1[0-9]{6} bytes unpacked"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_read(
    store: Store, settings: Settings, data: bytes, encoding: str, why: str
) -> None:
    with pytest.raises(TooLarge, match=why):
        receive(store, data, encoding=encoding, now=NOW, settings=settings)


@pytest.mark.parametrize(
    ("data", "encoding", "why"),
    [
        (gzip.compress(document())[:-9], "gzip", "the end of the gzip stream, it breaks off after"),
        (gzip.compress(document()) + b"more", "gzip", "the end of the gzip stream, got 4 bytes after it"),
        (document(), "gzip", "expected gzip: "),
        (
            zstandard.ZstdCompressor().compress(document())[:-3],
            "zstd",
            "the end of the zstd stream, it breaks off after",
        ),
        (
            zstandard.ZstdCompressor().compress(document()) + b"more",
            "zstd",
            "end of the zstd stream, got 4 bytes after it",
        ),
        (zstandard.ZstdCompressor().compress(b" " * 9_000_000), "zstd", "expected at most 1048576 bytes unpacked from"),
        (document(), "zstd", "expected zstd: "),
        (zlib.compress(document())[:-9], "zlib", "the end of the zlib stream, it breaks off after"),
        (document(), "br", "expected the encoding gzip, zstd, zlib or identity, got 'br'"),
    ],
)
def test_a_packing_that_is_none_is_refused(
    store: Store, settings: Settings, data: bytes, encoding: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        receive(store, data, encoding=encoding, now=NOW, settings=settings)


def test_the_same_refusal_is_recorded_once(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(Refused):
            receive(store, b"{", now=NOW)
    with store.read() as connection:
        assert len(list_refused(connection)) == 1


def test_a_later_minor_version_is_taken_and_what_it_adds_is_kept(store: Store) -> None:
    plain = json.loads(document([package("bash")]))
    plain |= {"contract": "1.7", "new": {"deep": [1, {"er": None}]}}
    plain["software"][0]["colour"] = "红"
    plain["host"]["processors"] = [{"name": "C86", "cores": 8, "threads": 16, "cache": 2**70}]
    receipt = receive(store, json.dumps(plain).encode(), now=NOW)

    with store.read() as connection:
        assert json.loads(document_content(connection, receipt.document)) == plain


def test_a_refusal_does_not_repeat_a_product_key(store: Store) -> None:
    key = "AAAAA-BBBBB-CCCCC-DDDDD-EEE12"
    with pytest.raises(Refused) as refused:
        receive(store, put("collected_at", value=key), now=NOW)
    assert "EEE12" in str(refused.value)
    assert "BBBBB" not in str(refused.value)
