"""What contradicts itself in a ledger: each fault and note names the rows.

A fault keeps its row out. A note is told and the row is kept: an upgrade without a base covers nothing, harms nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from auditor.core.entitlement import LARGEST_QUANTITY, Entitlement, Sharing, SourceType, UpgradeBase
from auditor.core.model import PersonId, UnitCode
from auditor.errors import both
from auditor.intake.registers.licences import LedgerRow
from auditor.intake.registers.reading import Fault, Reading, no_such_unit

MANY_MAY_SHARE = (
    SourceType.VOLUME,
    SourceType.SITE,
    SourceType.SUBSCRIPTION,
    SourceType.LEGALISATION,
    SourceType.ISSUED,
)
"""来源类型 where one number stands for several purchases by nature: a volume key, an account."""


@dataclass(frozen=True)
class Around:
    """What stands beside the file: the registers of the day and the ledger's rows that it does not replace."""

    units: set[UnitCode]
    people: set[PersonId]
    machines: set[str]
    others: Sequence[Entitlement] = ()
    others_serials: Mapping[str, str] = field(default_factory=dict)
    """Full serial number, folded → the right that bears it, as unit/软件编号."""
    registered_serials: Set[tuple[str, str, str]] = frozenset()
    """Unit, 软件编号 and full serial number, folded, as they are registered: what stood there already is only noted."""


def check_ledger(made: Sequence[LedgerRow], around: Around, reading: Reading) -> None:
    """Add faults and notes for everything in the rows that contradicts itself, the registers or the other rows."""
    for entry in made:
        _check_amounts(entry, reading)
        _check_names(entry, around, reading)
        _check_days(entry, reading)
    _check_bound_serials(made, reading)
    _check_serials(made, around, reading)
    _check_bases(made, around, reading)


def _check_amounts(entry: LedgerRow, reading: Reading) -> None:
    right = entry.right
    if right.rights > LARGEST_QUANTITY:
        zh = f"许可数量 {right.quantity} × 每套授权数 {right.rights_per_pack} 超过 {LARGEST_QUANTITY}"
        en = f"{right.quantity} packs of {right.rights_per_pack}; expected at most {LARGEST_QUANTITY} rights"
        _fault(entry, "quantity", "许可数量", zh, en, reading)
    if right.unlimited:
        return
    for name, heading, what_zh, what_en in (
        ("bound_serials", "绑定计算机序列号", "台", "machines"),
        ("bound_machines", "绑定计算机编号", "台", "machines"),
        ("bound_people", "绑定人员工号", "人", "people"),
    ):
        bound = len(getattr(right, name))
        if bound > right.rights:
            zh = f"绑定 {bound} {what_zh}，多于许可数量 {right.rights}"
            en = f"{bound} {what_en}; expected at most 许可数量 {right.rights}"
            _fault(entry, name, heading, zh, en, reading)
    reserved = sum(reservation.quantity for reservation in right.reservations)
    if reserved > right.rights:
        zh = f"保留合计 {reserved}，多于许可数量 {right.rights}"
        _fault(entry, "reservations", "保留数量", zh, f"{reserved} reserved of {right.rights} rights", reading)


def _check_names(entry: LedgerRow, around: Around, reading: Reading) -> None:
    right = entry.right
    for unit in right.shared_with:
        if unit not in around.units:
            reading.faults.append(Fault(entry.row.at("shared_with"), "共享单位编码", no_such_unit(unit)))
    for reservation in right.reservations:
        if reservation.unit not in around.units:
            reading.faults.append(Fault(entry.row.at("reservations"), "保留数量", no_such_unit(reservation.unit)))
    if right.sharing is Sharing.NAMED and not right.shared_with:
        zh, en = "共享范围为指定单位，应填写共享单位编码", "shared with named units; expected 共享单位编码"
        _fault(entry, "sharing", "共享范围", zh, en, reading)
    if right.shared_with and right.sharing is not Sharing.NAMED:
        zh, en = "填写了共享单位编码，共享范围应为指定单位", "units are named; expected 共享范围 指定单位"
        _fault(entry, "shared_with", "共享单位编码", zh, en, reading)
    for name, heading, known in (
        ("bound_people", "绑定人员工号", around.people),
        ("bound_machines", "绑定计算机编号", around.machines),
    ):
        strange = [one for one in getattr(right, name) if one not in known]
        if strange:
            listed = "、".join(strange[:10]) + ("…" if len(strange) > 10 else "")
            zh, en = f"{listed} 未登记，已保留", f"{listed}: not registered; kept"
            reading.notes.append(Fault(entry.row.at(name), heading, both(zh, en)))


def _check_days(entry: LedgerRow, reading: Reading) -> None:
    right = entry.right
    if right.purchased_on is not None and right.ends_on is not None and right.ends_on < right.purchased_on:
        zh = f"采购时间 {right.purchased_on} 晚于截止日期 {right.ends_on}，请核对"
        en = f"bought on {right.purchased_on}, after its end {right.ends_on}; please check"
        reading.notes.append(Fault(entry.row.at("purchased_on"), "采购时间", both(zh, en)))
    if right.certified_on is not None and not right.unlimited:
        zh, en = "只有不限数量的许可有认证日期", "only an unlimited right has a day of certification"
        reading.notes.append(Fault(entry.row.at("certified_on"), "认证日期", both(zh, en)))


def _check_bound_serials(made: Sequence[LedgerRow], reading: Reading) -> None:
    """One machine cannot have one OEM right of one product twice."""
    seen: dict[tuple[str | None, str], LedgerRow] = {}
    for entry in made:
        for serial in entry.right.bound_serials:
            key = (entry.right.product or entry.right.name, serial.casefold())
            if key in seen and seen[key] is not entry:
                where = seen[key].row.place
                zh = f"{serial} 已在 {where} 绑定同一软件，每台计算机只能一次"
                en = f"{serial} stands in {where} already; expected each machine once for a product"
                _fault(entry, "bound_serials", "绑定计算机序列号", zh, en, reading)
            seen.setdefault(key, entry)


def _check_serials(made: Sequence[LedgerRow], around: Around, reading: Reading) -> None:
    """One 序列号 stands in one purchase; where one number serves several by nature, only a note says so."""
    seen: dict[str, LedgerRow] = {}
    for entry in made:
        for serial in entry.serials:
            folded = serial.casefold()
            other = seen.setdefault(folded, entry)
            known = (entry.right.unit, entry.right.code, folded) in around.registered_serials
            if other is not entry and not _one_purchase(other, entry):
                where = f"{other.row.place}（{other.right.code}）"
                _tell_twice(entry, where, other.right, is_known=known, reading=reading)
            elif other is entry and folded in around.others_serials:
                where = around.others_serials[folded]
                _tell_twice(entry, where, None, is_known=known, reading=reading)


def _one_purchase(one: LedgerRow, other: LedgerRow) -> bool:
    """One 软件编号 is one purchase; its terms may bear one number."""
    return (one.right.unit, one.right.code) == (other.right.unit, other.right.code)


def _tell_twice(entry: LedgerRow, where: str, other: Entitlement | None, *, is_known: bool, reading: Reading) -> None:
    shared = {entry.right.source_type, other.source_type if other is not None else None} & {*MANY_MAY_SHARE}
    what = both(f"与 {where} 的序列号相同，请核对", f"the same serial number as {where}; please check")
    fault = Fault(entry.row.at("serials"), "序列号", what)
    (reading.notes if shared or is_known else reading.faults).append(fault)


def _check_bases(made: Sequence[LedgerRow], around: Around, reading: Reading) -> None:
    """An upgrade that the ledger holds no base for is named; a base on the machine itself is not the ledger's."""
    rights = [entry.right for entry in made] + list(around.others)
    for entry in made:
        bases = entry.right.upgrade_from
        if bases and not any(base.on_device or _has_base(entry.right, base, rights) for base in bases):
            zh = "台账中没有可升级的基础授权，升级授权不单独覆盖"
            en = "the ledger holds no base for this upgrade; alone it covers nothing"
            reading.notes.append(Fault(entry.row.at("upgrade_from"), "升级自", both(zh, en)))


def _has_base(upgrade: Entitlement, base: UpgradeBase, rights: Iterable[Entitlement]) -> bool:
    product = base.product or upgrade.product
    return any(
        right is not upgrade
        and (right.product == product if base.code is None or base.product is not None else True)
        and base.code in (None, right.code)
        and base.edition in (None, right.edition)
        and base.line in (None, right.line)
        for right in rights
    )


def _fault(entry: LedgerRow, name: str, heading: str, zh: str, en: str, reading: Reading) -> None:
    reading.faults.append(Fault(entry.row.at(name), heading, both(zh, en)))
