"""What a row of a register says, in the words that people type into its columns: for previews and histories."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from auditor.core.entitlement import (
    AllowedVersion,
    CountingRule,
    Downgrade,
    MaintenancePeriod,
    Reservation,
    SuiteComposition,
    UpgradeBase,
)
from auditor.intake.register_import import FIELDS
from auditor.intake.registers import machines, structures, units
from auditor.intake.registers.licence_words import DISPOSALS, SHARING, SOURCES, TYPES, metric_word
from auditor.proof.values import value_bytes, value_from
from rules.metrics.roster import METRICS

MOST_CHARACTERS = 200
"""A longer text is cut: a list of 5,000 machine serials is not read in a preview."""
_CLOSED: dict[tuple[str, str], Mapping[str, Any]] = {
    ("units", "kind"): units.KINDS,
    ("machines", "machine_class"): machines.CLASSES,
    ("machines", "state"): machines.STATES,
    ("licences", "software_type"): TYPES,
    ("licences", "source_type"): SOURCES,
    ("licences", "sharing"): SHARING,
    ("disposals", "kind"): DISPOSALS,
}
_SILENT = ("facts", "serials_fingerprint")


def _downgrade(value: Downgrade) -> str:
    return f"{structures.downgrade_told(value)}（{value.basis}）" if value.basis else structures.downgrade_told(value)


def _allowed(value: tuple[AllowedVersion, ...]) -> str:
    return "、".join(f"{entry.text}（{entry.basis}）" if entry.basis else entry.text for entry in value)


_PARTS: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "allowed": (tuple[AllowedVersion, ...], _allowed),
    "counting": (CountingRule, structures.counting_told),
    "downgrade": (Downgrade, _downgrade),
    "maintenance": (tuple[MaintenancePeriod, ...], structures.maintenance_told),
    "reservations": (tuple[Reservation, ...], structures.reservations_told),
    "suite": (SuiteComposition, structures.suite_told),
    "upgrade_from": (tuple[UpgradeBase, ...], structures.upgrade_from_told),
}
"""Parts that a ledger keeps as structures: their type, and what writes them as a cell."""


def columns_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a row, those that it keeps as one text unfolded; a fingerprint says nothing to a reader."""
    told = {**row, **(json.loads(row["facts"]) if row.get("facts") else {})}
    return {name: value for name, value in told.items() if name not in _SILENT}


def differences(register: str, before: Mapping[str, Any], after: Mapping[str, Any], *, language: str = "zh_CN"
                ) -> Iterator[tuple[str, str, str]]:  # fmt: skip
    """Yield heading, what it said and what it says, of every column that differs; the rows as the store keeps them."""
    old, new = columns_of(before), columns_of(after)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield change_words(register, name, old.get(name), new.get(name), language=language)


def change_words(register: str, name: str, before: Any, after: Any, *, language: str = "zh_CN") -> tuple[str, str, str]:
    """Return heading, what a column said and what it says; the values are plain."""
    said = value_words(register, name, before, language=language)
    return heading(register, name, language=language), said, value_words(register, name, after, language=language)


def heading(register: str, name: str, *, language: str = "zh_CN") -> str:
    """Return the heading of a column, its own name where no file has it."""
    found = next((field.headings for field in FIELDS[register] if field.name == name), (name,))
    return found[0] if language == "zh_CN" else next((told for told in reversed(found) if told.isascii()), found[0])


def value_words(register: str, name: str, value: Any, *, language: str = "zh_CN") -> str:
    """Return a value as a person would type it; `value` is plain: what JSON of the row says. Cut to 200 characters."""
    told = _words(register, name, value, language)
    return told if len(told) <= MOST_CHARACTERS else f"{told[: MOST_CHARACTERS - 1]}…"


def _words(register: str, name: str, value: Any, language: str) -> str:
    if value is None or value == []:
        return "—"
    if isinstance(value, bool):
        return {"zh_CN": "是" if value else "否"}.get(language, "yes" if value else "no")
    if name == "metric":
        english = next((metric.en for metric in METRICS if metric.id == value), str(value))
        return metric_word(str(value)) if language == "zh_CN" else english
    if (register, name) in _CLOSED:
        return _closed(_CLOSED[register, name], value, language)
    if name in _PARTS and isinstance(value, list | dict):
        kind, told = _PARTS[name]
        return told(value_from(value_bytes(value), kind)) or "—"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "、".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _closed(words: Mapping[str, Any], value: Any, language: str) -> str:
    meant = [word for word, known in words.items() if known == value]
    fitting = [word for word in meant if word.isascii() is (language != "zh_CN")]
    return next(iter((*fitting, *meant)), str(value))
