"""Sealing: what must not be readable in a copied database is encrypted with a key that lies elsewhere.

AES-256-GCM; a sealed value is one byte of version, 12 of nonce, then the cipher text with its tag. The key
is 32 bytes: from a setting, else from a file beside the database that is made at first use, readable by its
owner alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

KEY_BYTES = 32
_VERSION = b"\x01"
_NONCE_BYTES = 12
_MOST_OPENED = 20_000
"""Keys of agents in memory, some 4 MB."""


class SealingFault(ValueError):
    """The key cannot be had, or does not open what was sealed."""


class Sealer:
    """Seals and unseals with one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SealingFault(f"sealing key: 应为 {KEY_BYTES} 字节 / expected {KEY_BYTES} bytes, got {len(key)}")
        self._key = key
        self._opened: dict[bytes, bytes] = {}

    def seal(self, plain: bytes) -> bytes:
        """Return `plain` encrypted; the same text gives other bytes each time."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + AESGCM(self._key).encrypt(nonce, plain, _VERSION)

    def unseal(self, sealed: bytes) -> bytes:
        """Return what was sealed. Raises `SealingFault` when the key is another or a byte was changed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, cipher = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
            raise SealingFault("sealed value: 不是本版本写入的密文 / expected one that this release has written")
        try:
            return AESGCM(self._key).decrypt(nonce, cipher, _VERSION)
        except InvalidTag as error:
            raise SealingFault(
                "sealed value: 密钥不符，应为加密时所用的密钥 / expected the key that it was sealed with"
            ) from error

    def unseal_again(self, sealed: bytes) -> bytes:
        """Return what was sealed, as `unseal` does; the last some thousands that were asked for are remembered."""
        found = self._opened.get(sealed)
        if found is None:
            if len(self._opened) >= _MOST_OPENED:
                self._opened.clear()
            found = self._opened[sealed] = self.unseal(sealed)
        return found

    def fingerprint(self, plain: bytes) -> str:
        """Return a keyed digest: tells equal secrets apart from others, and says nothing without the key."""
        return hmac.new(hashlib.sha256(b"fingerprint" + self._key).digest(), plain, hashlib.sha256).hexdigest()


def open_bound(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Return what was sealed elsewhere with AES-256-GCM, nonce first, bound to other bytes. Raises `SealingFault`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise SealingFault("密文不符 / what is sealed does not open with the key") from error


def key_from_text(text: str) -> bytes:
    """Return the key that a setting holds as base64. Raises `SealingFault`."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SealingFault(f"sealing_key: 应为 base64 编码的 {KEY_BYTES} 字节 / expected {KEY_BYTES} bytes as base64")
    return key


def key_from_file(path: Path, *, create: bool) -> bytes:
    """Return the key of a file; make the file when it is not there and `create` is true.

    Two processes that make it at the same time end with the same key. Raises `SealingFault`.
    """
    try:
        if create and not path.exists():
            _create_key_file(path)
        return key_from_text(path.read_text("ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SealingFault(f"{path}: 应为可读取的密钥文件 / expected a readable key file: {error}") from error


def _create_key_file(path: Path) -> None:
    """Write a new key under a name of our own, then give it its name unless somebody was first."""
    text = base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
    beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            return
        except OSError:
            os.replace(beside, path)  # a file system without hard links
    finally:
        beside.unlink(missing_ok=True)
