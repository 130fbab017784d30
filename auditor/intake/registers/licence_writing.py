"""Rights → the cells of a ledger, so that reading them again gives the same rights: for XLSX, CSV and YAML."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from auditor.core.entitlement import AllowedVersion, Entitlement, Sharing, SoftwareType, SourceType
from auditor.intake.registers import structures
from auditor.intake.registers.licence_fields import FIELDS, SHOWN_FIRST
from auditor.intake.registers.licence_words import SHARING, SOURCES, TYPES, metric_word, word_of
from auditor.intake.registers.terms import allowed_versions
from auditor.intake.tables import Value
from auditor.proof.values import value_bytes
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerName

LIST_CHARACTERS = 15_000
"""A cell of a workbook holds 32,767 UTF-16 units; a longer list goes on in the next row of the same 序号."""
COLUMNS = tuple(sorted(FIELDS, key=lambda f: SHOWN_FIRST.index(f.name) if f.name in SHOWN_FIRST else len(SHOWN_FIRST)))
"""Every column of the ledger in the order in which we write them."""
_WRITTEN_AS_IT_IS = ("unit", "code", "name", "version", "licence_type", "term", "starts_on", "ends_on", "purchased_on",
                     "amount", "paper", "certificate", "contract", "invoice", "supplier", "remarks", "product",
                     "edition", "line", "certified_on")  # fmt: skip
_ON_EVERY_ROW = ("number", "unit", "code", "name", "software_type", "term", "starts_on", "ends_on", "ordinal")
"""What the further rows of a right repeat; its quantity and amount stand once, so that a column can be added up."""
_LISTS = ("serials", "bound_serials", "bound_machines", "bound_people")
_FLAGS = ("multi_version", "second_use", "true_up", "personal_only")
_NOT_IN_YAML = ("id", "shared")


@dataclass(frozen=True)
class HeldRight:
    """A right and the serial numbers to write: in full or masked."""

    right: Entitlement
    serials: tuple[str, ...]
    line: int = 1
    """Number of the row within its 软件编号."""


def ledger_rows(held: Iterable[HeldRight], catalogue: Catalogue) -> Iterator[dict[str, Value]]:
    """Yield the rows of a ledger as cells by field name; the rows of one right have one 序号."""
    versions_told: dict[tuple[object, ...], list[dict[str, Value]]] = {}
    for number, (entry, ordinal) in enumerate(_with_ordinals(held), start=1):
        cells = {"number": number, **_cells_of(entry.right)} | ({"ordinal": ordinal} if ordinal else {})
        parts = {name: _chunks(getattr(entry.right, name)) for name in _LISTS} | {"serials": _chunks(entry.serials)}
        right = entry.right
        key = (right.product, right.edition, right.line, right.allowed)
        if key not in versions_told:
            versions_told[key] = _version_cells(right, catalogue)
        versions = versions_told[key]
        for row in range(max(1, len(versions), *(len(chunks) for chunks in parts.values()))):
            lists = {name: chunks[row] for name, chunks in parts.items() if row < len(chunks)}
            kept = cells if row == 0 else {name: cells[name] for name in _ON_EVERY_ROW if name in cells}
            yield {**kept, **lists, **(versions[row] if row < len(versions) else {})}


def _with_ordinals(held: Iterable[HeldRight]) -> Iterator[tuple[HeldRight, int | None]]:
    """Yield the rights, with the number of the row where it is not the one that follows."""
    before: dict[tuple[str, str], int] = {}
    for entry in held:
        key = (entry.right.unit, entry.right.code)
        yield entry, entry.line if entry.line != before.get(key, 0) + 1 else None
        before[key] = entry.line


def _cells_of(right: Entitlement) -> dict[str, Value]:
    cells: dict[str, Value] = {name: getattr(right, name) for name in _WRITTEN_AS_IT_IS}
    cells |= {name: "是" for name in _FLAGS if getattr(right, name)}
    cells |= {
        "software_type": word_of(TYPES, right.software_type),
        "quantity": _quantity_cell(right),
        "rights_per_pack": right.rights_per_pack if right.rights_per_pack != 1 else None,
        "source_type": word_of(SOURCES, right.source_type) if right.source_type is not None else None,
        "metric": metric_word(right.metric),
        "counting": structures.counting_told(right.counting),
        "sharing": word_of(SHARING, right.reach) if right.reach is not Sharing.OWN else None,
        "shared_with": "、".join(right.shared_with),
        "reservations": structures.reservations_told(right.reservations),
        "places": "、".join(right.places),
        "maintenance": structures.maintenance_told(right.maintenance),
        "upgrade_from": structures.upgrade_from_told(right.upgrade_from),
        "downgrade": structures.downgrade_told(right.downgrade),
        "downgrade_basis": right.downgrade.basis if right.downgrade is not None else None,
        "suite": structures.suite_told(right.suite),
        "transferable": None if right.transferable else "否",
    }
    return {name: value for name, value in cells.items() if value not in (None, "")}


def _quantity_cell(right: Entitlement) -> Value:
    if not right.unlimited:
        return right.quantity
    is_site = right.source_type is SourceType.SITE or "场地" in (right.licence_type or "")
    return "场地" if is_site and right.software_type is SoftwareType.COMMERCIAL else "不限"


def _version_cells(right: Entitlement, catalogue: Catalogue) -> list[dict[str, Value]]:
    """Return the cells of 可使用版本, a row for each basis; parts are written out where words do not tell them."""
    product = catalogue.products.get(right.product) if right.product is not None else None
    known = LedgerName(right.product, right.edition, right.line) if right.product is not None else None
    rows: list[dict[str, Value]] = []
    told: set[AllowedVersion] = set()
    for entry in right.allowed:
        if entry in told:
            continue
        read = list(allowed_versions(entry.text, product, known, entry.basis))
        if read[:1] == [entry] and _goes_on(right.allowed, read):
            told |= {*read}
            if rows and "plain" in rows[-1] and rows[-1].get("basis") == entry.basis:
                rows[-1]["allowed"] = f"{rows[-1]['allowed']}、{entry.text}"
            else:
                rows.append({"plain": True, "allowed": entry.text, "basis": entry.basis})
        else:
            told.add(entry)
            parts = {f"allowed_{name}": getattr(entry, name) for name in ("versions", "line", "edition")}
            rows.append({"allowed": entry.text, "basis": entry.basis, **parts})
    return [{n: v for n, v in row.items() if n != "plain" and v is not None} for row in rows]


def _goes_on(allowed: Sequence[AllowedVersion], read: Sequence[AllowedVersion]) -> bool:
    """Whether what the words say stands in the right in the same order, next to each other or told before."""
    places = [allowed.index(entry) if entry in allowed else -1 for entry in read]
    return -1 not in places and places == sorted(places) and places[-1] - places[0] == len(places) - 1


def _chunks(members: Sequence[str]) -> list[str]:
    chunks: list[str] = []
    for member in members:
        if chunks and len(chunks[-1]) + len(member) < LIST_CHARACTERS:
            chunks[-1] += f"、{member}"
        else:
            chunks.append(member)
    return chunks


def plain_rights(held: Iterable[HeldRight]) -> Iterator[Mapping[str, Any]]:
    """Yield each right as plain values, its parts as lists and mappings; what says nothing is left out."""
    without = {f.name: json.loads(value_bytes(f.default)) for f in fields(Entitlement) if f.default is not MISSING}
    order = [f.name for f in COLUMNS]
    for entry, ordinal in _with_ordinals(held):
        told = json.loads(value_bytes(entry.right)) | {"serials": list(entry.serials)}
        told["sharing"] = entry.right.reach.value
        told["ordinal"] = ordinal
        if entry.right.unlimited:
            told["quantity"] = "不限"
        kept = {
            name: _bare(value)
            for name, value in told.items()
            if name not in (*_NOT_IN_YAML, "unlimited") and value is not None and value != without.get(name, ...)
        }
        yield dict(sorted(kept.items(), key=lambda item: order.index(item[0])))


def _bare(value: Any) -> Any:
    """Leave `null`, `false` and empty lists out of the parts."""
    if isinstance(value, dict):
        return {
            name: _bare(part) for name, part in value.items() if part is not None and part is not False and part != []
        }
    return [_bare(part) for part in value] if isinstance(value, list) else value
