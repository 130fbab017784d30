"""Watchlist: names and places that an auditor asks an agent to look for. The agent learns no product from it.

It flows from the catalogue through the checker to the agent, or lies in a file. What an agent finds by it carries
the id of the entry (`Trace.watch`). Encoding is JSON with sorted keys: the same list has the same digest everywhere.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

FORM = 1
MAX_BYTES = 4 << 20
MAX_ENTRIES = 20_000
MAX_TEXT = 1000

PLACES = (
    "%ProgramFiles%",
    "%ProgramData%",
    "%SystemRoot%",
    "%SystemDrive%",
    "%AppData%",
    "%LocalAppData%",
    "~",
    "/opt",
    "/usr",
    "/etc",
    "/var/lib",
    "/Library",
    "/Applications",
)
"""How the place of a watched file begins. `%ProgramFiles%` means both folders, `%AppData%` and `~` everybody's."""


class DamagedWatchlist(Exception):
    """The bytes are no watchlist of a form that we know; the text says why."""


@dataclass(frozen=True)
class WatchedFile:
    """A file or folder to look for. `place` begins with one of `PLACES`; `*` and `?` stand within one part of it."""

    id: str
    place: str
    containing: str = ""
    """Only when the file holds this text, letter for letter; the text is then told, never more of the file."""


@dataclass(frozen=True)
class WatchedHost:
    """A host name whose lines in the hosts file are told; `*` stands for any beginning or end of it."""

    id: str
    name: str


@dataclass(frozen=True)
class WatchedWord:
    """A word that is told when a licence file holds it; never more of the file."""

    id: str
    word: str


@dataclass(frozen=True)
class Watchlist:
    """What to look for; each list ordered as given."""

    files: tuple[WatchedFile, ...] = ()
    hosts: tuple[WatchedHost, ...] = ()
    words: tuple[WatchedWord, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not (self.files or self.hosts or self.words)


def encode_watchlist(watchlist: Watchlist) -> bytes:
    """Return the list as UTF-8 JSON."""
    plain = {"form": FORM, **dataclasses.asdict(watchlist)}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def digest_of_watchlist(encoded: bytes) -> str:
    """Return the SHA-256 of the encoded list in hexadecimal."""
    import hashlib  # a scan needs none of it

    return hashlib.sha256(encoded).hexdigest()


def decode_watchlist(data: bytes) -> Watchlist:
    """Return the list in `data`; entries that are not fit to look for are refused. Raises `DamagedWatchlist`."""
    if len(data) > MAX_BYTES:
        raise DamagedWatchlist("larger than %d bytes" % MAX_BYTES)
    try:
        plain = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DamagedWatchlist("expected JSON in UTF-8: %s" % error)
    if not isinstance(plain, dict) or plain.get("form") != FORM:
        raise DamagedWatchlist("expected a watchlist of form %d" % FORM)
    return Watchlist(
        tuple(_file(row) for row in _rows(plain, "files")),
        tuple(WatchedHost(_text(row, "id"), _text(row, "name").lower()) for row in _rows(plain, "hosts")),
        tuple(WatchedWord(_text(row, "id"), _text(row, "word")) for row in _rows(plain, "words")),
    )


def place_fault(place: str) -> str | None:
    """Return why a place may not be watched, `None` when it may."""
    start = next((known for known in PLACES if place.lower().startswith(known.lower())), None)
    if start is None or place[len(start) : len(start) + 1] not in ("\\", "/"):
        return "expected a place below one of %s, got %r" % (", ".join(PLACES), place[:80])
    parts = place.replace("\\", "/").split("/")
    if ".." in parts or "**" in place or any(ord(letter) < 32 for letter in place):
        return "expected a plain path, got %r" % place[:80]
    if len(parts) > 12:
        return "expected at most 12 parts, got %d" % len(parts)
    return None


def _rows(plain: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = plain.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DamagedWatchlist("%s: expected a list of objects" % name)
    if len(rows) > MAX_ENTRIES:
        raise DamagedWatchlist("%s: expected at most %d entries, got %d" % (name, MAX_ENTRIES, len(rows)))
    return rows


def _text(row: dict[str, Any], name: str, least: int = 1) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or not least <= len(value) <= MAX_TEXT:
        raise DamagedWatchlist("%s: expected a text of %d to %d characters" % (name, least, MAX_TEXT))
    return value


def _file(row: dict[str, Any]) -> WatchedFile:
    place = _text(row, "place")
    fault = place_fault(place)
    if fault is not None:
        raise DamagedWatchlist("place: " + fault)
    return WatchedFile(_text(row, "id"), place, _text(row, "containing", least=0))
