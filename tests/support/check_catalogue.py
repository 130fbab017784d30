"""Check a catalogue: python tests/support/check_catalogue.py [--stray] [FOLDER …]; the shipped one without a folder.

Prints every fault of every file, else the counts. `--stray` also lists the examples that another product's rule takes
when all rules are asked together. Ends 0 when the catalogue loads, 1 when it has faults.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from rules.catalogue import Catalogue
from rules.examples import stray_examples
from rules.loading import load_catalogue
from rules.source_files import CatalogueFaults


def main(words: list[str]) -> int:
    """Check the folders and print what was found."""
    stray = "--stray" in words
    shipped = Path(__file__).resolve().parents[2] / "rules" / "data"
    folders = [Path(word) for word in words if word != "--stray"] or [shipped]
    try:
        catalogue = load_catalogue(folders)
    except CatalogueFaults as faults:
        print(faults)
        return 1
    print(counts(catalogue))
    if stray:
        for line in stray_examples(catalogue):
            print(line)
    return 0


def counts(catalogue: Catalogue) -> str:
    """Say in one line what the catalogue holds."""
    rules = [rule for product in catalogue.products.values() for rule in product.rules]
    examples = sum(len(rule.matches) + len(rule.rejects) for rule in rules)
    return (
        f"{len(catalogue.products)} products, {len(rules)} rules, {examples} examples, "
        f"{len(catalogue.publishers)} publishers, {len(catalogue.indicators)} indicators; no fault"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
