"""Judge of the rpm databases in osquery-rpmdb."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recordings.judged import Judged, compare
from recordings.reading import cases_of, joined, read


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every database: the answer has the version without epoch and release."""
    for case in cases_of(corpus, "osquery-rpmdb", ("linux-rpmdb",)):
        expected = [joined(record["name"], record["version"]) for record in case.records]
        software = read("rpm", case.files[0]).software
        found = [joined(s.name, (s.version or "").rpartition(":")[2].rpartition("-")[0]) for s in software]
        yield compare("osquery-rpmdb", case.kind, case.name, expected, found)
