"""Software rows of GLPI, FusionInventory and OCS agents → `Software`, in the words of our collector of the same.

A package that two tools see is then one title: `deb` rows are told as `dpkg` tells them, registry rows as
`uninstall_keys` does. What an agent leaves out stays `None`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.inventory.software import Software
from auditor.intake.foreign.told import Section, day, number, text, truth

_SOURCES = {
    "deb": "dpkg", "dpkg": "dpkg", "rpm": "rpm", "pacman": "pacman", "apk": "apk", "snap": "snap",
    "flatpak": "flatpak", "nix": "nix", "portage": "portage", "gentoo": "portage", "registry": "uninstall_keys",
    "uwp": "appx", "wmi": "hotfixes", "android": "android", "homebrew": "homebrew",
}  # fmt: skip
_OF_FAMILY = {"windows": "uninstall_keys", "macos": "applications", "linux": "dpkg"}
PACKAGES = frozenset({"dpkg", "rpm", "pacman", "apk", "snap", "flatpak", "nix", "portage"})
"""Sources whose name is the source's own key as well."""
_IMAGE_DAYS = frozenset({"1970-01-01", "01/01/1970", "2008-12-31", "2009-01-01"})
"""Days on which the clock of an Android image stands when it is built."""
_UPDATES = re.compile(r"update|hotfix|service ?pack|patch", re.IGNORECASE)
_KB = re.compile(r"KB\d{5,8}")
_WORD = re.compile(r"[a-z0-9_]{1,30}")


def software_of(
    found: Iterator[Section], *, family: str, scope: str, users_scope: str, day_first: bool
) -> Iterator[Software]:
    """Yield the software; a row without a name is passed over. `users_scope` is for what one user installed."""
    for number_of_row, row in enumerate(found):
        name = text(row, "name")
        if name is not None:
            yield _software(row, name, family, scope, users_scope, f"softwares[{number_of_row}]", day_first)


def _software(
    row: Section, name: str, family: str, scope: str, users_scope: str, seen_at: str, day_first: bool
) -> Software:
    source = _source(row, family)
    personal = source != "android" and text(row, "username", "userid") is not None
    written = text(row, "install_date", "installdate", "installation_date")
    installed_on = day(written, day_first=day_first)
    publisher = text(row, "publisher")
    if publisher is not None and publisher.startswith(("http://", "https://")):
        publisher = None  # an agent of OCS writes the home page here
    return Software(
        source=source,
        name=name,
        scope=users_scope if personal else scope,
        seen_at=seen_at,
        version=text(row, "version"),
        publisher=publisher,
        identifier=name if source in PACKAGES else text(row, "guid", "bundleidentifier"),
        architecture=text(row, "arch", "architecture"),
        language=text(row, "language"),
        installed_on=installed_on,
        install_date_raw=written if written != installed_on else None,
        location=text(row, "folder"),
        size_bytes=number(row, "filesize", "file_size"),
        per_user=True if personal else False if source in PACKAGES else None,
        section=text(row, "system_category", "category") or _image(source, installed_on or written),
        system_component=True if source == "appx" and text(row, "system_category") == "framework" else None,
        update=True if _is_update(row, name, source) else None,
        release_type=text(row, "release_type"),
    )


def _image(source: str, day: str | None) -> str | None:
    """A program of an Android device's own image bears the day of the image's clock: it was never installed."""
    return "system image" if source == "android" and day in _IMAGE_DAYS else None


def _source(row: Section, family: str) -> str:
    told = (text(row, "from", "source") or "").casefold()
    if told in _SOURCES:
        return _SOURCES[told]
    return told if family == "other" and _WORD.fullmatch(told) else _OF_FAMILY.get(family, "other")


def _is_update(row: Section, name: str, source: str) -> bool:
    if source == "hotfixes" or _KB.fullmatch(name):
        return True
    kind = text(row, "release_type")
    return kind is not None and _UPDATES.search(kind) is not None and truth(row, "no_remove") is not True
