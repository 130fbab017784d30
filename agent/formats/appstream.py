"""AppStream metainfo: how an application describes itself.

https://www.freedesktop.org/software/appstream/docs/
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.formats.safe_xml import Element, XmlFault, read_xml

_LANGUAGE = "xml:lang"


class MetainfoFault(ValueError):
    """The bytes are no metainfo file."""


@dataclass(frozen=True)
class Metainfo:
    """What a metainfo file says; `None` = it does not."""

    identifier: str | None
    name: str | None
    """Untranslated."""
    version: str | None
    """Of the first release, the newest one."""
    developer: str | None
    licence: str | None
    categories: tuple[str, ...] = ()


def read_metainfo(data: bytes) -> Metainfo:
    """Return what a metainfo file says. Raises `MetainfoFault`."""
    try:
        root = read_xml(data)
    except XmlFault as fault:
        raise MetainfoFault("XML: %s" % fault)
    if root.name not in ("component", "application"):
        raise MetainfoFault("root element %s, expected component" % root.name)
    developer = root.first("developer")
    release = next((r for releases in root.all("releases") for r in releases.all("release")), None)
    categories = root.first("categories")
    return Metainfo(
        identifier=_plain(root, "id"),
        name=_plain(root, "name"),
        version=None if release is None else release.attributes.get("version", "").strip() or None,
        developer=_plain(root, "developer_name") or (_plain(developer, "name") if developer else None),
        licence=_plain(root, "project_license"),
        categories=tuple(c.text for c in categories.all("category") if c.text) if categories else (),
    )


def _plain(parent: Element, name: str) -> str | None:
    """Return the untranslated text of a child."""
    return next((child.text for child in parent.all(name) if _LANGUAGE not in child.attributes and child.text), None)
