"""Judge of the antivirus programs of Linux in glpi-agent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recordings.judged import Judged, compare
from recordings.reading import cases_of, joined, read

NOT_TOLD = "the answer holds a program up to date that does not say so; ours claims nothing there"
_STATES = {"1": "on", "0": "off"}
_CURRENT = {"1": "up_to_date", "0": "out_of_date"}


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every answer: name, company, version, whether on and up to date, day of the definitions."""
    for case in cases_of(corpus, "glpi-agent", ("antivirus",)):
        expected = [
            joined(
                record["name"],
                record.get("company"),
                record.get("version"),
                _STATES.get(record.get("enabled", "")),
                _CURRENT.get(record.get("uptodate", "")),
                record.get("base_creation"),
            )
            for record in case.records
        ]
        found = [
            joined(trace.name, trace.publisher, trace.version, trace.state, trace.value, trace.day)
            for file in case.files
            for trace in read("antivirus", file).traces
        ]
        differences = frozenset(expected) ^ frozenset(found)
        explained = {
            text: NOT_TOLD for text in differences if _without_claim(text) in map(_without_claim, differences - {text})
        }
        yield compare("glpi-agent", case.kind, case.name, expected, found, explained if _told_less(found) else None)


def _without_claim(text: str) -> str:
    """Return a record without the word that says whether the definitions are up to date."""
    return "|".join(word for number, word in enumerate(text.split("|")) if number != 4)


def _told_less(found: list[str]) -> bool:
    """Tell whether ours claims nothing where it differs."""
    return all(not text.split("|")[4] for text in found)
