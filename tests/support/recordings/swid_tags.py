"""Judge of the SWID tags in swid. The documents of CycloneDX that embed tags are another judge's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recordings.judged import Judged, compare
from recordings.reading import cases_of, joined, read


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every tag: name, version, id, language, edition, and who made the software and who the tag."""
    for case in cases_of(corpus, "swid", ("swid-tag",)):
        expected = [_theirs(record) for record in case.records]
        found = [
            joined(s.name, s.version, s.identifier, s.language, s.edition, s.publisher, s.origin)
            for s in read("swid_tags", case.files[0]).software
        ]
        yield compare("swid", case.kind, case.name, expected, found)


def _theirs(record: dict[str, Any]) -> str:
    edition = next((meta["edition"] for meta in record.get("meta", ()) if meta.get("edition")), None)
    makers = [
        next((each["name"] for each in record["entities"] if role in each["role"].split()), None)
        for role in ("softwareCreator", "tagCreator")
    ]
    return joined(*(record.get(word) for word in ("name", "version", "tag_id", "lang")), edition, *makers)
