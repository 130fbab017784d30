"""A folder of rule files ↔ one signed file, for networks that nothing else reaches.

Format: one line of JSON {format, alg, sha256, signature, key, name} and then the files: JSON {path: text} packed with
zlib. The signature (Ed25519, by the caller's door to cryptography) stands over the digest of the packed body. Reading
checks bounds, digest, paths and signature before a single rule is looked at.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rules.source_files import SourceFile

FORMAT = "zhengban-rules-1"
LARGEST_BODY_BYTES = 64 << 20
MOST_FILES = 50_000
_PATH = re.compile(r"(?:(?:products|indicators|publishers)/)?[\w.-]+(?:/[\w.-]+)*\.ya?ml|names/[\w.-]+\.tsv")


class ReleaseFault(Exception):
    """The file is no release that can be trusted; the text says where and why, in both languages."""


def release_bytes(sources: Sequence[SourceFile], sign: Callable[[bytes], bytes], public_key: bytes, name: str) -> bytes:
    """Return the files as one signed release. The same files and key give the same bytes."""
    files = {"/".join(source.inside): source.data.decode() for source in sources}
    packed = zlib.compress(json.dumps(files, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(), 9)
    digest = hashlib.sha256(packed).digest()
    head = {
        "format": FORMAT,
        "alg": "ed25519",
        "name": name,
        "sha256": digest.hex(),
        "signature": base64.b64encode(sign(_signed(name, digest))).decode(),
        "key": base64.b64encode(public_key).decode(),
    }
    return json.dumps(head, ensure_ascii=False, sort_keys=True).encode() + b"\n" + packed


def release_sources(
    data: bytes, verify: Callable[[bytes, bytes], bool], *, shown: str, layer: int = 1
) -> tuple[str, tuple[SourceFile, ...]]:
    """Return the name and the files of a release. Raises ReleaseFault.

    `verify` answers whether a signature stands over a message by a key that the organisation trusts.
    """
    line, _, packed = data.partition(b"\n")
    head = _head(line)
    digest = hashlib.sha256(packed).digest()
    if head["sha256"] != digest.hex():
        raise ReleaseFault("文件已损坏：摘要不符 / damaged: the digest does not agree")
    if not verify(base64.b64decode(str(head["signature"])), _signed(str(head["name"]), digest)):
        raise ReleaseFault("签名不是所信任的密钥所签 / the signature is not by the trusted key")
    return str(head["name"]), tuple(
        SourceFile(f"{shown}:{path}", tuple(path.split("/")), text.encode(), layer)
        for path, text in sorted(_files(packed).items())
    )


def _signed(name: str, digest: bytes) -> bytes:
    return f"{FORMAT}\0{name}\0".encode() + digest


def _head(line: bytes) -> Mapping[str, Any]:
    try:
        head = json.loads(line[:10_000])
        base64.b64decode(str(head["signature"]), validate=True)
        fits = head["format"] == FORMAT and head["alg"] == "ed25519" and {"sha256", "name"} <= head.keys()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReleaseFault("应为目录发布文件 / expected a release of the catalogue, got something else") from error
    if not fits:
        raise ReleaseFault(f"应为 {FORMAT}、ed25519 / expected {FORMAT} with ed25519")
    return dict(head)


def _files(packed: bytes) -> dict[str, str]:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, LARGEST_BODY_BYTES)
        files = json.loads(text)
    except (zlib.error, ValueError) as error:
        raise ReleaseFault("文件已损坏 / damaged") from error
    if unpacker.unconsumed_tail or not isinstance(files, dict) or len(files) > MOST_FILES:
        raise ReleaseFault(f"内容过大 / larger than {LARGEST_BODY_BYTES} bytes or {MOST_FILES} files")
    for path, content in files.items():
        if not _PATH.fullmatch(path) or ".." in path or not isinstance(content, str):
            raise ReleaseFault(f"{path[:80]!r}: 应为规则文件的路径 / expected the path of a rule file")
    return files
