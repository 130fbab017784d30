"""TSV of titles → one plain answer a line, for `zhengban recognise`. Pure: text in, dicts out.

Columns, named in the first line, in any order: `name` (needed), `publisher`, `version`, `platform` (windows, linux,
macos, other; windows when empty; what stands behind a hyphen, `linux-deb`, is passed over), `identifier` or
`bundle_id`, `source` (a collector's name; the usual one of the platform when empty). Also the heads of recorded lists:
raw_name, raw_publisher, raw_version. Other columns are ignored. Tab separated, no quoting; a byte order mark and
carriage returns are dropped.

Answer: `{product: {id, name, names, publisher} | None, group, name, publisher, edition, line, version, class, kind,
category, confidence, rule, because}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rules.catalogue import Catalogue
from rules.product import COLLECTORS, PLATFORMS, Product
from rules.recognised import Recognition
from rules.recognition import Recogniser
from rules.title import Title

USUAL_SOURCE = {"windows": "uninstall_keys", "linux": "dpkg", "macos": "applications", "other": "uninstall_keys"}
_HEADS = {"raw_name": "name", "raw_publisher": "publisher", "raw_version": "version", "bundle_id": "identifier"}
_KNOWN = frozenset({"name", "publisher", "version", "platform", "identifier", "source"})
LONGEST_LINE = 20_000


class TableFault(ValueError):
    """The table cannot be read; the text names the line and what was expected, in both languages."""


def titles_of_lines(lines: Iterable[str]) -> Iterator[Title]:
    """Yield the title of every line of a TSV but the first; empty lines are passed over. Raises TableFault."""
    heads: list[str] | None = None
    for number, raw in enumerate(lines, start=1):
        line = raw.lstrip("\ufeff").rstrip("\r\n") if number == 1 else raw.rstrip("\r\n")
        if len(line) > LONGEST_LINE:
            raise TableFault(
                f"line {number}: 应不超过 {LONGEST_LINE} 个字符，实为 {len(line)} 个"
                f" / expected at most {LONGEST_LINE} characters, got {len(line)}"
            )
        if not line.strip():
            continue
        if heads is None:
            heads = _heads(line, number)
        else:
            yield _title(heads, line.split("\t"), number)


def _heads(line: str, number: int) -> list[str]:
    heads = [_HEADS.get(word, word) for head in line.split("\t") for word in [head.strip().casefold()]]
    if "name" not in heads:
        got = ", ".join(heads)[:200]
        raise TableFault(f"line {number}: 应有名为 name 的列，实为 {got} / expected a column named name, got {got}")
    for head in _KNOWN:
        if heads.count(head) > 1 and head != "identifier":
            raise TableFault(
                f"line {number}: {head} 列重复，应只有一列 / the column {head} stands twice; expected it once"
            )
    return heads


def _title(heads: list[str], cells: list[str], number: int) -> Title:
    if len(cells) > len(heads):
        raise TableFault(
            f"line {number}: 应不超过 {len(heads)} 列，实为 {len(cells)} 列"
            f" / expected at most {len(heads)} columns, got {len(cells)}"
        )
    found: dict[str, str] = {}
    for head, cell in zip(heads, cells, strict=False):
        if head in _KNOWN and cell.strip():
            found.setdefault(head, cell.strip())
    name = found.get("name") or found.get("identifier")
    if name is None:
        raise TableFault(f"line {number}: 名称为空，应填写 / expected a name, got nothing")
    platform = found.get("platform", "windows").casefold()
    platform = platform.partition("-")[0]
    if platform not in PLATFORMS:
        raise TableFault(f"line {number}: platform: {_one_of(PLATFORMS, platform)}")
    source = found.get("source", USUAL_SOURCE[platform])
    if "source" in found and source not in COLLECTORS:
        raise TableFault(f"line {number}: source: {_one_of(COLLECTORS, source)}")
    identifier = found.get("identifier") or (name if source in ("dpkg", "rpm", "pacman", "apk") else None)
    return Title(platform, source, name, found.get("publisher"), found.get("version"), identifier)


def _one_of(known: Iterable[str], got: str) -> str:
    listed = ", ".join(known)
    return f"应为 {listed} 之一，实为 {got!r} / expected one of {listed}, got {got!r}"


def recognise_lines(lines: Iterable[str], catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Yield the answer for every line of a TSV, in order. Raises TableFault when the faulty line is reached."""
    recogniser = Recogniser(catalogue)
    for title in titles_of_lines(lines):
        yield answer(recogniser.recognise(title), catalogue)


def answer(found: Recognition, catalogue: Catalogue) -> dict[str, Any]:
    """Return a recognition as plain values, the words of its product in both languages beside it."""
    product = catalogue.products.get(found.product) if found.product else None
    return {
        "product": None if product is None else _product(product, catalogue),
        "group": found.group,
        "name": found.name,
        "publisher": found.publisher,
        "edition": found.edition,
        "line": found.line,
        "version": found.version,
        "class": found.licence_class.value,
        "kind": found.kind.value,
        "category": found.category.value,
        "confidence": found.confidence,
        "rule": found.rule,
        "because": found.because,
    }


def _product(product: Product, catalogue: Catalogue) -> dict[str, Any]:
    publisher = catalogue.publishers.get(product.publisher)
    names = dict.fromkeys((product.zh, product.en, *product.aliases))
    return {
        "id": product.id,
        "name": product.zh,
        "names": list(names),
        "publisher": None
        if publisher is None
        else {"id": publisher.id, "zh": publisher.zh, "en": publisher.en, "country": publisher.country},
    }
