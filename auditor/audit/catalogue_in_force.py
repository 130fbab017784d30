"""Which catalogue an audit uses: the shipped one with the rules of the house over it."""

from __future__ import annotations

import os
from pathlib import Path

from auditor.errors import AuditorError
from auditor.settings import Settings
from rules.catalogue import Catalogue
from rules.compiled import shipped_catalogue
from rules.overlay import OverlayFault, layer_sources


def catalogue_in_force(settings: Settings) -> Catalogue:
    """Return the catalogue with the organisation's layer, by way of its compiled form beside the user's caches.

    Raises `AuditorError` when the layer was altered.
    """
    try:
        return shipped_catalogue(cache_folder(), layer_sources(layer_folder(settings)))
    except OverlayFault as error:
        raise AuditorError(str(error)) from error


def layer_folder(settings: Settings) -> Path:
    """Return the folder of the organisation's layer: the setting, else a folder beside an embedded database."""
    told = settings.text("catalogue_folder")
    if told:
        return Path(told)
    address = settings.text("database")
    file = address.removeprefix("sqlite:///").partition("?")[0] if address.startswith("sqlite:///") else ""
    return Path(f"{file}.catalogue" if file else "zhengban.catalogue")


def cache_folder() -> Path | None:
    """Return the folder for what can be worked out again, `None` where there is no home folder."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    home = os.environ.get("HOME") or os.environ.get("USERPROFILE")
    if base:
        return Path(base) / "zhengban"
    return Path(home) / ".cache" / "zhengban" if home else None
