"""The source's own key of a title, and the names that such a key says beside the name that people see.

A rule on package names asks what a package is called. In a shop, a menu or a second package base the same word stands
as the key, and the name is a translation: `com.gstarcad.cad` beside 浩辰CAD, `vlc.desktop` beside VLC 媒体播放器.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules.names import normal_name
from rules.title import Title

MENU_SOURCES = frozenset({"desktop_entries", "opt_apps", "flatpak"})
"""Sources whose names are those that people see, whatever the system."""
KEYED_SOURCES = frozenset({"dpkg", "rpm", "pacman", "apk", "snap", "flatpak", "opt_apps", "desktop_entries"})
_SHOP_DOMAINS = frozenset({"com", "cn", "org", "net", "io", "top", "store", "app", "dev", "me"})
_BUILT_ELSEWHERE = ("-bin", "-git")
"""How packages of the Arch users' repository say that they only pack what the vendor built."""


def source_key(title: Title) -> str | None:
    """Return the source's own key; that of a menu entry is its file's name without the ending."""
    key = title.identifier
    if key is not None and title.source == "desktop_entries":
        return key.removesuffix(".desktop")
    return key


def asked_names(title: Title) -> tuple[str, ...]:
    """Return what patterns on names are asked: the name in its normal form, and the key where that names a package."""
    name = normal_name(title.name)
    key = source_key(title)
    if key is None or title.source not in KEYED_SOURCES:
        return (name,)
    keys = [key]
    if title.source == "pacman":
        keys += [key.removesuffix(ending) for ending in _BUILT_ELSEWHERE if key.endswith(ending)]
    return tuple(dict.fromkeys((name, *keys)))


_SHOP_NAME = re.compile(r"[A-Za-z0-9]{2,40}(?:\.[A-Za-z0-9_-]{2,60}){1,4}")
_SHOP_NUMBER = re.compile(r"(?=.*\d)(?:[0-9A-F]{8}|\d{4,6}[A-Z]\w*)")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_-]")
_SHOP_CHANNELS = frozenset({"stable", "app", "desktop", "win10", "uwp", "store"})


@dataclass(frozen=True)
class ShopName:
    """What the name of a package of the Windows shop says (`SomeHouse.SomeTool`)."""

    vendor: str | None
    """The house in words; `None` when the shop's number stands there."""
    names: tuple[str, ...]
    """Names that the program may have, the whole one first."""


def shop_name(name: str) -> ShopName | None:
    """Return the words of a shop's package name, `None` when the name is none.

    `Microsoft.VisualStudioCode` → Microsoft; Visual Studio Code. `AppleInc.iTunes` → Apple Inc; iTunes.
    """
    if "." not in name or _SHOP_NAME.fullmatch(name) is None or name.count(".") > 4:
        return None
    vendor, *parts = name.split(".")
    kept = [part for part in parts if part.casefold() not in _SHOP_CHANNELS] or parts
    if all(part.isdigit() for part in kept):
        return None
    told = None if _SHOP_NUMBER.fullmatch(vendor) else _words(vendor)
    whole = " ".join(map(_words, kept))
    ways = [whole, "".join(kept), _words(kept[0]), _words(kept[-1])]
    if told is not None:
        ways += [f"{told} {whole}", f"{told.partition(' ')[0]} {whole}"]
    return ShopName(told, tuple(dict.fromkeys(ways)))


def _words(joined: str) -> str:
    """Part words that were written together: VisualStudioCode, iTunes (one word)."""
    if re.fullmatch(r"[a-z][A-Z][a-z]+", joined):
        return joined
    return " ".join(part for part in _WORD_STARTS.split(joined) if part)


def vendor_and_name(key: str | None) -> tuple[str, str] | None:
    """Return vendor and last part of a reverse domain name (`org.videolan.vlc` → videolan, vlc); else `None`."""
    parts = (key or "").casefold().split(".")
    if len(parts) < 3 or parts[0] not in _SHOP_DOMAINS or not all(parts):
        return None
    vendor = parts[2] if parts[1] == "com" and len(parts) > 3 else parts[1]
    return vendor, parts[-1]
