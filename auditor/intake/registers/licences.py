"""采购/许可台账: the official 汇总表 as printed, or the template with the further columns.

Rows of one 序号 are one purchase, as the printed form spreads it: one right for each 许可期限, with every
可使用版本 that stands beside it. Without 序号, rows of one (单位, 软件编号) that agree in all purchase facts, term and
serial numbers are one right with several allowed versions; any other row is a right of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.model import UnitCode
from auditor.errors import both
from auditor.intake.registers.licence_right import LISTS, RightReader, united
from auditor.intake.registers.reading import Fault, Reading, RegisterRow, no_such_unit
from auditor.intake.registers.serials import Standing, known_serials, unmasked
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerNames

TERM = ("term", "starts_on", "ends_on")
OF_A_LINE = ("number", "unit", "code", "allowed", "basis", "allowed_versions", "allowed_line", "allowed_edition",
             "supplier", "remarks", *TERM)  # fmt: skip
"""What may differ between the rows of one purchase."""
StandingRights = Mapping[tuple[str, str], Sequence[Standing]]
"""What is registered, by unit and 软件编号, in the order of its lines."""


@dataclass(frozen=True)
class LedgerRow:
    """One right with its full serial numbers, the number of the row within its code, and where it stands."""

    row: RegisterRow
    right: Entitlement
    line: int
    serials: tuple[str, ...]


@dataclass(frozen=True)
class Ledger:
    """What a ledger is read against."""

    units: set[UnitCode]
    catalogue: Catalogue
    names: LedgerNames
    unit: UnitCode | None = None
    standing: StandingRights = field(default_factory=dict)


def licences_from(reading: Reading, ledger: Ledger) -> list[LedgerRow]:
    """Return the rights of a reading; adds a fault for what contradicts itself. An unknown product is kept."""
    blocks: defaultdict[tuple[Any, ...], list[RegisterRow]] = defaultdict(list)
    for row in _completed(reading.rows, ledger.unit):
        blocks[_block_of(row, ledger.unit)].append(row)
    lines: defaultdict[tuple[str, str], int] = defaultdict(int)
    made: list[LedgerRow] = []
    reader = RightReader(reading, ledger.catalogue, ledger.names)
    for (owner, code, *_), rows in blocks.items():
        if owner not in ledger.units:
            reading.faults += [Fault(row.at("unit"), "单位编码", no_such_unit(owner)) for row in rows]
        rights = _rights_of(reader, rows, UnitCode(owner), ledger)
        for first, right, serials in rights:
            lines[(owner, code)] = first.values.get("ordinal") or lines[(owner, code)] + 1
            made.append(LedgerRow(first, right, lines[(owner, code)], serials))
    return _with_registered_serials(made, ledger, reading)


def _completed(rows: Sequence[RegisterRow], unit: UnitCode | None) -> list[RegisterRow]:
    """Give rows that leave the purchase out what the fullest row of their 序号 says, so that no sum counts it twice."""
    fullest: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        known, facts = fullest.get(_purchase_of(row, unit), {}), _purchase_facts(row)
        if "number" in row.values and len(facts) > len(known):
            fullest[_purchase_of(row, unit)] = facts
    made = []
    for row in rows:
        known, facts = fullest.get(_purchase_of(row, unit), {}), _purchase_facts(row)
        goes_on = facts.items() <= known.items() if "number" in row.values else False
        made.append(replace(row, values={**known, **row.values}) if goes_on else row)
    return made


def _purchase_of(row: RegisterRow, unit: UnitCode | None) -> tuple[Any, ...]:
    values = row.values
    return (values.get("unit") or unit or "", values["code"], values.get("number"), row.place.sheet)


def _purchase_facts(row: RegisterRow) -> dict[str, Any]:
    return {name: value for name, value in row.values.items() if name not in (*OF_A_LINE, *LISTS)}


def _block_of(row: RegisterRow, unit: UnitCode | None) -> tuple[Any, ...]:
    values = row.values
    apart = {*OF_A_LINE, *LISTS} if "number" in values else {*OF_A_LINE} - {*TERM}
    facts = tuple(sorted((name, value) for name, value in values.items() if name not in apart))
    sheet = row.place.sheet if "number" in values else ""
    return (values.get("unit") or unit or "", values["code"], values.get("number"), sheet, repr(facts))


def _rights_of(
    reader: RightReader, rows: list[RegisterRow], unit: UnitCode, ledger: Ledger
) -> list[tuple[RegisterRow, Entitlement, tuple[str, ...]]]:
    """Return one right for each term of a purchase, in the order of the rows."""
    by_term: defaultdict[tuple[Any, ...], list[RegisterRow]] = defaultdict(list)
    for row in rows:
        by_term[tuple(row.values.get(name) for name in TERM)].append(row)
    rights = [reader.right(group, unit) for group in by_term.values()]
    if len(rights) > 1:
        standing = ledger.standing.get((unit, rights[0].code), ())
        rights = _divided(rights, standing, rows[0], reader.reading)
    serials = [united(group, "serials") for group in by_term.values()]
    firsts = [group[0] for group in by_term.values()]
    return list(zip(firsts, rights, serials, strict=True))


def _divided(
    rights: list[Entitlement], standing: Sequence[Standing], row: RegisterRow, reading: Reading
) -> list[Entitlement]:
    """Divide the one 许可数量 and 采购金额 of a purchase among its terms; never count a licence twice.

    As registered, where the register has the same terms and the same sum; else all to the term that ends first,
    so that no day has more than was bought, and a note says so.
    """
    rights = [rights[0], *(replace(right, amount=None) for right in rights[1:])]
    if rights[0].unlimited or rights[0].software_type is SoftwareType.FREE:
        return rights
    count = rights[0].quantity
    known = {entry.right.term: entry.right.quantity for entry in standing}
    shares = [known.get(right.term, 0) for right in rights]
    if len(known) != len(rights) or sum(shares) != count:
        first = min(range(len(rights)), key=lambda index: (rights[index].ends_on or date.max, index))
        shares = [count if index == first else 0 for index in range(len(rights))]
        zh = f"{count} 由 {len(rights)} 个许可期限共用，全部计入最先到期的 {rights[first].term}；请按期限分行填写"
        en = f"{count} stands for {len(rights)} terms, counted for the one that ends first; give each its own row"
        reading.notes.append(Fault(row.at("quantity"), "许可数量", both(zh, en)))
    return [replace(right, quantity=share) for right, share in zip(rights, shares, strict=True)]


def _with_registered_serials(made: list[LedgerRow], ledger: Ledger, reading: Reading) -> list[LedgerRow]:
    """Put registered serial numbers in the place of masked ones; stars are never kept."""
    found = []
    known = {key: known_serials(standing) for key, standing in ledger.standing.items()}
    nothing = known_serials(())
    for entry in made:
        key = (entry.right.unit, entry.right.code)
        full, lost = unmasked(entry.serials, known.get(key, nothing))
        if lost:
            standing = ledger.standing.get(key, ())
            kept = standing[entry.line - 1].serials if entry.line <= len(standing) else ()
            full = tuple(dict.fromkeys((*full, *kept)))
            zh = f"{'、'.join(lost)} 是掩码且台账中没有对应的序列号，未写入；已登记的序列号不变"
            en = f"{', '.join(lost)} is masked, no registered number ends so; not kept, what is registered stays"
            reading.notes.append(Fault(entry.row.at("serials"), "序列号", both(zh, en)))
        found.append(replace(entry, serials=full))
    return found
