"""Facts of a document come back from their blob word for word, and only those that are wanted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.store.facts import FactReader, encode_facts
from rules.fact import Fact, FactKind

WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
FACTS = st.builds(
    lambda kind, number, said: Fact(kind, f"traces[{number}]", tuple(sorted(said.items()))),
    st.sampled_from(FactKind),
    st.integers(0, 999),
    st.dictionaries(st.sampled_from(["name", "path", "value", "state"]), WORDS, max_size=4),
)


@given(st.lists(FACTS, max_size=8))
def test_they_come_back(facts: list[Fact]) -> None:
    assert FactReader(lambda fact: True).facts_in(encode_facts(facts)) == tuple(facts)


def test_each_text_is_judged_once_and_keeps_its_own_record() -> None:
    asked: list[str | None] = []

    def shows(fact: Fact) -> bool:
        asked.append(fact.get("name"))
        return fact.get("name") == "a"

    reader = FactReader(shows)
    said = [Fact(FactKind.SERVICE, f"traces[{n}]", (("name", name),)) for n, name in enumerate("aba")]
    assert [fact.record for fact in reader.facts_in(encode_facts(said))] == ["traces[0]", "traces[2]"]
    assert [fact.record for fact in reader.facts_in(encode_facts(said[1:]))] == ["traces[2]"]
    assert asked == ["a", "b"]
