"""osquery: rows, tables, logs; what a log that begins in the middle can and cannot say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.inventory.document import Inventory
from auditor.errors import Refused
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came, Read

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WPS = {
    "name": "WPS Office (11.1.0)", "version": "11.1.0", "publisher": "Kingsoft", "install_date": "20250403",
    "install_location": "C:\\WPS", "identifying_number": "{A}", "upgrade_code": "{B}", "language": "2052",
}  # fmt: skip
SEVEN = {
    "name": "7-Zip 23.01",
    "version": "23.01",
    "publisher": "Igor Pavlov",
    "install_date": "",
    "identifying_number": "",
}
ABOUT = [{"hostname": "cw-022", "uuid": "4C4C4544-0034", "hardware_serial": "CZC047", "cpu_physical_cores": "4",
          "cpu_logical_cores": "8", "cpu_brand": "Intel", "physical_memory": "8589934592"}]  # fmt: skip
SYSTEM = [
    {
        "name": "Microsoft Windows 10 Pro",
        "version": "10.0.19045",
        "platform": "windows",
        "arch": "64-bit",
        "build": "19045",
    }
]


def read(data: Any, name: str = "host.json") -> Read:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    found = read_foreign(raw, Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name=name))
    assert found is not None
    return found


def log(*lines: dict[str, Any]) -> bytes:
    return b"\n".join(
        json.dumps({"hostIdentifier": "cw-022", "unixTime": 1_770_000_000, **line}).encode() for line in lines
    )


def line(action: str, row: dict[str, str], name: str = "pack/it/programs", **more: Any) -> dict[str, Any]:
    return {"name": name, "action": action, "columns": row, **more}


def names(inventory: Inventory) -> list[str]:
    return sorted(item.name for item in inventory.software)


def outcome(inventory: Inventory, scope: str) -> str:
    return next(run.outcome.value for run in inventory.coverage if run.scope == scope)


def test_several_tables_in_one_object_are_one_machine() -> None:
    (told,) = read({"programs": [WPS], "system_info": ABOUT, "os_version": SYSTEM}).inventories

    assert (told.host.name, told.host.serial, told.host.memory_bytes) == ("cw-022", "CZC047", 8_589_934_592)
    assert (told.host.operating_system.family, told.host.operating_system.name) == ("windows", "Windows 10 Pro")
    (item,) = told.software
    assert (item.source, item.identifier, item.upgrade_code, item.installed_on) == (
        "uninstall_keys",
        "{A}",
        "{B}",
        "2025-04-03",
    )
    assert outcome(told, "osquery:programs") == "complete"
    assert outcome(told, "osquery:unseen") == "partial"


@pytest.mark.parametrize(("rows", "source", "version"), [
    ([{"name": "bash", "version": "5.2-1", "maintainer": "Debian", "size": "7", "status": "install ok installed"}],
     "dpkg", "5.2-1"),
    ([{"name": "bash", "version": "5.2", "release": "1.fc38", "package_group": "Base"}], "rpm", "5.2-1.fc38"),
    ([{"name": "Pages.app", "bundle_identifier": "com.apple.Pages", "bundle_short_version": "13.1", "path": "/A"}],
     "applications", "13.1"),
])  # fmt: skip
def test_rows_alone_are_told_apart_by_their_columns(rows: list[dict[str, str]], source: str, version: str) -> None:
    (told,) = read(rows).inventories
    assert [(item.source, item.version) for item in told.software] == [(source, version)]


def test_a_package_that_is_not_installed_is_none() -> None:
    rows = [{"name": "old", "version": "1", "maintainer": "x", "status": "deinstall ok not-installed"}]
    (told,) = read(rows).inventories
    assert told.software == ()


def test_a_log_from_its_first_result_is_whole() -> None:
    data = log(line("added", WPS, counter=0), line("added", SEVEN, counter=0), line("removed", WPS, counter=1))
    (told,) = read(data, "osqueryd.results.log").inventories

    assert names(told) == ["7-Zip 23.01"]
    assert outcome(told, "osquery:programs") == "complete"
    assert told.collected_at == "2026-02-02T02:40:00Z"


def test_a_log_that_begins_in_the_middle_only_adds() -> None:
    (told,) = read(log(line("removed", WPS, counter=7), line("added", SEVEN, counter=7)), "x.log").inventories

    assert names(told) == ["7-Zip 23.01"]
    assert outcome(told, "osquery:programs") == "partial"
    faults = next(run.faults for run in told.coverage if run.scope == "osquery:programs")
    assert [fault.what for fault in faults] == [
        "only changes: no full result comes before them",
        "1 removals of rows that were not shown before",
    ]


def test_a_snapshot_stands_for_what_was_before_and_batches_follow() -> None:
    data = log(
        {"name": "programs", "action": "snapshot", "snapshot": [WPS]},
        {"name": "programs", "diffResults": {"added": [SEVEN], "removed": [WPS]}},
    )
    (told,) = read(data, "x.log").inventories
    assert names(told) == ["7-Zip 23.01"]


def test_each_host_of_a_log_is_a_document_and_bad_lines_cost_themselves() -> None:
    data = log(line("added", WPS, counter=0)) + b"\nnot json\n" + json.dumps({"a": 1}).encode() + b"\n" + log(
        line("added", SEVEN, counter=0, hostIdentifier="cw-023")
    )  # fmt: skip
    told = read(data, "x.log")

    assert [(inventory.host.name, names(inventory)) for inventory in told.inventories] == [
        ("cw-022", ["WPS Office (11.1.0)"]), ("cw-023", ["7-Zip 23.01"])]  # fmt: skip
    assert told.problems == ("line 2: expected a JSON object", "line 3: expected a result with hostIdentifier")


def test_a_file_without_one_result_is_refused() -> None:
    with pytest.raises(Refused, match="line 1: expected a result with hostIdentifier"):
        read(b'{"a": 1}\n{"b": 2}\n', "x.log")
