"""Rules that claim no product: updates, language packs, drivers, runtimes, parts of systems, told by the table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rules.generic_rule import GenericRule
from rules.generic_rules import HIDDEN_PART, LANGUAGE_LIBRARY, TABLE, UPDATE
from rules.matching import Pattern, PatternSet
from rules.source_keys import source_key
from rules.title import Title

_LIBRARY_SOURCES = frozenset({"python_packages", "npm_packages", "gems"})


@dataclass(frozen=True)
class _Asked:
    """The rules that a source can meet."""

    rules: tuple[GenericRule, ...]
    names: PatternSet
    """Patterns on names; a rule without one matches none there."""
    nameless: tuple[int, ...]
    """Numbers of the rules that other marks decide."""


_ASKED: dict[tuple[str, str], _Asked] = {}
_ONLY_IN = frozenset(source for rule in TABLE for source in rule.sources)
_NOTHING = r"[^\s\S]"


def _asked(platform: str, source: str) -> _Asked:
    key = platform, source if source in _ONLY_IN else ""
    known = _ASKED.get(key)
    if known is None:
        rules = tuple(
            rule
            for rule in TABLE
            if (not rule.platforms or platform in rule.platforms) and (not rule.sources or source in rule.sources)
        )
        nameless = tuple(number for number, rule in enumerate(rules) if not rule.names)
        known = _Asked(rules, PatternSet([rule.names or _NOTHING for rule in rules]), nameless)
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
    asked = _asked(title.platform, title.source)
    by_name = asked.names.matching_bytes(name.encode("utf-8", "replace"))
    for number in sorted((*by_name, *asked.nameless)):
        rule = asked.rules[number]
        if _holds_beside_name(rule, title, name):
            return rule
    return HIDDEN_PART if title.system_component else None


def _holds_beside_name(rule: GenericRule, title: Title, name: str) -> bool:
    return (
        (not rule.keys or _fits(rule.keys, source_key(title)))
        and (not rule.publishers or _fits(rule.publishers, title.publisher))
        and (not rule.sections or _fits(rule.sections, title.section))
        and (not rule.versions or _fits(rule.versions, title.version))
        and not (rule.unlike and _fits(rule.unlike, name))
    )


def _fits(pattern: str, text: str | None) -> bool:
    return bool(text) and _pattern(pattern).matches(str(text)[:500].encode("utf-8", "replace"))
