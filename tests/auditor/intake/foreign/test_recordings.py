"""Recordings of other tools that carry expected answers: what is found, missed and wrong, record by record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from corpus import corpus_folder

from agent.inventory.document import Inventory, encode
from agent.inventory.software import Software
from auditor.intake.checking import check
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came
from auditor.intake.unpacking import bounds_of
from auditor.settings import load_settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SETS = ("glpi-inventory-format", "ocs-loadtest", "open-audit", "wazuh", "swid", "real-hosts")
NOT_OURS = ("macos__", "cyclonedx__", "winget-list", "kali-package-names", "export-name-version-publisher", ".diff")
"""Read by the agent's collectors, boxes of other formats, and lists that are no table."""
BROKEN = ("export-powershell-escaped-tabs",)
"""A quoting mistake of its author: the cells hold whole rows."""
NO_COMPUTER = ("NETDISCOVERY", "SNMPQUERY", "SNMP")


def cases() -> Iterator[tuple[str, Path, dict[str, Any]]]:
    for name in SETS:
        folder = corpus_folder(name)
        for answer in sorted((folder / "expected").glob("*.json")) if folder is not None else ():
            if any(word in answer.name for word in (*NOT_OURS, *BROKEN)):
                continue
            told = json.loads(answer.read_text("utf-8"))
            if not any(f"QUERY={query}," in str(told.get("notes", "")) for query in NO_COMPUTER):
                assert folder is not None
                yield f"{name}/{answer.name}", folder / told["files"][0], told


ALL = tuple(cases())


def came(path: Path) -> Came:
    return Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name=path.name)


def inventories_of(path: Path) -> tuple[Inventory, ...]:
    read = read_foreign(path.read_bytes(), came(path))
    assert read is not None
    return read.inventories


def folded(text: object) -> str | None:
    """Return a value without blanks at its ends and in a row; what tools write for nothing is nothing."""
    told = " ".join(str(text).split()) if text is not None else ""
    return None if told.casefold() in ("", "n/a", "unknown", "none", "undefined") else told


def expected_of(record: dict[str, Any], *, publishers: bool) -> tuple[str | None, ...]:
    publisher = folded(record.get("publisher") or record.get("vendor"))
    if not publishers or (publisher or "").startswith("http"):
        publisher = None
    return folded(record["name"]), folded(record.get("version")), publisher


def found_of(item: Software, *, publishers: bool) -> tuple[str | None, ...]:
    return item.name, item.version, item.publisher if publishers else None


@pytest.mark.skipif(not ALL, reason="this checkout has no corpus beside it")
@pytest.mark.parametrize(("path", "told"), [case[1:] for case in ALL], ids=[case[0] for case in ALL])
def test_every_expected_record_is_found_and_no_other(path: Path, told: dict[str, Any]) -> None:
    is_tag = told["kind"] == "swid-tag"
    found = [item for inventory in inventories_of(path) for item in inventory.software]
    if told["case"] == "windows_vd_first":
        found = [item for item in found if item.source != "hotfixes"]  # the answer names packages alone
    ours = Counter(found_of(item, publishers=not is_tag) for item in found)
    named = [record for record in told["expected"] if folded(record.get("name"))]
    theirs = Counter(expected_of(record, publishers=not is_tag) for record in named)

    assert (sorted(map(str, (theirs - ours).elements())), sorted(map(str, (ours - theirs).elements()))) == ([], [])


@pytest.mark.skipif(not ALL, reason="this checkout has no corpus beside it")
@pytest.mark.parametrize(("path", "told"), [case[1:] for case in ALL], ids=[case[0] for case in ALL])
def test_every_document_is_one_of_the_contract_and_holds_no_whole_key(path: Path, told: dict[str, Any]) -> None:
    bounds = bounds_of(load_settings())
    for inventory in inventories_of(path):
        checked = check(encode(inventory), bounds)
        assert checked.kept.count(b'"key_last5"') == sum(each.key_last5 is not None for each in inventory.activations)
        assert all(len(each.key_last5) == 5 for each in inventory.activations if each.key_last5 is not None)
