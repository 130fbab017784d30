"""Rules that claim no product: updates, language packs, drivers, runtimes, parts of systems, told by the table."""

from __future__ import annotations

from functools import cache

from rules.generic_rules import HIDDEN_PART, LANGUAGE_LIBRARY, TABLE, UPDATE, GenericRule
from rules.matching import Pattern, PatternSet
from rules.source_keys import source_key
from rules.title import Title

_LIBRARY_SOURCES = frozenset({"python_packages", "npm_packages", "gems"})


@cache
def _named() -> tuple[PatternSet, tuple[GenericRule, ...]]:
    rules = tuple(rule for rule in TABLE if rule.names)
    return PatternSet([rule.names for rule in rules]), rules


@cache
def _pattern(text: str) -> Pattern:
    return Pattern(text)


def generic_rule(title: Title, name: str) -> GenericRule | None:
    """Return the rule that holds for a title of this normal name, `None` when none does."""
    if title.update:
        return UPDATE
    if title.source in _LIBRARY_SOURCES:
        return LANGUAGE_LIBRARY
    patterns, named = _named()
    by_name = {named[hit].id for hit in patterns.matching(name)}
    for rule in TABLE:
        if (not rule.names or rule.id in by_name) and _holds_beside_name(rule, title, name):
            return rule
    return HIDDEN_PART if title.system_component else None


def _holds_beside_name(rule: GenericRule, title: Title, name: str) -> bool:
    if rule.unlike and _fits(rule.unlike, name):
        return False
    if rule.sources and title.source not in rule.sources:
        return False
    if rule.platforms and title.platform not in rule.platforms:
        return False
    return (
        _fits(rule.keys, source_key(title))
        and _fits(rule.publishers, title.publisher)
        and _fits(rule.sections, title.section)
        and _fits(rule.versions, title.version)
    )


def _fits(pattern: str, text: str | None) -> bool:
    return not pattern or (bool(text) and _pattern(pattern).groups_of(str(text)[:500]) is not None)
