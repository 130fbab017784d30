"""Catalogue ↔ one file, named by the digest of its sources, so that a command starts without reading a thousand files.

Format: a line of JSON that names the format, the shape of the classes and the digest of the body, then the body:
JSON packed with zlib, and behind it the tables of the name list, packed alike and unpacked when a title asks. A
file of another format or shape, or a damaged one, is refused, and a cache compiles it anew.
The examples of the rules stay in the sources; a compiled catalogue has none.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import types
import zlib
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from rules.catalogue import Catalogue
from rules.indicator import Indicator
from rules.loading import SourceFile, load_sources, shipped_folder, source_files, sources_digest
from rules.matching import pattern_beginnings
from rules.name_list import NameList
from rules.product import Product, Publisher

FORMAT = "zhengban-catalogue-3"
_KEPT = "_compiled"
"""Beside the fields of a catalogue, as a cached property stands: its compiled bytes."""
LARGEST_BODY_BYTES = 256 << 20
"""What a compiled catalogue may hold unpacked."""


class CompiledCatalogueFault(Exception):
    """The bytes are no compiled catalogue of this program; the text says why."""


def compiled_bytes(catalogue: Catalogue) -> bytes:
    """Return the catalogue as one file. The same catalogue gives the same bytes; they are worked out once."""
    kept = vars(catalogue).get(_KEPT)
    if not isinstance(kept, bytes):
        kept = vars(catalogue)[_KEPT] = _compiled(catalogue)
    return kept


def _compiled(catalogue: Catalogue) -> bytes:
    body = {
        "digest": catalogue.digest,
        "products": [_plain(_without_examples(product)) for product in catalogue.products.values()],
        "publishers": [_plain(publisher) for publisher in catalogue.publishers.values()],
        "indicators": [_plain(indicator) for indicator in catalogue.indicators.values()],
        "beginnings": {pattern: pattern_beginnings(pattern) for pattern in _patterns(catalogue)},
    }
    packed = zlib.compress(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), 6)
    names = zlib.compress(json.dumps(dict(catalogue.listed.tables), ensure_ascii=False).encode(), 6)
    digest = hashlib.sha256(packed + names).hexdigest()
    head = {"format": FORMAT, "shape": _shape(), "sha256": digest, "body_bytes": len(packed)}
    return json.dumps(head).encode() + b"\n" + packed + names


def _patterns(catalogue: Catalogue) -> list[str]:
    rules = [rule for product in catalogue.products.values() for rule in product.rules]
    return sorted({pattern for rule in rules for pattern in (rule.name, rule.identifier) if pattern})


def catalogue_from_bytes(data: bytes) -> Catalogue:
    """Return the catalogue in `data`. Raises CompiledCatalogueFault for anything else."""
    line, _, packed = data.partition(b"\n")
    try:
        head = json.loads(line[:1000])
        fitting = (head["format"], head["shape"]) == (FORMAT, _shape())
    except (ValueError, KeyError, TypeError) as error:
        raise CompiledCatalogueFault("expected a compiled catalogue, got something else") from error
    if not fitting:
        raise CompiledCatalogueFault("compiled by another release")
    if head.get("sha256") != hashlib.sha256(packed).hexdigest():
        raise CompiledCatalogueFault("damaged: its digest does not agree")
    size = head.get("body_bytes")
    if not isinstance(size, int) or not 0 <= size <= len(packed):
        raise CompiledCatalogueFault("damaged: its parts do not fit")
    names = packed[size:]
    catalogue = _catalogue(_unpacked(packed[:size]), NameList(lambda: _unpacked(names)))
    vars(catalogue)[_KEPT] = data
    return catalogue


def _unpacked(packed: bytes) -> dict[str, Any]:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(packed, LARGEST_BODY_BYTES)
    if unpacker.unconsumed_tail:
        raise CompiledCatalogueFault(f"larger than {LARGEST_BODY_BYTES} bytes")
    body: dict[str, Any] = json.loads(text)
    return body


def _catalogue(body: dict[str, Any], listed: NameList) -> Catalogue:
    product, publisher, indicator = _reader(Product), _reader(Publisher), _reader(Indicator)
    return Catalogue(
        body["digest"],
        {found.id: found for found in map(product, body["products"])},
        {found.id: found for found in map(publisher, body["publishers"])},
        {found.id: found for found in map(indicator, body["indicators"])},
        body["beginnings"],
        listed,
    )


def shipped_catalogue(cache_folder: Path | None = None, layer: Sequence[SourceFile] = ()) -> Catalogue:
    """Return the catalogue that comes with the program, by way of a compiled file in `cache_folder` when one is given.

    `layer`: files of the organisation that lie over it. The compiled file is written anew when the digest of the
    sources, the format or the classes changed, or when it is damaged. A folder that cannot be written costs time,
    nothing else. Raises CatalogueFaults when the sources have faults.
    """
    sources = [*source_files([shipped_folder()]), *layer]
    if cache_folder is None:
        return load_sources(sources)
    file = cache_folder / f"catalogue-{sources_digest(sources)}.zbc"
    kept = _kept(file)
    if kept is not None:
        return kept
    catalogue = load_sources(sources)
    _write_whole(file, compiled_bytes(catalogue))
    return catalogue


def _kept(file: Path) -> Catalogue | None:
    try:
        return catalogue_from_bytes(file.read_bytes())
    except (OSError, CompiledCatalogueFault):
        return None


def _write_whole(file: Path, data: bytes) -> None:
    """Write beside and rename, so that nobody reads half a file."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.replace(beside, file)
    except OSError:
        return


def _without_examples(product: Product) -> Product:
    return replace(product, rules=tuple(replace(rule, matches=(), rejects=()) for rule in product.rules))


def _plain(value: Any) -> Any:
    """Dataclasses as lists of their fields in order, trailing defaults left out."""
    if is_dataclass(value) and not isinstance(value, type):
        found = [(getattr(value, field.name), field.default) for field in fields(value)]
        while found and found[-1][0] == found[-1][1]:
            found.pop()
        return [_plain(item) for item, _ in found]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _reader(wanted: Any) -> Callable[[Any], Any]:
    """Return the function that turns plain values into `wanted`."""
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _class_reader(wanted)
    if get_origin(wanted) in (Union, types.UnionType):
        inner = _reader(next(choice for choice in get_args(wanted) if choice is not type(None)))
        return _as_it_is if inner is _as_it_is else lambda value: None if value is None else inner(value)
    if get_origin(wanted) is tuple:
        return _tuple_reader(get_args(wanted))
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return {member.value: member for member in wanted}.__getitem__
    return date.fromisoformat if wanted is date else _as_it_is


def _class_reader(wanted: type) -> Callable[[Any], Any]:
    hints = get_type_hints(wanted)
    readers = [_reader(hints[field.name]) for field in fields(wanted)]

    def read(items: list[Any]) -> Any:
        return wanted(*[reader(item) for reader, item in zip(readers, items, strict=False)])

    return read


def _tuple_reader(inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    if inner[-1] is Ellipsis:
        item_reader = _reader(inner[0])
        return lambda items: tuple(map(item_reader, items))
    readers = [_reader(item) for item in inner]
    return lambda items: tuple(reader(item) for reader, item in zip(readers, items, strict=True))


def _as_it_is(value: Any) -> Any:
    return value


@cache
def _shape() -> str:
    """Digest of the names and types of all fields: another release with other classes reads no old file."""
    seen: dict[str, Any] = {}
    waiting: list[Any] = [Product, Publisher, Indicator]
    while waiting:
        wanted = waiting.pop()
        waiting += [inner for inner in get_args(wanted) if inner is not Ellipsis]
        if is_dataclass(wanted) and isinstance(wanted, type) and wanted.__name__ not in seen:
            hints = get_type_hints(wanted)
            seen[wanted.__name__] = {field.name: str(hints[field.name]) for field in fields(wanted)}
            waiting += hints.values()
        elif isinstance(wanted, type) and issubclass(wanted, StrEnum):
            seen[wanted.__name__] = sorted(wanted)
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]
