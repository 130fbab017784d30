"""A product draft: what a public collection says of one program, for a person to read before it becomes an entry."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rules.licence_words import licence_class_of
from rules.product import LicenceClass

LARGEST_FILE_BYTES = 1 << 20
MOST_FILES = 2_000_000
Reader = Callable[[str, bytes], "Draft | None"]
"""(path inside the clone, bytes) → a draft, `None` when the file is none of a program. Raises ValueError."""


@dataclass(frozen=True)
class Collection:
    """One public collection of manifests."""

    name: str
    files: str
    """Pattern of the files inside a clone, as pathlib's rglob takes it."""
    read: Reader


@dataclass
class Draft:
    """What one manifest says; several manifests of one program are put together by id."""

    id: str
    """`<publisher>/<product>`."""
    name: str
    publisher: str
    origin: str
    """Where in the collection it stands."""
    licence: str | None = None
    homepage: str | None = None
    platform: str = "windows"
    names: set[str] = field(default_factory=set)
    """Names under which an installer enters it."""
    identifiers: set[str] = field(default_factory=set)
    lines: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """(line, released on, support ends on)."""


def draft_id(publisher: str, product: str) -> str:
    """Return an id in the form of the catalogue. Raises ValueError when nothing is left."""
    parts = [re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:60] for text in (publisher, product)]
    if not all(parts):
        raise ValueError(f"expected Latin letters or digits for an id, got {publisher!r}, {product!r}")
    return "/".join(parts)


def found_files(collection: Collection, clone: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path inside, bytes) of the collection's files, links and too large ones left out."""
    for number, file in enumerate(sorted(clone.rglob(collection.files))):
        if number >= MOST_FILES:
            return
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= LARGEST_FILE_BYTES:
            yield file.relative_to(clone).as_posix(), file.read_bytes()


def together(one: Draft, other: Draft) -> Draft:
    """Return both drafts of one program as one; the first goes before."""
    one.name = one.name or other.name
    one.names |= other.names
    one.identifiers |= other.identifiers
    one.licence = one.licence or other.licence
    one.homepage = one.homepage or other.homepage
    one.lines = one.lines or other.lines
    return one


def yaml_text(draft: Draft) -> str:
    """Return the draft as a product file. Scalars are written as JSON, which is YAML."""
    said = licence_class_of(draft.licence)
    licence = (said or LicenceClass.UNKNOWN).value
    name = _word(draft.name or draft.id.partition("/")[2])
    lines = [
        f"# 草稿，未经人读 / a draft that nobody has read; from {_word(draft.origin)}",
        f"id: {draft.id}",
        f"names: {{zh: {name}, en: {name}}}",
        f"publisher: {draft.id.partition('/')[0]}",
        "kind: application",
        "category: other",
        "licensing:",
        f"  class: {licence}",
        *(["  metric: per_device"] if said is LicenceClass.TRIAL else []),
        "  unverified: true",
        f"  note: {_word(f'collection says: {draft.licence or None}')}",
    ]
    if draft.lines:
        lines.append("lines:")
        lines += [_line(*line) for line in draft.lines[:60]]
    lines.append("recognise:" if draft.names or draft.identifiers else "recognise: []")
    lines += _rules(draft)
    if draft.homepage:
        lines += ["sources:", f"  - {_word(draft.homepage)}"]
    return "\n".join(lines) + "\n"


def _line(name: str, released: str | None, ends: str | None) -> str:
    days = [f"released_on: {released}"] * bool(released) + [f"support_ends_on: {ends}"] * bool(ends)
    return "  - {" + ", ".join([f"id: {_word(name)}", *days]) + "}"


def _rules(draft: Draft) -> list[str]:
    lines: list[str] = []
    for number, (noun, words) in enumerate((("name", draft.names), ("identifier", draft.identifiers))):
        seen = sorted(words)[:20]
        if not seen:
            continue
        pattern = "|".join(dict.fromkeys(_pattern(word) if noun == "name" else re.escape(word) for word in seen))
        lines += [f"  - id: {'name' if number == 0 else 'key'}", f"    platform: {draft.platform}"]
        lines += [f"    {noun}: {_word(pattern)}", "    matches:", *(f"      - {_word(word)}" for word in seen)]
        lines += ["    rejects:", f"      - {_word(f'{seen[0]} Plug-in')}"]
    return lines


def _pattern(name: str) -> str:
    """The name with its numbers left open."""
    parts = re.split(r"(\d+(?:\.\d+)+)", name)
    return "".join(r"\d+(\.\d+)*" if number % 2 else re.escape(part) for number, part in enumerate(parts))


def _word(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
