"""SWID tags: ISO/IEC 19770-2 of 2015 (`SoftwareIdentity`) and of 2009 (`software_identification_tag`).

Prefixes of names are passed over: tags are written under several. Of a 2009 tag Adobe's and Microsoft's additions
that say how a copy was licensed are read; serial numbers are not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.formats.safe_xml import Element, XmlFault, read_xml


class SwidFault(ValueError):
    """The bytes are no SWID tag, or one without a name."""


@dataclass(frozen=True)
class SwidTag:
    """What one tag says; `None` = it does not."""

    name: str
    tag_id: str | None = None
    version: str | None = None
    creator: str | None = None
    """The entity with the role softwareCreator."""
    tag_creator: str | None = None
    edition: str | None = None
    language: str | None = None
    kind: str | None = None
    """`patch`, `corpus` (describes a medium, not an installation) or `supplemental`; `None` is a primary tag."""
    channel: str | None = None
    licensor: str | None = None


def read_swid(data: bytes) -> SwidTag:
    """Return what a tag says. Raises `SwidFault`."""
    try:
        root = read_xml(data)
    except XmlFault as fault:
        raise SwidFault("XML: %s" % fault)
    kind = _local(root.name)
    if kind == "SoftwareIdentity":
        return _of_2015(root)
    if kind == "software_identification_tag":
        return _of_2009(root)
    raise SwidFault("root element %s, expected SoftwareIdentity" % root.name)


def _of_2015(root: Element) -> SwidTag:
    facts = _attributes(root)
    name = facts.get("name")
    if name is None:
        raise SwidFault("no name")
    entities = [_attributes(child) for child in root.children if _local(child.name) == "Entity"]
    metas = [_attributes(child) for child in root.children if _local(child.name) == "Meta"]
    true = ("true", "1")
    return SwidTag(
        name=name,
        tag_id=facts.get("tagId"),
        version=facts.get("version"),
        creator=_entity(entities, "softwareCreator"),
        tag_creator=_entity(entities, "tagCreator"),
        edition=next((meta["edition"] for meta in metas if "edition" in meta), None),
        language=facts.get("lang"),
        kind=next((word for word in ("patch", "corpus", "supplemental") if facts.get(word) in true), None),
        licensor=_entity(entities, "licensor"),
    )


def _entity(entities: list[dict[str, str]], role: str) -> str | None:
    return next((each.get("name") for each in entities if role in each.get("role", "").split()), None)


def _of_2009(root: Element) -> SwidTag:
    name = _text(root, "product_title")
    if name is None:
        raise SwidFault("no product_title")
    identity = _text(root, "software_id", "unique_id")
    return SwidTag(
        name=name,
        tag_id=identity,
        version=_text(root, "product_version", "name") or _numeric(root),
        creator=_text(root, "software_creator", "name"),
        tag_creator=_text(root, "tag_creator", "name"),
        edition=_text(root, "product_edition"),
        language=None,
        channel=_text(root, "license_linkage", "channel_type"),
        licensor=_text(root, "software_licensor", "name"),
    )


def _numeric(root: Element) -> str | None:
    """Return `1.2.0.3` of the numeric version of a 2009 tag."""
    parts = [_text(root, "product_version", "numeric", part) for part in ("major", "minor", "build", "review")]
    known = [part for part in parts if part is not None]
    return ".".join(known) or None


def _text(element: Element, *names: str) -> str | None:
    """Return the text of a descendant, found child by child."""
    for name in names:
        below = next((child for child in element.children if _local(child.name) == name), None)
        if below is None:
            return None
        element = below
    return element.text or None


def _attributes(element: Element) -> dict[str, str]:
    """Return the attributes that are not empty, by their names without prefix."""
    return {_local(name): value.strip() for name, value in element.attributes.items() if value.strip()}


def _local(name: str) -> str:
    return name.rpartition(":")[2]
