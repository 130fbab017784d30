"""Makes the recorded Windows machines and the Mac of tests/captures from their recipes, always the same bytes.

    python tests/support/make_machines.py [FOLDER]

A recipe is a JSON file (what the machine is) and a TSV file (what is installed, a line an entry). Without FOLDER
those of tests/captures are written anew.
"""

from __future__ import annotations

import csv
import json
import plistlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
sys.path.insert(0, str(CAPTURES.parents[1]))

from hive_writer import Key, write_hive  # noqa: E402
from reg_writer import write_export, write_old_export  # noqa: E402

from agent.collectors.windows import licensing_rows as licensing  # noqa: E402
from agent.collectors.windows.host_hardware import CLASSES, POWERSHELL  # noqa: E402
from agent.machine.offline import command_slug  # noqa: E402

if TYPE_CHECKING:
    from hive_writer import WrittenValue

WINDOWS = ("windows-10-office", "windows-7-finance", "windows-11-design", "windows-10-home")
MACS = ("macos-14",)

_UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall"
_PLACES = {"HKLM64": _UNINSTALL, "HKLM32": "WOW6432Node\\" + _UNINSTALL}
_NT = "Microsoft\\Windows NT\\CurrentVersion"
_NO_SUCH_CLASS = "HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
_SERVICES = ("S-1-5-18", "S-1-5-19", "S-1-5-20")


def make(folder: Path) -> None:
    """Write every machine below `folder`."""
    for name in WINDOWS:
        write_windows(name, folder / name)
    for name in MACS:
        write_mac(name, folder / name)


def write_windows(name: str, folder: Path) -> None:
    """Write one Windows machine as hives or as exports, with the answers of its management classes."""
    facts = _facts(name)
    rows = list(_rows(name))
    software, system = software_of(facts, rows), system_of(facts)
    if facts["form"] == "hives":
        config = folder / "Windows" / "System32" / "config"
        _write(config / "SOFTWARE", write_hive(software))
        _write(config / "SYSTEM", write_hive(system, name="SYSTEM"))
    elif facts["form"] == "old export":
        _write(folder / "registry" / "all.reg", _one_old_export(facts, rows, software, system))
    else:
        _write_exports(folder / "registry", facts, rows, software, system)
    for profile in facts["profiles"]:
        if not profile.get("loaded"):
            hive = write_hive(user_of(facts, rows, profile["user"]), name="NTUSER.DAT")
            _write(folder / "Users" / profile["user"] / "NTUSER.DAT", hive[:3000] if profile.get("damaged") else hive)
    for command, text in (*_answers(facts), *_licences(facts)):
        _write(folder / "commands" / (command_slug(command) + ".txt"), text.encode("utf-8"))
    if "processes" in facts:
        _write(folder / "commands" / "processes.txt", "".join(f"{path}\n" for path in facts["processes"]).encode())


def software_of(facts: dict[str, Any], rows: list[dict[str, str]]) -> Key:
    """Return HKLM\\SOFTWARE."""
    root = Key(written_seconds=facts["written_seconds"])
    root.at(_NT).values = dict(facts["current_version"])
    root.at("Microsoft\\Cryptography").values["MachineGuid"] = facts["machine_guid"]
    for sid in _SERVICES:
        root.at(f"{_NT}\\ProfileList\\{sid}").values["ProfileImagePath"] = (
            "%systemroot%\\system32\\config\\systemprofile"
        )
    for profile in facts["profiles"]:
        key = root.at(f"{_NT}\\ProfileList\\{profile['sid']}")
        key.values["ProfileImagePath"] = "C:\\Users\\" + profile["user"]
    for row in rows:
        if row["hive"] in _PLACES:
            root.at(_PLACES[row["hive"]] + "\\" + row["key"]).values = dict(entry_of(row))
    for path, values in facts.get("software", {}).items():
        root.at(path).values = dict(values)
    return root


def system_of(facts: dict[str, Any]) -> Key:
    """Return HKLM\\SYSTEM with one control set."""
    root = Key(written_seconds=facts["written_seconds"])
    root.at("Select").values = {"Current": 1, "Default": 1, "Failed": 0, "LastKnownGood": 1}
    _fill_control_set(root.at("ControlSet001"), facts)
    return root


def _fill_control_set(key: Key, facts: dict[str, Any]) -> None:
    environment = {"PROCESSOR_ARCHITECTURE": facts["architecture"], "OS": "Windows_NT", "windir": "%SystemRoot%"}
    key.at("Control\\Session Manager\\Environment").values = dict(environment)
    key.at("Control\\ComputerName\\ComputerName").values["ComputerName"] = facts["name"]
    key.at("Control\\Nls\\Language").values["InstallLanguage"] = facts["language"]
    maker: dict[str, WrittenValue] = {"SystemManufacturer": facts["maker"], "SystemProductName": facts["model"]}
    key.at("Control\\SystemInformation").values = maker
    key.at("Services\\Tcpip\\Parameters").values = {"Hostname": facts["name"], "Domain": facts["domain"]}


def user_of(facts: dict[str, Any], rows: list[dict[str, str]], user: str) -> Key:
    """Return the registry of one user."""
    root = Key(written_seconds=facts["written_seconds"])
    root.at("Software\\Microsoft\\Windows\\CurrentVersion\\Run")
    for row in rows:
        if row["hive"] == user:
            root.at("Software\\" + _UNINSTALL + "\\" + row["key"]).values = dict(entry_of(row))
    return root


def entry_of(row: dict[str, str]) -> Iterator[tuple[str, WrittenValue]]:
    """Yield the values of one Uninstall entry. A name `dword:7` or `binary:0102` is a value of the wrong type."""
    kind, _, rest = row["name"].partition(":")
    if kind == "binary":
        yield "DisplayName", bytes.fromhex(rest)
    elif kind == "dword":
        yield "DisplayName", int(rest)
    elif row["name"]:
        yield "DisplayName", row["name"]
    for column, value_name in (
        ("version", "DisplayVersion"),
        ("publisher", "Publisher"),
        ("installed", "InstallDate"),
        ("location", "InstallLocation"),
    ):
        if row[column]:
            yield value_name, row[column]
    if row["size_kib"]:
        yield "EstimatedSize", int(row["size_kib"])
    if row["name"]:
        yield "UninstallString", '"C:\\Windows\\System32\\uninstall.exe" ' + row["key"]
    for pair in filter(None, row["more"].split(";")):
        value_name, _, text = pair.partition("=")
        is_number = text.isdigit() and value_name != "ReleaseType"
        yield value_name, int(text) if is_number else text


def _write_exports(folder: Path, facts: dict[str, Any], rows: list[dict[str, str]], software: Key, system: Key) -> None:
    """Write what somebody exported with regedit on the running machine."""
    machine = "HKEY_LOCAL_MACHINE\\"
    below = "SOFTWARE\\" + _UNINSTALL
    _write(folder / "uninstall.reg", write_export(machine + below, software.at(_UNINSTALL)))
    wow = "WOW6432Node\\" + _UNINSTALL
    _write(folder / "uninstall-32.reg", write_export(machine + "SOFTWARE\\" + wow, software.at(wow)))
    _write(folder / "windows.reg", write_export(machine + "SOFTWARE\\" + _NT, software.at(_NT)))
    guid = "Microsoft\\Cryptography"
    _write(folder / "cryptography.reg", write_export(machine + "SOFTWARE\\" + guid, software.at(guid)))
    control = system.at("ControlSet001")
    _write(folder / "system.reg", write_export(machine + "SYSTEM\\CurrentControlSet", control))
    for profile in facts["profiles"]:
        if profile.get("loaded"):
            path = "HKEY_USERS\\" + profile["sid"]
            _write(folder / f"{profile['user']}.reg", write_export(path, user_of(facts, rows, profile["user"])))


def _one_old_export(facts: dict[str, Any], rows: list[dict[str, str]], software: Key, system: Key) -> bytes:
    """Return one export of everything, in the form and the code page of regedit's oldest format."""
    everything = Key()
    machine = everything.at("HKEY_LOCAL_MACHINE")
    machine.subkeys["SOFTWARE"] = software
    machine.at("SYSTEM").subkeys["CurrentControlSet"] = system.at("ControlSet001")
    for profile in facts["profiles"]:
        if profile.get("loaded"):
            everything.at("HKEY_USERS").subkeys[profile["sid"]] = user_of(facts, rows, profile["user"])
    parts = [write_old_export(name, key, facts["code_page"]) for name, key in everything.subkeys.items()]
    return parts[0] + b"".join(part.partition(b"\r\n")[2] for part in parts[1:])


def _answers(facts: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the commands that the machine was asked and what it printed."""
    if facts["answer"] == "powershell":
        yield POWERSHELL, json.dumps(facts["cim"], separators=(",", ":")) + "\r\n"
        return
    for name, properties in CLASSES.items():
        command = ("wmic", "path", name, "get", ",".join(properties), "/value")
        yield command, _wmic_list([{key: item[key] for key in properties} for item in facts["cim"][name]])


def _licences(facts: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what the licensing services were asked and answered; a class that is left out does not exist there."""
    told = facts.get("licensing")
    if told is None:
        return
    if facts["answer"] == "powershell":
        faults = {} if licensing.OFFICE_2010 in told else {licensing.OFFICE_2010: _NO_SUCH_CLASS}
        yield licensing.POWERSHELL, json.dumps({**told, "faults": faults}, separators=(",", ":")) + "\r\n"
        return
    for name, rows in told.items():
        yield licensing.wmic_question(name), _wmic_list(rows)


def _wmic_list(items: list[dict[str, object]]) -> str:
    """Return objects as `wmic … /value` prints them: sorted by property, a stray carriage return in every line."""
    lines = ("\r\r\n".join(f"{key}={_in_wmic(item[key])}" for key in sorted(item)) for item in items)
    return "\r\r\n" + "\r\r\n".join(f"\r\r\n{block}\r\r\n" for block in lines) + "\r\r\n\r\r\n"


def _in_wmic(value: object) -> str:
    if isinstance(value, list):
        return "{" + ", ".join(map(str, value)) + "}"
    if value is None:
        return ""
    return str(value).upper() if isinstance(value, bool) else str(value)


def write_mac(name: str, folder: Path) -> None:
    """Write one Mac: its version, its name, what commands said, and every bundle."""
    facts = _facts(name)
    services = folder / "System" / "Library" / "CoreServices"
    _write(services / "SystemVersion.plist", plistlib.dumps(facts["version"]))
    network = {"System": {"Network": {"HostNames": {"LocalHostName": facts["name"]}}}}
    network["System"]["System"] = {"ComputerName": facts["name"], "HostName": facts["name"]}
    _write(folder / "Library" / "Preferences" / "SystemConfiguration" / "preferences.plist", plistlib.dumps(network))
    for asked in facts["commands"]:
        text = "\n".join(asked["lines"]) + "\n"
        _write(folder / "commands" / (command_slug(asked["command"]) + ".txt"), text.encode("utf-8"))
    for row in _rows(name):
        _write_bundle(folder / row["path"], row)


def _write_bundle(bundle: Path, row: dict[str, str]) -> None:
    names = {"name": "CFBundleName", "display_name": "CFBundleDisplayName", "version": "CFBundleShortVersionString"}
    names.update(build="CFBundleVersion", identifier="CFBundleIdentifier", category="LSApplicationCategoryType")
    info = {value_name: row[column] for column, value_name in names.items() if row[column]}
    info.update(CFBundlePackageType="APPL", CFBundleExecutable=bundle.stem, CFBundleInfoDictionaryVersion="6.0")
    form = plistlib.FMT_BINARY if row["form"] == "binary" else plistlib.FMT_XML
    data = plistlib.dumps(info, fmt=form)
    _write(bundle / "Contents" / "Info.plist", data[: len(data) // 2] if row["form"] == "damaged" else data)
    if row["receipt"]:
        _write(bundle / "Contents" / "_MASReceipt" / "receipt", b"made by hand\n")


def _facts(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CAPTURES / "recipes" / (name + ".json")).read_text("utf-8"))
    return found


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (CAPTURES / "recipes" / (name + ".tsv")).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else CAPTURES)
