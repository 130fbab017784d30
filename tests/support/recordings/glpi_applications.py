"""Judge of the application reports of macOS in glpi-agent, as XML and as text, in English and French."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recordings.judged import Judged, compare
from recordings.reading import cases_of, joined, read

from agent.discretion import discreet


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every report; of a machine that was recorded in both forms each form.

    Compared are name, version and, where the answer has it, the place with persons' folders named as we name them. The
    date of the answer is that of the bundle's last change, no day of installation, and is not compared.
    """
    for case in cases_of(corpus, "glpi-agent", ("macos-applications",)):
        placed = any("location" in record for record in case.records)
        for file in case.files:
            expected = [
                joined(
                    record["name"], record.get("version"), discreet(record.get("location") or "") if placed else None
                )
                for record in case.records
            ]
            software = read("system_profiler", file).software
            found = [joined(s.name, s.version, s.location if placed else None) for s in software]
            yield compare("glpi-agent", case.kind, file.name, expected, found)
