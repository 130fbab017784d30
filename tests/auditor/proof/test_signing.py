"""Signatures and keys on disk."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from auditor.proof.signing import SigningFault, SigningKey, new_signing_key, read_key, verified


def test_a_signature_stands_over_one_message_by_one_key(tmp_path: Path) -> None:
    key = new_signing_key(tmp_path / "house.key")
    signature = key.sign(b"rules")
    public = read_key(tmp_path / "house.key.pub")

    assert SigningKey(read_key(tmp_path / "house.key")).public == public == key.public
    assert verified(public, signature, b"rules")
    assert not verified(public, signature, b"other rules")
    assert not verified(public, signature[:-1], b"rules")
    assert not verified(new_signing_key(tmp_path / "other.key").public, signature, b"rules")
    assert not verified(b"short", signature, b"rules")
    assert (tmp_path / "house.key").stat().st_mode & 0o077 == 0


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    new_signing_key(tmp_path / "house.key")
    with pytest.raises(SigningFault, match="the file exists"):
        new_signing_key(tmp_path / "house.key")


@pytest.mark.parametrize("data", [b"", b"no base64 !", base64.b64encode(b"short")])
def test_what_is_no_key_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "key").write_bytes(data)
    with pytest.raises(SigningFault, match="key"):
        read_key(tmp_path / "key")


def test_the_signature_of_rfc_8032() -> None:
    """Section 7.1, test 2."""
    key = SigningKey(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex().startswith("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da")
