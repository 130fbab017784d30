"""Licence words of Chinese databases: KingbaseES's license.dat, and what a server of DM says of its licence in its
log.

KingbaseES writes its licence as lines `name --- 启用 --- value` (启用: in force, 禁用: not) after a sealed block that
is skipped; as its own manuals and `get_license_info()` show it. DM's dm.key is sealed as a whole: only the server's
words `License will expire on …` and `file dm.key not found, use default license!` are readable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from agent.formats.licence_told import FeatureTold, clipped, tail_of
from agent.formats.written_day import day_of

MAX_LINES = 200_000

_KINGBASE = re.compile(
    r"^\s*(?P<name>[^-\s][^-]*?)\s*-{3,}\s*(?P<in_force>启用|禁用)(?:\s*-{3,}\s*(?P<value>.*?))?\s*\+?\s*$"
)
_EXPIRES = re.compile(r"License will expire (?:in \d+ day\(s\) )?on (?P<day>\d{4}-\d{1,2}-\d{1,2})", re.IGNORECASE)
_DEFAULT = re.compile(r"file dm\.key not found, use default license", re.IGNORECASE)
_EXPIRED = re.compile(r"License (?:has )?expired|dm\.key.{0,40}(?:invalid|expired)", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:initdb|DM Database Server[^\n]*?)\s+V(?P<version>\d+(?:\.\d+)*)(?:-Build\([^)]*\))?(?P<edition>[A-Z]{3})?"
)
_TRIAL = re.compile(r"试用|trial|evaluation", re.IGNORECASE)
_LIMITS = ("CPU检查", "CPU核数", "最大连接数", "最大并发连接数", "容器名称")


@dataclass(frozen=True)
class DmLog:
    """What a server's log says last of its licence."""

    expires_on: str | None
    is_default: bool
    expired: bool
    version: str | None
    edition: str | None


def parse_kingbase_licence(text: str) -> FeatureTold | None:
    """Return what license.dat grants, `None` for a text without its lines.

    有效期间 counts days from 生产日期, or from the first start when 浮动基准日期 is in force; 0 is without end.
    """
    said: dict[str, str] = {}
    in_force: dict[str, bool] = {}
    for line in text.splitlines()[:MAX_LINES]:
        found = _KINGBASE.match(line[:500])
        if found is not None:
            name = found.group("name").strip()
            said.setdefault(name, clipped(found.group("value") or ""))
            in_force.setdefault(name, found.group("in_force") == "启用")
    if "产品名称" not in said and "License序列号" not in said:
        return None
    feature = FeatureTold(said.get("产品名称") or "KingbaseES", product=said.get("产品名称") or None)
    feature.version, feature.edition = said.get("产品版本号") or None, _edition(said.get("细分版本模板名"))
    feature.licensee = said.get("用户名称") or said.get("项目名称") or None
    feature.serial_tail = tail_of(said.get("License序列号"))
    feature.issued_on = day_of(said["生产日期"]) if said.get("生产日期") else None
    feature.kind = "trial" if _TRIAL.search(" ".join((said.get("用户名称", ""), said.get("项目名称", "")))) else None
    feature.components = tuple("%s=%s" % (name, said[name]) for name in _LIMITS if said.get(name) and in_force[name])
    mac = said.get("MAC地址", "")
    feature.host_id = mac if mac and in_force.get("MAC地址") and mac.strip("0:-") else None
    connections = said.get("最大连接数") or said.get("最大并发连接数") or ""
    feature.total = int(connections) if connections.isdecimal() and len(connections) < 10 and int(connections) else None
    _term(feature, said.get("有效期间"), in_force.get("浮动基准日期", False))
    return feature


def _edition(template: str | None) -> str | None:
    """Return `企业版` of `SALES-企业版 V8R6`."""
    found = re.search(r"([^\s-]*版)", template or "")
    return found.group(1) if found else template or None


def _term(feature: FeatureTold, days: str | None, floats: bool) -> None:
    if days is None or not days.isdecimal() or len(days) > 6:
        return
    if int(days) == 0:
        feature.permanent = True
    elif floats or feature.issued_on is None:
        feature.expires_raw = "%s 天，自首次启动起" % days
    else:
        year, month, day = map(int, feature.issued_on.split("-"))
        try:
            feature.expires_on = (date(year, month, day) + timedelta(days=int(days))).isoformat()
        except OverflowError:
            feature.permanent = True
        feature.expires_raw = "%s 天" % days


def parse_dm_log(text: str) -> DmLog | None:
    """Return what the log says last of the licence, `None` when it says nothing."""
    ends = list(_EXPIRES.finditer(text))
    defaults = list(_DEFAULT.finditer(text))
    expired = list(_EXPIRED.finditer(text))
    if not (ends or defaults or expired):
        return None
    versions = list(_VERSION.finditer(text))
    last_end = ends[-1].start() if ends else -1
    is_default = bool(defaults) and (not ends or 0 <= last_end - defaults[-1].start() < 2000)
    last = versions[-1] if versions else None
    return DmLog(
        day_of(ends[-1].group("day")) if ends else None,
        is_default,
        bool(expired) and expired[-1].start() > last_end,
        last.group("version") if last else None,
        last.group("edition") if last else None,
    )
