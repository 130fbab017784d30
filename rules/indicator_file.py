"""One file of indicators → indicators."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from agent.inventory.watchlist import place_fault
from rules.condition import Condition, condition_fault, holds, listed
from rules.fact import FIELDS, FactKind
from rules.fields import Fields, FileFaults
from rules.indicator import Indicator, OrganisationFact, SignPattern, Strength, Wording
from rules.matching import Pattern, pattern_fault
from rules.names import normal_name
from rules.yaml_file import YamlValue

_INDICATOR_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_ROW = re.compile(r"[A-Z]\d{2}")
_ORDER = (Strength.HINT, Strength.STRONG, Strength.CONCLUSIVE)
_AT_WORK = frozenset({FactKind.SERVICE, FactKind.TASK, FactKind.ACTIVATION, FactKind.SETTING, FactKind.LICENCE})
"""Kinds that show a thing at work, unless the file says otherwise."""
_MAIN_FIELD = {FactKind.ACTIVATION: "channel", FactKind.LICENCE: "feature", FactKind.FILE: "path"}
"""The field that a bare pattern, and a bare example, speak of; else the name."""


def read_indicators(value: YamlValue, faults: FileFaults) -> list[tuple[str, Indicator]]:
    """Return the indicators of the list in the file, each with its path."""
    if not isinstance(value.value, tuple):
        faults.note("", "expected a list of indicators", value.line)
        return []
    read = [(f"[{n}]", _indicator(Fields(item, f"[{n}]", faults))) for n, item in enumerate(value.value)]
    return [(where, indicator) for where, indicator in read if indicator is not None]


def _indicator(fields: Fields) -> Indicator | None:
    indicator_id = fields.text("id", needed=True)
    if indicator_id is not None and not _INDICATOR_ID.fullmatch(indicator_id):
        fields.fault("id", f"expected lower case letters, digits and hyphens, got {indicator_id!r}")
    title = _wording(fields.child("title", needed=True))
    affects = fields.texts("affects")
    strength = fields.choice("strength", Strength, "STRENGTHS", needed=True)
    leftover = fields.choice("leftover", Strength, "STRENGTHS") or strength
    signs = _signs(fields, strength)
    innocent = [_wording(child) for child in fields.children("innocent_when")]
    source = fields.text("source", needed=True)
    unless, rows, together = _unless(fields), _rows(fields), bool(fields.flag("together"))
    fields.close()
    if together and any(sign.fact is None for sign in signs):
        fields.fault("together", "expected signs of facts alone, no title and no program")
    if not innocent:
        fields.fault("innocent_when", "name at least one innocent reading")
    if "affects" not in fields:
        fields.fault("affects", "name the products, or publisher/*; an empty list when the sign says no product")
    if strength and leftover and _ORDER.index(leftover) > _ORDER.index(strength):
        fields.fault("leftover", f"expected at most {strength}, the strength of the sign, got {leftover}")
    if not (indicator_id and title and strength and leftover and source):
        return None
    innocent_when = tuple(wording for wording in innocent if wording is not None)
    return Indicator(
        indicator_id, title, affects, strength, leftover, signs, innocent_when, source, unless, together, rows
    )


def _wording(fields: Fields) -> Wording | None:
    zh, en = fields.text("zh", needed=True), fields.text("en", needed=True)
    fields.close()
    return Wording(zh, en) if zh and en else None


def _unless(fields: Fields) -> tuple[OrganisationFact, ...]:
    found = []
    for number, word in enumerate(fields.texts("unless")):
        if word in tuple(OrganisationFact):
            found.append(OrganisationFact(word))
        else:
            known = ", ".join(OrganisationFact)
            fields.faults.note(fields.path(f"unless[{number}]"), f"expected one of {known}, got {word!r}")
    return tuple(found)


def _rows(fields: Fields) -> tuple[str, ...]:
    rows = fields.texts("rows")
    for number, row in enumerate(rows):
        if not _ROW.fullmatch(row):
            fields.faults.note(fields.path(f"rows[{number}]"), f"expected a letter and two digits, got {row!r}")
    return rows


def _signs(fields: Fields, strength: Strength | None) -> tuple[SignPattern, ...]:
    children = fields.children("signs")
    if not children:
        fields.fault("signs", "expected at least one sign")
    return tuple(found for child in children if (found := _sign(child, strength)) is not None)


def _sign(fields: Fields, most: Strength | None) -> SignPattern | None:
    kinds = [kind for kind in FactKind if kind.value in fields]
    words = [key for key in ("title", "program", "words") if key in fields]
    if len(kinds) + len(words) != 1:
        known = ", ".join(("title", "program", "words", *(kind.value for kind in FactKind)))
        fields.fault("title", f"expected exactly one of {known}")
        return None
    if kinds:
        return _fact_sign(fields, kinds[0], most)
    return _licence_words(fields) if words == ["words"] else _word_sign(fields, words[0])


def _licence_words(fields: Fields) -> SignPattern | None:
    """`words: [SSQ]`: words that a licence file has to hold."""
    words, matches, rejects = fields.texts("words"), fields.texts("matches"), fields.texts("rejects")
    strength = fields.choice("strength", Strength, "STRENGTHS")
    fields.close()
    where = (Condition("value", "@word " + "\n".join(words)),)
    if not words:
        return None
    _run_examples(fields, matches, rejects, lambda text: holds(where, {"value": text}))
    return SignPattern(None, None, matches, rejects, FactKind.FILE, where, strength, True)


def _word_sign(fields: Fields, key: str) -> SignPattern | None:
    pattern = fields.text(key, needed=True) or ""
    matches, rejects = fields.texts("matches"), fields.texts("rejects")
    fields.close()
    fault = pattern_fault(pattern)
    if fault is not None:
        fields.fault(key, fault)
        return None
    compiled = Pattern(pattern)
    _run_examples(fields, matches, rejects, lambda text: compiled.groups_of(normal_name(text)) is not None)
    title, program = (pattern, None) if key == "title" else (None, pattern)
    return SignPattern(title, program, matches, rejects)


def _fact_sign(fields: Fields, kind: FactKind, most: Strength | None) -> SignPattern | None:
    where = _conditions(fields, kind)
    containing = (fields.text("containing") or "") if kind is FactKind.FILE else ""
    if containing:
        where = (*where, Condition("value", re.escape(containing)))
    strength = fields.choice("strength", Strength, "STRENGTHS")
    runs = fields.flag("runs")
    matches, rejects = fields.texts("matches"), fields.texts("rejects")
    fields.close()
    if strength is not None and most is not None and _ORDER.index(strength) > _ORDER.index(most):
        fields.fault("strength", f"expected at most {most}, the strength of the indicator, got {strength}")
    if not where:
        return None
    main = _MAIN_FIELD.get(kind, "name")
    _run_examples(fields, matches, rejects, lambda text: holds(where, _example(text, main, containing)))
    at_work = kind in _AT_WORK if runs is None else runs
    return SignPattern(None, None, matches, rejects, kind, where, strength, at_work, containing)


def _conditions(fields: Fields, kind: FactKind) -> tuple[Condition, ...]:
    """Read `service: 'AutoKMS'`, a list of places or host names, or a mapping of fields to tests."""
    pairs = _pairs(fields, kind)
    found = []
    for name, test in pairs:
        fault = _test_fault(kind, name, test)
        if fault is not None:
            fields.fault(kind.value, f"{name}: {fault}")
        else:
            found.append(Condition(name, test))
    if not pairs:
        fields.fault(kind.value, "expected a pattern, or fields with their tests")
    return tuple(found) if len(found) == len(pairs) else ()


def _pairs(fields: Fields, kind: FactKind) -> list[tuple[str, str]]:
    value = fields.value(kind.value)
    main = _MAIN_FIELD.get(kind, "name")
    if value is not None and isinstance(value.value, Mapping):
        return list(fields.pairs(kind.value))
    if kind is FactKind.FILE:
        places = fields.texts(kind.value, one_may_stand_alone=True)
        return [(main, "@place " + "\n".join(places))] if places else []
    if kind is FactKind.HOSTS:
        names = fields.texts(kind.value, one_may_stand_alone=True)
        return [(main, "@host " + "\n".join(names)), ("value", "@sink")] if names else []
    text = fields.text(kind.value)
    return [(main, text)] if text else []


def _test_fault(kind: FactKind, name: str, test: str) -> str | None:
    if name not in FIELDS[kind]:
        return f"expected one of {', '.join(sorted(FIELDS[kind]))}, got {name!r}"
    if test.startswith("@place "):
        return next((fault for place in listed(test) if (fault := place_fault(place)) is not None), None)
    return condition_fault(test)


def _example(text: str, main: str, containing: str) -> dict[str, str]:
    """Read `name=AGSService; start=disabled`; a text without a sign of equality is the main field."""
    said = {"value": containing} if containing else {}
    if not re.match(r"[a-z0-9_]+=", text):
        return said | {main: text}
    for part in text.split("; "):
        name, _, value = part.partition("=")
        said[name.strip()] = value
    return said


def _run_examples(
    fields: Fields, matches: tuple[str, ...], rejects: tuple[str, ...], passes: Callable[[str], bool]
) -> None:
    if not matches:
        fields.fault("matches", "name at least one text that must match")
    if not rejects:
        fields.fault("rejects", "name at least one text that must not match")
    for number, text in enumerate(matches):
        if not passes(text):
            fields.faults.note(fields.path(f"matches[{number}]"), f"{text!r} does not match")
    for number, text in enumerate(rejects):
        if passes(text):
            fields.faults.note(fields.path(f"rejects[{number}]"), f"{text!r} matches, and must not")
