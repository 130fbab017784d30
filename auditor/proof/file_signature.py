"""The signature that stands beside an issued file: what the file is, its digest, and Ed25519 over both.

It lies beside the file as `<file>.sig`, JSON. The file itself stays as its program wrote it, so every format can be
checked, and one changed byte is seen. It proves that a file is unchanged and from the holder of the key, and stands
for no seal and no signature of a person: 技术校验值，用于核对文件是否被改动，不替代单位盖章或电子签章。
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.proof.digest import ALGORITHM, canonical_json, sha256_hex
from auditor.proof.signing import SigningKey, verified

SIGNATURE_ALGORITHM = "Ed25519"
ENDING = ".sig"
MOST_BYTES = 64 * 1024


class SignatureFault(ValueError):
    """The signature file is none; the text says what is wrong, in both languages."""


@dataclass(frozen=True)
class FileSignature:
    """What was signed. `facts`: file name, run, unit, as-of day, digest of the catalogue, release, coverage."""

    facts: Mapping[str, str]
    digest: str
    """SHA-256 of the file, hexadecimal."""
    public_key: bytes
    signature: bytes


def signed(content: bytes, facts: Mapping[str, str], key: SigningKey) -> bytes:
    """Return the signature file of `content`; the same content, facts and key give the same bytes."""
    digest = sha256_hex(content)
    made = {
        **facts,
        "alg": {"digest": ALGORITHM, "signature": SIGNATURE_ALGORITHM},
        "digest": digest,
        "public_key": base64.b64encode(key.public).decode("ascii"),
    }
    made["signature"] = base64.b64encode(key.sign(_message(facts, digest))).decode("ascii")
    return (json.dumps(made, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode("utf-8")


def read_signature(data: bytes) -> FileSignature:
    """Return what a signature file says. Raises `SignatureFault`."""
    try:
        if len(data) > MOST_BYTES:
            raise ValueError("too large")
        told = json.loads(data)
        algorithms = told["alg"]
        facts = {str(name): value for name, value in told.items() if name not in _NO_FACTS}
        if not all(isinstance(value, str) for value in facts.values()):
            raise TypeError("facts")
        found = FileSignature(
            facts,
            str(told["digest"]),
            base64.b64decode(told["public_key"], validate=True),
            base64.b64decode(told["signature"], validate=True),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SignatureFault("不是本程序的校验文件 / not a signature file of this program") from error
    if algorithms != {"digest": ALGORITHM, "signature": SIGNATURE_ALGORITHM}:
        raise SignatureFault(f"不认识的算法 / unknown algorithms: {algorithms}")
    return found


def holds(signature: FileSignature, content: bytes) -> bool:
    """Return whether the file is the one that was signed, by the key that the signature names."""
    is_same = sha256_hex(content) == signature.digest
    return is_same and verified(signature.public_key, signature.signature, _message(signature.facts, signature.digest))


_NO_FACTS = ("alg", "digest", "public_key", "signature")


def _message(facts: Mapping[str, str], digest: str) -> bytes:
    return canonical_json({"facts": dict(facts), "digest": digest, "for": "zhengban issued file"})
