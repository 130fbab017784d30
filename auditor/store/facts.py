"""Facts as blobs: what a document told that signs may be read from, as compact JSON.

One row a fact: kind, record, then names and words. Machines of one image share many of them word for word, so each
distinct one is made once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from auditor.proof.digest import canonical_json
from rules.fact import Fact, FactKind

Shows = Callable[[Fact], bool]


def encode_facts(facts: Iterable[Fact]) -> bytes:
    """Return the facts as canonical JSON, in their order."""
    return canonical_json([[fact.kind.value, fact.record, [list(pair) for pair in fact.said]] for fact in facts])


def decode_facts(content: bytes, shows: Shows) -> tuple[Fact, ...]:
    """Return the facts that `shows` wants, in their order."""
    made = (
        Fact(FactKind(kind), record, tuple((name, word) for name, word in said))
        for kind, record, said in json.loads(content)
    )
    return tuple(fact for fact in made if shows(fact))
