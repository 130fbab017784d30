"""Ed25519: signatures under what must be told to be unchanged and ours.

Keys are 32 raw bytes, written as base64 in files of one line. A public key may travel; the secret one is written with
rights for its owner alone.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

KEY_BYTES = 32


class SigningFault(ValueError):
    """A key cannot be read or written; the text says where, in both languages."""


class SigningKey:
    """A secret key."""

    def __init__(self, secret: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.from_private_bytes(secret)

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes; the same for the same message."""
        return self._key.sign(message)


def verified(public: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether the signature stands over the message; never raises, whatever the bytes."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_signing_key(file: Path) -> SigningKey:
    """Write a new secret key, and the public one beside it as `<file>.pub`. Raises SigningFault when one is there."""
    secret = os.urandom(KEY_BYTES)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SigningFault(f"{file}: 文件已存在，不覆盖 / the file exists and is not overwritten") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(base64.b64encode(secret) + b"\n")
    key = SigningKey(secret)
    file.with_name(file.name + ".pub").write_bytes(base64.b64encode(key.public) + b"\n")
    return key


def read_key(file: Path) -> bytes:
    """Return the 32 bytes of a key file. Raises SigningFault."""
    try:
        data = base64.b64decode(file.read_bytes()[:1000].strip(), validate=True)
    except (OSError, ValueError) as error:
        raise SigningFault(f"{file}: 密钥读不出 / the key cannot be read: {error}") from error
    if len(data) != KEY_BYTES:
        raise SigningFault(f"{file}: 应为 base64 编码的 32 字节密钥 / expected a key of 32 bytes as base64")
    return data
