"""Click-to-Run Office: its release ids from hives, exports and damaged keys."""

from __future__ import annotations

from typing import Iterator

import pytest
from corpus import corpus_folder
from hive_writer import Key, write_hive
from recorded_machine import recorded_machine, scan_with
from reg_writer import write_export

from agent.collectors.base import Found, Problem, Scope, ScopeAbsent
from agent.collectors.windows.office import OFFICE, SCOPE, parse_configuration, parse_file
from agent.inventory.coverage import Outcome
from agent.inventory.software import Software
from agent.machine.base import RegistryKey, Unreadable

BELOW = "Microsoft\\Office\\ClickToRun\\Configuration"
VALUES = {"ProductReleaseIds": "ProPlus2021Volume,VisioPro2021Volume", "VersionToReport": "16.0.14332.20771"}


def software(found: Iterator[Found]) -> list[tuple[str, str | None, str | None]]:
    return [(each.name, each.version, each.identifier) for each in found if isinstance(each, Software)]


def test_a_volume_edition_in_a_hive() -> None:
    inventory = scan_with(recorded_machine("windows-11-design"), OFFICE)

    assert inventory.software[0] == Software(
        source="office",
        name="ProPlus2019Volume",
        scope=SCOPE,
        seen_at="HKLM\\SOFTWARE\\" + BELOW,
        version="16.0.10416.20037",
        identifier="ProPlus2019Volume",
        architecture="x64",
        language="zh-cn",
        location="C:\\Program Files\\Microsoft Office",
        per_user=False,
        system_component=True,
        origin="http://officecdn.microsoft.com/pr/f2e724c1-748f-4b47-8fb8-8e0d210e9208",
    )
    assert [each.name for each in inventory.software] == ["ProPlus2019Volume", "VisioPro2019Volume"]


def test_a_home_edition_in_an_export_of_a_chinese_windows() -> None:
    inventory = scan_with(recorded_machine("windows-10-home"), OFFICE)

    (found,) = inventory.software
    assert (found.name, found.version, found.architecture) == ("O365HomePremRetail", "16.0.17029.20068", "x86")
    assert found.origin == "http://officecdn.microsoft.com/pr/492350f6-3a01-4f97-b9c0-c7c6ddf67d60"


@pytest.mark.parametrize("machine", ["windows-10-office", "windows-7-finance"])
def test_an_office_of_windows_installer_is_no_click_to_run(machine: str) -> None:
    inventory = scan_with(recorded_machine(machine), OFFICE)

    assert inventory.software == ()
    assert [(run.scope, run.outcome) for run in inventory.coverage] == [(SCOPE, Outcome.ABSENT)]


def test_recorded_files() -> None:
    root = Key()
    root.at(BELOW).values = dict(VALUES)
    expected = [
        ("ProPlus2021Volume", "16.0.14332.20771", "ProPlus2021Volume"),
        ("VisioPro2021Volume", "16.0.14332.20771", "VisioPro2021Volume"),
    ]
    assert software(parse_file(write_hive(root), "SOFTWARE")) == expected
    assert software(parse_file(write_export("HKEY_LOCAL_MACHINE\\SOFTWARE", root), "office.reg")) == expected
    with pytest.raises(Unreadable):
        list(parse_file(b"neither", "x"))


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ("A", ["A"]),
        (" A , B,,A ", ["A", "B"]),
        ("", []),
        (None, []),
        (7, []),
        (",".join("P%d" % number for number in range(200)), ["P%d" % number for number in range(100)]),
    ],
)
def test_release_ids(ids: str | int | None, expected: list[str]) -> None:
    key = RegistryKey("k", {} if ids is None else {"productreleaseids": ids})
    found = list(parse_configuration(key, seen_at="k"))
    assert [each.name for each in found if isinstance(each, Software)] == expected
    problems = [] if expected else [Problem("k", "no ProductReleaseIds")]
    assert [each for each in found if isinstance(each, Problem)] == problems


def test_a_recorded_office_2016_without_click_to_run_is_absent_and_gives_no_key() -> None:
    folder = corpus_folder("glpi-agent")
    if folder is None:
        pytest.skip("no corpus")
    data = (folder / "raw" / "win32" / "registry" / "office_2016_01.reg").read_bytes()
    found = list(parse_file(data, "office_2016_01.reg"))
    assert found == [ScopeAbsent(SCOPE)] and not [each for each in found if isinstance(each, Scope)]
