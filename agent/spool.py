"""Spool: documents on disk until the checker has acknowledged them.

A document is a gzip file of its JSON, named by a number that grows, so that order is the order of writing
and not of a clock that may be wrong. The newest is never dropped; above the bounds the oldest go, and how
many went is kept until somebody reads it. What the checker refused lies in `refused/` with the reason, what was
written to a medium in `exported/`, as many as the spool may hold.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import zlib
from binascii import hexlify
from dataclasses import dataclass

from agent.state import flush_folder, make_private_folder, write_durably

SUFFIX = ".json.gz"
DROPPED = "dropped.json"
COMPRESSION = 6


@dataclass(frozen=True)
class Waiting:
    """One document that waits, or that was refused."""

    name: str
    path: str
    size_bytes: int


@dataclass(frozen=True)
class Refusal:
    """One document that the checker refused, and why."""

    name: str
    path: str
    reason: str


class DamagedDocument(Exception):
    """A document of the spool cannot be unpacked any more."""


class Spool:
    """The folder `spool` below the state folder, and `refused` beside it."""

    def __init__(self, state_folder: str, *, max_documents: int, max_bytes: int) -> None:
        self.folder = os.path.join(state_folder, "spool")
        self.refused_folder = os.path.join(state_folder, "refused")
        self.exported_folder = os.path.join(state_folder, "exported")
        self.max_documents = max_documents
        self.max_bytes = max_bytes

    def put(self, document: bytes) -> tuple[str, ...]:
        """Keep one document and return the names of older ones that had to go. Raises `OSError`.

        When this returns the document is on the disk. Two processes may put at the same time.
        """
        make_private_folder(self.folder)
        waiting = self.waiting()
        number = 1 + max(self._last_number(), _number(waiting[-1].name) if waiting else 0)
        name = "%012d-%s%s" % (number, hexlify(os.urandom(4)).decode("ascii"), SUFFIX)
        write_durably(os.path.join(self.folder, name), gzip.compress(document, COMPRESSION))
        return self._drop_oldest(name)

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what waits, oldest first; drafts of a crash are not documents."""
        return _documents(self.folder)

    def read(self, item: Waiting) -> bytes | None:
        """Return the packed document, `None` when it is gone. Raises `DamagedDocument`."""
        try:
            with open(item.path, "rb") as file:
                packed = file.read()
            gzip.decompress(packed)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedDocument("the file is damaged: %s" % error)
        return packed

    def remove(self, item: Waiting) -> None:
        """Forget an acknowledged document; it may be gone already."""
        self._note_number(item)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(item.path)
        flush_folder(self.folder)

    def refuse(self, item: Waiting, reason: str) -> None:
        """Move a document that the checker will never take out of the way, with the reason beside it."""
        make_private_folder(self.refused_folder)
        self._note_number(item)
        moved = os.path.join(self.refused_folder, item.name)
        note = json.dumps({"reason": reason}, ensure_ascii=False).encode("utf-8", "replace")
        write_durably(moved[: -len(SUFFIX)] + ".reason.json", note)
        with contextlib.suppress(FileNotFoundError):
            os.replace(item.path, moved)
        flush_folder(self.refused_folder)
        flush_folder(self.folder)

    def refused(self) -> tuple[Refusal, ...]:
        """Return what was refused, oldest first, with the reasons."""
        return tuple(Refusal(each.name, each.path, _reason(each.path)) for each in _documents(self.refused_folder))

    def exported(self) -> tuple[Waiting, ...]:
        """Return what was written to a medium, oldest first."""
        return _documents(self.exported_folder)

    def note_exported(self, item: Waiting) -> None:
        """Move a document that lies on a medium now out of the way; of those the newest are kept."""
        make_private_folder(self.exported_folder)
        self._note_number(item)
        with contextlib.suppress(FileNotFoundError):
            os.replace(item.path, os.path.join(self.exported_folder, item.name))
        for oldest in self.exported()[: -self.max_documents]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(oldest.path)
        flush_folder(self.exported_folder)

    def dropped(self) -> int:
        """Return how many documents were dropped unsent because the spool was full."""
        return self._counts().get("dropped", 0)

    def _drop_oldest(self, newest: str) -> tuple[str, ...]:
        """Drop from the old end until both bounds hold or only the newest is left."""
        waiting = list(self.waiting())
        gone: list[str] = []
        while len(waiting) > self.max_documents or sum(each.size_bytes for each in waiting) > self.max_bytes:
            oldest = waiting.pop(0)
            if oldest.name == newest or not waiting:
                break
            gone.append(oldest.name)
        if gone:  # said before it is done: a crash in between counts one too many, never one too few
            self._write_counts(dropped=self.dropped() + len(gone))
        for name in gone:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.folder, name))
        return tuple(gone)

    def _last_number(self) -> int:
        """Return the highest number that an acknowledged or refused document had."""
        return self._counts().get("last", 0)

    def _note_number(self, item: Waiting) -> None:
        """Remember a number before its file goes, so that numbers keep growing."""
        number = _number(item.name)
        if number > self._last_number():
            self._write_counts(last=number)

    def _counts(self) -> dict[str, int]:
        """Return the kept counts; a damaged file counts as none."""
        try:
            with open(os.path.join(self.folder, DROPPED), "rb") as file:
                counts = json.loads(file.read(4096).decode("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(k): v for k, v in counts.items() if isinstance(v, int)} if isinstance(counts, dict) else {}

    def _write_counts(self, **changed: int) -> None:
        counts = self._counts()
        counts.update(changed)
        write_durably(os.path.join(self.folder, DROPPED), json.dumps(counts, sort_keys=True).encode("ascii"))


def _documents(folder: str) -> tuple[Waiting, ...]:
    """Return the documents of a folder in the order of their numbers."""
    found = []
    names = os.listdir(folder) if os.path.isdir(folder) else []
    for name in sorted(names):
        if name.endswith(SUFFIX) and name.partition("-")[0].isdecimal():
            path = os.path.join(folder, name)
            with contextlib.suppress(FileNotFoundError):
                found.append(Waiting(name, path, os.stat(path).st_size))
    return tuple(found)


def _number(name: str) -> int:
    """Return the number of a document's name."""
    return int(name.partition("-")[0])


def _reason(path: str) -> str:
    """Return the reason that lies beside a refused document."""
    try:
        with open(path[: -len(SUFFIX)] + ".reason.json", "rb") as file:
            return str(json.loads(file.read(65_536).decode("utf-8")).get("reason", ""))
    except (OSError, ValueError, AttributeError):
        return ""
