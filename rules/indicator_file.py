"""One file of indicators → indicators."""

from __future__ import annotations

import re

from rules.fields import Fields, FileFaults
from rules.indicator import Indicator, SignPattern, Strength, Wording
from rules.matching import Pattern, pattern_fault
from rules.names import normal_name
from rules.yaml_file import YamlValue

_INDICATOR_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_ORDER = (Strength.HINT, Strength.STRONG, Strength.CONCLUSIVE)


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
    affects, signs = fields.texts("affects"), _signs(fields)
    strength = fields.choice("strength", Strength, "STRENGTHS", needed=True)
    leftover = fields.choice("leftover", Strength, "STRENGTHS") or strength
    innocent = [_wording(child) for child in fields.children("innocent_when")]
    source = fields.text("source", needed=True)
    fields.close()
    if not innocent:
        fields.fault("innocent_when", "name at least one innocent reading")
    if "affects" not in fields:
        fields.fault("affects", "name the products, or publisher/*; an empty list when the sign says no product")
    if strength and leftover and _ORDER.index(leftover) > _ORDER.index(strength):
        fields.fault("leftover", f"expected at most {strength}, the strength of the sign, got {leftover}")
    if not (indicator_id and title and strength and leftover and source):
        return None
    innocent_when = tuple(wording for wording in innocent if wording is not None)
    return Indicator(indicator_id, title, affects, strength, leftover, signs, innocent_when, source)


def _wording(fields: Fields) -> Wording | None:
    zh, en = fields.text("zh", needed=True), fields.text("en", needed=True)
    fields.close()
    return Wording(zh, en) if zh and en else None


def _signs(fields: Fields) -> tuple[SignPattern, ...]:
    children = fields.children("signs")
    if not children:
        fields.fault("signs", "expected at least one sign")
    return tuple(found for child in children if (found := _sign(child)) is not None)


def _sign(fields: Fields) -> SignPattern | None:
    title, program = fields.text("title"), fields.text("program")
    matches, rejects = fields.texts("matches"), fields.texts("rejects")
    fields.close()
    if (title is None) == (program is None):
        fields.fault("title", "expected either a title or a program")
        return None
    key, pattern = ("title", title) if title is not None else ("program", program)
    fault = pattern_fault(pattern or "")
    if fault is not None:
        fields.fault(key, fault)
        return None
    _run_examples(fields, Pattern(pattern or ""), matches, rejects)
    return SignPattern(title, program, matches, rejects)


def _run_examples(fields: Fields, pattern: Pattern, matches: tuple[str, ...], rejects: tuple[str, ...]) -> None:
    if not matches:
        fields.fault("matches", "name at least one text that must match")
    if not rejects:
        fields.fault("rejects", "name at least one text that must not match")
    for number, text in enumerate(matches):
        if pattern.groups_of(normal_name(text)) is None:
            fields.faults.note(fields.path(f"matches[{number}]"), f"{text!r} does not match")
    for number, text in enumerate(rejects):
        if pattern.groups_of(normal_name(text)) is not None:
            fields.faults.note(fields.path(f"rejects[{number}]"), f"{text!r} matches, and must not")
