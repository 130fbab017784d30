"""The running Windows system, as far as it can be asked elsewhere: registry, profiles, files.

`winreg` is stood in for by keys in memory; the Toolhelp snapshot needs Windows itself.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from small_winreg import small_winreg

from agent.machine.base import Unreadable, UserHive
from agent.machine.windows import PROFILES, WindowsMachine

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("agent.formats.registry_hive") is None, reason="this checkout reads no hives yet"
)
LOGGED_ON, LOGGED_OFF, DAMAGED, GONE = ("S-1-5-21-1-2-3-%d" % number for number in (1001, 1002, 1003, 1004))


@pytest.fixture()
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WindowsMachine:
    """Return a machine with one user who is logged on, one who is not, and two whose hives cannot be read."""
    from hive_writer import Key, write_hive

    hive = Key()
    hive.at("Software\\Kingsoft").values["Version"] = "11.8.2"
    for name, data in (("off", write_hive(hive, name="NTUSER.DAT")), ("damaged", b"regf" + b"\xff" * 5000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "NTUSER.DAT").write_bytes(data)
    profiles = "HKEY_LOCAL_MACHINE\\" + PROFILES
    keys: dict[str, dict[str, Any]] = {
        profiles + "\\S-1-5-18": {"ProfileImagePath": "C:\\Windows\\System32\\config\\systemprofile"},
        profiles + "\\" + LOGGED_ON: {"ProfileImagePath": str(tmp_path / "on")},
        profiles + "\\" + LOGGED_OFF: {"ProfileImagePath": str(tmp_path / "off")},
        profiles + "\\" + DAMAGED: {"profileimagepath": str(tmp_path / "damaged")},
        profiles + "\\" + GONE: {"ProfileImagePath": str(tmp_path / "gone")},
        "HKEY_USERS\\" + LOGGED_ON + "\\Software\\Kingsoft": {"Version": "12.1.0"},
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Types": {
            "": "default", "number": 7, "many": ["a", "b"], "raw": b"\x01", "none": None},
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Locked": {},
    }  # fmt: skip
    winreg = small_winreg(keys, forbidden=frozenset({"hkey_local_machine\\software\\locked"}))
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    return WindowsMachine()


def test_reads_a_key_with_values_of_every_type(machine: WindowsMachine) -> None:
    key = machine.registry_key("HKLM\\SOFTWARE\\Types")
    assert key is not None
    assert key.values == {"": "default", "number": 7, "many": ("a", "b"), "raw": b"\x01", "none": ""}
    assert key.written_at == "2024-01-17T21:20:00Z"
    parent = machine.registry_key("HKLM\\SOFTWARE")
    assert parent is not None and parent.subkeys == ("Locked", "Microsoft", "Types")


def test_a_key_that_is_not_there_is_none_and_a_locked_one_is_unreadable(machine: WindowsMachine) -> None:
    assert machine.registry_key("HKLM\\SOFTWARE\\Nothing") is None
    with pytest.raises(Unreadable, match="Access is denied"):
        machine.registry_key("HKLM\\SOFTWARE\\Locked")
    with pytest.raises(Unreadable, match="expected a path below"):
        machine.registry_key("SOFTWARE")


def test_every_profile_is_named_and_the_damaged_ones_say_why(machine: WindowsMachine) -> None:
    on, off, damaged, gone = machine.user_hives()
    assert on == UserHive(LOGGED_ON, "HKU\\" + LOGGED_ON, True)
    assert off == UserHive(LOGGED_OFF, "HKU\\" + LOGGED_OFF, False)
    assert (damaged.sid, damaged.loaded) == (DAMAGED, False)
    assert damaged.unreadable is not None
    assert "no such file" in (gone.unreadable or "")


@pytest.mark.parametrize(("sid", "version"), [(LOGGED_ON, "12.1.0"), (LOGGED_OFF, "11.8.2")])
def test_users_are_read_alike_whether_logged_on_or_not(machine: WindowsMachine, sid: str, version: str) -> None:
    machine.user_hives()
    key = machine.registry_key("HKU\\%s\\Software\\Kingsoft" % sid)
    assert key is not None
    assert (key.path, key.values) == ("HKU\\%s\\Software\\Kingsoft" % sid, {"Version": version})
    assert machine.registry_key("HKU\\%s\\Software\\Nobody" % sid) is None


def test_reads_files(machine: WindowsMachine, tmp_path: Path) -> None:
    path = str(tmp_path / "off" / "NTUSER.DAT")
    assert (machine.read_bytes(path) or b"")[:4] == b"regf"
    assert machine.read_bytes(str(tmp_path / "none")) is None
    with pytest.raises(Unreadable, match="larger than 10 bytes"):
        machine.read_bytes(path, 10)
    with pytest.raises(Unreadable, match="not a regular file"):
        machine.read_bytes(str(tmp_path))
    assert [(entry.name, entry.is_folder) for entry in machine.list_folder(str(tmp_path)) or ()] == [
        ("damaged", True), ("off", True)]  # fmt: skip
    assert machine.list_folder(str(tmp_path / "none")) is None


def test_a_piece_of_a_file(machine: WindowsMachine, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"0123456789")
    assert machine.read_part(str(tmp_path / "a.bin"), 3, 4) == b"3456"
    assert machine.read_part(str(tmp_path / "none"), 0, 1) is None


class _Libraries:
    """The functions of Windows' own libraries that we call, as they answer on a machine with two fixed drives."""

    class kernel32:
        GetLogicalDrives = staticmethod(lambda: 0b11101)
        GetDriveTypeW = staticmethod(lambda path: {"C:\\": 3, "D:\\": 5, "E:\\": 3, "A:\\": 2}[path])

    class shlwapi:
        @staticmethod
        def SHLoadIndirectString(reference: str, found: Any, size: int, nothing: None) -> int:
            if reference != "@{a?ms-resource://a/Resources/Name}":
                return -1
            found.value = " 计算器 "
            return 0


def test_drives_and_texts_of_the_running_system(machine: WindowsMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    monkeypatch.setattr(ctypes, "windll", _Libraries, raising=False)
    assert machine.fixed_drives() == ("C:", "E:")
    assert machine.resource_text("@{a?ms-resource://a/Resources/Name}") == "计算器"
    assert machine.resource_text("@{b?ms-resource://b/Resources/Name}") is None


@pytest.mark.parametrize(
    ("code", "said"),
    [(0, "valid"), (0x800B0100, "unsigned"), (0x80096010, "broken"), (0x800B0109, None), (-2146869232, "broken")],
)
def test_what_windows_says_of_a_signature(
    machine: WindowsMachine, monkeypatch: pytest.MonkeyPatch, code: int, said: str | None
) -> None:
    import ctypes

    class libraries:
        class wintrust:
            WinVerifyTrust = staticmethod(lambda window, action, data: code)

    monkeypatch.setattr(ctypes, "windll", libraries, raising=False)
    assert machine.signature_of("C:\\a.exe") == said
