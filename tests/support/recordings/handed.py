"""The recordings as they arrive when people hand them over: the same words under another encoding and line ends."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from agent.formats.console_text import decode_text

_BINARY = (".xz", ".pma")
_UTF16 = 'encoding="UTF-16"'

WAYS: dict[str, Callable[[str], bytes]] = {
    "utf-16 with a mark": lambda text: text.encode("utf-16"),
    "utf-16 big-endian without a mark": lambda text: text.encode("utf-16-be"),
    "utf-8 with a mark and carriage returns": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    "the carriage returns of wmic": lambda text: text.replace("\n", "\r\r\n").encode(),
    "carriage returns alone": lambda text: text.replace("\n", "\r").encode(),
    "blank lines before and ctrl-z behind": lambda text: ("\n\n" + text + "\x1a").encode(),
}
"""How a file arrives → its bytes, of its text with plain line ends."""


def handed_over(corpus: Path, folder: Path, how: str) -> Path:
    """Write a copy of the corpus whose text recordings arrive in that way, and return its place."""
    for path in corpus.rglob("*"):
        if not path.is_file() or not {"raw", "expected"}.intersection(path.parts):
            continue
        target = folder / path.relative_to(corpus)
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        if "raw" in path.parts and _is_text(path, data):
            target.write_bytes(WAYS[how](_plain(data, how)))
        else:
            shutil.copyfile(path, target)
    return folder


def _is_text(path: Path, data: bytes) -> bool:
    """An extension of Chrome is read with its neighbours, from the disk; such a folder is never handed over so."""
    if path.suffix in _BINARY or "chrome" in path.parts:
        return False
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" not in data


def _plain(data: bytes, how: str) -> str:
    text = decode_text(data)[0].replace("\r\n", "\n")
    if how.startswith("utf-16") and text.startswith("<?xml"):  # what rewrites the bytes rewrites the declaration
        for declared in ('encoding="UTF-8"', 'encoding="utf-8"'):
            text = text.replace(declared, _UTF16, 1)
    return text
