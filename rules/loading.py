"""YAML files → Catalogue. Every fault of every file is reported at once; one fault, and no catalogue is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from rules.catalogue import Catalogue
from rules.examples import example_faults
from rules.fields import FileFaults
from rules.indicator import Indicator
from rules.indicator_file import read_indicators
from rules.name_list import NameList, faults_of
from rules.product import Product, Publisher
from rules.product_file import read_product
from rules.publisher_file import read_publishers
from rules.publishers import PublisherNames
from rules.source_files import NAMES_FOLDER, CatalogueFaults, SourceFile, source_files, sources_digest
from rules.yaml_file import YamlFaults, YamlLimits, YamlValue, parse_yaml

PUBLISHERS_FILE = "publishers.yaml"
_LARGEST_TABLE_BYTES = 16 << 20
_PRODUCT_LIMITS = YamlLimits(size_bytes=256 << 10)
_PUBLISHER_LIMITS = YamlLimits(size_bytes=8 << 20, values=1_000_000)


def load_catalogue(folders: Sequence[Path | Traversable]) -> Catalogue:
    """Return the catalogue of the files under `folders`. Raises CatalogueFaults with all faults of all files."""
    return load_sources(source_files(folders))


def load_sources(sources: Sequence[SourceFile]) -> Catalogue:
    """Return the catalogue of files that were read already. Raises CatalogueFaults as `load_catalogue` does."""
    return _Loading(sources).catalogue()


class _Loading:
    """Files read one after the other; what belongs together is checked when all are there."""

    def __init__(self, sources: Sequence[SourceFile]) -> None:
        self._sources = sources
        self._products: dict[str, tuple[Product, FileFaults]] = {}
        self._publishers: dict[str, tuple[Publisher, FileFaults, str]] = {}
        self._indicators: dict[str, tuple[Indicator, FileFaults, str]] = {}
        self._tables: dict[str, str] = {}
        self._layers: dict[str, int] = {}
        self._overridden: list[str] = []

    def catalogue(self) -> Catalogue:
        notes = [self._read(source) for source in self._sources]
        if not self._publishers:
            notes.append(self._without_publishers())
        self._check_publishers()
        names = PublisherNames(publisher for publisher, _, _ in self._publishers.values())
        for product, faults in self._products.values():
            self._check_product(product, faults, names)
        self._check_suites()
        self._check_indicators()
        tables = dict(sorted(self._tables.items()))
        found = [fault for note in notes for fault in note.found]
        if found:
            raise CatalogueFaults(found, len(self._sources))
        return Catalogue(
            sources_digest(self._sources),
            {id: self._products[id][0] for id in sorted(self._products)},
            {id: self._publishers[id][0] for id in sorted(self._publishers)},
            {id: self._indicators[id][0] for id in sorted(self._indicators)},
            overridden=tuple(sorted(self._overridden)),
            listed=NameList(lambda: tables),
        )

    def _read(self, source: SourceFile) -> FileFaults:
        faults = FileFaults(source.shown)
        if source.inside[0] == NAMES_FOLDER:
            self._add_table(source, faults)
            return faults
        limits = _PUBLISHER_LIMITS if source.inside[0].startswith("publishers") else _PRODUCT_LIMITS
        try:
            value = parse_yaml(source.data, limits)
        except YamlFaults as error:
            for line, what in error.faults:
                faults.note("", what, line)
            return faults
        match source.inside:
            case ("publishers.yaml",) | ("publishers", _):
                self._add_publishers(value, faults, source.layer)
            case ("indicators", *_):
                self._add_indicators(value, faults, source.layer)
            case ("products", publisher, file):
                self._add_product(value, f"{publisher}/{file.rpartition('.')[0]}", faults, source.layer)
            case _:
                faults.note(
                    "", "expected products/<publisher>/<product>.yaml, indicators/<family>.yaml or publishers.yaml"
                )
        return faults

    def _add_table(self, source: SourceFile, faults: FileFaults) -> None:
        """A table of a higher layer takes the place of the one of the same name below."""
        if len(source.inside) != 2 or len(source.data) > _LARGEST_TABLE_BYTES:
            faults.note("", f"expected {NAMES_FOLDER}/<collection>.tsv of at most {_LARGEST_TABLE_BYTES} bytes")
            return
        collection = source.inside[1].rpartition(".")[0]
        text = source.data.decode("utf-8", "replace")
        for line, what in faults_of(collection, text):
            faults.note("", what, line)
        self._tables[collection] = text

    def _add_publishers(self, value: YamlValue, faults: FileFaults, layer: int) -> None:
        for where, publisher in read_publishers(value, faults):
            known = self._publishers.get(publisher.id)
            if known is not None and not self._takes_place("publisher", publisher.id, layer):
                faults.note(f"{where}.id", f"{publisher.id!r} stands twice, first in {known[1].file}: {known[2]}")
            else:
                self._publishers[publisher.id] = publisher, faults, where
                self._layers[f"publisher {publisher.id}"] = layer

    def _add_indicators(self, value: YamlValue, faults: FileFaults, layer: int) -> None:
        for where, indicator in read_indicators(value, faults):
            known = self._indicators.get(indicator.id)
            if known is not None and not self._takes_place("indicator", indicator.id, layer):
                faults.note(f"{where}.id", f"{indicator.id!r} stands twice, first in {known[1].file}: {known[2]}")
            else:
                self._indicators[indicator.id] = indicator, faults, where
                self._layers[f"indicator {indicator.id}"] = layer

    def _add_product(self, value: YamlValue, path_id: str, faults: FileFaults, layer: int) -> None:
        product = read_product(value, path_id, faults)
        if product is None:
            return
        known = self._products.get(product.id)
        if known is not None and not self._takes_place("product", product.id, layer):
            faults.note("id", f"{product.id!r} stands twice, first in {known[1].file}")
        else:
            self._products[product.id] = product, faults
            self._layers[f"product {product.id}"] = layer

    def _takes_place(self, noun: str, id: str, layer: int) -> bool:
        """Whether a file of this layer may replace what stands under the id; the replacement is written down."""
        words = f"{noun} {id}"
        if self._layers[words] >= layer:
            return False
        self._overridden.append(words)
        return True

    def _without_publishers(self) -> FileFaults:
        faults = FileFaults(PUBLISHERS_FILE)
        faults.note("", "expected a list of publishers in one of the folders; no publisher could be read")
        return faults

    def _check_publishers(self) -> None:
        names = PublisherNames(publisher for publisher, _, _ in self._publishers.values())
        for spelling, holder, wants in names.clashes:
            _, faults, where = self._publishers[wants]
            first = self._publishers[holder]
            faults.note(
                where, f"the spelling {spelling!r} belongs to {holder!r} already, in {first[1].file}: {first[2]}"
            )

    def _check_product(self, product: Product, faults: FileFaults, names: PublisherNames) -> None:
        if self._publishers and product.publisher not in self._publishers:
            faults.note("publisher", f"expected one of {PUBLISHERS_FILE}, got {product.publisher!r}")
        for number, rule in enumerate(product.rules):
            if self._publishers and rule.publisher is not None and rule.publisher not in self._publishers:
                faults.note(
                    f"recognise[{number}].publisher", f"expected one of {PUBLISHERS_FILE}, got {rule.publisher!r}"
                )
        for number, part in enumerate(product.parts):
            if part not in self._products or part == product.id:
                faults.note(f"parts[{number}]", f"expected another product of the catalogue, got {part!r}")
        self._check_alternatives(product, faults)
        if self._publishers and not any(fault.where.startswith("recognise") for fault in faults.found):
            for where, what in example_faults(product, names):
                faults.note(where, what)

    def _check_alternatives(self, product: Product, faults: FileFaults) -> None:
        if product.alternatives is None:
            return
        for key, ids in (("domestic", product.alternatives.domestic), ("free", product.alternatives.free)):
            for number, other in enumerate(ids):
                if other not in self._products or other == product.id:
                    where = f"alternatives.{key}[{number}]"
                    faults.note(where, f"expected another product of the catalogue, got {other!r}")

    def _check_suites(self) -> None:
        """No suite may hold itself, not even by way of others. Each ring is named once, at its first product."""
        done: set[str] = set()
        for start in sorted(self._products):
            ring = self._ring(start, done)
            if ring is not None:
                self._products[start][1].note("parts", f"the suite holds itself: {' → '.join(ring)}")

    def _ring(self, start: str, done: set[str]) -> list[str] | None:
        """Walk the parts without recursion; return the way back to `start` if there is one."""
        way: list[tuple[str, int]] = [(start, 0)]
        on_way = {start}
        while way:
            here, number = way[-1]
            parts = self._products[here][0].parts if here in self._products else ()
            if here in done or number >= len(parts):
                done.add(here)
                on_way.discard(here)
                way.pop()
                continue
            way[-1] = here, number + 1
            part = parts[number]
            if part in on_way:
                return [*(id for id, _ in way[[id for id, _ in way].index(part) :]), part]
            on_way.add(part)
            way.append((part, 0))
        return None

    def _check_indicators(self) -> None:
        for indicator, faults, where in self._indicators.values():
            for number, pattern in enumerate(indicator.affects):
                if pattern not in self._products and not self._is_publisher(pattern):
                    what = f"expected a product of the catalogue or publisher/*, got {pattern!r}"
                    faults.note(f"{where}.affects[{number}]", what)

    def _is_publisher(self, pattern: str) -> bool:
        return pattern.endswith("/*") and pattern[:-2] in self._publishers
