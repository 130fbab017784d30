"""Title: the words by which software is recognised, freed of machine, place and date.

A distinct title is recognised once, however many machines bear it. Its id is the digest of its words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.inventory.software import Software

OPERATING_SYSTEM = "operating_system"
"""The `source` of the title that stands for the machine's operating system."""


@dataclass(frozen=True)
class Title:
    """One distinct (source, name, publisher, version …), in the machine's own words."""

    platform: str
    """`windows`, `linux`, `macos` or `other`."""
    source: str
    name: str
    publisher: str | None = None
    version: str | None = None
    identifier: str | None = None
    architecture: str | None = None
    origin: str | None = None
    section: str | None = None
    licence: str | None = None
    parent: str | None = None
    per_user: bool | None = None
    system_component: bool | None = None
    update: bool | None = None


Words = tuple[Any, ...]
"""The fields of a title in their order: what equal titles share, without the cost of building one."""

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_WORDS = tuple(field.name for field in fields(Title))
_words_of = attrgetter(*_WORDS[1:])  # all but the platform, in the order of the fields


def title_of(software: Software, platform: str) -> Title:
    """Return the title of one installed thing."""
    return Title(platform, *_words_of(software))


def words_of(software: Software, platform: str) -> Words:
    """Return the words of the title of one installed thing: `Title(*words)` is that title."""
    return (platform, *_words_of(software))


def words_of_all(software: Iterable[Software], platform: str) -> list[Words]:
    """Return the words of the title of each installed thing, in their order."""
    return [(platform, *words) for words in map(_words_of, software)]


def words_of_title(title: Title) -> Words:
    """Return the fields of a title in their order."""
    return (title.platform, *_words_of(title))


@lru_cache(maxsize=32_768)
def title_digest(title: Title) -> str:
    """Return the content id of a title: SHA-256 over its words as canonical JSON, in hexadecimal."""
    return digest_of_text(title_text(words_of_title(title)))


def title_text(words: Words) -> str:
    """Return the words of a title that are there, as canonical JSON."""
    return _encode({name: value for name, value in zip(_WORDS, words, strict=True) if value is not None})


def digest_of_text(text: str) -> str:
    """Return the content id of the title whose words are this text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
