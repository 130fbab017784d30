"""winget manifests (github.com/microsoft/winget-pkgs): manifests/<letter>/<publisher>/<package>/<version>/*.yaml."""

from __future__ import annotations

from rules.imports.draft import Collection, Draft, draft_id
from rules.yaml_file import YamlFaults, YamlValue, parse_yaml


def read(path: str, data: bytes) -> Draft | None:
    """Return what one manifest says: locale files tell names and licence, installer files entries of the registry."""
    try:
        whole = parse_yaml(data)
    except YamlFaults as error:
        raise ValueError(str(error)) from error
    identifier = _text(whole, "PackageIdentifier")
    if identifier is None or "." not in identifier:
        return None
    publisher, _, product = identifier.partition(".")
    name = _text(whole, "PackageName") or ""
    entries = [*_children(whole, "AppsAndFeaturesEntries")]
    for installer in _children(whole, "Installers"):
        entries += _children(installer, "AppsAndFeaturesEntries")
    shown = {text for entry in entries if (text := _text(entry, "DisplayName"))}
    if name:
        shown.add(name)
    return Draft(
        draft_id(publisher, product),
        name,
        _text(whole, "Publisher") or publisher,
        f"winget {path}",
        licence=_text(whole, "License"),
        homepage=_text(whole, "PackageUrl") or _text(whole, "PublisherUrl"),
        names=shown,
    )


def _text(value: YamlValue, key: str) -> str | None:
    if not isinstance(value.value, dict):
        return None
    found = value.value.get(key)
    return found.words.strip() if found is not None and found.words and found.value is not None else None


def _children(value: YamlValue, key: str) -> tuple[YamlValue, ...]:
    found = value.value.get(key) if isinstance(value.value, dict) else None
    return found.value if found is not None and isinstance(found.value, tuple) else ()


WINGET = Collection("winget", "*.yaml", read)
