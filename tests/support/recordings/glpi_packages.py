"""Judge of the package lists in glpi-agent: dpkg, rpm and other listings of Linux, AIX, HP-UX, Solaris, BSD."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from recordings.judged import Judged, compare
from recordings.reading import Case, cases_of, joined, read

from agent.inventory.software import Software

FOLDER = "glpi-agent"
_LINUX = {
    "linux-packages-deb": "dpkg",
    "linux-packages-rpm": "rpm",
    "linux-packages-pacman": "pacman",
    "linux-packages-nix": "nix",
    "linux-packages-snap": "snap",
    "linux-packages-flatpak": "flatpak",
}
_UNIX = {"aix": "aix_filesets", "hpux": "hpux_software", "solaris": "solaris_packages", "bsd": "bsd_packages"}

Words = tuple[str, ...]


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every listing."""
    for case in cases_of(corpus, FOLDER, (*_LINUX, "unix-packages")):
        platform = case.answer["platform"]
        source = _LINUX[case.kind] if case.kind in _LINUX else _UNIX[platform]
        yield _judged(case, source, platform if case.kind == "unix-packages" else case.kind)


def _judged(case: Case, source: str, what: str) -> Judged:
    theirs, ours, why = _WAYS.get(what, _USUAL)
    expected = [joined(*theirs(record)) for record in case.records]
    software = read(source, case.files[0]).software
    found = [joined(*ours(record)) for record in software]
    plain = compare(FOLDER, case.kind, case.name, expected, found)
    differences = frozenset(plain.unexplained)
    explained = {text: reason for text in differences if (reason := why(text, differences)) is not None}
    return compare(FOLDER, case.kind, case.name, expected, found, explained)


def _name_and_version(record: dict[str, Any]) -> tuple[object, ...]:
    return record["name"], record.get("version")


def _deb(record: dict[str, Any]) -> tuple[object, ...]:
    return tuple(map(record.get, ("name", "version", "arch", "file_size", "category")))


def _rpm(record: dict[str, Any]) -> tuple[object, ...]:
    words = ("name", "version", "arch", "file_size", "category", "publisher", "install_date")
    return tuple(map(record.get, words))


def _no_reason(_text: str, _differences: frozenset[str]) -> str | None:
    return None


def _deb_reason(text: str, differences: frozenset[str]) -> str | None:
    name, version, architecture, size, section = text.split("|")
    other = joined(name, version, architecture, {"0": "", "": "0"}.get(size, size), section)
    if size in ("", "0") and other in differences:
        return "a size that is not stated is 0 there and nothing in ours"
    return None


def _rpm_reason(text: str, differences: frozenset[str]) -> str | None:
    facts, _, day = text.rpartition("|")
    near = {(date.fromisoformat(day) + timedelta(days=step)).isoformat() for step in (-1, 1)} if day else set()
    if any(f"{facts}|{other}" in differences for other in near):
        return "the day is that of the reader's time zone there; ours is UTC"
    return None


def _aix_reason(text: str, _differences: frozenset[str]) -> str | None:
    if text.startswith("devices."):
        return "filesets that drive devices are left out there; ours has them, marked as parts of the system"
    return None


def _hpux_reason(text: str, _differences: frozenset[str]) -> str | None:
    if text.startswith(("PHCO_", "PHKL_", "PHNE_", "PHSS_")):
        return "patches are left out there; ours has them, marked as updates"
    return None


def _snap_reason(text: str, _differences: frozenset[str]) -> str | None:
    if text.startswith(("core", "snapd|", "bare|")):
        return "the parts of snapd itself are left out there; ours has them, marked as parts of the system"
    return None


Way = tuple[
    Callable[[dict[str, Any]], tuple[object, ...]],
    Callable[[Software], tuple[object, ...]],
    Callable[[str, frozenset[str]], "str | None"],
]
_USUAL: Way = (_name_and_version, lambda s: (s.name, s.version), _no_reason)
_WAYS: dict[str, Way] = {
    "linux-packages-deb": (_deb, lambda s: (s.name, s.version, s.architecture, s.size_bytes, s.section), _deb_reason),
    "linux-packages-rpm": (
        _rpm,
        lambda s: (s.name, s.version, s.architecture, s.size_bytes, s.section, s.publisher, s.installed_on),
        _rpm_reason,
    ),
    "linux-packages-snap": (_name_and_version, lambda s: (s.name, s.version), _snap_reason),
    "aix": (
        lambda r: (r["name"], r["version"], r.get("folder")),
        lambda s: (s.name, s.version, s.location),
        _aix_reason,
    ),
    "hpux": (_name_and_version, lambda s: (s.name, s.version), _hpux_reason),
    "solaris": (
        lambda r: (r["name"], r["version"], r.get("publisher"), r.get("install_date")),
        lambda s: (s.name, s.version, s.publisher, s.installed_on),
        _no_reason,
    ),
}
"""Kind or platform → what of theirs and of ours is compared, and why a difference is meant."""
