"""Main programs whose signature Windows calls broken are told; all others leave no record."""

from __future__ import annotations

from pathlib import Path

from hive_writer import Key
from pe_writer import signature_by, write_program
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.windows import main_programs
from agent.collectors.windows.main_programs import MAIN_PROGRAMS, SCOPE
from agent.inventory.document import Inventory
from agent.machine.base import Unreadable
from agent.machine.offline import OfflineMachine

UNINSTALL = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
SIGNED = write_program(
    {"CompanyName": "Adobe Inc.", "ProductName": "Photoshop", "ProductVersion": "22.0"},
    signature=signature_by("Adobe Inc."),
)


class Running(OfflineMachine):
    """A folder that stands for a running Windows, which calls every file of one name broken."""

    recorded = False
    asked: "list[str]"

    def signature_of(self, path: str) -> str | None:
        self.asked.append(path)
        if path.endswith("gone.exe"):
            raise Unreadable(path, "Permission denied")
        return "broken" if "Photoshop" in path else "valid"


def scanned(tmp_path: Path, icons: "list[str]", files: "dict[str, bytes]") -> "tuple[Inventory, list[str]]":
    root = Key()
    for number, icon in enumerate(icons):
        root.at(UNINSTALL + "\\k%d" % number).values = {"DisplayName": "n%d" % number, "DisplayIcon": icon}
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root)
    for path, data in files.items():
        folder.file(path, data)
    machine = Running(str(tmp_path))
    machine.asked = []
    return scan_with(machine, MAIN_PROGRAMS), machine.asked


def test_a_broken_signature_is_told_and_a_valid_one_is_not(tmp_path: Path) -> None:
    photoshop, other = "C:\\Program Files\\Adobe\\Photoshop.exe", "C:\\Program Files\\Other\\other.exe"
    icons = [photoshop + ",0", '"%s"' % photoshop.upper(), other]
    inventory, asked = scanned(tmp_path, icons, {photoshop: SIGNED, other: SIGNED})
    (trace,) = inventory.traces
    assert (trace.name, trace.path, trace.value, trace.signature) == (
        "Photoshop.exe",
        photoshop,
        "main_program",
        "broken",
    )
    assert (trace.publisher, trace.product, trace.version, trace.signer) == (
        "Adobe Inc.",
        "Photoshop",
        "22.0",
        "Adobe Inc.",
    )
    assert sorted(asked) == sorted([photoshop, other])


def test_what_carries_no_signature_is_not_asked_about(tmp_path: Path) -> None:
    place = "C:\\Program Files\\A\\Photoshop.exe"
    unsigned, no_program = write_program({"CompanyName": "x"}), b"no program at all"
    for number, data in enumerate((unsigned, no_program)):
        folder = tmp_path / str(number)
        folder.mkdir()
        inventory, asked = scanned(folder / "x", [place], {place: data})
        assert (inventory.traces, asked) == ((), [])


def test_icons_that_are_no_program_of_the_title(tmp_path: Path) -> None:
    icons = ["C:\\Windows\\Installer\\{1}\\icon.exe", "shell32.dll,3", "C:\\a\\Photoshop.ico", "Photoshop.exe"]
    inventory, asked = scanned(tmp_path, icons, {icons[0]: SIGNED})
    assert [run.outcome.value for run in inventory.coverage] == ["absent"] and asked == []


def test_a_recording_cannot_judge(tmp_path: Path) -> None:
    root = Key()
    place = "C:\\Program Files\\Adobe\\Photoshop.exe"
    root.at(UNINSTALL + "\\k").values = {"DisplayIcon": place}
    folder = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE", root).file(place, SIGNED)
    (run,) = scan_with(folder.machine(), MAIN_PROGRAMS).coverage
    assert run.outcome.value == "absent"


def test_a_program_that_cannot_be_read_costs_no_more_than_itself(tmp_path: Path) -> None:
    gone, photoshop = "C:\\A\\gone.exe", "C:\\B\\Photoshop.exe"
    inventory, _ = scanned(tmp_path, [gone, photoshop], {gone: SIGNED, photoshop: SIGNED})
    (run,) = inventory.coverage
    assert (run.scope, run.outcome.value, run.found, run.faults[0].where) == (SCOPE, "partial", 1, gone)


def test_a_large_program_is_passed_over(tmp_path: Path) -> None:
    place = "C:\\B\\Photoshop.exe"
    scanned(tmp_path, [place], {place: SIGNED})
    with open(str(tmp_path / "B" / "Photoshop.exe"), "r+b") as file:
        file.truncate(main_programs.MAX_FILE_BYTES + 1)
    machine = Running(str(tmp_path))
    machine.asked = []
    assert scan_with(machine, MAIN_PROGRAMS).traces == () and machine.asked == []
