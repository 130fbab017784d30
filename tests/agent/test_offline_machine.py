"""A machine that does not run: files in any case, the registry from hives and exports, recorded commands, names."""

from __future__ import annotations

from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from reg_writer import write_export

from agent.machine.base import Unreadable, UserHive
from agent.machine.offline import OfflineMachine, command_slug

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
PROFILES = "Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\"
PERSON = "S-1-5-21-1-2-3-1001"


def recorded(name: str) -> OfflineMachine:
    """Return a recorded machine."""
    return OfflineMachine(str(CAPTURES / name))


def disk(folder: Path, software: Key | None = None, system: Key | None = None) -> OfflineMachine:
    """Return a Windows disk with these hives."""
    config = folder / "Windows" / "System32" / "config"
    config.mkdir(parents=True)
    if software is not None:
        (config / "SOFTWARE").write_bytes(write_hive(software))
    if system is not None:
        (config / "SYSTEM").write_bytes(write_hive(system))
    return OfflineMachine(str(folder))


def profile(key: Key, sid: str, folder: str) -> None:
    """Put one profile into SOFTWARE."""
    key.at(PROFILES + sid).values["ProfileImagePath"] = folder


def test_files_of_a_windows_disk_are_found_in_any_case() -> None:
    machine = recorded("windows-10-office")

    assert machine.family == "windows"
    assert machine.exists("c:\\windows\\SYSTEM32\\Config\\software")
    assert machine.read_bytes("C:/USERS/user01/ntuser.dat", 1 << 20) is not None
    assert not machine.exists("D:\\Users\\user01\\NTUSER.DAT")
    assert machine.read_bytes("C:\\Users\\nobody\\NTUSER.DAT") is None
    assert machine.list_folder("C:\\Users\\nobody") is None
    listed = machine.list_folder("c:\\USERS")
    assert listed is not None
    assert [entry.path for entry in listed] == ["c:\\USERS\\user01", "c:\\USERS\\user02", "c:\\USERS\\user03"]
    assert machine.modified_on("C:\\Users\\user01\\NTUSER.DAT") is not None
    assert machine.local_path("c:\\users\\USER01\\ntuser.dat") == str(
        CAPTURES / "windows-10-office" / "Users" / "user01" / "NTUSER.DAT"
    )


def test_the_way_up_stays_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    machine = disk(tmp_path / "disk", Key())

    assert machine.read_bytes("C:\\..\\secret") is None
    assert machine.read_bytes("C:\\Windows\\..\\..\\..\\secret") is None
    assert machine.exists("C:\\Windows\\..\\WINDOWS\\System32")


def test_both_views_and_the_current_control_set(tmp_path: Path) -> None:
    software, system = Key(), Key()
    software.at("Microsoft\\A").values["x"] = 64
    software.at("Wow6432Node\\Microsoft\\A").values["x"] = 32
    system.at("Select").values["Current"] = 2
    system.at("ControlSet001\\Control").values["x"] = 1
    system.at("ControlSet002\\Control\\ComputerName\\ComputerName").values["ComputerName"] = "PC-2"
    environment = system.at("ControlSet002\\Control\\Session Manager\\Environment")
    environment.values["Path"] = "%SystemRoot%\\system32"
    machine = disk(tmp_path, software, system)

    def value(path: str) -> object:
        key = machine.registry_key(path)
        return None if key is None else key.values.get("x")

    assert value("HKLM\\Software\\Microsoft\\a") == 64
    assert value("HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432NODE\\Microsoft\\A") == 32
    assert value("HKLM\\SYSTEM\\ControlSet001\\Control") == 1
    assert value("HKLM\\SYSTEM\\CurrentControlSet\\Control") is None
    assert machine.registry_key("HKLM\\HARDWARE\\DESCRIPTION") is None
    assert machine.registry_key("HKCR\\.txt") is None
    assert machine.registry_key("HKLM\\SOFTWARE\\Microsoft\\B") is None
    assert machine.host_name() == "PC-2"
    assert machine.environment("PATH") == "%SystemRoot%\\system32"
    assert machine.environment("TEMP") is None
    found = machine.registry_key("HKLM\\SOFTWARE\\Microsoft\\A")
    assert found is not None and found.written_at == "2023-11-14T22:13:20Z"


def test_every_profile_of_a_person_and_nobody_else(tmp_path: Path) -> None:
    software = Key()
    for sid in ("S-1-5-18", "S-1-5-80-1-2-3-4-5", "S-1-5-82-1"):
        profile(software, sid, "C:\\Windows\\ServiceProfiles\\x")
    profile(software, PERSON, "%SystemDrive%\\Users\\user01")
    profile(software, "S-1-12-1-4-5-6-7", "C:\\Users\\user02")
    profile(software, "S-1-5-21-1-2-3-1003", "C:\\Users\\gone")
    profile(software, "S-1-5-21-1-2-3-1004", "D:\\Users\\user04")
    profile(software, "S-1-5-21-1-2-3-1005", "C:\\Users\\user05")
    software.at(PROFILES + "S-1-5-21-1-2-3-1006")
    machine = disk(tmp_path, software)
    for user in ("user01", "user02", "user05"):
        (tmp_path / "Users" / user).mkdir(parents=True)
    hive = Key()
    hive.at("Software\\A").values["x"] = "user01"
    (tmp_path / "Users" / "user01" / "NTUSER.DAT").write_bytes(write_hive(hive, is_dirty=True))
    (tmp_path / "Users" / "user02" / "ntuser.dat").write_bytes(b"not a hive")

    assert machine.user_hives() == (
        UserHive("S-1-12-1-4-5-6-7", "HKU\\S-1-12-1-4-5-6-7", False),
        UserHive(PERSON, "HKU\\" + PERSON, False),
        UserHive(
            "S-1-5-21-1-2-3-1004", "HKU\\S-1-5-21-1-2-3-1004", False, "D:\\Users\\user04\\NTUSER.DAT is not there"
        ),
        UserHive(
            "S-1-5-21-1-2-3-1005", "HKU\\S-1-5-21-1-2-3-1005", False, "C:\\Users\\user05\\NTUSER.DAT is not there"
        ),
        UserHive("S-1-5-21-1-2-3-1006", "HKU\\S-1-5-21-1-2-3-1006", False, "the profile names no folder"),
    )
    found = machine.registry_key(f"HKU\\{PERSON}\\software\\a")
    assert found is not None
    assert found.values == {"x": "user01"}
    assert found.faults == ("the hive was in use and its transaction logs were not read: newest changes are missing",)
    assert machine.registry_key("HKU\\S-1-9\\Software") is None
    with pytest.raises(Unreadable, match="no regf signature"):
        machine.registry_key("HKU\\S-1-12-1-4-5-6-7\\Software")


def test_a_missing_or_damaged_hive_is_not_an_empty_one(tmp_path: Path) -> None:
    machine = disk(tmp_path, None, Key())

    with pytest.raises(Unreadable, match="the hive is not there"):
        machine.registry_key("HKLM\\SOFTWARE\\Microsoft")
    with pytest.raises(Unreadable):
        machine.user_hives()
    (tmp_path / "Windows" / "System32" / "config" / "SYSTEM").write_bytes(b"regf")
    assert OfflineMachine(str(tmp_path)).host_name() is None


def test_exports_are_put_together_and_go_before_hives(tmp_path: Path) -> None:
    software = Key()
    software.at("A").values["x"] = "hive"
    software.at("B").values["x"] = "hive"
    machine = disk(tmp_path, software)
    folder = tmp_path / "registry"
    folder.mkdir()
    assert machine.read_bytes("C:\\registry\\a\0b") is None
    first, second = Key(values={"x": "export"}), Key(values={"y": 2})
    first.at("One")
    second.at("Two")
    (folder / "1.reg").write_bytes(write_export("HKEY_LOCAL_MACHINE\\SOFTWARE\\A", first))
    (folder / "2.REG").write_bytes(write_export("HKEY_LOCAL_MACHINE\\SOFTWARE\\a", second))
    (folder / "user.reg").write_bytes(write_export("HKEY_CURRENT_USER\\Software", Key(values={"x": "me"})))
    (folder / "notes.txt").write_text("not an export")
    found = machine.registry_key("HKLM\\SOFTWARE\\A")

    assert found is not None
    assert found.values == {"x": "export", "y": 2}
    assert set(found.subkeys) == {"One", "Two"}
    other = machine.registry_key("HKLM\\SOFTWARE\\B")
    assert other is not None and other.values == {"x": "hive"}
    assert machine.user_hives() == (UserHive("current", "HKCU", True),)
    mine = machine.registry_key("HKCU\\Software")
    assert mine is not None and mine.values == {"x": "me"}
    (folder / "3.reg").write_bytes(b"damaged")
    with pytest.raises(Unreadable, match="no registry export"):
        OfflineMachine(str(tmp_path)).registry_key("HKLM\\SOFTWARE\\A")


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        (("wmic", "bios", "get", "SerialNumber", "/value"), "wmic_bios_get_SerialNumber_value"),
        (
            ("powershell", "-NoProfile", "-Command", "# host-identity\n$x = 1"),
            "powershell_-NoProfile_-Command_host-identity",
        ),
        (("sw_vers",), "sw_vers"),
        (("../../etc/passwd", "*"), ".._.._etc_passwd"),
        (("x" * 200,), "x" * 96),
    ],
)
def test_a_command_has_one_file_name(command: tuple[str, ...], slug: str) -> None:
    assert command_slug(command) == slug


def test_recorded_commands_answer_and_others_do_not() -> None:
    machine = recorded("macos-14")

    answer = machine.run(["networksetup", "-listallhardwareports"])
    assert answer is not None and "Ethernet Address: f4:d4:88:0a:04:02" in answer
    assert machine.run(["sw_vers"]) is None
    assert machine.run(["../../macos-14/commands/x"]) is None


@pytest.mark.parametrize(
    ("name", "family", "host_name"),
    [
        ("windows-10-office", "windows", "BGS-PC-0117"),
        ("windows-7-finance", "windows", "CW-PC-0203"),
        ("windows-11-design", "windows", "SJ-PC-0305"),
        ("windows-10-home", "windows", "CK-PC-0511"),
        ("macos-14", "macos", "SJ-MAC-0402"),
    ],
)
def test_the_recorded_machines(name: str, family: str, host_name: str) -> None:
    machine = recorded(name)

    assert (machine.family, machine.host_name(), machine.recorded) == (family, host_name, True)
    running = machine.processes()
    assert (running is None) == (name != "windows-11-design")
    assert running is None or "KMSSS.exe" in {process.name for process in running}


def test_a_linux_disk_has_no_registry(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hostname").write_text("uos-01\n")
    (tmp_path / "registry").mkdir()
    machine = OfflineMachine(str(tmp_path))

    assert (machine.family, machine.host_name()) == ("linux", "uos-01")
    assert machine.registry_key("HKLM\\SOFTWARE") is None
    assert machine.user_hives() == ()


def test_a_piece_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "Windows" / "System32").mkdir(parents=True)
    (tmp_path / "Windows" / "a.bin").write_bytes(b"0123456789")
    machine = OfflineMachine(str(tmp_path))
    assert machine.read_part("C:\\windows\\A.BIN", 2, 3) == b"234"
    assert machine.read_part("C:\\Windows\\a.bin", 8, 100) == b"89"
    assert machine.read_part("C:\\Windows\\a.bin", 99, 1) == b""
    assert machine.read_part("C:\\Windows\\none", 0, 1) is None
    with pytest.raises(Unreadable):
        machine.read_part("C:\\Windows\\System32", 0, 1)
