"""Digests, chain, seals and masks."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.proof.chain import FIRST, first_broken, link
from auditor.proof.digest import canonical_json, digest_of, sha256_hex
from auditor.proof.masking import cut_product_keys, masked_serial
from auditor.proof.sealing import Sealer, SealingFault, key_from_file, key_from_text

KEY = "AAAAA-BBBBB-CCCCC-DDDDD-EEE12"
CUT = "XXXXX-XXXXX-XXXXX-XXXXX-EEE12"


def test_the_same_value_is_the_same_bytes() -> None:
    assert canonical_json({"b": [1, None, "软"], "a": {"z": True}}) == '{"a":{"z":true},"b":[1,null,"软"]}'.encode()
    assert digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1}) == sha256_hex(b'{"a":2,"b":1}')
    assert canonical_json("a\ud800\U0001f600") == '"a\ufffd\U0001f600"'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_a_link_is_what_it_says() -> None:
    text = f'{{"alg":"sha256","entry":{{"id":1}},"previous":"{FIRST}"}}'
    assert link(FIRST, {"id": 1}) == hashlib.sha256(text.encode()).hexdigest()


@given(st.lists(st.text(), min_size=1), st.data())
def test_one_changed_entry_breaks_the_chain_there(entries: list[str], data: st.DataObject) -> None:
    chain, previous = [], FIRST
    for entry in entries:
        previous = link(previous, entry)
        chain.append((entry, previous))
    assert first_broken(chain) is None
    at = data.draw(st.integers(0, len(entries) - 1))
    changed = [*chain[:at], (chain[at][0] + "x", chain[at][1]), *chain[at + 1 :]]
    assert first_broken(changed) == at
    if at < len(entries) - 1:
        assert first_broken([*chain[:at], *chain[at + 1 :]]) == at


@given(st.binary())
def test_what_was_sealed_can_be_unsealed_with_the_same_key_alone(plain: bytes) -> None:
    sealer = Sealer(b"k" * 32)
    sealed = sealer.seal(plain)
    assert sealer.unseal(sealed) == plain
    assert sealer.seal(plain) != sealed
    with pytest.raises(SealingFault, match=r"密钥不符，应为加密时所用的密钥 / expected the key"):
        Sealer(b"x" * 32).unseal(sealed)
    with pytest.raises(SealingFault, match=r"密钥不符，应为加密时所用的密钥 / expected the key"):
        sealer.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]))


@pytest.mark.parametrize("sealed", [b"", b"\x01short", b"\x02" + b"0" * 40])
def test_what_was_never_sealed_is_a_fault(sealed: bytes) -> None:
    with pytest.raises(SealingFault, match=r"不是本版本写入的密文 / expected one that this release has written"):
        Sealer(b"k" * 32).unseal(sealed)


def test_fingerprints_tell_equal_from_other_and_need_the_key() -> None:
    one, other = Sealer(b"k" * 32), Sealer(b"x" * 32)
    assert one.fingerprint(b"a") == one.fingerprint(b"a") != one.fingerprint(b"b")
    assert one.fingerprint(b"a") != other.fingerprint(b"a")


def test_several_that_make_the_key_at_once_end_with_one(tmp_path: Path) -> None:
    keys: list[bytes] = []
    work = [
        threading.Thread(target=lambda: keys.append(key_from_file(tmp_path / "a.key", create=True))) for _ in range(8)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["a.key"]
    with pytest.raises(SealingFault, match=r"应为可读取的密钥文件 / expected a readable key file"):
        key_from_file(tmp_path / "none.key", create=False)
    with pytest.raises(SealingFault, match=r"base64 编码的 32 字节 / expected 32 bytes"):
        key_from_text("c2hvcnQ=")
    with pytest.raises(SealingFault, match=r"应为 32 字节 / expected 32 bytes, got 3$"):
        Sealer(b"abc")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (KEY, CUT),
        (f"密钥{KEY}。", f"密钥{CUT}。"),
        (f"x{KEY}y", f"x{CUT}y"),
        (f"{KEY}\n{KEY}", f"{CUT}\n{CUT}"),
        (KEY.replace("-", "\u2011"), CUT),
        (KEY.replace("-", "\uff0d"), CUT),
        (KEY.lower(), CUT[:-5] + "eee12"),
        (CUT, CUT),
        ("4c4c4544-0033-3510-8052-b4c04f564433", "4c4c4544-0033-3510-8052-b4c04f564433"),
        ("00330-80000-00000-AA123", "00330-80000-00000-AA123"),
        ("2026-03-01", "2026-03-01"),
        ("", ""),
    ],
)
def test_of_a_product_key_only_the_end_is_left(text: str, cut: str) -> None:
    assert cut_product_keys(text) == cut


@pytest.mark.parametrize(
    ("serial", "masked"),
    [(KEY, CUT), ("SN2024000123456", "**********23456"), ("AB1234", "****34"), ("12", "**"), ("", "")],
)
def test_of_a_serial_less_than_half_is_shown(serial: str, masked: str) -> None:
    assert masked_serial(serial) == masked
