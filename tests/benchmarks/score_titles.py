"""How well the catalogue names recorded titles: python tests/benchmarks/score_titles.py [--wrong] [FOLDER …].

Reads titles.tsv and chinese/titles-zh.tsv of the corpus (see support/corpus.py) and prints for each file: product hits
(a name of the product, alone or with the line, edition or first numbers of the version that were found, equals the
expected one, case and punctuation folded; `trivial` rows apart), purity of our groups and completeness of theirs on
`group_key`, and negatives that were taken for a product. `--wrong` lists the rows that were given another product than
expected, and the negatives.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from corpus import corpus_folder

from rules.catalogue import Catalogue
from rules.loading import load_catalogue
from rules.names import name_key
from rules.product import Kind
from rules.recognised import Recognition
from rules.recognition import Recogniser
from rules.tabular import USUAL_SOURCE
from rules.title import OPERATING_SYSTEM, Title

STANDING = frozenset({Kind.APPLICATION, Kind.SUITE, Kind.OPERATING_SYSTEM, Kind.GAME})


@dataclass(frozen=True)
class Scored:
    """One row with its answer."""

    row: dict[str, str]
    found: Recognition
    hit: bool | None
    """`None` when the row expects no product."""


def rows_of(file: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a recorded list."""
    lines = file.read_text(encoding="utf-8").split("\n")
    heads = lines[0].split("\t")
    for line in lines[1:]:
        if line.strip():
            yield dict(zip(heads, line.split("\t"), strict=False))


def title_of_row(row: dict[str, str]) -> Title:
    """Return the title that a row recorded; system captions stand for the operating system."""
    platform = (row["platform"] or "windows").partition("-")[0]
    source = OPERATING_SYSTEM if row.get("note", "").startswith("kind=os") else USUAL_SOURCE[platform]
    identifier = row["bundle_id"] or (row["raw_name"] if source == "dpkg" else None)
    return Title(
        platform, source, row["raw_name"], row["raw_publisher"] or None, row["raw_version"] or None, identifier
    )


def scored(rows: Iterable[dict[str, str]], catalogue: Catalogue) -> list[Scored]:
    """Recognise every row."""
    recogniser = Recogniser(catalogue)
    found = []
    for row in rows:
        recognition = recogniser.recognise(title_of_row(row))
        found.append(Scored(row, recognition, _hit(row, recognition, catalogue) if row["product"] else None))
    return found


def _hit(row: dict[str, str], found: Recognition, catalogue: Catalogue) -> bool:
    if found.product is None:
        return False
    product = catalogue.products[found.product]
    names = {name_key(name) for name in (product.zh, product.en, *product.aliases)}
    edition = next((e for e in product.editions if e.id == found.edition), None)
    editions = [""] if edition is None else ["", name_key(edition.zh), name_key(edition.en)]
    major = (found.version or "").split(".")
    lines = {"", name_key(found.line or ""), name_key("".join(major[:1])), name_key("".join(major[:2]))}
    whole = {name + line + words for name in names for line in lines for words in editions}
    whole |= {name_key(product.publisher) + name for name in whole}
    expected = name_key(row["product"])
    short = name_key(row["product"].removeprefix(row["publisher"] + " "))
    return bool(whole & {expected, short})


def agreement(pairs: list[tuple[str, str]]) -> float:
    """Share of the rows that lie in the largest part of their class: pairs are (class, part)."""
    classes: dict[str, Counter[str]] = defaultdict(Counter)
    for name, part in pairs:
        classes[name][part] += 1
    kept = sum(parts.most_common(1)[0][1] for parts in classes.values())
    return kept / len(pairs) if pairs else 1.0


def report(name: str, answers: list[Scored], wrong: bool) -> None:
    """Print the figures of one file."""
    print(f"{name}: {len(answers)} rows")
    for trivial in (False, True):
        part = [a for a in answers if a.hit is not None and ("trivial" in a.row.get("note", "")) is trivial]
        hits = sum(bool(a.hit) for a in part)
        other = [a for a in part if not a.hit and a.found.product]
        title = "trivial" if trivial else "non-trivial"
        print(
            f"  {title} {len(part)}: hit {hits}, named otherwise {len(other)}, unknown {len(part) - hits - len(other)}"
        )
        for a in other if wrong else ():
            print(f"    {a.row['raw_name']} [{a.row['raw_publisher']}] -> {a.found.rule}, expected {a.row['product']}")
    grouped = [a for a in answers if a.row["group_key"] and a.row["product"] + a.row["source"]]
    pairs = [(a.row["group_key"], a.found.group) for a in grouped]
    print(f"  groups: {len(grouped)} rows, purity {agreement([(g, k) for k, g in pairs]):.4f},", end=" ")
    print(f"completeness {agreement(pairs):.4f}")
    negatives = [a for a in answers if not a.row["product"] and "NOT" in a.row.get("note", "") + a.row["answer_kind"]]
    negatives += [a for a in answers if a.row["group_key"].startswith("neg:") and a not in negatives]
    taken = [a for a in negatives if a.found.product and a.found.kind in STANDING]
    parts = [a for a in negatives if a.found.product and a.found.kind not in STANDING]
    print(f"  negatives {len(negatives)}: taken for a product {len(taken)}, named as a part of one {len(parts)}")
    for a in taken if wrong else ():
        print(f"    {a.row['raw_name']} -> {a.found.rule} ({a.row['note']})")


def main(words: list[str]) -> None:
    """Score every file of the corpus that is there."""
    folders = [Path(word) for word in words if word != "--wrong"]
    catalogue = load_catalogue(folders or [Path(__file__).resolve().parents[2] / "rules" / "data"])
    corpus = corpus_folder()
    if corpus is None:
        print("no corpus beside this checkout; nothing to score")
        return
    for file in (corpus / "titles.tsv", corpus / "chinese" / "titles-zh.tsv"):
        report(file.name, scored(rows_of(file), catalogue), "--wrong" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
