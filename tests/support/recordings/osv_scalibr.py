"""Judge of the extractor fixtures in osv-scalibr: package lists of many systems, with broken and empty files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from recordings.judged import Judged, compare
from recordings.reading import Case, cases_of, joined, read

from agent.inventory.software import Software

FAULT = "(a fault is named)"

_SOURCES = {
    "misc/chrome/extensions": "chrome_extensions",
    "misc/vscodeextensions": "vscode_extensions",
    "os/apk": "apk",
    "os/cos": "cos",
    "os/dpkg": "dpkg",
    "os/flatpak": "flatpak",
    "os/homebrew": "homebrew",
    "os/macapps": "applications",
    "os/nix": "nix",
    "os/pacman": "pacman",
    "os/portage": "portage",
    "os/rpm": "rpm",
    "os/snap": "snap",
}
_BY_IDENTIFIER = frozenset({"misc/chrome/extensions", "misc/vscodeextensions", "os/flatpak"})
_FIELDS: dict[str, tuple[tuple[str, Callable[[Software], object]], ...]] = {
    "misc/chrome/extensions": (("Name", lambda s: s.name),),
    "misc/vscodeextensions": (
        ("PublisherDisplayName", lambda s: s.publisher),
        ("TargetPlatform", lambda s: s.architecture),
        ("InstalledTimestamp", lambda s: s.install_date_raw),
    ),
    "os/apk": (
        ("maintainer", lambda s: s.publisher),
        ("arch", lambda s: s.architecture),
        ("license", lambda s: s.licence),
        ("origin", lambda s: s.parent),
    ),
    "os/dpkg": (
        ("Maintainer", lambda s: s.publisher),
        ("Architecture", lambda s: s.architecture),
        ("SourceName", lambda s: s.parent),
    ),
    "os/flatpak": (("PackageName", lambda s: None if s.name == s.identifier else s.name),
                   ("Developer", lambda s: s.publisher)),
    "os/macapps": (("CFBundleIdentifier", lambda s: s.identifier),),
    "os/rpm": (("SourceRPM", lambda s: s.parent), ("Architecture", lambda s: s.architecture)),
}  # fmt: skip
"""Kind → word of the answer's metadata and what ours says of the same."""


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every case of a kind that we read."""
    for case in cases_of(corpus, "osv-scalibr", _SOURCES):
        inventory = read(_source(case), case.files[0])
        found = [_ours(case.kind, record) for record in inventory.software]
        expected = [_theirs(case.kind, record) for record in case.records]
        if case.answer.get("expect_error"):
            expected.append(FAULT)
            found += [FAULT] if any(run.faults for run in inventory.coverage) else []
        judged = compare("osv-scalibr", case.kind, case.name, expected, found)
        explained = {text: why for text in judged.unexplained if (why := _why(case.kind, text)) is not None}
        yield compare("osv-scalibr", case.kind, case.name, expected, found, explained)


def _source(case: Case) -> str:
    return "opkg" if "opkg" in case.files[0].parts else _SOURCES[case.kind]


def _theirs(kind: str, record: dict[str, Any]) -> str:
    facts = record.get("metadata") or {}
    version = record.get("version") or ""
    if kind == "os/rpm" and facts.get("Epoch"):
        version = f"{facts['Epoch']}:{version}"
    return joined(record["name"], version, *(facts.get(word) or None for word, _ in _FIELDS.get(kind, ())))


def _ours(kind: str, record: Software) -> str:
    name = record.identifier if kind in _BY_IDENTIFIER else record.name
    return joined(name, record.version, *(ours(record) for _, ours in _FIELDS.get(kind, ())))


def _why(kind: str, text: str) -> str | None:
    """Return why a difference of this kind is meant."""
    if kind == "os/macapps" and len(text.split("|")) > 1:
        return "a bundle without a short version has its build number as version, which macOS shows as well"
    return None
