"""Documents turned hostile: repeatable changes to a real one, of the kind that a broken or malicious sender makes."""

from __future__ import annotations

import copy
import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 7, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**40, 0.5, 1.0, 1e308, -0.0,
    "", " ", "\x00", "a\x00b", "\ud800", "\udc00x", "\ud83d\ude00", "\u202egnp.exe", "\u2066x\u2069", "\ufeff",
    "\uffff", "\x1b[2J\x1b]0;x\x07", "\r\n", "=1+1", "@SUM(A1)", "+1", "-1", "<script>alert(1)</script>",
    "'; DROP TABLE machines;--",
    "x" * 10_000, "名" * 10_000, "../../etc/passwd", "9999-99-99", "0000-00-00", "2026-02-30", "2026-13-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1.0", "1.99999", "99.0", "NaN", "%s%n{0}{x.__class__}",
    [], {}, [[]], [{}], {"": ""}, {"a": [1]}, [None], ["x"] * 2000, {"name": "x"},
)  # fmt: skip
_WORDS = (
    b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1E9999999", b"01", b"0x10", b"1.", b".5", b"--1", b"'x'",
    b"1" * 5000, b"9" * 400 + b".5", b'"\\u0000"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\x41"',
    b'"\xff\xfe"', b'"\xed\xa0\x80"',
    b'"\xc0\xaf"', b"\x00", b"{", b"[" * 5000, b'{"a":' * 400 + b"1" + b"}" * 400, b"true false", b"undefined",
    b"/**/1",
)  # fmt: skip


def changed_documents(document: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield `count` changed versions, each with a name that says what was done: one to three values of any depth
    replaced, removed, doubled, renamed or given a second time, or a word put in that JSON does not know."""
    chance = random.Random(seed)
    for number in range(count):
        plain = json.loads(document)
        done = [_change(plain, chance) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
        text = json.dumps(plain).encode("ascii")
        if chance.random() < 0.25:
            word = chance.choice(_WORDS)
            text = _with_word(text, word, chance)
            done.append(f"word {word[:12]!r}")
        yield f"{seed}-{number}: {'; '.join(done)}", text


def wrapped_documents(document: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Yield one document in wrong encodings and packings: name, bytes, content encoding."""
    text = document.decode("utf-8")
    packed = gzip.compress(document)
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig"):
        yield encoding, text.encode(encoding), "identity"
    yield "gb18030", text.replace('"name":"', '"name":"软件', 1).encode("gb18030"), "identity"
    yield "nothing", b"", "identity"
    yield "two documents", document + document, "identity"
    yield "a NUL at the end", document + b"\x00", "identity"
    yield "cut", document[: len(document) // 2], "identity"
    yield "nothing, packed", gzip.compress(b""), "gzip"
    yield "no bytes, packed", b"", "gzip"
    yield "garbage after gzip", packed + b"garbage", "gzip"
    yield "two gzip members", packed + packed, "gzip"
    yield "a member of nothing after", packed + gzip.compress(b""), "gzip"
    yield "zeros after gzip", packed + b"\x00" * 64, "gzip"
    yield "packed twice", gzip.compress(packed), "gzip"
    yield "wrong checksum", packed[:-8] + bytes(4) + packed[-4:], "gzip"
    yield "wrong length", packed[:-4] + bytes(4), "gzip"
    for cut in (1, 5, 10, len(packed) // 2, len(packed) - 1):
        yield f"gzip cut at {cut}", packed[:cut], "gzip"
    yield "unknown packing", packed, "zstd\x00"
    yield "deep", b"[" * 100_000, "identity"
    yield "deep and closed", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "identity"


def _change(plain: dict[str, Any], chance: random.Random) -> str:
    """Change one value somewhere, with more chance for what lies high, and say what was done."""
    places = list(_places(plain, ""))
    above, key, path = chance.choice(places if chance.random() < 0.7 else [p for p in places if p[2].count(".") < 3])
    kind = chance.randrange(6)
    if kind == 0:
        del above[key]
        return f"{path} removed"
    if kind == 1 and isinstance(above, list):
        above.append(copy.deepcopy(above[key]))
        return f"{path} doubled"
    if kind == 2 and isinstance(above, dict):
        above[chance.choice(("", "x", key + "\x00", key.upper(), "\ud800", "y" * 10_000))] = above[key]
        return f"{path} beside itself under another name"
    if kind == 3 and isinstance(above, dict):
        other = chance.choice([p for p in places if p[0] is not above])
        above[key] = copy.deepcopy(other[0][other[1]])
        return f"{path} = {other[2]}"
    value = chance.choice(_VALUES)
    above[key] = copy.deepcopy(value)
    return f"{path} = {repr(value)[:30]}"


def _places(value: Any, path: str) -> Iterator[tuple[Any, Any, str]]:
    """Yield every container, key and path of a document; of a long list a few members."""
    if isinstance(value, dict):
        for key in list(value):
            yield value, key, f"{path}.{key}"
            yield from _places(value[key], f"{path}.{key}")
    elif isinstance(value, list):
        for index in sorted({*range(min(3, len(value))), *range(0, len(value), 1 + len(value) // 8)}):
            yield value, index, f"{path}[{index}]"
            yield from _places(value[index], f"{path}[{index}]")


def _with_word(text: bytes, word: bytes, chance: random.Random) -> bytes:
    """Return the text with one value replaced by the word, or with a key given a second time."""
    colons = [at for at in range(len(text)) if text[at : at + 2] == b": "]
    if not colons:
        return word
    at = chance.choice(colons) + 2
    if chance.random() < 0.3:
        key = text.rfind(b'"', 0, at - 3)
        return text[:key] + text[key : at - 2] + b": " + word + b", " + text[key:]
    end = min((found for found in (text.find(b, at) for b in (b",", b"}", b"]")) if found > 0), default=len(text))
    return text[:at] + word + text[end:]
