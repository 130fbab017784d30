"""Judge of the bundles and receipts of macOS in wazuh. Its recorded messages are another judge's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recordings.judged import Judged, compare
from recordings.reading import cases_of, joined, read

from agent.inventory.software import Software

NO_PUBLISHER = (
    "the publisher is guessed there from the bundle id (com.NAME.…); an id is no legal name, so ours is empty"
)


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every bundle and receipt. Where the answer has no name, ours (the folder's) is not compared."""
    for case in cases_of(corpus, "wazuh", ("macos-bundle-plist", "macos-pkg-receipt")):
        receipt = case.kind == "macos-pkg-receipt"
        software = read("receipts" if receipt else "applications", case.files[0]).software
        expected, found, explained = [], [], {}
        for record in case.records:
            words = [record.get(word) for word in ("name", "version", "bundle_id", "category", "install_time")]
            expected.append(joined(*words))
            if record.get("publisher"):
                claim = f"publisher {record['publisher']}"
                expected.append(claim)
                explained[claim] = NO_PUBLISHER
        for item in software:
            found.append(_ours(item, named=any("name" in record for record in case.records)))
            found += [f"publisher {item.publisher}"] if item.publisher else []
        yield compare("wazuh", case.kind, case.name, expected, found, explained)


def _ours(item: Software, named: bool) -> str:
    name = item.name if named else None
    return joined(name, item.version, item.identifier, item.section, item.install_date_raw)
