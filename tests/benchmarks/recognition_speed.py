"""How many distinct titles one core recognises in a second: python tests/benchmarks/recognition_speed.py [FOLDER …].

The catalogue of the folders, and the same ten times as large by mutated names. Titles: the examples of the catalogue
with other versions, and mutated ones that nobody knows. Every title is seen once; names recur with other versions, as
on real machines, and what was asked of a name is asked once: the number of distinct names is printed. Beside it stands
a yardstick: the same titles through one compiled expression of the standard library.
"""

from __future__ import annotations

import random
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rules.catalogue import Catalogue
from rules.compiled import catalogue_from_bytes, compiled_bytes
from rules.examples import example_title
from rules.loading import load_catalogue
from rules.matching import compiled
from rules.product import Product
from rules.recognition import Recogniser
from rules.title import Title

SEED = 88
TITLES = 40_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def mutated(text: str, seed: str) -> str:
    """Return the text with its first run of three letters replaced by others."""
    chance = random.Random(seed)
    return re.sub(r"(?<![\\?\[{<A-Za-z])[A-Za-z]{3}", lambda _: "".join(chance.choices(LETTERS, k=3)), text, count=1)


def grown(catalogue: Catalogue, times: int) -> Catalogue:
    """Return the catalogue with copies of every product whose names and keys begin with another word."""
    products = dict(catalogue.products)
    for copy in range(1, times):
        products |= {f"{id}-{copy}": _copy(product, copy) for id, product in catalogue.products.items()}
    return replace(catalogue, digest=f"{catalogue.digest}-{times}", products=products)


def _copy(product: Product, copy: int) -> Product:
    word = "".join(random.Random(f"{product.id} {copy}").choices(LETTERS, k=5))
    rules = tuple(
        replace(
            rule,
            name=rule.name and f"{word} (?:{rule.name})",
            identifier=rule.identifier and rf"{word}\.(?:{rule.identifier})",
        )
        for rule in product.rules
    )
    return replace(product, id=f"{product.id}-{copy}", rules=rules)


def distinct_titles(catalogue: Catalogue) -> list[Title]:
    """Return TITLES different titles: half known with other versions, half unknown."""
    known = [
        example_title(rule, example)
        for product in catalogue.products.values()
        for rule in product.rules
        for example in (*rule.matches, *rule.rejects)
    ]
    chance = random.Random(SEED)
    found = []
    for number in range(TITLES):
        title = chance.choice(known)
        name = title.name if number % 2 else mutated(title.name, str(number))
        found.append(replace(title, name=name, version=f"{number % 40}.{number}.1"))
    return found


def seconds_for(recogniser: Recogniser, titles: list[Title]) -> tuple[float, int]:
    """Return the time and how many were recognised."""
    begun = time.perf_counter()
    hits = sum(recogniser.recognise(title).product is not None for title in titles)
    return time.perf_counter() - begun, hits


def yardstick(titles: list[Title]) -> float:
    """Return the time in which one expression of the standard library cuts the versions off the same titles."""
    begun = time.perf_counter()
    for _ in range(20):
        for title in titles:
            re.sub(r"[ (]v?\d+(\.\d+)+\)?", "", title.name)
    return time.perf_counter() - begun


def main(words: list[str]) -> None:
    """Measure and print."""
    folders = [Path(word) for word in words] or [Path(__file__).resolve().parents[2] / "rules" / "data"]
    catalogue = load_catalogue(folders)
    titles = distinct_titles(catalogue)
    measure = yardstick(titles)
    names = len({(title.name, title.identifier, title.source, title.platform) for title in titles})
    print(f"{len(titles)} titles of {names} distinct names")
    for times in (1, 10):
        larger = grown(catalogue, times)
        data = compiled_bytes(larger)
        compiled.cache_clear()  # each catalogue makes its patterns ready itself
        begun = time.perf_counter()
        read = catalogue_from_bytes(data)
        opened = time.perf_counter()
        recogniser = Recogniser(read)
        made = time.perf_counter()
        seconds, hits = seconds_for(recogniser, titles)
        speed = f"{len(titles) / seconds:,.0f} titles/s, {seconds / measure:.2f} yardsticks"
        print(f"{len(larger.products)} products: {speed}")
        print(f"  {hits} of {len(titles)} recognised; compiled file {len(data):,} bytes")
        print(f"  read in {opened - begun:.3f} s, made ready in {made - opened:.3f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
