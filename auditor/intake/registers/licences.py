"""采购/许可台账: the official 汇总表 as printed, or the template with the further columns.

One row is one 可使用版本 and term of one purchase; rows of one (单位, 软件编号) whose purchase facts agree are one
right with several allowed versions, as the printed form spreads them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from auditor.core.model import (
    AllowedVersion,
    Entitlement,
    PersonId,
    ProductId,
    SoftwareCode,
    SoftwareType,
    UnitCode,
)
from auditor.intake.registers.reading import (
    Fault,
    Field,
    Reading,
    RegisterRow,
    Unreadable,
    code,
    day,
    one_of,
    several,
    text,
    whole,
    yes_no,
)
from auditor.intake.tables import Value
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerName, LedgerNames, edition_of, line_of
from rules.product import Product
from rules.versions import dotted_version

TYPES = {
    "商业软件": SoftwareType.COMMERCIAL,
    "商业": SoftwareType.COMMERCIAL,
    "commercial": SoftwareType.COMMERCIAL,
    "OEM软件": SoftwareType.OEM,
    "OEM": SoftwareType.OEM,
    "随机预装软件": SoftwareType.OEM,
    "随机预装": SoftwareType.OEM,
    "免费软件": SoftwareType.FREE,
    "免费": SoftwareType.FREE,
    "free": SoftwareType.FREE,
}
METRICS = {"按设备": "per_device", "按用户": "per_user", "随机": "oem", "per_device": "per_device",
           "per_user": "per_user", "oem": "oem"}  # fmt: skip
SHARING = {"本单位": False, "本单位及下级": True, "本单位及所属单位": True, "own": False, "descendants": True}
UNLIMITED = ("不限", "场地", "无限", "不限数量", "unlimited")
FOREVER = ("永久", "长期", "无限期", "永久授权", "永久有效", "perpetual")
MAX_AMOUNT = Decimal("1e12")


def quantity(cell: Value) -> int | None:
    """许可数量: a whole number of at least 0, or `None` for 不限 / 场地."""
    return None if text(cell) in UNLIMITED else whole(cell)


def amount(cell: Value) -> Decimal:
    """Yuan: `12000`, `12,000.00`, `1.2万`, `¥800元`."""
    told = re.sub(r"[,，\s¥￥元]", "", text(cell))
    factor = Decimal(10_000) if told.endswith("万") else Decimal(1)
    try:
        value = Decimal(told.rstrip("万")) * factor
    except InvalidOperation as error:
        raise Unreadable("expected an amount in yuan") from error
    if not value.is_finite() or not 0 <= value <= MAX_AMOUNT:
        raise Unreadable("expected an amount from 0 to 1,000,000,000,000 yuan")
    return value


FIELDS = (
    Field("code", ("软件编号",), code, required=True),
    Field("name", ("软件名称",), text, required=True),
    Field("software_type", ("软件类型",), one_of(TYPES), required=True),
    Field("unit", ("单位编码",), code),
    Field("version", ("软件版本",), text),
    Field("purchased_on", ("采购时间", "购买日期", "采购日期"), day),
    Field("amount", ("采购金额（单位：元）", "采购金额", "金额"), amount),
    Field("licence_type", ("许可类型", "授权类型"), text),
    Field("quantity", ("许可数量", "授权数量", "数量"), quantity),
    Field("allowed", ("可使用版本",), text),
    Field("basis", ("版本依据", "可使用版本依据"), text),
    Field("term", ("许可期限", "授权期限", "有效期"), text),
    Field("starts_on", ("起始日期", "生效日期"), day),
    Field("ends_on", ("截止日期", "到期日期"), day),
    Field("serials", ("序列号", "产品序列号"), several),
    Field("bound_serials", ("绑定计算机序列号", "绑定设备序列号"), several),
    Field("bound_people", ("绑定人员工号",), several),
    Field("metric", ("计量方式",), one_of(METRICS)),
    Field("shared", ("共享范围",), one_of(SHARING)),
    Field("multi_version", ("同机多版本计一",), yes_no),
    Field("paper", ("授权凭证编号", "许可证书编号", "授权证明文件编号"), text),
    Field("supplier", ("供应商",), text),
    Field("contract", ("合同编号",), text),
    Field("remarks", ("备注",), text),
)


@dataclass(frozen=True)
class LedgerRow:
    """One right with its full serial numbers, the number of the row within its code, and where it stands."""

    row: RegisterRow
    right: Entitlement
    line: int
    serials: tuple[str, ...]


def licences_from(
    reading: Reading, units: set[UnitCode], catalogue: Catalogue, names: LedgerNames, unit: UnitCode | None
) -> list[LedgerRow]:
    """Return the rights of a reading; adds a fault for what contradicts itself. An unknown product is kept."""
    groups: defaultdict[tuple[Any, ...], list[RegisterRow]] = defaultdict(list)
    for row in reading.rows:
        owner = row.values.get("unit") or unit or ""
        groups[(owner, row.values["code"], *_purchase(row))].append(row)
    numbers: defaultdict[tuple[str, str], int] = defaultdict(int)
    made = []
    for (owner, software_code, *_), rows in groups.items():
        if owner not in units:
            what = f"no unit has the code {owner!r}" if owner else "no unit; expected the column 单位编码 or --unit"
            reading.faults.append(Fault(rows[0].place, "单位编码", what))
        numbers[(owner, software_code)] += 1
        line = numbers[(owner, software_code)]
        made.append(_right(reading, rows, UnitCode(owner), line, catalogue, names))
    _check_serials(made, reading)
    return made


def _purchase(row: RegisterRow) -> tuple[Any, ...]:
    """What all lines of one printed purchase share; another term or serial is another right."""
    names = ("name", "version", "software_type", "purchased_on", "amount", "licence_type", "quantity", "term",
             "starts_on", "ends_on", "serials", "bound_serials", "bound_people", "metric", "shared")  # fmt: skip
    return tuple(row.values.get(name) for name in names)


def _right(
    reading: Reading, rows: list[RegisterRow], unit: UnitCode, line: int, catalogue: Catalogue, names: LedgerNames
) -> LedgerRow:
    first = rows[0]
    values = first.values
    known = names.find(values["name"], values.get("version"))
    product = catalogue.products[known.product] if known is not None else None
    start, end = _term(first, reading)
    count = values.get("quantity")
    if values["software_type"] is not SoftwareType.FREE and "quantity" not in values:
        count = len(values.get("bound_serials", ()))
        if not count and values["software_type"] is SoftwareType.COMMERCIAL:
            reading.faults.append(Fault(first.place, "许可数量", "is empty; expected a number, 不限 or 场地"))
    allowed = tuple(entry for row in rows for entry in _allowed(row, product, known))
    right = Entitlement(
        id=0,
        unit=unit,
        code=SoftwareCode(values["code"]),
        name=values["name"],
        product=ProductId(known.product) if known is not None else None,
        software_type=values["software_type"],
        metric=values.get("metric") or _metric(values, product),
        quantity=count if count is not None else 0,
        unlimited="quantity" in values and count is None,
        version=values.get("version"),
        edition=known.edition if known is not None else None,
        line=known.line if known is not None else None,
        allowed=allowed,
        licence_type=values.get("licence_type"),
        starts_on=start,
        ends_on=end,
        term=values.get("term") or (end.isoformat() if end is not None else None),
        purchased_on=values.get("purchased_on"),
        amount=values.get("amount"),
        bound_serials=values.get("bound_serials", ()),
        bound_people=tuple(PersonId(person) for person in values.get("bound_people", ())),
        shared=bool(values.get("shared")),
        multi_version=bool(values.get("multi_version")),
        paper=values.get("paper"),
        supplier=values.get("supplier"),
        contract=values.get("contract"),
        remarks=values.get("remarks"),
    )
    if right.bound_serials and not right.unlimited and len(right.bound_serials) > right.quantity:
        what = f"{len(right.bound_serials)} machines; expected at most 许可数量 {right.quantity}"
        reading.faults.append(Fault(first.place, "绑定计算机序列号", what))
    return LedgerRow(first, right, line, values.get("serials", ()))


def _metric(values: dict[str, Any], product: Product | None) -> str:
    """The row's own words first: OEM, 用户许可; then what the catalogue says of the product."""
    if values["software_type"] is SoftwareType.OEM:
        return "oem"
    if "用户" in (values.get("licence_type") or ""):
        return "per_user"
    metric = product.licensing.metric if product is not None else None
    return metric if metric in ("per_device", "per_user") else "per_device"


def _term(row: RegisterRow, reading: Reading) -> tuple[date | None, date | None]:
    """Return first and last day: own columns first, then 许可期限 (永久, a day, a number of years from the start)."""
    values = row.values
    start = values.get("starts_on")
    end = values.get("ends_on") or _end_of(values, reading, row)
    if start is not None and end is not None and end < start:
        reading.faults.append(Fault(row.place, "截止日期", f"{end} lies before {start}; expected it after the start"))
    return start, end


def _end_of(values: dict[str, Any], reading: Reading, row: RegisterRow) -> date | None:
    told = (values.get("term") or "").strip()
    if not told or told in FOREVER:
        return None
    years = re.fullmatch(r"(\d{1,2})\s*年?", told)
    if years is not None:
        start = values.get("starts_on") or values.get("purchased_on")
        if start is None:
            reading.faults.append(Fault(row.place, "许可期限", f"{told!r} needs 采购时间 or 起始日期 to count from"))
            return None
        return _years_later(start, int(years[1])) - timedelta(days=1)
    last = re.split(r"至|~|—|到", told)[-1]
    try:
        return day(last.removesuffix("止"))
    except Unreadable as error:
        what = f"{error}, 永久, or a number of years, got {told!r}"
        reading.faults.append(Fault(row.place, "许可期限", what))
        return None


def _years_later(start: date, years: int) -> date:
    try:
        return start.replace(year=start.year + years)
    except ValueError:  # 29 February
        return start.replace(year=start.year + years, day=28) + timedelta(days=1)


def _allowed(row: RegisterRow, product: Product | None, known: LedgerName | None) -> Iterable[AllowedVersion]:
    """Read 可使用版本: lines or versions separated by 、, 不限, `2016及以下`."""
    basis = row.values.get("basis")
    for part in several(row.values.get("allowed") or ""):
        if part in UNLIMITED or part in ("全部", "所有版本", "任意版本", "全部版本"):
            yield AllowedVersion(part, versions="*", basis=basis)
            continue
        older = re.fullmatch(r"(.+?)(及以下|及以前|及更早|以下)(版本)?", part)
        named = older[1] if older is not None else part
        edition = edition_of(product, named) if product is not None else None
        line = line_of(product, named) if product is not None else None
        edition = edition or (known.edition if known is not None else None)
        if line is not None and product is not None:
            lines = [entry.id for entry in product.lines]
            reached = lines[: lines.index(line) + 1] if older is not None else [line]
            yield from (
                AllowedVersion(part if one == line else one, line=one, edition=edition, basis=basis)
                for one in reversed(reached)
            )
        else:
            yield AllowedVersion(part, versions=_range(named, older is not None), edition=edition, basis=basis)


def _range(text_: str, and_older: bool) -> str | None:
    """`12.8` → `>=12.8,<12.9`; `12.8及以下` → `<12.9`; a text without a number names no version."""
    version = dotted_version(text_)
    if version is None:
        return None
    pieces = [int(piece) for piece in version.split(".")]
    following = ".".join(str(piece) for piece in [*pieces[:-1], pieces[-1] + 1])
    return f"<{following}" if and_older else f">={version},<{following}"


def _check_serials(made: list[LedgerRow], reading: Reading) -> None:
    """One machine cannot have one OEM right of one product twice."""
    seen: dict[tuple[str | None, str], LedgerRow] = {}
    for entry in made:
        for serial in entry.right.bound_serials:
            key = (entry.right.product or entry.right.name, serial.casefold())
            if key in seen and seen[key] is not entry:
                what = f"{serial} stands in {seen[key].row.place} already; expected each machine once for a product"
                reading.faults.append(Fault(entry.row.place, "绑定计算机序列号", what))
            seen.setdefault(key, entry)
