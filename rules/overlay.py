"""The organisation's layer over the shipped catalogue: numbered revisions in a folder, one of them in force.

    0001-<digest>.json   the rule files of a revision, {path: text}, as they were applied
    current              the number in force; 0 when none is

Applying what is in force already changes nothing (replay); taking back puts the revision before in force and keeps all
files, so that every state can be seen and repeated. Writing is whole: beside, then renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.source_files import SourceFile

LAYER = 1
_CURRENT = "current"


class OverlayFault(Exception):
    """The layer cannot be read or written; the text says where, in both languages."""


@dataclass(frozen=True)
class Revision:
    """One state of the layer."""

    number: int
    digest: str
    """SHA-256 of its file, the first 16 hexadecimal digits."""


def revisions(folder: Path) -> tuple[Revision, ...]:
    """Return every revision that was ever applied, in order."""
    found = []
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        number, _, digest = file.stem.partition("-")
        if number.isdecimal() and digest:
            found.append(Revision(int(number), digest))
    return tuple(sorted(found, key=lambda revision: revision.number))


def in_force(folder: Path) -> Revision | None:
    """Return the revision in force, `None` when the shipped catalogue stands alone. Raises OverlayFault."""
    try:
        number = (folder / _CURRENT).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OverlayFault(f"{folder / _CURRENT}: 读不出 / cannot be read: {error}") from error
    known = {str(revision.number): revision for revision in revisions(folder)}
    if number != "0" and number not in known:
        raise OverlayFault(f"{folder / _CURRENT}: 没有第 {number[:20]!r} 版 / there is no such revision")
    return known.get(number)


def layer_sources(folder: Path) -> tuple[SourceFile, ...]:
    """Return the rule files in force. Raises OverlayFault when they are not the bytes that were applied."""
    revision = in_force(folder)
    if revision is None:
        return ()
    file = folder / _file_name(revision)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OverlayFault(f"{file}: 读不出 / cannot be read: {error}") from error
    if _digest(data) != revision.digest:
        raise OverlayFault(f"{file}: 已被改动，摘要不符 / was altered, the digest does not agree")
    return tuple(
        SourceFile(f"{file.name}:{path}", tuple(path.split("/")), text.encode(), LAYER)
        for path, text in json.loads(data).items()
    )


def apply_layer(folder: Path, sources: Sequence[SourceFile]) -> tuple[Revision, bool]:
    """Put the files in force as a new revision; return it and whether anything changed. Raises OverlayFault."""
    files = {"/".join(source.inside): source.data.decode() for source in sources}
    data = json.dumps(files, ensure_ascii=False, sort_keys=True, indent=1).encode()
    now = in_force(folder)
    if now is not None and now.digest == _digest(data):
        return now, False
    last = max((revision.number for revision in revisions(folder)), default=0)
    revision = Revision(last + 1, _digest(data))
    _write(folder / _file_name(revision), data)
    _write(folder / _CURRENT, str(revision.number).encode())
    return revision, True


def take_back(folder: Path) -> Revision | None:
    """Put the revision before the one in force in force; return it, `None` when none is left. Raises OverlayFault."""
    now = in_force(folder)
    if now is None:
        raise OverlayFault(f"{folder}: 没有可撤回的版本 / there is nothing to take back")
    before = [revision for revision in revisions(folder) if revision.number < now.number]
    _write(folder / _CURRENT, str(before[-1].number if before else 0).encode())
    return before[-1] if before else None


def _file_name(revision: Revision) -> str:
    return f"{revision.number:04d}-{revision.digest}.json"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _write(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, file)
    except OSError as error:
        raise OverlayFault(f"{file}: 写不进 / cannot be written: {error}") from error
