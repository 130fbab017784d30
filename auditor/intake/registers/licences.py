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
from auditor.core.model import PersonId, ProductId, SoftwareCode, UnitCode
from auditor.errors import both
from auditor.intake.registers.cells import Unreadable
from auditor.intake.registers.reading import Fault, Reading, RegisterRow, no_such_unit
from auditor.intake.registers.serials import Standing, known_serials, unmasked
from auditor.intake.registers.terms import allowed_versions, term_of
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerNames
from rules.product import Product

PURCHASE = ("name", "version", "software_type", "purchased_on", "amount", "licence_type", "quantity",
            "bound_serials", "bound_people", "metric", "shared", "paper", "contract")  # fmt: skip
TERM = ("term", "starts_on", "ends_on")
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
    for row in reading.rows:
        blocks[_block_of(row, ledger.unit)].append(row)
    lines: defaultdict[tuple[str, str], int] = defaultdict(int)
    made: list[LedgerRow] = []
    for (owner, code, *_), rows in blocks.items():
        if owner not in ledger.units:
            reading.faults += [Fault(row.at("unit"), "单位编码", no_such_unit(owner)) for row in rows]
        rights = _rights_of(reading, rows, UnitCode(owner), ledger)
        for first, right, serials in rights:
            lines[(owner, code)] += 1
            made.append(LedgerRow(first, right, lines[(owner, code)], serials))
    made = _with_registered_serials(made, ledger, reading)
    _check_bound_serials(made, reading)
    return made


def _block_of(row: RegisterRow, unit: UnitCode | None) -> tuple[Any, ...]:
    values = row.values
    names = PURCHASE if "number" in values else (*PURCHASE, *TERM, "serials")
    facts = tuple(values.get(name) for name in names)
    sheet = row.place.sheet if "number" in values else ""
    return (values.get("unit") or unit or "", values["code"], values.get("number"), sheet, *facts)


def _rights_of(
    reading: Reading, rows: list[RegisterRow], unit: UnitCode, ledger: Ledger
) -> list[tuple[RegisterRow, Entitlement, tuple[str, ...]]]:
    """Return one right for each term of a purchase, in the order of the rows."""
    by_term: defaultdict[tuple[Any, ...], list[RegisterRow]] = defaultdict(list)
    for row in rows:
        by_term[tuple(row.values.get(name) for name in TERM)].append(row)
    rights = [_right(reading, group, unit, ledger) for group in by_term.values()]
    if len(rights) > 1:
        standing = ledger.standing.get((unit, rights[0].code), ())
        rights = _divided(rights, standing, rows[0], reading)
    serials = [_serials_of(group) for group in by_term.values()]
    firsts = [group[0] for group in by_term.values()]
    return list(zip(firsts, rights, serials, strict=True))


def _serials_of(rows: Sequence[RegisterRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(serial for row in rows for serial in row.values.get("serials", ())))


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


def _right(reading: Reading, rows: list[RegisterRow], unit: UnitCode, ledger: Ledger) -> Entitlement:
    first = rows[0]
    values = first.values
    known = ledger.names.find(values["name"], values.get("version"))
    product = ledger.catalogue.products[known.product] if known is not None else None
    start, end = _term(first, reading)
    allowed = [
        (row, entry)
        for row in rows
        for entry in allowed_versions(row.values.get("allowed") or "", product, known, row.values.get("basis"))
    ]
    for row, entry in allowed:
        if entry.line is None and entry.versions is None and entry.text != values.get("version"):
            told = both(f"“{entry.text}”认不出版本，只作记录", f"{entry.text!r} names no known version; kept as text")
            reading.notes.append(Fault(row.at("allowed"), "可使用版本", told))
    bound = values.get("bound_serials", ())
    unlimited = "quantity" in values and values["quantity"] is None
    right = Entitlement(
        id=0,
        unit=unit,
        code=SoftwareCode(values["code"]),
        name=values["name"],
        product=ProductId(known.product) if known is not None else None,
        software_type=values["software_type"],
        metric=values.get("metric") or _metric(values, product),
        quantity=0 if unlimited else _count(first, reading),
        unlimited=unlimited,
        version=values.get("version"),
        edition=known.edition if known is not None else None,
        line=known.line if known is not None else None,
        allowed=tuple(dict.fromkeys(entry for _, entry in allowed)),
        licence_type=values.get("licence_type"),
        starts_on=start,
        ends_on=end,
        term=values.get("term") or (end.isoformat() if end is not None else None),
        purchased_on=values.get("purchased_on"),
        amount=values.get("amount"),
        bound_serials=bound,
        bound_people=tuple(PersonId(person) for person in values.get("bound_people", ())),
        shared=bool(values.get("shared")),
        multi_version=bool(values.get("multi_version")),
        paper=values.get("paper"),
        supplier=values.get("supplier"),
        contract=values.get("contract"),
        remarks=values.get("remarks"),
    )
    if bound and not unlimited and len(bound) > right.quantity:
        zh = f"绑定 {len(bound)} 台，多于许可数量 {right.quantity}"
        en = f"{len(bound)} machines; expected at most 许可数量 {right.quantity}"
        reading.faults.append(Fault(first.at("bound_serials"), "绑定计算机序列号", both(zh, en)))
    return right


def _count(row: RegisterRow, reading: Reading) -> int:
    """Return 许可数量: as told; else the machines that the right is bound to; an OEM row as printed tells none."""
    values = row.values
    if "quantity" in values:
        return int(values["quantity"])
    bound = len(values.get("bound_serials", ()))
    if values["software_type"] is SoftwareType.COMMERCIAL and not bound:
        told = both("为空，应为数字、不限或场地", "is empty; expected a number, 不限 or 场地")
        reading.faults.append(Fault(row.at("quantity"), "许可数量", told))
    elif values["software_type"] is SoftwareType.OEM and not bound:
        told = both(
            "OEM 软件未填数量和绑定计算机序列号，按 0 计，待补", "an OEM row without number or machines; counted as 0"
        )
        reading.notes.append(Fault(row.at("quantity"), "许可数量", told))
    return bound


def _metric(values: dict[str, Any], product: Product | None) -> str:
    """The row's own words first: OEM, 用户许可; then what the catalogue says of the product."""
    if values["software_type"] is SoftwareType.OEM:
        return "oem"
    if "用户" in (values.get("licence_type") or ""):
        return "per_user"
    metric = product.licensing.metric if product is not None else None
    return metric if metric in ("per_device", "per_user") else "per_device"


def _term(row: RegisterRow, reading: Reading) -> tuple[date | None, date | None]:
    """Return first and last day: own columns first, then 许可期限 (永久, a day, years from start or purchase)."""
    values = row.values
    start, end = values.get("starts_on"), values.get("ends_on")
    if end is None and "term" in values:
        try:
            told_start, end = term_of(values["term"], start or values.get("purchased_on"))
        except Unreadable as error:
            reading.faults.append(Fault(row.at("term"), "许可期限", error.told(values["term"])))
            return start, None
        start = start or (told_start if told_start != values.get("purchased_on") else None)
    if start is not None and end is not None and end < start:
        told = both(f"{end} 早于起始日期 {start}", f"{end} lies before {start}; expected it after the start")
        reading.faults.append(Fault(row.at("ends_on" if "ends_on" in values else "term"), "截止日期", told))
    return start, end


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


def _check_bound_serials(made: list[LedgerRow], reading: Reading) -> None:
    """One machine cannot have one OEM right of one product twice."""
    seen: dict[tuple[str | None, str], LedgerRow] = {}
    for entry in made:
        for serial in entry.right.bound_serials:
            key = (entry.right.product or entry.right.name, serial.casefold())
            if key in seen and seen[key] is not entry:
                where = seen[key].row.place
                zh = f"{serial} 已在 {where} 绑定同一软件，每台计算机只能一次"
                en = f"{serial} stands in {where} already; expected each machine once for a product"
                reading.faults.append(Fault(entry.row.at("bound_serials"), "绑定计算机序列号", both(zh, en)))
            seen.setdefault(key, entry)
