"""The signature beside an issued file: holds over the file as it is, and over no other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.proof.file_signature import SignatureFault, holds, read_signature, signed
from auditor.proof.signing import SigningKey

KEY = SigningKey(bytes(range(32)))
FACTS = {"file": "汇总表.xlsx", "run": "5f2c" * 16, "unit": "JT01", "as_of": "2026-11-23", "coverage": "10/12"}
CONTENT = b"a file as it was issued"


def test_it_holds_and_says_what_was_signed() -> None:
    signature = read_signature(signed(CONTENT, FACTS, KEY))
    assert holds(signature, CONTENT)
    assert signature.facts == FACTS
    assert signature.public_key == KEY.public
    assert signed(CONTENT, FACTS, KEY) == signed(CONTENT, FACTS, KEY)


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_one_changed_byte_is_seen(place: int, change: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] ^= change
    assert not holds(read_signature(signed(CONTENT, FACTS, KEY)), bytes(changed))


@pytest.mark.parametrize("name", ["file", "run", "unit", "as_of", "coverage"])
def test_a_changed_fact_is_seen(name: str) -> None:
    told = json.loads(signed(CONTENT, FACTS, KEY))
    told[name] += "x"
    assert not holds(read_signature(json.dumps(told).encode()), CONTENT)


def test_another_key_cannot_be_put_in() -> None:
    told = json.loads(signed(CONTENT, FACTS, KEY))
    told["public_key"] = json.loads(signed(CONTENT, FACTS, SigningKey(bytes(32))))["public_key"]
    assert not holds(read_signature(json.dumps(told).encode()), CONTENT)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"alg": 1}',
        b"\xff",
        b"{" * 100_000,
        b'{"alg":{"digest":"md5","signature":"none"}}',
    ],
)
def test_what_is_no_signature_is_refused(data: bytes) -> None:
    with pytest.raises(SignatureFault):
        read_signature(data)
