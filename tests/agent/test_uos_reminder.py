"""Parts of UnionTech OS that were taken out or silenced are told, and a whole system tells nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from machine_folder import machine_of
from recorded_machine import scan_with

from agent.collectors.linux.domestic_activation import DOMESTIC_ACTIVATION
from agent.collectors.linux.uos_reminder import AGENT, SCOPE
from agent.inventory.document import Inventory
from agent.machine.files import FileTree
from agent.machine.offline import OfflineMachine

LISTED = "/var/lib/dpkg/info/uos-activator.list"
UNIT = "/lib/systemd/system/license.service"
WHOLE = {
    "/etc/os-release": "ID=uos\n",
    LISTED: "/.\n/usr/bin/uos-activator\n" + AGENT + "\n/usr/share/doc/uos-activator\n",
    "/usr/bin/uos-activator": "x",
    AGENT: "x",
    UNIT: "[Unit]\nDescription=x\n[Install]\nWantedBy=multi-user.target\n",
    "/etc/systemd/system/multi-user.target.wants/license.service": "x",
}


class Running(OfflineMachine):
    """The folder as a system that runs: the rights of its files are known."""

    def is_executable(self, path: str) -> bool | None:
        return FileTree(self.root).is_executable(path)

    root = ""


def told(tmp_path: Path, *without: str, **more: str) -> Inventory:
    files = {path: text for path, text in {**WHOLE, **more}.items() if path not in without}
    machine_of(tmp_path, files)
    return scan_with(OfflineMachine(str(tmp_path)), DOMESTIC_ACTIVATION)


def amiss(inventory: Inventory) -> "list[tuple[str, str, str | None]]":
    return [(each.kind, each.name, each.state or each.start) for each in inventory.traces]


def test_a_whole_system_tells_nothing(tmp_path: Path) -> None:
    inventory = told(tmp_path)
    assert inventory.traces == ()
    assert [run.outcome.value for run in inventory.coverage if run.scope == SCOPE] == ["complete"]


def test_a_package_that_was_removed(tmp_path: Path) -> None:
    inventory = told(tmp_path, LISTED, "/usr/bin/uos-activator", **{"/var/lib/dpkg/info/bash.list": "/bin/bash\n"})
    assert amiss(inventory) == [("file", "uos-activator", "missing")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Package: uos-activator\nStatus: install ok installed\nVersion: 1\n", []),
        (
            "Package: uos-activator\nStatus: deinstall ok config-files\n\nPackage: b\nStatus: install ok installed\n",
            [("file", "uos-activator", "missing")],
        ),
    ],
)
def test_the_status_of_dpkg_is_asked_when_no_list_names_it(
    tmp_path: Path, status: str, expected: "list[tuple[str, str, str]]"
) -> None:
    more = {"/var/lib/dpkg/info/bash.list": "", "/var/lib/dpkg/status": status}
    assert amiss(told(tmp_path, LISTED, **more)) == expected


def test_a_file_that_the_package_lists_and_that_is_gone(tmp_path: Path) -> None:
    assert amiss(told(tmp_path, AGENT)) == [("file", "uos-license-agent", "missing")]


def test_a_service_that_no_target_starts(tmp_path: Path) -> None:
    inventory = told(tmp_path, "/etc/systemd/system/multi-user.target.wants/license.service")
    assert amiss(inventory) == [("service", "license.service", "disabled")]


def test_a_service_that_only_others_start_is_as_it_was_shipped(tmp_path: Path) -> None:
    wants = "/etc/systemd/system/multi-user.target.wants/license.service"
    assert amiss(told(tmp_path, wants, **{UNIT: "[Unit]\nDescription=x\n"})) == []


def test_a_service_that_was_masked(tmp_path: Path) -> None:
    told(tmp_path)
    os.symlink("/dev/null", str(tmp_path / "etc" / "systemd" / "system" / "license.service"))
    inventory = scan_with(OfflineMachine(str(tmp_path)), DOMESTIC_ACTIVATION)
    assert amiss(inventory) == [("service", "license.service", "masked")]


def test_a_program_without_the_right_to_run(tmp_path: Path) -> None:
    told(tmp_path)
    machine = Running(str(tmp_path))
    machine.root = str(tmp_path)
    place = tmp_path / AGENT.lstrip("/")
    place.chmod(0o755)
    assert amiss(scan_with(machine, DOMESTIC_ACTIVATION)) == []
    place.chmod(0o644)
    assert amiss(scan_with(machine, DOMESTIC_ACTIVATION)) == [("file", "uos-license-agent", "not_executable")]


def test_a_folder_of_recordings_says_nothing_of_rights(tmp_path: Path) -> None:
    told(tmp_path)
    (tmp_path / AGENT.lstrip("/")).chmod(0o644)
    assert amiss(scan_with(OfflineMachine(str(tmp_path)), DOMESTIC_ACTIVATION)) == []


def test_a_system_without_either_place_is_absent(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, {"/etc/os-release": "ID=uos\n"})
    (run,) = [run for run in scan_with(machine, DOMESTIC_ACTIVATION).coverage if run.scope == SCOPE]
    assert run.outcome.value == "absent"
