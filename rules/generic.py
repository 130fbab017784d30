"""Rules that claim no product: updates, language packs, drivers, runtimes, parts of systems, told by the table."""

from __future__ import annotations

from functools import cache

from rules.generic_rules import HIDDEN_PART, LANGUAGE_LIBRARY, TABLE, UPDATE, GenericRule
from rules.matching import Pattern, PatternSet
from rules.source_keys import source_key
from rules.title import Title

_LIBRARY_SOURCES = frozenset({"python_packages", "npm_packages", "gems"})


_ASKED: dict[tuple[str, str], tuple[PatternSet, tuple[GenericRule, ...]]] = {}
_ONLY_IN = frozenset(source for rule in TABLE for source in rule.sources)
_NOTHING = r"[^\s\S]"


def _asked(platform: str, source: str) -> tuple[PatternSet, tuple[GenericRule, ...]]:
    """The rules that a source can meet, and their names as one set; a rule without a name matches none there."""
    key = platform, source if source in _ONLY_IN else ""
    known = _ASKED.get(key)
    if known is None:
        rules = tuple(
            rule
            for rule in TABLE
            if (not rule.platforms or platform in rule.platforms) and (not rule.sources or source in rule.sources)
        )
        known = PatternSet([rule.names or _NOTHING for rule in rules]), rules
        if len(_ASKED) < 64:
            _ASKED[key] = known
    return known


@cache
def _pattern(text: str) -> Pattern:
    return Pattern(text)


def generic_rule(title: Title, name: str) -> GenericRule | None:
    """Return the rule that holds for a title of this normal name, `None` when none does."""
    if title.update:
        return UPDATE
    if title.source in _LIBRARY_SOURCES:
        return LANGUAGE_LIBRARY
    patterns, asked = _asked(title.platform, title.source)
    by_name = set(patterns.matching(name))
    for number, rule in enumerate(asked):
        if (not rule.names or number in by_name) and _holds_beside_name(rule, title, name):
            return rule
    return HIDDEN_PART if title.system_component else None


def _holds_beside_name(rule: GenericRule, title: Title, name: str) -> bool:
    if rule.unlike and _fits(rule.unlike, name):
        return False
    return (
        _fits(rule.keys, source_key(title))
        and _fits(rule.publishers, title.publisher)
        and _fits(rule.sections, title.section)
        and _fits(rule.versions, title.version)
    )


def _fits(pattern: str, text: str | None) -> bool:
    return not pattern or (bool(text) and _pattern(pattern).groups_of(str(text)[:500]) is not None)
