"""The source's own key of a title, and the names that such a key says beside the name that people see.

A rule on package names asks what a package is called. In a shop, a menu or a second package base the same word stands
as the key, and the name is a translation: `com.gstarcad.cad` beside 浩辰CAD, `vlc.desktop` beside VLC 媒体播放器.
"""

from __future__ import annotations

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


def vendor_and_name(key: str | None) -> tuple[str, str] | None:
    """Return vendor and last part of a reverse domain name (`org.videolan.vlc` → videolan, vlc); else `None`."""
    parts = (key or "").casefold().split(".")
    if len(parts) < 3 or parts[0] not in _SHOP_DOMAINS or not all(parts):
        return None
    vendor = parts[2] if parts[1] == "com" and len(parts) > 3 else parts[1]
    return vendor, parts[-1]
