"""TSV of titles → one plain answer a line, for `zhengban recognise`. Pure: bytes or text in, dicts out.

Columns, named in the first line, in any order: `name` (needed), `publisher`, `version`, `platform` (windows, linux,
macos, other; windows when empty; what stands behind a hyphen, `linux-deb`, is passed over), `identifier` or
`bundle_id`, `source` (a collector's name). Also the heads of recorded lists: where `raw_name` stands, raw_name,
raw_publisher and raw_version are read and their bare namesakes are not (there they are the expected answers). Other
columns are ignored. Tab separated, no quoting; a byte order mark and carriage returns are dropped.

No line breaks the stream: what does not fit (a platform or source that nobody knows, too many cells, a name that is
missing or longer than LONGEST_CELL) is left out, and `problems` of that answer says so. Only a heading line without a
column of names is a fault. Without `source` the usual sources of the platform are asked in turn until one knows it.

Answer: `{product: {id, name, names, publisher} | None, group, name, publisher, edition, line, version, class, kind,
category, confidence, rule, listed, because, reason: {zh, en}}`, and `problems` where there are any.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rules.catalogue import Catalogue
from rules.clean_name import clean_name
from rules.explaining import reason
from rules.product import COLLECTORS, PLATFORMS, Product
from rules.publishers import clean_publisher
from rules.recognised import Recognition
from rules.recognition import Recogniser, listed_as
from rules.title import OPERATING_SYSTEM, Title

ASKED_SOURCES = {
    "windows": ("uninstall_keys", "appx", OPERATING_SYSTEM),
    "linux": ("dpkg", "desktop_entries", "opt_apps", "flatpak", OPERATING_SYSTEM),
    "macos": ("applications", "homebrew", OPERATING_SYSTEM),
    "other": ("uninstall_keys", OPERATING_SYSTEM),
}
"""Sources that a title without one may come from, the usual one first."""
_PACKAGES = frozenset({"dpkg", "rpm", "pacman", "apk"})
_KEYED = _PACKAGES | {"flatpak", "opt_apps", "desktop_entries"}
_SYNONYMS = {"bundle_id": "identifier"}
_KNOWN = frozenset({"name", "publisher", "version", "platform", "identifier", "source"})
LONGEST_CELL = 2_000
"""Characters of a cell that are looked at."""
MOST_CELLS = 64


class TableFault(ValueError):
    """The table cannot be read; the text names the line and what was expected, in both languages."""


@dataclass(frozen=True)
class Row:
    """One line: the titles that it may mean, likeliest first, and what did not fit."""

    titles: tuple[Title, ...]
    problems: tuple[str, ...] = ()


def rows_of_lines(lines: Iterable[str]) -> Iterator[Row]:
    """Yield a row for every line of a TSV but the first; empty lines are passed over. Raises TableFault."""
    heads: list[str] | None = None
    for number, raw in enumerate(lines, start=1):
        line = raw.lstrip("\ufeff").rstrip("\r\n") if number == 1 else raw.rstrip("\r\n")
        if not line:
            continue
        if heads is None:
            heads = _heads(line, number)
        else:
            yield _row(heads, line.split("\t", MOST_CELLS))


def _heads(line: str, number: int) -> list[str]:
    """The columns by what they are read as; what is not read is empty."""
    written = [head.strip().casefold() for head in line.split("\t", MOST_CELLS)]
    if "raw_name" in written:
        heads = [head[4:] if head.startswith("raw_") else "" if f"raw_{head}" in written else head for head in written]
    else:
        heads = written
    if "name" not in heads:
        got = ", ".join(written)[:200]
        raise TableFault(f"line {number}: 应有名为 name 的列，实为 {got} / expected a column named name, got {got}")
    return [word if (word := _SYNONYMS.get(head, head)) in _KNOWN else "" for head in heads]


def _row(heads: list[str], cells: list[str]) -> Row:
    problems: list[str] = []
    found: dict[str, str] = {}
    for head, cell in zip(heads, cells, strict=False):
        text = cell[:LONGEST_CELL].strip()
        if len(cell) > LONGEST_CELL:
            problems.append(f"{head or 'cell'}: {len(cell)} 个字符，只看前 {LONGEST_CELL} 个 / cut to {LONGEST_CELL}")
        if head and text:
            found.setdefault(head, text)
    if len(cells) > len(heads):
        problems.append(f"应不超过 {len(heads)} 列 / expected at most {len(heads)} columns, got {len(cells)}")
    name = found.get("name") or found.get("identifier") or ""
    if not name:
        problems.append("名称为空 / the name is empty")
    platform = found.get("platform", "windows").casefold().partition("-")[0]
    if platform not in PLATFORMS:
        problems.append(f"platform: {_one_of(PLATFORMS, platform)}")
        platform = "other"
    sources = ASKED_SOURCES[platform]
    if found.get("source") in COLLECTORS:
        sources = (found["source"],)
    titles = tuple(_title(platform, source, name, found) for source in sources)
    return Row(titles, tuple(problems))


def _title(platform: str, source: str, name: str, found: dict[str, str]) -> Title:
    identifier = found.get("identifier") or (name if source in _KEYED else None)
    return Title(platform, source, name, found.get("publisher"), found.get("version"), identifier)


def _one_of(known: Iterable[str], got: str) -> str:
    listed = ", ".join(known)
    return f"应为 {listed} 之一，实为 {got[:80]!r} / expected one of {listed}, got {got[:80]!r}"


def recognise_row(row: Row, recogniser: Recogniser) -> tuple[Title, Recognition]:
    """Return what the row is: the first of its titles that the catalogue knows, or the name list, else the first."""
    answers = [(title, recogniser.recognise(title)) for title in row.titles[:1]]
    if answers[0][1].product is None:
        answers += [(title, recogniser.recognise(title)) for title in row.titles[1:]]
    known = next((pair for pair in answers if pair[1].product is not None), None)
    return known or next((pair for pair in answers if pair[1].listed is not None), answers[0])


def recognise_lines(lines: Iterable[str], catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Yield the answer for every line of a TSV, in order. Raises TableFault for a heading line that names nothing."""
    recogniser = Recogniser(catalogue)
    for row in rows_of_lines(lines):
        title, found = recognise_row(row, recogniser)
        told = answer(title, found, catalogue)
        yield {**told, "problems": list(row.problems)} if row.problems else told


def answer(title: Title, found: Recognition, catalogue: Catalogue) -> dict[str, Any]:
    """Return a recognition as plain values, the words of its product in both languages beside it."""
    product = catalogue.products.get(found.product) if found.product else None
    cleaned = clean_name(title.name, title.version, bundle=title.platform == "macos")
    listed = listed_as(title, cleaned, catalogue.listed, found.edition)
    told = None if product is None else _product(product, catalogue, "" if listed is None else listed.name)
    return {
        "product": told,
        "group": found.group,
        "name": cleaned.name if found.listed is None else found.name,
        "publisher": clean_publisher(title.publisher) or (told and told["publisher"] and told["publisher"]["zh"]),
        "edition": found.edition,
        "line": found.line,
        "version": found.version,
        "class": found.licence_class.value,
        "kind": found.kind.value,
        "category": found.category.value,
        "confidence": found.confidence,
        "rule": found.rule,
        "listed": found.listed,
        "because": found.because,
        "reason": reason(found),
    }


def _product(product: Product, catalogue: Catalogue, listed: str) -> dict[str, Any]:
    """`listed`: what the name list calls the title, empty when it does not know it."""
    publisher = catalogue.publishers.get(product.publisher)
    names = dict.fromkeys((product.zh, product.en, *product.aliases, *((listed,) if listed else ())))
    return {
        "id": product.id,
        "name": product.zh,
        "names": list(names),
        "publisher": None
        if publisher is None
        else {"id": publisher.id, "zh": publisher.zh, "en": publisher.en, "country": publisher.country},
    }
