"""What tells that the shipped sources are those of the last start, without reading them.

The digest of the sources is kept under a stamp of size, inode and times of every file. A file whose time is so near
that it could change again within one tick of the clock is not trusted to its times: the sources are read once more.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.source_files import CATALOGUE_FOLDERS, SourceFile, shipped_folder, sources_digest
from rules.whole_file import write_whole

_SETTLED_NS = 2_000_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stamp:
    """The state of the shipped files and of a layer over them."""

    file: Path
    """Where the digest of these sources is kept."""
    settled: bool
    """False: a file changed so lately that its times prove nothing."""

    def digest(self) -> str | None:
        """Return the digest that was kept for this state, `None` when none was."""
        if not self.settled:
            return None
        try:
            text = self.file.read_text("ascii")
        except (OSError, ValueError):
            return None
        return text if _DIGEST.fullmatch(text) else None

    def keep(self, digest: str) -> None:
        """Keep the digest of the sources that were read after the stamp was taken."""
        if self.settled:
            write_whole(self.file, digest.encode())


def source_stamp(cache_folder: Path, layer: Sequence[SourceFile]) -> Stamp | None:
    """Return the stamp of the sources as they stand; `None` where they are no files of a folder."""
    folder = shipped_folder()
    if not isinstance(folder, Path):
        return None
    whole = hashlib.sha256(f"{folder}\0{sources_digest(layer)}\0".encode())
    newest = 0
    try:
        for path, told in _files_below(str(folder), CATALOGUE_FOLDERS):
            whole.update(f"{path}\0{told.st_size} {told.st_ino} {told.st_mtime_ns} {told.st_ctime_ns}\0".encode())
            newest = max(newest, told.st_mtime_ns, told.st_ctime_ns)
    except OSError:
        return None
    settled = newest < time.time_ns() - _SETTLED_NS
    return Stamp(cache_folder / f"sources-{whole.hexdigest()}.txt", settled)


def _files_below(folder: str, folders: Sequence[str] | None = None) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files below a folder, in the order of their paths; `folders`: those that are gone into at first."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if not entry.is_dir():
            yield entry.path, entry.stat()
        elif folders is None or entry.name in folders:
            yield from _files_below(entry.path)
