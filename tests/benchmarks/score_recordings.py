"""How well recordings of other projects are read: python tests/benchmarks/score_recordings.py [--differences] [--docs].

Lets every judge of tests/support/recordings judge and prints, source by source and kind by kind, how many records the
answers expect, how many were found, missed and wrong, and how many of the differences are explained. `--differences`
lists each difference with its reason; `--docs` writes the table into docs/recordings.md. Ends 1 when a difference has
no reason, 3 when there are no recordings beside this checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from corpus import corpus_folder
from recordings.roster import JUDGES
from recordings.table import kinds_without_judge, rows_of, written_into

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "recordings.md"


def main(arguments: list[str]) -> int:
    """Print the table; return the exit code."""
    corpus = corpus_folder()
    if corpus is None:
        print("no recordings beside this checkout: see tests/support/corpus.py", file=sys.stderr)
        return 3
    judged = [each for judge in JUDGES.values() for each in judge(corpus)]
    rows = rows_of(judged)
    for row in rows:
        source, kind, *counts = row.figures
        names = ("cases", "expected", "found", "missed", "wrong", "unexplained")
        print(f"{source:<20} {kind:<28}", *(f"{name} {count:5d} " for name, count in zip(names, counts, strict=True)))
    for source, kind, count in kinds_without_judge(corpus, judged):
        print(f"{source:<20} {kind:<28} cases {count:4d}  no judge")
    if "--differences" in arguments:
        for each in judged:
            for text in (*each.missed, *each.wrong):
                sign = "missed" if text in each.missed else "wrong"
                print(f"{each.source}/{each.kind} {each.case}: {sign} {text}: {each.explained.get(text, '—')}")
    if "--docs" in arguments:
        DOCUMENT.write_text(written_into(DOCUMENT.read_text(encoding="utf-8"), rows), encoding="utf-8")
    return 1 if any(each.unexplained for each in judged) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
