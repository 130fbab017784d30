"""Links in circles, pipes and devices in the place of a file or folder: lost, and named; the scan goes on."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from agent.collectors.roster import collectors
from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import Inventory, Scanner
from agent.limits import Limits
from agent.machine.files import CIRCLE
from agent.machine.offline import OfflineMachine
from agent.scan import scan

ENTRY = "[Desktop Entry]\nType=Application\nName=Program\nExec=/usr/bin/program\n"
MENU = "usr/share/applications"


def scanned(root: Path) -> Inventory:
    (root / "etc").mkdir(exist_ok=True)
    now = datetime(2026, 3, 1, tzinfo=timezone.utc)
    return scan(OfflineMachine(str(root)), collectors(), scanner=Scanner("x", "1"), now=now, limits=Limits())


def run_of(inventory: Inventory, scope: str) -> ScopeRun:
    return next(run for run in inventory.coverage if run.scope == scope)


@pytest.fixture
def menu(tmp_path: Path) -> Path:
    folder = tmp_path / MENU
    folder.mkdir(parents=True)
    (folder / "program.desktop").write_text(ENTRY)
    return folder


def test_an_entry_of_the_menu_that_is_a_circle_is_named(tmp_path: Path, menu: Path) -> None:
    os.symlink("self.desktop", str(menu / "self.desktop"))
    os.symlink("b.desktop", str(menu / "a.desktop"))
    os.symlink("a.desktop", str(menu / "b.desktop"))
    os.symlink("folder", str(menu / "folder"))
    inventory = scanned(tmp_path)
    run = run_of(inventory, "desktop_entries:/" + MENU)
    assert run.outcome is Outcome.PARTIAL and run.found == 1
    assert {fault.what for fault in run.faults} == {CIRCLE}
    named = sorted(fault.where for fault in run.faults)
    assert named == ["/%s/%s" % (MENU, name) for name in ("a.desktop", "b.desktop", "folder", "self.desktop")]


def test_a_link_to_a_folder_above_is_not_gone_into_and_loses_nothing(tmp_path: Path, menu: Path) -> None:
    os.symlink(".", str(menu / "here"))
    os.symlink("/usr", str(menu / "up"))
    inventory = scanned(tmp_path)
    run = run_of(inventory, "desktop_entries:/" + MENU)
    assert (run.outcome, run.found) == (Outcome.COMPLETE, 1)
    assert [each.identifier for each in inventory.software if each.source == "desktop_entries"] == ["program.desktop"]


def test_a_link_to_another_folder_is_gone_into(tmp_path: Path, menu: Path) -> None:
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv" / "other.desktop").write_text(ENTRY)
    os.symlink("/srv", str(menu / "more"))
    inventory = scanned(tmp_path)
    found = [each.identifier for each in inventory.software if each.source == "desktop_entries"]
    assert sorted(map(str, found)) == ["more-other.desktop", "program.desktop"]


def test_a_pipe_in_the_place_of_an_entry_is_named(tmp_path: Path, menu: Path) -> None:
    os.mkfifo(str(menu / "pipe.desktop"))
    run = run_of(scanned(tmp_path), "desktop_entries:/" + MENU)
    assert run.outcome is Outcome.PARTIAL and [fault.what for fault in run.faults] == ["not a regular file"]


SOURCES = {
    "var/lib/dpkg/status": "dpkg:/var/lib/dpkg/status",
    "var/lib/rpm/Packages": "rpm:/var/lib/rpm",
    "lib/apk/db/installed": "apk:/lib/apk/db/installed",
    "usr/lib/opkg/status": "opkg:/usr/lib/opkg/status",
}


@pytest.mark.parametrize("place", sorted(SOURCES))
@pytest.mark.parametrize("kind", ["circle", "pipe"])
def test_a_source_that_is_a_circle_or_a_pipe_has_failed_and_is_not_absent(
    tmp_path: Path, place: str, kind: str
) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    if kind == "circle":
        os.symlink(path.name, str(path))
    else:
        os.mkfifo(str(path))
    told = [run for run in scanned(tmp_path).coverage if run.source == SOURCES[place].partition(":")[0]]
    assert [run.outcome for run in told if run.outcome is not Outcome.ABSENT] == [Outcome.FAILED]


FOLDERS = ("var/lib/pacman/local", "opt/apps", "usr/lib/swidtag", "var/db/pkg", "var/lib/flatpak/app", "snap")


@pytest.mark.parametrize("place", FOLDERS)
def test_a_member_that_is_a_circle_is_named_in_every_folder(tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    os.symlink("round", str(tmp_path / place / "round"))
    named = [fault for run in scanned(tmp_path).coverage for fault in run.faults]
    assert ("/%s/round" % place, CIRCLE) in {(fault.where, fault.what) for fault in named}


@pytest.mark.parametrize("place", FOLDERS)
def test_a_folder_that_is_a_circle_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    os.symlink(Path(place).name, str(tmp_path / place))
    outcomes = {run.outcome for run in scanned(tmp_path).coverage}
    assert Outcome.FAILED in outcomes or Outcome.PARTIAL in outcomes
