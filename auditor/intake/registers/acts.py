"""划转, 处置, 豁免: what happens to rights after they were entered. Checked against the ledger before it is written.

Refused, with the reason, and the ledger unchanged: a transfer of OEM, site or legalisation rights (they belong to a
machine, a place), of rights that the contract locks or that have no number, and more than a unit holds on any day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.core.entitlement import Entitlement, SoftwareType, SourceType
from auditor.core.ledger_acts import DisposalKind
from auditor.core.model import ProductId, SoftwareCode, UnitCode
from auditor.errors import both
from auditor.intake.registers.cells import Unreadable, code, day, last_day, one_of, text, whole
from auditor.intake.registers.licence_words import DISPOSALS
from auditor.intake.registers.reading import Fault, Field, Reading, RegisterRow, no_such_unit
from auditor.intake.tables import Value
from auditor.store.ledger_acts import RegisteredDisposal, RegisteredExemption, RegisteredTransfer, RightKey
from rules.ledger_names import LedgerNames


def positive(cell: Value) -> int:
    """A whole number of at least 1."""
    number = whole(cell)
    if number < 1:
        raise Unreadable("大于 0 的整数", "a whole number above 0")
    return number


_RIGHT = (
    Field("unit", ("单位编码", "Unit code"), code, required=True),
    Field("right", ("软件编号", "Software code"), code, required=True),
    Field("quantity", ("数量", "Quantity"), positive, required=True),
)
_REST = (
    Field("line", ("行号", "Line"), positive),
    Field("document", ("文件编号", "批准文件", "依据文件", "Document"), text),
    Field("remarks", ("备注", "Remarks"), text),
)
TRANSFER_FIELDS = (
    Field("code", ("划转单号", "单号", "Transfer no."), code, required=True),
    *_RIGHT,
    Field("to_unit", ("转入单位编码", "转入单位", "To unit"), code, required=True),
    Field("effective_on", ("生效日期", "划转日期", "Effective on"), day, required=True),
    Field("from_unit", ("转出单位编码", "转出单位", "From unit"), code),
    *_REST,
)
DISPOSAL_FIELDS = (
    Field("code", ("处置单号", "单号", "Disposal no."), code, required=True),
    *_RIGHT,
    Field("kind", ("处置方式", "Kind of disposal"), one_of(DISPOSALS), required=True),
    Field("effective_on", ("处置日期", "生效日期", "Effective on"), day, required=True),
    Field("from_unit", ("持有单位编码", "持有单位", "Holding unit"), code),
    *_REST,
)
EXEMPTION_FIELDS = (
    Field("code", ("豁免单号", "单号", "Exemption no."), code, required=True),
    Field("reason", ("豁免理由", "理由", "Reason"), text, required=True),
    Field("approver", ("批准人", "审批人", "Approver"), text, required=True),
    Field("machine", ("计算机编号", "Computer code"), code),
    Field("name", ("软件名称", "Software name"), text),
    Field("unit", ("单位编码", "Unit code"), code),
    Field("starts_on", ("起始日期", "生效日期", "Starts on"), day),
    Field("ends_on", ("截止日期", "到期日期", "Ends on"), last_day),
    Field("document", ("文件编号", "批准文件", "Document"), text),
)
BELONGS_ELSEWHERE = {
    SourceType.OEM: ("OEM 授权随机器，不得划转", "an OEM right belongs to its machine and does not move"),
    SourceType.SITE: ("场地授权随场地，不得划转", "a site right belongs to its place and does not move"),
    SourceType.LEGALISATION: ("国内合法化授权随机器，不得划转", "a legalisation right belongs to its machine"),
}


@dataclass(frozen=True)
class LedgerOfDay:
    """The ledger and what was done with it, as acts are checked against."""

    units: Set[UnitCode]
    machines: Set[str]
    rights: Mapping[RightKey, Entitlement]
    transfers: Sequence[RegisteredTransfer]
    disposals: Sequence[RegisteredDisposal]
    names: LedgerNames


@dataclass(frozen=True)
class Movement:
    """Rights that leave a unit, and perhaps come to another."""

    right: RightKey
    from_unit: UnitCode
    to_unit: UnitCode | None
    quantity: int
    effective_on: date
    code: str


def transfers_from(reading: Reading, ledger: LedgerOfDay) -> list[tuple[RegisterRow, RegisteredTransfer]]:
    """Return the transfers of a reading; adds a fault for each that cannot be."""
    made = []
    for row in reading.rows:
        values = row.values
        key = _key(values)
        act = RegisteredTransfer(
            code=values["code"],
            right=key,
            from_unit=UnitCode(values.get("from_unit") or key.unit),
            to_unit=UnitCode(values["to_unit"]),
            quantity=values["quantity"],
            effective_on=values["effective_on"],
            document=values.get("document"),
            remarks=values.get("remarks"),
        )
        made.append((row, act))
        for name, heading, unit in (("to_unit", "转入单位编码", act.to_unit), ("from_unit", "转出单位", act.from_unit)):
            if unit not in ledger.units:
                reading.faults.append(Fault(row.at(name), heading, no_such_unit(unit)))
        if act.to_unit == act.from_unit:
            told = both("转入单位与转出单位相同", "expected another unit than the one it comes from")
            reading.faults.append(Fault(row.at("to_unit"), "转入单位编码", told))
        right = _right(row, key, ledger, reading)
        if right is not None and (why := why_locked(right)) is not None:
            reading.faults.append(Fault(row.at("right"), "软件编号", f"{key}: {both(*why)}"))
        _check_day(row, right, act.effective_on, reading)
    _check_balances(made, ledger, reading)
    return made


def disposals_from(reading: Reading, ledger: LedgerOfDay) -> list[tuple[RegisterRow, RegisteredDisposal]]:
    """Return the disposals of a reading; adds a fault for each that cannot be."""
    made = []
    for row in reading.rows:
        values = row.values
        key = _key(values)
        act = RegisteredDisposal(
            code=values["code"],
            right=key,
            unit=UnitCode(values.get("from_unit") or key.unit),
            kind=values["kind"],
            quantity=values["quantity"],
            effective_on=values["effective_on"],
            document=values.get("document"),
            remarks=values.get("remarks"),
        )
        made.append((row, act))
        if act.unit not in ledger.units:
            reading.faults.append(Fault(row.at("from_unit"), "持有单位编码", no_such_unit(act.unit)))
        right = _right(row, key, ledger, reading)
        if right is not None and act.kind is not DisposalKind.SCRAPPED and (why := why_locked(right)) is not None:
            reading.faults.append(Fault(row.at("right"), "软件编号", f"{key}: {both(*why)}"))
        _check_day(row, right, act.effective_on, reading)
    _check_balances(made, ledger, reading)
    return made


def exemptions_from(reading: Reading, ledger: LedgerOfDay) -> list[tuple[RegisterRow, RegisteredExemption]]:
    """Return the exemptions of a reading; each names a machine or a product, a reason and who approved it."""
    made = []
    for row in reading.rows:
        values = row.values
        known = ledger.names.find(values["name"]) if "name" in values else None
        act = RegisteredExemption(
            code=values["code"],
            reason=values["reason"],
            approver=values["approver"],
            machine=values.get("machine"),
            product=ProductId(known.product) if known is not None else None,
            name=values.get("name"),
            unit=UnitCode(values["unit"]) if "unit" in values else None,
            starts_on=values.get("starts_on"),
            ends_on=values.get("ends_on"),
            document=values.get("document"),
        )
        made.append((row, act))
        _check_exemption(row, act, ledger, reading)
    return made


def _check_exemption(row: RegisterRow, act: RegisteredExemption, ledger: LedgerOfDay, reading: Reading) -> None:
    def fault(name: str, heading: str, what: str) -> None:
        reading.faults.append(Fault(row.at(name), heading, what))

    if act.machine is None and act.name is None:
        told = both("计算机编号与软件名称至少填一项", "expected 计算机编号 or 软件名称")
        fault("machine", "计算机编号", told)
    if act.machine is not None and act.machine not in ledger.machines:
        told = both(f"计算机登记中没有“{act.machine}”", f"no computer has the code {act.machine!r}")
        fault("machine", "计算机编号", told)
    if act.name is not None and act.product is None:
        told = both(f"软件知识库中没有“{act.name}”", f"the catalogue does not know {act.name!r}")
        fault("name", "软件名称", told)
    if act.unit is not None and act.unit not in ledger.units:
        fault("unit", "单位编码", no_such_unit(act.unit))
    if act.starts_on is not None and act.ends_on is not None and act.ends_on < act.starts_on:
        told = both(f"{act.ends_on} 早于起始日期 {act.starts_on}", f"{act.ends_on} lies before {act.starts_on}")
        fault("ends_on", "截止日期", told)
    if act.ends_on is None:
        told = both("没有截止日期，长期有效，请定期复核", "no last day: it holds until it is taken back")
        reading.notes.append(Fault(row.at("ends_on"), "截止日期", told))


def why_locked(right: Entitlement) -> tuple[str, str] | None:
    """Say why a right never moves to another unit; `None` when it may."""
    if right.software_type is SoftwareType.OEM or right.metric == "oem":
        return BELONGS_ELSEWHERE[SourceType.OEM]
    if right.metric == "site":
        return BELONGS_ELSEWHERE[SourceType.SITE]
    if right.source_type in BELONGS_ELSEWHERE:
        return BELONGS_ELSEWHERE[right.source_type]
    if not right.transferable:
        return ("合同约定不得转让，不得划转", "the contract does not let it move")
    if right.unlimited:
        return ("不限数量的授权不能按数量划转", "an unlimited right has no number that could move")
    return None


def overdrawn(rights: int, owner: UnitCode, movements: Iterable[Movement]) -> Movement | None:
    """Return the first movement that leaves its unit with fewer than no rights, `None` when none does.

    What comes in on a day comes before what goes out on that day.
    """
    held: defaultdict[UnitCode, int] = defaultdict(int, {owner: rights})
    by_day: defaultdict[date, list[Movement]] = defaultdict(list)
    for movement in movements:
        by_day[movement.effective_on].append(movement)
    for _, moved in sorted(by_day.items()):
        for movement in moved:
            if movement.to_unit is not None:
                held[movement.to_unit] += movement.quantity
        for movement in sorted(moved, key=lambda movement: movement.code):
            held[movement.from_unit] -= movement.quantity
            if held[movement.from_unit] < 0:
                return movement
    return None


def movements_of(
    transfers: Iterable[RegisteredTransfer], disposals: Iterable[RegisteredDisposal]
) -> dict[RightKey, list[Movement]]:
    """Return everything that moves rights, by right."""
    found: defaultdict[RightKey, list[Movement]] = defaultdict(list)
    for act in transfers:
        found[act.right].append(
            Movement(act.right, act.from_unit, act.to_unit, act.quantity, act.effective_on, act.code)
        )
    for gone in disposals:
        found[gone.right].append(Movement(gone.right, gone.unit, None, gone.quantity, gone.effective_on, gone.code))
    return dict(found)


def _check_balances(
    made: Sequence[tuple[RegisterRow, RegisteredTransfer | RegisteredDisposal]],
    ledger: LedgerOfDay,
    reading: Reading,
) -> None:
    """No unit gives away what it does not hold on the day, what is reserved included."""
    given = {(type(act), act.code) for _, act in made}
    bad = {row.place for row in (fault_row(fault, made) for fault in reading.faults) if row is not None}
    standing = movements_of(
        [act for act in ledger.transfers if (type(act), act.code) not in given],
        [act for act in ledger.disposals if (type(act), act.code) not in given],
    )
    for row, act in sorted(made, key=lambda entry: (entry[1].effective_on, entry[1].code)):
        right = ledger.rights.get(act.right)
        if right is None or right.unlimited or row.place in bad:
            continue
        mine = movements_of(*([act], []) if isinstance(act, RegisteredTransfer) else ([], [act]))[act.right]
        before = standing.get(act.right, [])
        free = _free(right, act)
        if overdrawn(free, act.right.unit, [*before, *mine]) is not None:
            held = _held(free, act.right.unit, before, act)
            unit = mine[0].from_unit
            is_move = isinstance(act, RegisteredTransfer)
            but_zh, but_en = ("（不含保留与绑定）", ", not counting reserved and bound ones") if is_move else ("", "")
            zh = f"{act.right} 在 {act.effective_on} 由 {unit} 持有 {held}{but_zh}，少于 {act.quantity}"
            en = f"{unit} holds {held} of {act.right} on {act.effective_on}{but_en}; expected {act.quantity}"
            reading.faults.append(Fault(row.at("quantity"), "数量", both(zh, en)))
            continue
        standing[act.right] = [*before, *mine]


def _free(right: Entitlement, act: RegisteredTransfer | RegisteredDisposal) -> int:
    """Reserved and bound rights do not move before they are released; those reserved for the receiver may go to it."""
    if isinstance(act, RegisteredDisposal):
        return right.rights
    kept = sum(reservation.quantity for reservation in right.reservations if reservation.unit != act.to_unit)
    bound = len(right.bound_people) + len(right.bound_machines) + len(right.bound_serials)
    return max(right.rights - kept - bound, 0)


def _held(
    rights: int, owner: UnitCode, movements: Sequence[Movement], act: RegisteredTransfer | RegisteredDisposal
) -> int:
    unit = act.from_unit if isinstance(act, RegisteredTransfer) else act.unit
    held = rights if unit == owner else 0
    for movement in movements:
        if movement.effective_on <= act.effective_on:
            held += (movement.to_unit == unit) * movement.quantity - (movement.from_unit == unit) * movement.quantity
    return max(held, 0)


def fault_row(fault: Fault, made: Sequence[tuple[RegisterRow, Any]]) -> RegisterRow | None:
    """Return the row that a fault speaks of."""
    return next(
        (row for row, _ in made if (row.place.sheet, row.place.row) == (fault.place.sheet, fault.place.row)), None
    )


def _key(values: Mapping[str, Any]) -> RightKey:
    return RightKey(UnitCode(values["unit"]), SoftwareCode(values["right"]), values.get("line", 1))


def _right(row: RegisterRow, key: RightKey, ledger: LedgerOfDay, reading: Reading) -> Entitlement | None:
    right = ledger.rights.get(key)
    if right is None:
        told = both(f"台账中没有 {key}", f"the ledger has no {key}; expected 单位编码, 软件编号 and 行号 of a right")
        reading.faults.append(Fault(row.at("right"), "软件编号", told))
    return right


def _check_day(row: RegisterRow, right: Entitlement | None, on: date, reading: Reading) -> None:
    if right is None:
        return
    if right.ends_on is not None and on > right.ends_on:
        told = both(f"授权已于 {right.ends_on} 到期", f"the right ends on {right.ends_on}; expected a day before")
        reading.faults.append(Fault(row.at("effective_on"), "生效日期", told))
    first = right.starts_on or right.purchased_on
    if first is not None and on < first:
        told = both(f"早于授权起始 {first}", f"before the right begins on {first}; expected a day from then on")
        reading.faults.append(Fault(row.at("effective_on"), "生效日期", told))
