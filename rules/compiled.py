"""Catalogue ↔ one file, named by the digest of its sources, so that a command starts without reading a thousand files.

Format: a line of JSON that names the format, the shape of the classes and the digest of what follows; the directory,
JSON packed with zlib; then the parts, each at the place that the directory says. Tables are packed in pieces, so that
one title costs the few entries that it asks for: products, spellings of publishers, names of the name list, beginnings
of patterns. A file of another format or shape, or a damaged one, is refused, and a cache compiles it anew.
The examples of the rules stay in the sources; a compiled catalogue has none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rules.catalogue import Catalogue
from rules.matching import pattern_beginnings
from rules.name_list import NameKeys, NameList
from rules.packed import PackedFault, PackedTable, packed_json, packed_table, unpacked_json
from rules.plain_values import as_it_is, plain, reader_of
from rules.product import PLATFORMS, Product, Publisher
from rules.publishers import PublisherNames
from rules.rule_index import Beginnings, IndexedProducts, RuleIndex, RuleRow, index_of, plain_index, table_names
from rules.source_files import SourceFile, shipped_folder, source_files, sources_digest
from rules.source_stamp import source_stamp
from rules.whole_file import write_whole

if TYPE_CHECKING:
    from rules.indicator import Indicator

FORMAT = "zhengban-catalogue-5"
SHAPED_BY = ("product", "product_rights", "indicator", "condition", "fact")
"""Modules of the classes of which a catalogue is made."""
_KEPT = "_compiled"
"""Beside the fields of a catalogue, as a cached property stands: its compiled bytes."""
LARGEST_PART_BYTES = 256 << 20
"""What one part of a compiled catalogue may hold unpacked."""
V = TypeVar("V")


class CompiledCatalogueFault(Exception):
    """The bytes are no compiled catalogue of this program; the text says why."""


def compiled_bytes(catalogue: Catalogue) -> bytes:
    """Return the catalogue as one file. The same catalogue gives the same bytes; they are worked out once."""
    kept = vars(catalogue).get(_KEPT)
    if not isinstance(kept, bytes):
        kept = vars(catalogue)[_KEPT] = _compiled(catalogue)
    return kept


def _compiled(catalogue: Catalogue) -> bytes:
    places: dict[str, Any] = {}
    parts: list[bytes] = []
    begun = 0
    for name, (table, part) in {**_tables(catalogue), **_blocks(catalogue)}.items():
        places[name] = [begun, begun + len(part), table]
        parts.append(part)
        begun += len(part)
    directory = packed_json({"digest": catalogue.digest, "parts": places})
    body = directory + b"".join(parts)
    digest = hashlib.sha256(body).hexdigest()
    head = {"format": FORMAT, "shape": _shape(), "sha256": digest, "directory_bytes": len(directory)}
    return json.dumps(head).encode() + b"\n" + body


def _blocks(catalogue: Catalogue) -> dict[str, tuple[None, bytes]]:
    """What is read as a whole: the rules with their patterns, and the tables of the name list as they were written."""
    rows, _ = plain_index(index_of(catalogue.products, catalogue.beginnings))
    return {"rules": (None, packed_json(rows)), "name list": (None, packed_json(dict(catalogue.listed.tables)))}


def _tables(catalogue: Catalogue) -> dict[str, tuple[dict[str, Any], bytes]]:
    products = {id: plain(_without_examples(product)) for id, product in catalogue.products.items()}
    keys = catalogue.listed.keys
    _, beginnings = plain_index(index_of(catalogue.products, catalogue.beginnings))
    found: dict[str, Mapping[str, Any]] = {
        "products": products,
        "publishers": {id: plain(publisher) for id, publisher in catalogue.publishers.items()},
        "indicators": {id: plain(indicator) for id, indicator in catalogue.indicators.items()},
        "spellings": catalogue.publisher_names.ids,
        "beginnings": {pattern: pattern_beginnings(pattern) for pattern in _patterns(catalogue)},
        "licences": keys.licences,
        **{f"names, {platform}": lines for platform, lines in keys.lines.items()},
        **{f"names by identifier, {platform}": lines for platform, lines in keys.identified.items()},
        **beginnings,
    }
    return {name: packed_table(entries) for name, entries in found.items()}


def _patterns(catalogue: Catalogue) -> list[str]:
    rules = [rule for product in catalogue.products.values() for rule in product.rules]
    return sorted({pattern for rule in rules for pattern in (rule.name, rule.identifier) if pattern})


def catalogue_from_bytes(data: bytes) -> Catalogue:
    """Return the catalogue in `data`. Raises CompiledCatalogueFault for anything else."""
    line, _, body = data.partition(b"\n")
    try:
        head = json.loads(line[:1000])
        fitting = (head["format"], head["shape"]) == (FORMAT, _shape())
    except (ValueError, KeyError, TypeError) as error:
        raise CompiledCatalogueFault("expected a compiled catalogue, got something else") from error
    if not fitting:
        raise CompiledCatalogueFault("compiled by another release")
    if head.get("sha256") != hashlib.sha256(body).hexdigest():
        raise CompiledCatalogueFault("damaged: its digest does not agree")
    try:
        catalogue = _Parts(body, head["directory_bytes"]).catalogue()
    except (PackedFault, KeyError, TypeError, ValueError) as error:
        raise CompiledCatalogueFault("damaged: its parts do not fit") from error
    vars(catalogue)[_KEPT] = data
    return catalogue


class _Parts:
    """The parts of a compiled catalogue, whose digest agreed."""

    def __init__(self, body: bytes, directory_bytes: int) -> None:
        directory = unpacked_json(body[:directory_bytes], LARGEST_PART_BYTES)
        self._digest: str = directory["digest"]
        self._places: dict[str, tuple[int, int, Any]] = directory["parts"]
        self._parts = memoryview(body)[directory_bytes:]

    def catalogue(self) -> Catalogue:
        """Return the catalogue; what can wait is read when it is asked for."""
        index = RuleIndex(self._rows, self._beginnings)
        part, directory = self._part("products")
        found = Catalogue(
            self._digest,
            IndexedProducts(directory, part, reader_of(Product), index),
            self._table("publishers", reader_of(Publisher)),
            self._table("indicators", _indicator),
            self._table("beginnings", as_it_is),
            NameList(self._name_list, self._name_keys()),
        )
        vars(found)["publisher_names"] = PublisherNames.of_keys(self._table("spellings", as_it_is))
        return found

    def _part(self, name: str) -> tuple[memoryview, Any]:
        begun, ended, directory = self._places[name]
        return self._parts[begun:ended], directory

    def _table(self, name: str, read: Callable[[Any], V]) -> PackedTable[V]:
        part, directory = self._part(name)
        return PackedTable(directory, part, read)

    def _rows(self) -> list[RuleRow]:
        return [RuleRow(*row) for row in unpacked_json(self._part("rules")[0], LARGEST_PART_BYTES)]

    def _beginnings(self, platform: str, kind: str) -> Beginnings:
        numbers, lengths = table_names(platform, kind)
        return Beginnings(self._table(numbers, as_it_is), self._table(lengths, as_it_is))

    def _name_list(self) -> dict[str, str]:
        found: dict[str, str] = unpacked_json(self._part("name list")[0], LARGEST_PART_BYTES)
        return found

    def _name_keys(self) -> NameKeys:
        held = [platform for platform in PLATFORMS if f"names, {platform}" in self._places]
        return NameKeys(
            {platform: self._table(f"names, {platform}", as_it_is) for platform in held},
            {platform: self._table(f"names by identifier, {platform}", as_it_is) for platform in held},
            self._table("licences", as_it_is),
        )


def shipped_catalogue(cache_folder: Path | None = None, layer: Sequence[SourceFile] = ()) -> Catalogue:
    """Return the catalogue that comes with the program, by way of a compiled file in `cache_folder` when one is given.

    `layer`: files of the organisation that lie over it. The compiled file is written anew when the digest of the
    sources, the format or the classes changed, or when it is damaged. A folder that cannot be written costs time,
    nothing else. Raises CatalogueFaults when the sources have faults.
    """
    if cache_folder is None:
        return _from_sources(None, layer)[0]
    stamp = source_stamp(cache_folder, layer)
    known = None if stamp is None else stamp.digest()
    kept = None if known is None else _kept(_compiled_file(cache_folder, known))
    if kept is not None:
        return kept
    catalogue, digest = _from_sources(cache_folder, layer)
    if stamp is not None:
        stamp.keep(digest)
    return catalogue


def _from_sources(cache_folder: Path | None, layer: Sequence[SourceFile]) -> tuple[Catalogue, str]:
    from rules.loading import load_sources  # what reads the sources is no part of a start that finds them compiled

    sources = [*source_files([shipped_folder()]), *layer]
    if cache_folder is None:
        catalogue = load_sources(sources)
        return catalogue, catalogue.digest
    digest = sources_digest(sources)
    file = _compiled_file(cache_folder, digest)
    kept = _kept(file)
    if kept is not None:
        return kept, digest
    catalogue = load_sources(sources)
    write_whole(file, compiled_bytes(catalogue))
    return catalogue, digest


def _compiled_file(folder: Path, digest: str) -> Path:
    return folder / f"catalogue-{digest}.zbc"


def _kept(file: Path) -> Catalogue | None:
    try:
        return catalogue_from_bytes(file.read_bytes())
    except (OSError, CompiledCatalogueFault):
        return None


def _without_examples(product: Product) -> Product:
    return replace(product, rules=tuple(replace(rule, matches=(), rejects=()) for rule in product.rules))


def _indicator(value: Any) -> Indicator:
    from rules.indicator import Indicator  # a start that only recognises titles looks for no signs

    found: Indicator = reader_of(Indicator)(value)
    return found


@cache
def _shape() -> str:
    """Digest of the modules of the classes: another release with other classes reads no old file."""
    whole = hashlib.sha256()
    for name in SHAPED_BY:
        whole.update((files("rules") / f"{name}.py").read_bytes())
    return whole.hexdigest()[:16]
