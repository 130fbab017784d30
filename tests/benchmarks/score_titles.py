"""How well titles are named: python tests/benchmarks/score_titles.py [--wrong] [--half even|odd] [FOLDER …].

Reads titles.tsv and chinese/titles-zh.tsv of the corpus (see support/corpus.py) and prints for each file, and for each
source of its rows:

- hits of the catalogue, and hits with the cleaned names of what it does not know: a name of the answer, alone or with
  the line, edition or first numbers of the version that were found, with or without the publisher, equals the expected
  one, case and punctuation folded. Rows whose note says `trivial` (expected = raw) stand apart.
- the share of the rows that the catalogue itself knows, whatever it calls them;
- purity of our groups and completeness of theirs on `group_key`, as shares of rows;
- the licence class against `licence_category`, where the catalogue knows the product and the source says a category;
- negatives that were taken for a product.

`--wrong` lists what was missed. `--half` keeps the expected products whose SHA-256 is even or odd: fit on one half,
judge on the other.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from corpus import corpus_folder

from rules.catalogue import Catalogue
from rules.clean_name import clean_name
from rules.loading import load_catalogue
from rules.names import name_key
from rules.product import Kind, LicenceClass
from rules.recognised import Recognition
from rules.recognition import Recogniser, listed_as
from rules.tabular import ASKED_SOURCES, Row, recognise_row
from rules.title import Title

STANDING = frozenset({Kind.APPLICATION, Kind.SUITE, Kind.OPERATING_SYSTEM, Kind.GAME})
CLASSES: dict[str, frozenset[LicenceClass]] = {
    "proprietary": frozenset({LicenceClass.COMMERCIAL, LicenceClass.TRIAL, LicenceClass.OEM}),
    "freeware": frozenset({LicenceClass.FREE, LicenceClass.PERSONAL_FREE, LicenceClass.BUNDLED}),
    "open-source": frozenset({LicenceClass.OPEN_SOURCE}),
    "component": frozenset({LicenceClass.BUNDLED, LicenceClass.FREE, LicenceClass.OPEN_SOURCE}),
    "driver": frozenset({LicenceClass.BUNDLED, LicenceClass.FREE}),
    "adware": frozenset({LicenceClass.FREE, LicenceClass.PERSONAL_FREE}),
}
"""What a category of the corpus allows. "proprietary" does not say whether money is asked, so free counts there too."""
ALSO_PROPRIETARY = CLASSES["freeware"]


@dataclass(frozen=True)
class Scored:
    """One row with its answer; the hits are `None` when the row expects no product."""

    row: dict[str, str]
    found: Recognition
    known: bool | None
    """The catalogue's own names hit."""
    named: bool | None
    """They, or the cleaned name, hit."""


def rows_of(file: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a recorded list."""
    lines = file.read_text(encoding="utf-8").split("\n")
    heads = lines[0].split("\t")
    for line in lines[1:]:
        if line.strip():
            yield dict(zip(heads, line.split("\t"), strict=False))


def titles_of_row(row: dict[str, str]) -> Row:
    """Return the titles that a row may mean, as `zhengban recognise` reads it: nothing but its columns is used."""
    platform = (row["platform"] or "windows").partition("-")[0]
    words = (row["raw_name"], row["raw_publisher"] or None, row["raw_version"] or None)
    keyed = platform == "linux"
    key = row["bundle_id"] or (row["raw_name"] if keyed else None)
    return Row(tuple(Title(platform, source, *words, key) for source in ASKED_SOURCES[platform]))


def scored(rows: Iterable[dict[str, str]], catalogue: Catalogue) -> list[Scored]:
    """Recognise every row."""
    recogniser = Recogniser(catalogue)
    found = []
    for row in rows:
        title, answer = recognise_row(titles_of_row(row), recogniser)
        if not row["product"]:
            found.append(Scored(row, answer, None, None))
            continue
        known = _catalogue_hit(row, answer, catalogue)
        named = known or _listed_hit(row, title, answer, catalogue) or _clean_hit(row, title)
        found.append(Scored(row, answer, known, named))
    return found


def _catalogue_hit(row: dict[str, str], found: Recognition, catalogue: Catalogue) -> bool:
    if found.product is None:
        return False
    product = catalogue.products[found.product]
    names = {name_key(name) for name in (product.zh, product.en, *product.aliases)}
    edition = next((e for e in product.editions if e.id == found.edition), None)
    editions = [""] if edition is None else ["", name_key(edition.zh), name_key(edition.en)]
    major = (found.version or "").split(".")
    lines = {"", name_key(found.line or ""), name_key("".join(major[:1])), name_key("".join(major[:2]))}
    whole = {name + line + words for name in names for line in lines for words in editions}
    whole |= {name + words + line for name in names for line in lines for words in editions}
    whole |= {name_key(product.publisher) + name for name in whole}
    return bool(whole & _expected(row))


def _listed_hit(row: dict[str, str], title: Title, answer: Recognition, catalogue: Catalogue) -> bool:
    """The name under which a package collection lists the title."""
    cleaned = clean_name(title.name, title.version, bundle=title.platform == "macos")
    found = listed_as(title, cleaned, catalogue.listed, answer.edition)
    return found is not None and name_key(found.name) in _expected(row)


def _clean_hit(row: dict[str, str], title: Title) -> bool:
    """The name of the title, cleaned; the number of the version may be part of the expected name."""
    cleaned = clean_name(title.name, title.version, bundle=title.platform == "macos")
    key, major = name_key(cleaned.name), (cleaned.version or title.version or "").split(".")[0]
    own = {key, key + major}
    if title.publisher:
        first = name_key(title.publisher.split()[0])
        own |= {name.removeprefix(first) for name in own}
    return bool(own & _expected(row))


def _expected(row: dict[str, str]) -> set[str]:
    short = row["product"].removeprefix(row["publisher"] + " ")
    return {name_key(row["product"]), name_key(short), name_key(f"{row['publisher']} {row['product']}")}


def agreement(pairs: list[tuple[str, str]]) -> float:
    """Share of the rows that lie in the largest part of their class: pairs are (class, part)."""
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    for name, part in pairs:
        classes[name][part] += 1
    kept = sum(parts.most_common(1)[0][1] for parts in classes.values())
    return kept / len(pairs) if pairs else 1.0


def share(part: int, whole: int) -> str:
    """Return a share as text."""
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


def is_negative(row: dict[str, str]) -> bool:
    """Whether the row must not be taken for a product."""
    said = "NOT" in row.get("note", "") + row["answer_kind"]
    return (not row["product"] and said) or row["group_key"].startswith("neg:")


def report(name: str, answers: list[Scored], wrong: bool) -> None:
    """Print the figures of one file, and of each source in it."""
    print(f"{name}: {len(answers)} rows")
    _hits(answers, "  ")
    grouped = [a for a in answers if a.row["group_key"] and a.row["product"] + a.row["source"]]
    pairs = [(a.row["group_key"], a.found.group) for a in grouped]
    print(f"  groups: {len(grouped)} rows, purity {agreement([(g, k) for k, g in pairs]):.4f},", end=" ")
    print(f"completeness {agreement(pairs):.4f}")
    classed = [a for a in answers if _told(a.found) and a.row["licence_category"] in CLASSES]
    by_file = [a for a in classed if a.found.product]
    disagree = [a for a in classed if not _class_fits(a)]
    wrong_by_file = sum(a.found.product is not None for a in disagree)
    print(f"  class as the source says: {share(len(by_file) - wrong_by_file, len(by_file))},", end=" ")
    print(f"with the name list {share(len(classed) - len(disagree), len(classed))}")
    negatives = [a for a in answers if is_negative(a.row)]
    taken = [a for a in negatives if a.found.product and a.found.kind in STANDING and not _is_activator(a.found)]
    print(f"  negatives {len(negatives)}: taken for a product {len(taken)}")
    sources: dict[str, list[Scored]] = defaultdict(list)
    for a in answers:
        sources[a.row["source"].partition(":")[0].partition(" ")[0]].append(a)
    for source, part in sorted(sources.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        if len(part) >= 20:
            print(f"  {source}: {len(part)} rows")
            _hits(part, "    ")
    for a in answers if wrong else ():
        if a.named is False and "trivial" not in a.row.get("note", ""):
            row, found = a.row, a.found
            print(f"    missed: {row['raw_name']} [{row['raw_publisher']}] {row['raw_version']}", end=" ")
            print(f"-> {found.rule or found.name}, expected {row['product']} [{row['publisher']}]")
    for a in disagree if wrong else ():
        print(f"    class: {a.row['raw_name']} -> {a.found.licence_class} by {a.found.rule}", end="")
        print(f", expected {a.row['licence_category']}")
    for a in taken if wrong else ():
        print(f"    taken: {a.row['raw_name']} -> {a.found.rule} ({a.row['note']})")


def _hits(answers: list[Scored], indent: str) -> None:
    for trivial in (False, True):
        part = [a for a in answers if a.named is not None and ("trivial" in a.row.get("note", "")) is trivial]
        if not part:
            continue
        print(f"{indent}{'trivial' if trivial else 'non-trivial'}:", end=" ")
        print(f"hit {share(sum(bool(a.named) for a in part), len(part))},", end=" ")
        print(f"by the catalogue alone {sum(bool(a.known) for a in part)},", end=" ")
        print(f"known to the catalogue {share(sum(a.found.product is not None for a in part), len(part))},", end=" ")
        print(f"with its name list {share(sum(_told(a.found) for a in part), len(part))}")


def _class_fits(scored_row: Scored) -> bool:
    category, found = scored_row.row["licence_category"], scored_row.found.licence_class
    if category == "proprietary" and found in ALSO_PROPRIETARY:
        return scored_row.row["licence_source"] != ""
    return found in CLASSES[category]


def _told(found: Recognition) -> bool:
    """Whether a product file or the name list says what it is."""
    return found.product is not None or found.listed is not None


def _is_activator(found: Recognition) -> bool:
    return (found.product or "").startswith("activation-tools/")


def main() -> None:
    """Score every file of the corpus that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--half", choices=("even", "odd"))
    parser.add_argument("folders", nargs="*", type=Path)
    options = parser.parse_args()
    catalogue = load_catalogue(options.folders or [Path(__file__).resolve().parents[2] / "rules" / "data"])
    corpus = corpus_folder()
    if corpus is None:
        print("no corpus beside this checkout; nothing to score")
        return
    for file in (corpus / "titles.tsv", corpus / "chinese" / "titles-zh.tsv"):
        rows = [row for row in rows_of(file) if options.half is None or _half(row) == options.half]
        report(file.name, scored(rows, catalogue), options.wrong)


def _half(row: dict[str, str]) -> str:
    key = row["product"] or row["group_key"] or row["raw_name"]
    return ("even", "odd")[hashlib.sha256(key.encode()).digest()[-1] % 2]


if __name__ == "__main__":
    main()
