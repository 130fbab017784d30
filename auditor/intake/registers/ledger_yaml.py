"""A register as YAML: a list of rows under its name, facts with parts as lists and mappings. Read and written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from auditor.core.entitlement import (
    AllowedVersion,
    CountingRule,
    Downgrade,
    MaintenancePeriod,
    Reservation,
    SuiteComposition,
    UpgradeBase,
)
from auditor.errors import AuditorError, both
from auditor.intake.registers import structures
from auditor.intake.registers.cells import Unreadable, folded_heading, is_blank, text
from auditor.intake.registers.reading import Fault, Field, Reading, read_row
from auditor.intake.tables import Place, Value
from rules.yaml_file import YamlFaults, YamlLimits, YamlValue, parse_yaml

LIMITS = YamlLimits(size_bytes=32 << 20, values=3_000_000)
STRUCTURES: dict[str, tuple[Any, Callable[[Any], str]]] = {
    "reservations": (tuple[Reservation, ...], structures.reservations_told),
    "maintenance": (tuple[MaintenancePeriod, ...], structures.maintenance_told),
    "upgrade_from": (tuple[UpgradeBase, ...], structures.upgrade_from_told),
    "downgrade": (Downgrade, structures.downgrade_told),
    "suite": (SuiteComposition, structures.suite_told),
    "counting": (CountingRule, structures.counting_told),
}
"""Fields with parts: their type, and how they stand in a cell; so YAML and workbooks pass the same checks."""
_PLAIN = re.compile(r"\d{4}-\d{2}-\d{2}|-?\d{1,15}(\.\d+)?")


def is_yaml(file_name: str) -> bool:
    """Whether the name says YAML; the bytes of YAML say nothing."""
    return file_name.casefold().endswith((".yaml", ".yml"))


def read_yaml_register(data: bytes, register: str, fields: Sequence[Field], file_name: str) -> Reading:
    """Return the rows under the name of the register. Raises `AuditorError` when the file is no such list."""
    try:
        document = parse_yaml(data, LIMITS)
    except YamlFaults as error:
        told = "\n".join(f"{file_name}!{line}: {what}" for line, what in error.faults[:200])
        raise AuditorError(f"{told}\n{file_name}: {both('不是可读取的 YAML', 'not a readable YAML file')}") from error
    entries = document.value.get(register) if isinstance(document.value, Mapping) else None
    if entries is None or not isinstance(entries.value, tuple):
        told = both(f"应为 {register}: 之下的列表", f"expected a list under {register}:")
        raise AuditorError(f"{file_name}: {told}")
    reading = Reading()
    for entry in entries.value:
        _read_entry(entry, fields, file_name, reading)
    return reading


def _read_entry(entry: YamlValue, fields: Sequence[Field], file_name: str, reading: Reading) -> None:
    place = Place(file_name, entry.line)
    if not isinstance(entry.value, Mapping):
        reading.faults.append(Fault(place, "", both("应为“列: 值”", "expected a mapping of columns to values")))
        return
    by_key = {folded_heading(key): f for f in fields for key in (*f.headings, f.name)}
    cells: dict[str, Value] = {}
    parts: dict[str, Any] = {}
    bad = False
    for key, value in entry.value.items():
        field = by_key.get(folded_heading(key))
        if field is None:
            where = Place(file_name, value.line)
            what = both("不认识的列，未读取", "this column is not known and was not read")
            reading.notes.append(Fault(where, key[:60], what))
            continue
        try:
            _put(field.name, value, cells, parts)
        except Unreadable as error:
            reading.faults.append(Fault(Place(file_name, value.line), field.headings[0], str(error)))
            bad = True
    if any(f.name == "number" for f in fields):
        cells.setdefault("number", str(entry.line))  # each entry is a row of its own
    before = len(reading.faults)
    row = read_row(place, cells, {}, fields, reading)
    if row is not None:
        row.values.update(parts)
        if bad and len(reading.faults) == before:
            reading.rows.pop()


def _put(name: str, value: YamlValue, cells: dict[str, Value], parts: dict[str, Any]) -> None:
    """Put a value where it belongs: a cell, the words of a cell, or parts that no cell can tell."""
    words = _words(value)
    if words is None or words == [] or is_blank(words):
        return
    if isinstance(words, str):
        cells[name] = words
    elif name == "allowed" and isinstance(words, list) and any(isinstance(part, dict) for part in words):
        parts[name] = tuple(_checked_version(part) for part in words)
    elif name in STRUCTURES:
        kind, told = STRUCTURES[name]
        found = _converted(words, kind)
        cells[name] = _fitting(name, told(found), words)
        if isinstance(found, Downgrade) and found.basis:
            cells["downgrade_basis"] = text(found.basis)
    elif isinstance(words, list) and all(isinstance(part, str) for part in words):
        strange = next((part for part in words if is_blank(part) or re.search(r"[、,，;；\r\n]", part)), None)
        if strange is not None:
            raise Unreadable(
                f"不含分隔符的一项，实为“{strange[:60]}”", f"members without separators, got {strange[:60]!r}"
            )
        cells[name] = "、".join(words)
    else:
        raise Unreadable("文字或文字的列表", "a text or a list of texts")


def _words(value: YamlValue) -> Any:
    """Return a value with its scalars as they were written."""
    match value.value:
        case tuple() as items:
            return [_words(item) for item in items]
        case Mapping() as members:
            return {key: _words(member) for key, member in members.items()}
        case None:
            return None
        case _:
            return value.words


def _checked_version(part: Any) -> AllowedVersion:
    found: AllowedVersion = _converted({"text": part} if isinstance(part, str) else part, AllowedVersion)
    told = [text(value) if value is not None and not is_blank(value) else None
            for value in (found.text, found.versions, found.line, found.edition, found.basis)]  # fmt: skip
    if told[0] is None:
        raise Unreadable("text：可使用版本的文字", "text: the words of the allowed version")
    return AllowedVersion(told[0], *told[1:])


def _converted(words: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(words, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Unreadable(f"所示结构：{error}", f"the parts of this field: {error}") from error


def _fitting(name: str, told: str, words: Any) -> str:
    """Refuse texts that a cell could not tell apart: one with a separator in it."""
    for part in _texts(words):
        if name != "counting" and (is_blank(part) or not structures.fits(part)) and not _is_basis(words, part):
            raise Unreadable(f"不含分隔符的文字，实为“{part[:60]}”", f"texts without separators, got {part[:60]!r}")
    return told


def _is_basis(words: Any, part: str) -> bool:
    return isinstance(words, dict) and words.get("basis") == part


def _texts(words: Any) -> Iterator[str]:
    if isinstance(words, str):
        yield words
    elif isinstance(words, list):
        for part in words:
            yield from _texts(part)
    elif isinstance(words, dict):
        for part in words.values():
            yield from _texts(part)


def yaml_register(register: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows of plain values as YAML: texts in quotes, days and numbers plain."""
    lines = [f"{register}:"]
    for row in rows:
        body = list(_mapping(row, 1))
        lines += ["- " + body[0].removeprefix("  "), *body[1:]]
    return "\n".join(lines if len(lines) > 1 else [f"{register}: []"]) + "\n"


def _mapping(row: Mapping[str, Any], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for name, value in row.items():
        if isinstance(value, Mapping) and value:
            yield f"{pad}{name}:"
            yield from _mapping(value, depth + 1)
        elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
            yield f"{pad}{name}:"
            for part in value:
                yield f"{pad}- {_flow(part)}"
        else:
            yield f"{pad}{name}: {_flow(value)}"


def _flow(value: Any) -> str:
    match value:
        case Mapping():
            return "{" + ", ".join(f"{name}: {_flow(part)}" for name, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(part) for part in value) + "]"
        case bool():
            return "true" if value else "false"
        case str() if _PLAIN.fullmatch(value) and len(value) == 10 and value[4] == "-":
            return value
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
