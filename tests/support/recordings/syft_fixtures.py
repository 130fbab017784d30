"""Judge of the cataloger fixtures in syft-fixtures: copyright files, dpkg and pacman records, application bundles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from recordings.judged import Judged, compare
from recordings.reading import Case, cases_of, joined, read

FOLDER = "syft-fixtures"
SEVERAL = "of several licences the answer has the first; ours lists each"


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every case of a kind that we read."""
    for case in cases_of(corpus, FOLDER, ("debian-copyright-licences",)):
        yield _copyright(case)
    for case in cases_of(corpus, FOLDER, ("linux-packages-deb",)):
        expected = [
            joined(*map(r.get, ("name", "version", "arch", "maintainer")), r.get("source", "").partition(" ")[0])
            for r in case.records
        ]
        found = [
            joined(s.name, s.version, s.architecture, s.publisher, (s.parent or "").partition(" ")[0])
            for s in read("dpkg", case.files[0]).software
        ]
        yield compare(FOLDER, case.kind, case.name, expected, found)
    for case in cases_of(corpus, FOLDER, ("linux-pacman-local-db",)):
        expected = [joined(*map(r.get, ("name", "version", "arch", "license", "base"))) for r in case.records]
        found = [
            joined(s.name, s.version, s.architecture, s.licence, s.parent)
            for s in read("pacman", case.files[0]).software
        ]
        yield compare(FOLDER, case.kind, case.name, expected, found, _several(expected, found))
    for case in cases_of(corpus, FOLDER, ("macos-bundle-plist",)):
        yield _bundle(case)


def _several(expected: list[str], found: list[str]) -> dict[str, str]:
    """Return the reason for records that differ in the further licences alone."""
    first = {text: re.sub(r", [^|]*(?=\|[^|]*$)", "", text) for text in found}
    meant = {text: shown for text, shown in first.items() if shown != text and shown in expected}
    return {**dict.fromkeys(meant, SEVERAL), **dict.fromkeys(meant.values(), SEVERAL)}


def _copyright(case: Case) -> Judged:
    """`null` means that no licence may be claimed."""
    names = case.answer["expected"]
    expected = [] if names is None else sorted(set(names))
    found = [name for s in read("debian_copyright", case.files[0]).software for name in (s.licence or "").split(", ")]
    return compare(FOLDER, case.kind, case.name, expected, found)


def _bundle(case: Case) -> Judged:
    expected = [joined(*map(record.get, ("name", "version", "bundle_id"))) for record in case.records]
    found = [joined(s.name, s.version, s.identifier) for s in read("applications", case.files[0]).software]
    explained = {}
    if not case.records and not case.answer.get("expect_error"):
        reason = "a bundle without a version is an application all the same, and is listed without one"
        explained = {text: reason for text in found if not text.split("|")[1]}
    return compare(FOLDER, case.kind, case.name, expected, found, explained)
