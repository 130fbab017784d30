"""App packages: several versions, frameworks, names from manifests and resources, listings that PowerShell printed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hive_writer import Key, write_hive
from mutation import mutations
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent
from agent.collectors.windows.appx import APPX, REPOSITORY, STORE, parse_file
from agent.formats.appx_package import organisation_of, parse_full_name
from agent.inventory.coverage import Outcome
from agent.inventory.software import Software
from agent.machine.base import Machine, RegistryKey

APPS = "C:\\Program Files\\WindowsApps\\"
TERMINAL = "Microsoft.WindowsTerminal_1.%d.0.0_x64__8wekyb3d8bbwe"
RUNTIME = "Microsoft.VCLibs.140.00_14.0.33519.0_x64__8wekyb3d8bbwe"
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10">
  <Identity Name="%s" Publisher="CN=Microsoft Corporation, O=Microsoft Corporation, C=US"
            Version="1.2.3.4" ProcessorArchitecture="x64"/>
  <Properties><DisplayName>%s</DisplayName><PublisherDisplayName>%s</PublisherDisplayName>%s</Properties>
</Package>"""
PRINTED = """
Name              : Example.Reader
Publisher         : CN=\u793a\u4f8b\u8f6f\u4ef6\u6709\u9650\u516c\u53f8, C=CN
Architecture      : X64
Version           : 4.1.0.0
PackageFullName   : Example.Reader_4.1.0.0_x64__abcdefghjkmnp
InstallLocation   : C:\\Program Files\\WindowsApps\\Example.Reader_4.1.0.0_x64__a
                    bcdefghjkmnp
IsFramework       : False
SignatureKind     : Store

Name              : Microsoft.UI.Xaml.2.8
Version           : 8.2310.30001.0
IsFramework       : True
"""
DUMPED = """NAME: \u041f\u0440\u043e\u0432\u043e\u0434\u043d\u0438\u043a
PUBLISHER: Microsoft Corporation
ARCH: neutral
VERSION: 10.0.19041.423
FOLDER: C:\\Windows\\SystemApps\\Example_cw5n1h2txyewy
INSTALLDATE: 11/08/2021 18:09:36 +03:00
SYSTEM_CATEGORY: system
"""


def folder(tmp_path: Path) -> WindowsFolder:
    root = Key()
    packages = REPOSITORY[len("HKLM\\SOFTWARE\\") :]
    for full in (
        TERMINAL % 18,
        TERMINAL % 19,
        RUNTIME,
        "Microsoft.WindowsTerminal_1.19.0.0_neutral_split.language-zh-hans_8wekyb3d8bbwe",
    ):
        root.at(packages + "\\" + full).values = {"Path": APPS + full}
    root.at(packages + "\\not a package").values = {}
    root.at(
        STORE[len("HKLM\\SOFTWARE\\") :] + "\\S-1-5-21-1-2-3-1001\\Example.Reader_4.1.0.0_x64__abcdefghjkmnp"
    ).values = {}
    made = WindowsFolder(tmp_path).registry("HKEY_LOCAL_MACHINE\\SOFTWARE", root)
    made.file(
        APPS + (TERMINAL % 18) + "\\AppxManifest.xml",
        (MANIFEST % ("Microsoft.WindowsTerminal", "终端", "微软", "")).encode(),
    )
    made.file(
        APPS + (TERMINAL % 19) + "\\AppxManifest.xml",
        (MANIFEST % ("Microsoft.WindowsTerminal", "ms-resource:AppName", "ms-resource:Publisher", "")).encode(),
    )
    made.file(
        APPS + RUNTIME + "\\AppxManifest.xml",
        (MANIFEST % ("x", "Runtime", "y", "<Framework>true</Framework>")).encode(),
    )
    return made


def test_every_version_and_whose_it_is(tmp_path: Path) -> None:
    inventory = scan_with(folder(tmp_path).machine(), APPX)

    assert [
        (each.name, each.version, each.publisher, each.section, each.system_component, each.per_user)
        for each in inventory.software
    ] == [
        ("终端", "1.18.0.0", "微软", None, None, None),
        ("Microsoft.WindowsTerminal", "1.19.0.0", "Microsoft Corporation", None, None, None),
        ("Runtime", "14.0.33519.0", "y", "framework", True, None),
        ("Example.Reader", "4.1.0.0", None, None, None, True),
    ]
    (run,) = inventory.coverage
    assert (run.outcome, [fault.what for fault in run.faults]) == (Outcome.PARTIAL, ["no full name of a package"])


def test_names_that_windows_remembers_for_a_person(tmp_path: Path) -> None:
    made = folder(tmp_path)
    sid = "S-1-5-21-1-2-3-1001"
    profiles = Key()
    profiles.at("Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\" + sid).values = {
        "ProfileImagePath": "C:\\Users\\user01"
    }
    made.registry("HKEY_LOCAL_MACHINE\\SOFTWARE", profiles, "profiles").file(
        "C:\\Users\\user01\\NTUSER.DAT", write_hive(Key())
    )
    classes = Key()
    reference = "@{%s?ms-resource://Microsoft.WindowsTerminal/Resources/AppName}" % (TERMINAL % 19)
    pri = "C:%5CProgram Files%5CWindowsApps%5Cx%5Cresources.pri"
    classes.at("Local Settings\\MrtCache\\" + pri + "\\1d9\\ab").values = {reference: "Windows 终端"}
    made.file("C:\\Users\\user01\\AppData\\Local\\Microsoft\\Windows\\UsrClass.dat", write_hive(classes))

    names = [each.name for each in scan_with(made.machine(), APPX).software]
    assert names[:2] == ["终端", "Windows 终端"]


def test_a_running_windows_resolves_names() -> None:
    asked: list[str] = []

    class Windows(Machine):
        """Nothing but what the collector asks."""

        family = "windows"

        def registry_key(self, path: str) -> RegistryKey | None:
            if path == REPOSITORY:
                return RegistryKey(path, {}, (TERMINAL % 19,))
            return RegistryKey(path, {"Path": "C:\\a"}) if path.startswith(REPOSITORY) else None

        def read_bytes(self, path: str, limit: int = 0) -> bytes | None:
            return (
                MANIFEST % ("Microsoft.WindowsTerminal", "ms-resource:AppName", "ms-resource://x/Resources/P", "")
            ).encode()

        def resource_text(self, reference: str) -> str | None:
            asked.append(reference)
            return {"AppName": "Windows 终端"}.get(reference.rstrip("}").rpartition("/")[2])

    (found,) = [each for each in APPX.collect(Windows()) if isinstance(each, Software)]
    assert (found.name, found.publisher) == ("Windows 终端", "Microsoft Corporation")
    assert asked == [
        "@{%s?ms-resource://Microsoft.WindowsTerminal/Resources/AppName}" % (TERMINAL % 19),
        "@{%s?ms-resource://x/Resources/P}" % (TERMINAL % 19),
    ]


def test_what_powershell_printed() -> None:
    found = [each for each in parse_file(PRINTED.encode("gb18030"), "x") if isinstance(each, Software)]
    assert [
        (each.name, each.version, each.publisher, each.architecture, each.location, each.system_component)
        for each in found
    ] == [
        (
            "Example.Reader",
            "4.1.0.0",
            "示例软件有限公司",
            "x64",
            "C:\\Program Files\\WindowsApps\\Example.Reader_4.1.0.0_x64__abcdefghjkmnp",
            None,
        ),
        ("Microsoft.UI.Xaml.2.8", "8.2310.30001.0", None, None, None, True),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_what_another_tool_dumped_in_russian(encoding: str) -> None:
    (found,) = [each for each in parse_file(DUMPED.encode(encoding), "x") if isinstance(each, Software)]
    assert (found.name, found.installed_on, found.system_component) == ("Проводник", "2021-11-08", True)


def test_a_manifest_and_a_hive_by_themselves() -> None:
    (found,) = [
        each for each in parse_file((MANIFEST % ("A.B", "甲", "乙", "")).encode(), "x") if isinstance(each, Software)
    ]
    assert (found.name, found.identifier, found.version, found.publisher) == ("甲", "A.B", "1.2.3.4", "乙")
    root = Key()
    root.at(REPOSITORY[len("HKLM\\SOFTWARE\\") :] + "\\" + RUNTIME).values = {"Path": APPS + RUNTIME}
    assert [each.name for each in parse_file(write_hive(root), "x") if isinstance(each, Software)] == [
        "Microsoft.VCLibs.140.00"
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('CN=A, O="B, Inc.", C=US', "B, Inc."),
        ("CN=A", "A"),
        ("Microsoft Corporation", "Microsoft Corporation"),
        ("C=US", None),
        ("", None),
    ],
)
def test_the_organisation_of_a_publisher(text: str, name: str | None) -> None:
    assert organisation_of(text) == name


def test_full_names_and_damage() -> None:
    parsed = parse_full_name("A.B_1.0.0.0_neutral_~_8wekyb3d8bbwe")
    assert parsed is not None and parsed.is_bundle and parsed.family == "A.B_8wekyb3d8bbwe"
    assert [parse_full_name(text) for text in ("", "A_1_x64__x", "A.B_1.0_x64__8wekyb3d8bbweX")] == [None] * 3
    for sample in (PRINTED, DUMPED, MANIFEST % ("A", "B", "C", "")):
        for damaged in mutations(sample.encode(), 150):
            try:
                list(parse_file(damaged, "x"))
            except Absent:
                continue
