"""Why a title is what it is taken for, in one sentence for people: which rule decided, and on which words."""

from __future__ import annotations

from rules.recognised import Recognition

_BY_PRODUCT = {
    1.0: (
        "按唯一标识“{words}”认定，依据规则 {rule}。",
        "Told by its own key “{words}”, rule {rule}.",
    ),
    0.95: (
        "按名称和厂商“{words}”认定，依据规则 {rule}。",
        "Told by name and publisher “{words}”, rule {rule}.",
    ),
    0.8: (
        "仅按名称“{words}”认定，厂商未写明，依据规则 {rule}。",
        "Told by the name “{words}” alone, the publisher is not said, rule {rule}.",
    ),
    0.7: (
        "按其他系统上的写法“{words}”认定，依据规则 {rule}。",
        "Told by how other systems write it, “{words}”, rule {rule}.",
    ),
}
_BY_PARTS = (
    "套件自身的条目不在清单中，由其组件“{words}”等认定，依据规则 {rule}。",
    "The suite's own entry is not listed; told by its parts, “{words}” and others, rule {rule}.",
)
_BY_ORIGIN = (
    "由发行版自带的软件包，依据来源“{words}”。",
    "A package of the distribution itself, told by its origin “{words}”.",
)
_BY_KIND = (
    "目录中没有该产品；按“{words}”的写法归入类别，依据通用规则 {rule}。",
    "The catalogue does not know the product; its kind is told by “{words}”, general rule {rule}.",
)
_BY_LIST = (
    "产品目录未收录；名录“{words}”记有此名称，许可类别为打包者所述，未经核实。",
    "No product file knows it; the name list bears the name as “{words}”; the class is the packager's, not verified.",
)
_UNKNOWN = (
    "目录中没有该产品；以清理后的名称和厂商“{group}”归组。",
    "The catalogue does not know the product; grouped by cleaned name and publisher, “{group}”.",
)


def reason(found: Recognition) -> dict[str, str]:
    """Return the sentence in Chinese and English."""
    zh, en = _sentences(found)
    facts = {"words": (found.because or found.name)[:200], "rule": found.rule or "", "group": found.group[:200]}
    return {"zh": zh.format(**facts), "en": en.format(**facts)}


def _sentences(found: Recognition) -> tuple[str, str]:
    if found.product is not None and (found.rule or "").endswith("#told-by-parts"):
        return _BY_PARTS
    if found.product is not None:
        return _BY_PRODUCT[min(_BY_PRODUCT, key=lambda confidence: abs(confidence - found.confidence))]
    if found.rule == "origin":
        return _BY_ORIGIN
    if found.listed is not None:
        return _BY_LIST
    return _UNKNOWN if found.rule is None else _BY_KIND
