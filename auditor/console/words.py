"""Words of the console for what the rooms below tell in codes."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.core.model import Assignment, Copy, Evidence, Failing, Reason, Right
from reports.model import Name
from rules.product import Product

Pair = tuple[str, str]

REASONS: Mapping[Reason, Pair] = {
    Reason.BOUND: ("授权已绑定本机或本人", "The right is bound to this machine or person"),
    Reason.EXACT: ("同一产品、版本与版次的授权", "A right for this product, release and edition"),
    Reason.ALLOWED_VERSION: ("属于台账所列可使用版本", "One of the versions that the ledger allows"),
    Reason.UNLIMITED: ("不限数量的授权", "An unlimited right"),
    Reason.FREE_LIST: ("在可使用免费软件清单上", "On the allow-list of free software"),
    Reason.RIDE_ALONG: (
        "同机另一版本已有授权，可同时安装",
        "Another version on this machine is covered, which allows this one",
    ),
    Reason.SAME_USER: ("使用人的按人授权已覆盖", "Covered by the user's own right"),
    Reason.SECOND_USE: ("同一使用人的便携设备（第二次安装权）", "Second use on the same person's portable device"),
    Reason.SAME_RIGHT: ("合同允许合用一份授权", "The contract lets it share a right"),
    Reason.SUITE: ("作为套件的一部分", "Part of a suite or bundle"),
    Reason.MAINTENANCE: ("在升级保障期内发布的版本", "A release that came out within a maintenance period"),
    Reason.UPGRADE: ("升级授权", "An upgrade right with its base"),
    Reason.DOWNGRADE: ("降级权", "A downgrade right"),
    Reason.SITE: ("场地授权", "A site licence"),
    Reason.TRUE_UP: ("先用后补购", "Used now, to be ordered"),
    Reason.EXEMPT: ("豁免", "Exempt"),
}
FAILINGS: Mapping[Failing, Pair] = {
    Failing.NO_RIGHT: ("台账中没有该软件的授权", "The ledger holds no right for it"),
    Failing.EXPIRED: ("授权已到期", "The right has ended"),
    Failing.NOT_YET_VALID: ("授权尚未生效", "The right is not yet valid"),
    Failing.EDITION: ("授权的版次不同", "The right is for another edition"),
    Failing.VERSION: ("授权的版本不同", "The right is for another release"),
    Failing.UNIT: ("授权属于其他单位，不能共用", "The right belongs to another unit and is not shared"),
    Failing.PLACE: ("场地授权不含本机所在地点", "A site right is there, and the machine stands elsewhere"),
    Failing.PLACE_UNKNOWN: (
        "有场地授权，但本机地点未登记",
        "A site right is there, and the machine's place is not registered",
    ),
    Failing.NO_BASE: ("升级授权没有可升级的原授权", "An upgrade right has nothing to upgrade from"),
    Failing.NO_PERSON: ("授权按人，本机无责任人", "The right goes to persons, and nobody answers for the machine"),
    Failing.NOT_CERTIFIED: ("不限数量的授权未按期认证数量", "The unlimited right was not certified in time"),
    Failing.RIGHT_IS_TRIAL: ("台账中的授权是试用", "The right in the ledger is a trial"),
    Failing.RIGHT_IS_PERSONAL: ("台账中的授权仅限个人使用", "The right in the ledger is for private use only"),
    Failing.RESERVED: ("剩余授权已为其他单位保留", "What is left is reserved for another unit"),
    Failing.SUITE_INCOMPLETE: (
        "有套件授权，但本机未装齐套件",
        "A suite right is there, and the machine lacks parts of the suite",
    ),
    Failing.NO_DATA: ("缺少计数所需的数据", "What the metric counts is not known"),
    Failing.EXHAUSTED: ("授权数量已用完", "All rights are in use"),
    Failing.BOUND_ELSEWHERE: ("授权已绑定其他计算机或人员", "The right is bound to another machine or person"),
    Failing.NOT_BOUND: (
        "有随机授权，但台账未登记本机序列号",
        "An OEM right is there, and does not name this machine's serial",
    ),
    Failing.NOT_FOR_ORGANISATIONS: ("该版次不供单位使用", "The edition is not for organisations"),
    Failing.EDITION_UNKNOWN: ("有授权，但本机的版次不明", "A right is there, and the machine's edition is not known"),
    Failing.VERSION_UNKNOWN: ("有授权，但本机的版本不明", "A right is there, and the machine's release is not known"),
    Failing.TRIAL: ("试用期内", "Within the days of trial"),
    Failing.PERSONAL_ONLY: (
        "仅供个人免费使用，单位使用需确认",
        "Free for private persons; use in a unit must be confirmed",
    ),
    Failing.CLASS_UNKNOWN: ("授权类别不明", "Its licence class is not known"),
}
RIGHTS: Mapping[Right, Pair] = {
    Right.COVERED: ("有授权", "Licensed"),
    Right.NOT_NEEDED: ("无需授权", "Needs no licence"),
    Right.SHORT: ("授权不足", "Shortfall"),
    Right.TO_VERIFY: ("授权待核实", "Licence to be verified"),
    Right.NOT_VISIBLE: ("不可见", "Not visible"),
}
EVIDENCE: Mapping[Evidence, Pair] = {
    Evidence.NONE: ("没有发现异常迹象。", "No adverse sign was seen."),
    Evidence.ONE_STRONG: ("有一条较强迹象。", "One strong sign."),
    Evidence.CONCLUSIVE: (
        "有确凿迹象，或两条不同类型的较强迹象。",
        "A conclusive sign, or two strong ones of different kinds.",
    ),
    Evidence.SOURCE_FAILED: ("读取迹象的来源失败，无法判定。", "The source of signs could not be read."),
}
KINDS: Mapping[str, Pair] = {
    "application": ("应用软件", "application"),
    "suite": ("套件", "suite"),
    "component": ("组件", "component"),
    "operating_system": ("操作系统", "operating system"),
    "update": ("更新", "update"),
    "driver": ("驱动", "driver"),
    "runtime": ("运行库", "runtime"),
    "language_pack": ("语言包", "language pack"),
    "plug_in": ("插件", "plug-in"),
    "game": ("游戏", "game"),
    "font": ("字体", "font"),
    "system_part": ("系统组件", "part of the system"),
    "unknown": ("未识别", "not recognised"),
}
CLASSES: Mapping[str, Pair] = {
    "commercial": ("商业软件", "commercial"),
    "oem": ("OEM软件", "OEM"),
    "trial": ("试用版", "trial"),
    "free": ("免费软件", "free"),
    "personal_free": ("仅个人免费", "free for private persons"),
    "open_source": ("开源软件", "open source"),
    "bundled": ("随附组件", "bundled"),
    "unknown": ("类别不明", "class unknown"),
}
OUTCOMES: Mapping[str, Pair] = {
    "complete": ("完整", "complete"),
    "partial": ("部分", "partial"),
    "absent": ("没有", "absent"),
    "failed": ("失败", "failed"),
}
ACTS: Mapping[str, Pair] = {
    "opening": ("期初登记", "opening"),
    "installed": ("安装", "installed"),
    "removed": ("卸载", "removed"),
    "upgraded": ("升级", "upgraded"),
    "adjusted": ("调整", "adjusted"),
}
CLUES: Mapping[str, Pair] = {
    "agent": ("采集端", "agent"),
    "serial": ("整机序列号", "serial number"),
    "uuid": ("硬件 UUID", "hardware UUID"),
    "board_serial": ("主板序列号", "board serial"),
    "mac": ("网卡地址", "network address"),
    "os_installation": ("系统安装标识", "installation of the system"),
    "host_name": ("主机名", "host name"),
}
STATES: Mapping[str, Pair] = {
    "in_use": ("在用", "in use"),
    "idle": ("闲置", "idle"),
    "in_repair": ("维修", "in repair"),
    "out_of_service": ("停用", "out of use"),
    "scrapped": ("报废", "scrapped"),
    "transferred_out": ("调出", "handed on"),
    "classified": ("涉密不扫描", "classified, not scanned"),
    "private": ("个人设备", "privately owned"),
}


def spoken(pairs: Mapping[str, Pair], language: str) -> dict[str, str]:
    """Return the words of one language by code."""
    return {str(code): pair[0 if language == "zh_CN" else 1] for code, pair in pairs.items()}


def reason_of(assignment: Assignment, language: str) -> str:
    """Return why a right covers a copy, or the one condition that fails."""
    at = 0 if language == "zh_CN" else 1
    if assignment.failing is not None:
        return FAILINGS[assignment.failing][at]
    if assignment.reason is not None:
        told = REASONS[assignment.reason][at]
        return f"{told}: {assignment.note}" if assignment.note else told
    return RIGHTS[assignment.right][at]


def copy_name(copy: Copy, products: Mapping[str, Product]) -> str | Name:
    """Return a copy's name with its line and edition, in both languages where the catalogue knows it."""
    product = products.get(copy.product)
    if product is None:
        return copy.name
    edition = next((edition for edition in product.editions if edition.id == copy.edition), None)
    zh = (product.zh, copy.line, edition.zh if edition is not None else copy.edition)
    en = (product.en, copy.line, edition.en if edition is not None else copy.edition)
    return Name(" ".join(word for word in zh if word), " ".join(word for word in en if word))
