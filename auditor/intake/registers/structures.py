"""Facts of a right that have parts, in one cell: read as people write them, written so that they read back the same.

`；` or a line break parts entries, `，` parts the facts of one entry, `、` the members of a list, `=` name and value:
保留数量 `CW=50；GH=20`, 维护期间 `2023-01-01至2024-12-31`, 升级自 `产品=…，版本线=2013`,
套件组成 `必含=…；可选=…、…；比例=75`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from auditor.core.entitlement import (
    LARGEST_QUANTITY,
    CountingRule,
    Downgrade,
    MaintenancePeriod,
    PartRole,
    Reservation,
    SuiteComposition,
    UpgradeBase,
)
from auditor.core.model import UnitCode
from auditor.intake.registers.cells import Unreadable, code, day, days_in, last_day, text, whole, yes_no
from auditor.intake.tables import Value

SEPARATORS = "=＝；;，,、\n\r"
ROLES = {"必含": PartRole.MANDATORY, "主要": PartRole.PRIMARY, "可选": PartRole.OPTIONAL}
_MORE_ROLES = {"必选": PartRole.MANDATORY, "主产品": PartRole.PRIMARY, "任选": PartRole.OPTIONAL}
COUNTED = {
    "每处理器最少": "minimum_per_processor",
    "每服务器最少": "minimum_per_server",
    "每虚拟机最少": "minimum_per_vm",
    "每授权处理器数": "processors_per_right",
    "每授权安装数": "installs_per_right",
    "最少用户数": "minimum_users",
}
FLAGS = {"按虚拟机": "per_vm", "子容量": "sub_capacity", "全有或全无": "all_or_nothing"}
USERS_PER = "最少用户数按"
PER = {"处理器": "processor", "服务器": "server", "安装": "install"}
ANY_EARLIER = ("是", "任意", "有", "不限", "yes", "any", "√")
NO_RIGHT = ("否", "不允许", "no")


@dataclass(frozen=True)
class UpgradeWords:
    """One base of an upgrade as written; names are looked up later."""

    product: str | None = None
    edition: str | None = None
    line: str | None = None
    code: str | None = None
    on_device: bool = False
    bare: str | None = None
    """A name without a key before it: `Office 2013`."""


@dataclass(frozen=True)
class DowngradeWords:
    """降级权 as written."""

    steps: int | None = None
    lines: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()


@dataclass(frozen=True)
class SuiteWords:
    """套件组成 as written: role and name of each part."""

    parts: tuple[tuple[PartRole, str], ...]
    minimum_percent: int = 0
    minimum_parts: int = 0


def fits(told: str) -> bool:
    """Whether a text can stand as one member of a list in a cell."""
    return bool(told.strip()) and told == told.strip() and not any(sign in told for sign in SEPARATORS)


def entries(cell: Value) -> list[str]:
    """Return the entries of a cell."""
    return [part.strip() for part in re.split(r"[；;\r\n]+", _long(cell)) if part.strip()]


def members(told: str) -> tuple[str, ...]:
    """Return the members of a list, each once."""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[、,，]", told) if part.strip()))


def reservations(cell: Value) -> tuple[Reservation, ...]:
    """保留数量: `CW=50；GH 20`, unit and number of rights."""
    found: dict[str, int] = {}
    for entry in re.split(r"[；;、,，\r\n]+", _long(cell)):
        if not entry.strip():
            continue
        parts = re.fullmatch(r"\s*([\w.\-]{1,64})\s*[=＝:：\s]\s*(\d[\d,]*)\s*", entry)
        if parts is None:
            raise Unreadable("单位编码与数量，如 CW=50；GH=20", "unit and number such as CW=50；GH=20")
        unit = code(parts[1])
        found[unit] = found.get(unit, 0) + whole(parts[2])
    return tuple(Reservation(UnitCode(unit), number) for unit, number in found.items())


def reservations_told(value: tuple[Reservation, ...]) -> str:
    """Write what `reservations` reads."""
    return "；".join(f"{entry.unit}={entry.quantity}" for entry in value)


def maintenance(cell: Value) -> tuple[MaintenancePeriod, ...]:
    """维护期间: `2023-01-01至2024-12-31`, several parted by `；`."""
    found = []
    for entry in re.split(r"[；;、,，\r\n]+", _long(cell)):
        if not entry.strip():
            continue
        days = days_in(entry)
        if len(days) != 2:
            raise Unreadable("起止日期，如 2023-01-01至2024-12-31", "two days such as 2023-01-01至2024-12-31")
        found.append(MaintenancePeriod(day(days[0][0]), last_day(days[1][0])))
    return checked_maintenance(found)


def checked_maintenance(found: list[MaintenancePeriod]) -> tuple[MaintenancePeriod, ...]:
    """Return the periods in order, each once. Raises `Unreadable` for one that ends before it starts."""
    for period in found:
        if period.ends_on < period.starts_on:
            raise Unreadable(
                f"止期不早于起期（{period.starts_on} 至 {period.ends_on}）",
                f"an end not before the start ({period.starts_on} to {period.ends_on})",
            )
    return tuple(sorted(set(found)))


def maintenance_told(value: tuple[MaintenancePeriod, ...]) -> str:
    """Write what `maintenance` reads."""
    return "；".join(f"{period.starts_on}至{period.ends_on}" for period in value)


def upgrade_from(cell: Value) -> tuple[UpgradeWords, ...]:
    """升级自: `Office 2013`, `产品=…，版本类型=…，版本线=…，编号=…，本机`; several parted by `；`."""
    names = {"产品": "product", "版本类型": "edition", "版本线": "line", "编号": "code", "软件编号": "code"}
    found = []
    for entry in entries(cell):
        facts: dict[str, Any] = {}
        for part in re.split(r"[，,]", entry):
            key, value = _pair(part)
            if key in ("本机", "本机系统", "同机"):
                facts["on_device"] = True
            elif key in ("同产品", "本产品"):
                continue
            elif key in names and value:
                facts[names[key]] = value
            elif value is None and key:
                facts["bare"] = key
            else:
                raise Unreadable("产品、版本类型、版本线、编号 或 本机", "产品=, 版本类型=, 版本线=, 编号= or 本机")
        found.append(UpgradeWords(**facts))
    return tuple(dict.fromkeys(found))


def upgrade_from_told(value: tuple[UpgradeBase, ...]) -> str:
    """Write what `upgrade_from` reads."""
    told = []
    for base in value:
        parts = [
            f"{key}={fact}"
            for key, fact in (
                ("产品", base.product),
                ("版本类型", base.edition),
                ("版本线", base.line),
                ("编号", base.code),
            )
            if fact
        ]
        told.append("，".join([*parts, "本机"] if base.on_device else parts or ["同产品"]))
    return "；".join(told)


def downgrade(cell: Value) -> DowngradeWords | None:
    """降级权: 是 or 任意 (any earlier), 否, `2级`, `2016、2013`, `步数=2；版本=2016；版本类型=standard`."""
    told = _long(cell)
    if told.casefold() in NO_RIGHT:
        return None
    if told.casefold() in ANY_EARLIER:
        return DowngradeWords()
    facts: dict[str, Any] = {}
    for entry in entries(told):
        key, value = _pair(entry)
        steps = re.fullmatch(r"(?:低|降)?(\d{1,2})个?(?:级|版|版本)(?:以内)?", key) if value is None else None
        if steps is not None:
            facts["steps"] = int(steps[1])
        elif key in ("步数", "级数") and value:
            facts["steps"] = _bounded(value, 1, 99)
        elif key in ("版本", "版本线") and value:
            facts["lines"] = members(value)
        elif key == "版本类型" and value:
            facts["editions"] = members(value)
        elif value is None:
            facts["lines"] = members(key)
        elif key not in ("任意",):
            raise Unreadable("是、否、2级 或 版本=2016、2013", "是, 否, 2级 or 版本=2016、2013")
    return DowngradeWords(**facts)


def downgrade_told(value: Downgrade | None) -> str:
    """Write what `downgrade` reads; the basis stands in a column of its own."""
    if value is None:
        return ""
    parts = [f"步数={value.steps}"] if value.steps is not None else []
    parts += [f"版本={'、'.join(value.lines)}"] if value.lines else []
    parts += [f"版本类型={'、'.join(value.editions)}"] if value.editions else []
    return "；".join(parts) or "任意"


def suite(cell: Value) -> SuiteWords:
    """套件组成: `必含=Access；主要=…；可选=Word、Excel；比例=75；个数=3`."""
    roles = {**ROLES, **_MORE_ROLES}
    parts: list[tuple[PartRole, str]] = []
    percent = least = 0
    for entry in entries(cell):
        key, value = _pair(entry)
        if key in roles and value:
            parts += [(roles[key], name) for name in members(value)]
        elif key in ("比例", "百分比") and value:
            percent = _bounded(value.rstrip("%％"), 0, 100)
        elif key in ("个数", "数量") and value:
            least = _bounded(value, 0, 1000)
        elif value is None:
            parts += [(PartRole.OPTIONAL, name) for name in members(key)]
        else:
            raise Unreadable("必含=、主要=、可选=、比例=、个数=", "必含=, 主要=, 可选=, 比例= or 个数=")
    if not parts:
        raise Unreadable("至少一个组成产品", "at least one part")
    return SuiteWords(tuple(parts), percent, least)


def suite_told(value: SuiteComposition | None) -> str:
    """Write what `suite` reads."""
    if value is None:
        return ""
    named = {
        word: [part.product for part in value.parts if part.role is role and fits(part.product)]
        for word, role in ROLES.items()
    }
    parts = [f"{word}={'、'.join(products)}" for word, products in named.items() if products]
    parts += [f"比例={value.minimum_percent}"] if value.minimum_percent else []
    parts += [f"个数={value.minimum_parts}"] if value.minimum_parts else []
    return "；".join(parts)


def counting(cell: Value) -> CountingRule:
    """计量参数: `每处理器最少=8；每服务器最少=16；按虚拟机；阶梯=2500:1.0、10000:0.8`."""
    facts: dict[str, Any] = {}
    for entry in entries(cell):
        key, value = _pair(entry)
        if key in COUNTED and value:
            least = 0 if COUNTED[key].startswith("minimum") else 1
            facts[COUNTED[key]] = _bounded(value, least, LARGEST_QUANTITY)
        elif key == USERS_PER and value in PER:
            facts["minimum_users_per"] = PER[value]
        elif key in FLAGS:
            facts[FLAGS[key]] = yes_no(value) if value else True
        elif key == "阶梯" and value:
            facts["tiers"] = checked_tiers([tuple(re.split(r"[:：]", part, maxsplit=1)) for part in members(value)])
        else:
            known = "、".join((*COUNTED, f"{USERS_PER}={'/'.join(PER)}", *FLAGS, "阶梯"))
            raise Unreadable(f"{known} 之一，实为“{key[:40]}”", f"one of {known}, got {key[:40]!r}")
    return CountingRule(**facts)


def checked_tiers(tiers: list[tuple[Any, ...]]) -> tuple[tuple[int, str], ...]:
    """Return tiers with rising quantities and factors as plain decimals. Raises `Unreadable`."""
    found: list[tuple[int, str]] = []
    for tier in tiers:
        try:
            upto, factor = int(str(tier[0]).strip()), Decimal(str(tier[1]).strip())
        except (IndexError, ValueError, InvalidOperation) as error:
            raise Unreadable("阶梯，如 2500:1.0、10000:0.8", "tiers such as 2500:1.0、10000:0.8") from error
        if not factor.is_finite() or not 0 <= factor <= 1000 or not 0 < upto <= LARGEST_QUANTITY:
            raise Unreadable("数量为正、系数不为负的阶梯", "tiers with a positive quantity and a factor of 0 or more")
        found.append((upto, format(factor, "f")))
    if [upto for upto, _ in found] != sorted({upto for upto, _ in found}):
        raise Unreadable("数量递增的阶梯", "tiers with rising quantities")
    return tuple(found)


def counting_told(value: CountingRule) -> str:
    """Write what `counting` reads."""
    told = {f.name: getattr(value, f.name) for f in fields(value)}
    parts = [f"{word}={told[name]}" for word, name in COUNTED.items() if told[name] is not None]
    parts += [f"{USERS_PER}={word}" for word, per in PER.items() if per == value.minimum_users_per != "processor"]
    parts += [word for word, name in FLAGS.items() if told[name]]
    if value.tiers:
        parts.append("阶梯=" + "、".join(f"{upto}:{factor}" for upto, factor in value.tiers))
    return "；".join(parts)


def _pair(told: str) -> tuple[str, str | None]:
    key, sign, value = told.replace("＝", "=").partition("=")
    return key.strip(), (value.strip() if sign else None)


def _bounded(told: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d{1,12}", told.strip()) or not least <= int(told) <= most:
        raise Unreadable(f"{least} 至 {most} 的整数", f"a whole number from {least} to {most}")
    return int(told)


def _long(cell: Value) -> str:
    """A cell with parts may be longer than a plain text."""
    told = cell if isinstance(cell, str) else text(cell)
    if len(told) > 32_767:
        raise Unreadable("不超过 32767 个字符", "at most 32767 characters")
    return told.strip()
