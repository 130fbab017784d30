"""App packages of Windows (Appx, MSIX): full names, manifests, and the listings that PowerShell prints.

Full name: `Name_Version_Architecture_ResourceId_PublisherId`, as Microsoft documents package identity. A resource id
    that
begins with `split.` is a part (a language, a scale), `~` a bundle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator

from agent.formats.safe_xml import Element, XmlFault, read_xml

MAX_PACKAGES = 20_000

_FULL_NAME = re.compile(
    r"(?P<name>[A-Za-z0-9.-]{1,100})_(?P<version>\d+(?:\.\d+){1,3})_(?P<arch>[A-Za-z0-9]+)_(?P<resource>[^_]*)_(?P<publisher>[a-z0-9]{13})"
)
_DISTINGUISHED = re.compile(r'(?:^|,)\s*(?P<part>O|CN)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^,]*))', re.IGNORECASE)
_LABELLED = re.compile(r"^(?P<label>[A-Za-z_][A-Za-z_ ]{0,40}?)\s*:(?:\s(?P<value>.*))?$")


@dataclass(frozen=True)
class PackageName:
    """A package's full name in its parts."""

    full: str
    name: str
    version: str
    architecture: str
    resource: str
    publisher_id: str

    @property
    def is_part(self) -> bool:
        """A language or scale of another package."""
        return self.resource.lower().startswith("split.")

    @property
    def is_bundle(self) -> bool:
        """The wrapping of packages for several architectures."""
        return self.resource == "~"

    @property
    def family(self) -> str:
        """Return the family name, the same for every version."""
        return "%s_%s" % (self.name, self.publisher_id)


@dataclass(frozen=True)
class Manifest:
    """What AppxManifest.xml says. Texts that begin with `ms-resource:` stand in the package's resources."""

    name: str | None = None
    version: str | None = None
    publisher: str | None = None
    architecture: str | None = None
    display_name: str | None = None
    publisher_display_name: str | None = None
    framework: bool = False
    resource_package: bool = False


def parse_full_name(text: str) -> PackageName | None:
    """Return a full name in its parts, `None` when the text is none."""
    found = _FULL_NAME.fullmatch(text)
    if found is None:
        return None
    return PackageName(
        text, found.group("name"), found.group("version"), found.group("arch"), found.group("resource"),
        found.group("publisher"),
    )  # fmt: skip


def organisation_of(distinguished_name: str | None) -> str | None:
    """Return the organisation of `CN=…, O=…, C=…`, else its common name; a plain text stays as it is."""
    if distinguished_name is None or not distinguished_name.strip():
        return None
    parts: Dict[str, str] = {}
    for found in _DISTINGUISHED.finditer(distinguished_name):
        parts.setdefault(found.group("part").upper(), (found.group("quoted") or found.group("plain") or "").strip())
    return parts.get("O") or parts.get("CN") or (None if "=" in distinguished_name else distinguished_name.strip())


def parse_manifest(data: bytes) -> Manifest | None:
    """Return what a manifest says, `None` when the bytes are no manifest of a package."""
    try:
        root = read_xml(data)
    except XmlFault:
        return None
    identity, properties = _child(root, "Identity"), _child(root, "Properties")
    if identity is None:
        return None
    return Manifest(
        name=identity.attributes.get("Name"),
        version=identity.attributes.get("Version"),
        publisher=identity.attributes.get("Publisher"),
        architecture=identity.attributes.get("ProcessorArchitecture"),
        display_name=_text(properties, "DisplayName"),
        publisher_display_name=_text(properties, "PublisherDisplayName"),
        framework=(_text(properties, "Framework") or "").lower() == "true",
        resource_package=(_text(properties, "ResourcePackage") or "").lower() == "true",
    )


def parse_listing(text: str) -> Iterator[Dict[str, str]]:
    """Yield the packages of a printed listing (`Get-AppxPackage`, or `NAME: …` blocks) as labels in upper case →
    values.

    A line without a label continues the value above it, as PowerShell breaks long ones.
    """
    here: Dict[str, str] = {}
    label = ""
    count = 0
    for line in [*re.split(r"\r\n|\n|\r", text), ""]:
        found = _LABELLED.match(line)
        if not line.strip():
            if "NAME" in here and count < MAX_PACKAGES:
                count += 1
                yield here
            here, label = {}, ""
        elif found is not None and not line.startswith(" "):
            label = found.group("label").strip().upper()
            here.setdefault(label, (found.group("value") or "").strip())
        elif label and line.startswith(" "):
            here[label] += line.strip()


def _child(element: Element, name: str) -> Element | None:
    """Return the first child of that name, whatever prefix of a name space it bears."""
    return next((child for child in element.children if child.name.rpartition(":")[2] == name), None)


def _text(element: Element | None, name: str) -> str | None:
    child = None if element is None else _child(element, name)
    return None if child is None else child.text.strip() or None
