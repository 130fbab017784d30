"""Facts as blobs: what a document told that signs may be read from, as compact JSON.

One row a fact: its record, and the rest as one text (kind, then names and words; words hold no line break and no tab).
Machines of one image share most of these texts, so each distinct one is read and judged once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from auditor.proof.digest import canonical_json
from rules.fact import Fact, FactKind

Shows = Callable[[Fact], bool]


def encode_facts(facts: Iterable[Fact]) -> bytes:
    """Return the facts as canonical JSON, in their order."""
    return canonical_json([[fact.record, _text_of(fact)] for fact in facts])


class FactReader:
    """Reads the facts of many machines and keeps those that `shows` wants."""

    def __init__(self, shows: Shows) -> None:
        self._shows = shows
        self._known: dict[str, Fact | None] = {}

    def facts_in(self, content: bytes) -> tuple[Fact, ...]:
        """Return the wanted facts of one machine, in their order."""
        found = []
        for record, text in json.loads(content):
            fact = self._known[text] if text in self._known else self._judged(text)
            if fact is not None:
                found.append(Fact(fact.kind, record, fact.said))
        return tuple(found)

    def _judged(self, text: str) -> Fact | None:
        fact = _fact_of(text)
        wanted = fact if self._shows(fact) else None
        self._known[text] = wanted
        return wanted


def _text_of(fact: Fact) -> str:
    return "\n".join([fact.kind.value, *(f"{name}\t{word}" for name, word in fact.said)])


def _fact_of(text: str) -> Fact:
    kind, *pairs = text.split("\n")
    split = [pair.partition("\t") for pair in pairs]
    return Fact(FactKind(kind), "", tuple((name, word) for name, _, word in split))
