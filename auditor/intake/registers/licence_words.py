"""The words of the ledger's closed lists: 软件类型, 来源类型, 计量方式, 共享范围, 处置方式.

Of several words for one thing we write the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from auditor.core.entitlement import Sharing, SoftwareType, SourceType
from auditor.core.ledger_acts import DisposalKind
from rules.metrics.roster import METRICS as KNOWN_METRICS

E = TypeVar("E", bound=StrEnum)

TYPES = {
    "商业软件": SoftwareType.COMMERCIAL,
    "商业": SoftwareType.COMMERCIAL,
    "commercial": SoftwareType.COMMERCIAL,
    "OEM软件": SoftwareType.OEM,
    "OEM": SoftwareType.OEM,
    "随机预装软件": SoftwareType.OEM,
    "随机预装": SoftwareType.OEM,
    "预装软件": SoftwareType.OEM,
    "免费软件": SoftwareType.FREE,
    "免费": SoftwareType.FREE,
    "free": SoftwareType.FREE,
}
SOURCES = {
    "随机预装": SourceType.OEM,
    "OEM": SourceType.OEM,
    "零售": SourceType.RETAIL,
    "零售版": SourceType.RETAIL,
    "彩盒": SourceType.RETAIL,
    "批量许可": SourceType.VOLUME,
    "批量授权": SourceType.VOLUME,
    "开放式许可": SourceType.VOLUME,
    "国内合法化": SourceType.LEGALISATION,
    "国内合法化授权": SourceType.LEGALISATION,
    "GGWA": SourceType.LEGALISATION,
    "GGS": SourceType.LEGALISATION,
    "场地授权": SourceType.SITE,
    "场地许可": SourceType.SITE,
    "订阅": SourceType.SUBSCRIPTION,
    "免费": SourceType.FREE,
    "开源": SourceType.OPEN_SOURCE,
    "试用": SourceType.TRIAL,
    "上级配发": SourceType.ISSUED,
    "上级下发": SourceType.ISSUED,
    "上级发放": SourceType.ISSUED,
    **{source.value: source for source in SourceType},
}
SHARING = {
    "本单位": Sharing.OWN,
    "本单位及下级": Sharing.DESCENDANTS,
    "本单位及所属单位": Sharing.DESCENDANTS,
    "指定单位": Sharing.NAMED,
    **{sharing.value: sharing for sharing in Sharing},
}
DISPOSALS = {
    "转让": DisposalKind.SOLD,
    "捐赠": DisposalKind.DONATED,
    "调剂": DisposalKind.REASSIGNED,
    "报废": DisposalKind.SCRAPPED,
    **{kind.value: kind for kind in DisposalKind},
}
_METRIC_ALIASES = {
    "按台": "per_device",
    "单机": "per_device",
    "数量许可": "per_device",
    "用户许可": "per_user",
    "随机": "oem",
    "随机预装": "oem",
    "指定设备": "named_device",
    "指定用户": "named_user",
    "按指定设备": "named_device",
    "按指定用户": "named_user",
    "按并发": "concurrent",
    "按并发数": "concurrent",
    "按场地": "site",
    "并发": "concurrent",
    "浮动": "concurrent",
    "网络许可": "concurrent",
    "场地": "site",
    "场地许可": "site",
    "按处理器": "processor",
    "按核": "core",
    "按核心": "core",
}


def metrics() -> dict[str, str]:
    """Return every word of 计量方式: Chinese and English name of each metric, its id, and what people write."""
    known = {metric.id for metric in KNOWN_METRICS}
    names = {metric.zh: metric.id for metric in KNOWN_METRICS}
    aliases = {word: metric for word, metric in _METRIC_ALIASES.items() if metric in known and word not in names}
    return names | aliases | {metric.en: metric.id for metric in KNOWN_METRICS} | {name: name for name in known}


def word_of(words: Mapping[str, E], value: E) -> str:
    """Return the word that stands for a value, the first of the list."""
    return next(word for word, meant in words.items() if meant is value)


def metric_word(metric: str) -> str:
    """Return the Chinese name of a metric; the id of one that this release does not know."""
    return next((known.zh for known in KNOWN_METRICS if known.id == metric), metric)


def choices(field: str, *, chinese: bool = True) -> tuple[str, ...]:
    """Return the words that a template offers for a column; empty for a column without a closed list."""
    flags = ("是", "否") if chinese else ("yes", "no")
    if field in ("second_use", "multi_version", "true_up", "transferable", "personal_only"):
        return flags
    if field == "metric":
        return tuple(metric.zh if chinese else metric.en for metric in KNOWN_METRICS)
    words: dict[str, Mapping[str, StrEnum]] = {
        "software_type": TYPES,
        "source_type": SOURCES,
        "sharing": SHARING,
        "kind": DISPOSALS,
    }
    if field not in words:
        return ()
    found = dict.fromkeys(words[field].values())
    return tuple(word_of(words[field], value) if chinese else _english(words[field], value) for value in found)


def _english(words: Mapping[str, StrEnum], value: StrEnum) -> str:
    return next(word for word, meant in words.items() if meant is value and word.isascii())
