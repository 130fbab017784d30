"""Rules that claim no product: updates, language packs, drivers and hidden parts, told by their name, key or marks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rules.matching import Pattern, PatternSet
from rules.product import Category, Kind, LicenceClass
from rules.source_keys import source_key
from rules.title import Title


@dataclass(frozen=True)
class GenericRule:
    """One kind of thing that no form lists by itself."""

    id: str
    kind: Kind
    licence_class: LicenceClass
    category: Category
    names: str = ""
    """RE2 pattern on the normal name; empty when marks of the source decide."""
    keys: str = ""
    """RE2 pattern on the source's own key, asked in `source` alone."""
    source: str = ""


UPDATE = GenericRule(
    "update",
    Kind.UPDATE,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r".*\(?\bKB ?\d{6,8}\b.*|(Security |Critical |Definition |Cumulative )?(Update|Hotfix) for .*|"
    r"(Hotfix|Service Pack) \d+ (for|of) .*|.* Service Pack \d+ \(KB.*|"
    r".*(安全更新|累积更新|更新程序|修补程序) ?\(?KB.*|"
    r"(Microsoft|Windows) .*(安全更新|更新程序|修补程序).*",
)
LANGUAGE_PACK = GenericRule(
    "language-pack",
    Kind.LANGUAGE_PACK,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    r".*\blanguage (interface )?pack\b.*|.*\blanguagepack\b.*|.*(语言包|本地体验包|语言界面包).*|"
    r".*Local Experience Pack.*|"
    r"Microsoft .*\b(MUI|Proof|Proofing)\b.*|Microsoft .*(校对工具|多语言用户界面).*|.* Language Support",
)
DRIVER = GenericRule(
    "driver",
    Kind.DRIVER,
    LicenceClass.BUNDLED,
    Category.DRIVER,
    r".*\bdrivers?( (software|package|installer|suite|setup))?( \(?[xv]?[\d.]+.*)?|Windows Driver Package - .*|"
    r"Windows 驱动程序包 - .*|.*驱动(程序)?(软件)?([ \dvV(].*)?|.*\b(chipset|serial io|management engine)\b.*|"
    r".*(芯片组|显卡|声卡|网卡|打印机|扫描仪).*驱动.*|.*芯片组设备软件",
)
HIDDEN_PART = GenericRule("hidden-part", Kind.COMPONENT, LicenceClass.UNKNOWN, Category.OTHER)
LANGUAGE_LIBRARY = GenericRule("language-library", Kind.COMPONENT, LicenceClass.UNKNOWN, Category.DEVELOPMENT)

APPLE_PART = GenericRule(
    "apple-part",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    # What Apple sells or gives beside the system has products of its own.
    keys=r"com\.apple\..+",
    source="applications",
)
DESKTOP_TOOL = GenericRule(
    "desktop-tool",
    Kind.SYSTEM_PART,
    LicenceClass.BUNDLED,
    Category.SYSTEM,
    keys=r"(dde|deepin|uos|uniontech|kylin|ukui|peony|mate|xfce4?|gnome|kde|lxqt|pcmanfm|cinnamon|nemo|caja|thunar|"
    r"nautilus|dolphin|konsole)([-_.].*)?|ukwm.*|"
    r"(org|com|cn|top)\.(deepin|uniontech|kylin|kylinos|openkylin|ukui|gnome|kde|xfce|mate|lxqt|cinnamon|"
    r"freedesktop)\..+",
    source="desktop_entries",
)

_BY_KEY = (APPLE_PART, DESKTOP_TOOL)
_BY_NAME = (UPDATE, LANGUAGE_PACK, DRIVER)
_LIBRARY_SOURCES = frozenset({"python_packages", "npm_packages", "gems"})


@cache
def _keys() -> dict[str, tuple[GenericRule, Pattern]]:
    return {rule.source: (rule, Pattern(rule.keys)) for rule in _BY_KEY}


@cache
def _names() -> PatternSet:
    return PatternSet([rule.names for rule in _BY_NAME])


def generic_rule(title: Title, name: str) -> GenericRule | None:
    """Return the rule that holds for a title of this normal name, `None` when none does."""
    if title.update:
        return UPDATE
    if title.source in _LIBRARY_SOURCES:
        return LANGUAGE_LIBRARY
    keyed, key = _keys().get(title.source), source_key(title)
    if keyed is not None and key and keyed[1].groups_of(key) is not None:
        return keyed[0]
    hits = _names().matching(name)
    if hits:
        return _BY_NAME[hits[0]]
    return HIDDEN_PART if title.system_component else None
