"""Reports, receipts and Homebrew of macOS."""

from __future__ import annotations

import plistlib
from datetime import datetime, timezone
from pathlib import Path

import pytest
from machine_folder import found_on, machine_of, problems, scopes, software

from agent.collectors.anywhere.homebrew import HOMEBREW
from agent.collectors.anywhere.homebrew import parse_file as read_homebrew
from agent.collectors.base import Absent
from agent.collectors.macos.receipts import RECEIPTS
from agent.collectors.macos.receipts import parse_file as read_receipt
from agent.collectors.macos.system_profiler import SYSTEM_PROFILER
from agent.collectors.macos.system_profiler import parse_file as read_report


def day(year: int, month: int, number: int) -> datetime:
    """Return a date as property lists hold it: without a zone, which is UTC."""
    return datetime(year, month, number, 10, 59, 10, tzinfo=timezone.utc).replace(tzinfo=None)


TEXT = """Applications:

    微信:

      Version: 3.8.7
      Obtained from: Mac App Store
      Last Modified: 4/6/24 2:48 AM
      Kind: Universal
      Signed by: Apple Mac OS Application Signing, Apple Root CA
      Location: /Applications/WeChat.app

    Tk 8.6: the shell:

      Last Modified: 4/6/24 2:48 AM
      Get Info String: Wish Shell 8.6
Copyright © 1989-2022 Tcl Core Team,
Copyright © 2001-2009 Apple Inc.
      Location: /System/Library/Wish.app

    Terminal of a guest:

      Version: 10
      Get Info String: 1.0, C:\\\\Windows\\\\notepad.exe
      Location: /Users/li/Applications (Parallels)/x.app

    WPS Office:

      Version: 6 . 2 . 1
      Obtained from: Identified Developer
      Signed by: Developer ID Application: Zhuhai Kingsoft Office Software Co., Ltd. (G3Y5RWVF52), Apple Root CA
      Location: /Users/li/Applications/wpsoffice.app
"""


def test_the_report_as_text() -> None:
    wechat, shell, wps = software(list(read_report(TEXT.encode(), "report")))

    assert (wechat.name, wechat.version, wechat.origin, wechat.publisher) == ("微信", "3.8.7", "App Store", None)
    assert (wechat.architecture, wechat.signer) == ("Universal", "Apple Mac OS Application Signing")
    assert (wechat.installed_on, wechat.install_date_raw) == (None, "4/6/24 2:48 AM")
    assert (shell.name, shell.version, shell.system_component) == ("Tk 8.6: the shell", None, True)
    assert (wps.version, wps.per_user) == ("6.2.1", True)
    assert wps.publisher == "Zhuhai Kingsoft Office Software Co., Ltd."


def test_a_report_in_chinese_and_one_in_a_language_that_nobody_told_us() -> None:
    chinese = "应用程序:\n\n    钉钉:\n\n      版本: 7.5.20\n      位置: /Applications/DingTalk.app\n"
    german = "Programme:\n\n    Rechner:\n\n      Fassung: 10.16\n      Ort: /System/Applications/Calculator.app\n"
    (ding,), (calculator,) = (software(list(read_report(text.encode(), "r"))) for text in (chinese, german))
    assert (ding.name, ding.version, ding.location) == ("钉钉", "7.5.20", "/Applications/DingTalk.app")
    assert (calculator.version, calculator.location) == ("10.16", "/System/Applications/Calculator.app")


def item(**facts: object) -> dict[str, object]:
    return {"_name": "Safari", "version": "17.4", "path": "/Applications/Safari.app", **facts}


def report(*items: object) -> bytes:
    return plistlib.dumps([{"_dataType": "SPApplicationsDataType", "_items": list(items)}])


def test_the_report_as_xml() -> None:
    kingsoft = ["Developer ID Application: Kingsoft (G3Y5RWVF52)", "Apple Root CA"]
    data = report(
        item(obtained_from="apple", arch_kind="arch_arm_i64", lastModified=day(2024, 4, 10)),
        item(_name="WPS", obtained_from="identified_developer", signed_by=kingsoft),
        item(_name="", path="/x.app"),
        7,
        {"path": 7, "_name": 8},
    )
    found = list(read_report(data, "xml"))

    safari, wps = software(found)
    assert (safari.publisher, safari.origin, safari.architecture) == ("Apple", "Apple", "arch_arm_i64")
    assert safari.install_date_raw == "2024-04-10T10:59:10Z"
    assert (wps.publisher, wps.signer, wps.origin) == (
        "Kingsoft",
        "Developer ID Application: Kingsoft (G3Y5RWVF52)",
        None,
    )
    assert [what for _, what in problems(found)] == ["no name", "not a dictionary", "no name"]


@pytest.mark.parametrize("data", [b"nothing", b"<plist><array/></plist>", b"bplist00", report()[:200], b"<plist>"])
def test_what_is_no_report(data: bytes) -> None:
    found = list(read_report(data, "r"))
    assert software(found) == [] and len(problems(found)) == 1


def test_a_recorded_mac_tells_its_report_and_a_running_one_its_bundles(tmp_path: Path) -> None:
    files = {"/Applications/keep": "", "/commands/system_profiler_SPApplicationsDataType.txt": TEXT}
    assert len(software(found_on(SYSTEM_PROFILER, tmp_path, files))) == 3
    running = machine_of(tmp_path, {})
    running.recorded = False  # as the running system says of itself
    with pytest.raises(Absent):
        list(SYSTEM_PROFILER.collect(running))


RECEIPT = {
    "PackageIdentifier": "com.kingsoft.wpsoffice.mac.pkg",
    "PackageVersion": "6.2.1",
    "PackageFileName": "wps.pkg",
    "InstallPrefixPath": "Applications",
    "InstallProcessName": "installer",
    "InstallDate": day(2024, 11, 13),
}


def test_a_receipt() -> None:
    (record,) = software(list(read_receipt(plistlib.dumps(RECEIPT, fmt=plistlib.FMT_BINARY), "r.plist")))
    assert (record.name, record.version, record.identifier) == (
        "wpsoffice.mac", "6.2.1", "com.kingsoft.wpsoffice.mac.pkg")  # fmt: skip
    assert (record.installed_on, record.install_date_raw) == ("2024-11-13", "2024-11-13T10:59:10Z")
    assert (record.location, record.release_type, record.system_component) == ("/Applications", "receipt", None)


@pytest.mark.parametrize("year", [1, 1900, 9999])
def test_a_day_that_cannot_be_is_no_day_of_installation(year: int) -> None:
    data = plistlib.dumps({**RECEIPT, "InstallDate": day(year, 12, 31)})
    (record,) = software(list(read_receipt(data, "r.plist")))
    assert record.installed_on is None and record.install_date_raw is not None


def test_receipts_of_a_machine(tmp_path: Path) -> None:
    files = {
        "/var/db/receipts/a.plist": plistlib.dumps(RECEIPT),
        "/var/db/receipts/a.bom": b"BOMStore",
        "/var/db/receipts/b.plist": b"torn",
        "/var/db/receipts/com.apple.pkg.plist": plistlib.dumps({"PackageIdentifier": "com.apple.pkg.Core"}),
        "/var/db/receipts/empty.plist": plistlib.dumps({"PackageVersion": "1"}),
    }
    found = found_on(RECEIPTS, tmp_path, {"/Applications/keep": "", **files})

    assert scopes(found) == ["receipts:/var/db/receipts"]
    assert [(s.name, s.system_component) for s in software(found)] == [("wpsoffice.mac", None), ("Core", True)]
    assert [where for where, _ in problems(found)] == ["/var/db/receipts/b.plist", "/var/db/receipts/empty.plist"]


def test_homebrew_of_a_machine(tmp_path: Path) -> None:
    cellar = "/opt/homebrew/Cellar"
    files = {
        f"{cellar}/rclone/1.67.0/INSTALL_RECEIPT.json": (
            '{"time": 1718800000, "installed_on_request": true, "source": {"tap": "homebrew/core"}, "arch": "arm64"}'
        ),
        f"{cellar}/rclone/1.67.0/.brew/rclone.rb": 'class Rclone < Formula\n  license "MIT"\n  url "x"\nend\n',
        f"{cellar}/openssl@3/3.3.1/INSTALL_RECEIPT.json": '{"installed_on_request": false}',
        f"{cellar}/openssl@3/3.3.1/.brew/openssl@3.rb": '  license any_of: ["Apache-2.0", "MIT"]\n',
        f"{cellar}/torn/1.0/INSTALL_RECEIPT.json": "{",
        f"{cellar}/bare/2.0/bin/bare": "",
        "/opt/homebrew/Caskroom/firefox/130.0.1/firefox.wrapper.sh": "",
        "/opt/homebrew/Caskroom/firefox/.metadata/x": "",
    }
    found = found_on(HOMEBREW, tmp_path, {"/Applications/keep": "", **files})

    assert scopes(found) == [f"homebrew:{cellar}", "homebrew:/opt/homebrew/Caskroom"]
    facts = {
        s.name: (s.version, s.section, s.installed_on, s.origin, s.spdx, s.system_component) for s in software(found)
    }
    assert facts == {
        "bare": ("2.0", "formula", None, None, None, None),
        "openssl@3": ("3.3.1", "formula", None, None, "Apache-2.0 OR MIT", True),
        "rclone": ("1.67.0", "formula", "2024-06-19", "homebrew/core", "MIT", None),
        "firefox": ("130.0.1", "cask", None, None, None, None),
    }
    assert [where for where, _ in problems(found)] == [f"{cellar}/torn/1.0"]


@pytest.mark.parametrize(
    ("place", "name", "version"),
    [
        ("Caskroom/android-platform-tools/35.0.2/platform-tools/source.properties", "android-platform-tools", "35.0.2"),
        ("/usr/local/Caskroom/firefox/130.0.1/firefox.app", "firefox", "130.0.1"),
        ("/usr/local/Cellar/tree/1.1/INSTALL_RECEIPT.json", "tree", "1.1"),
    ],
)
def test_a_recorded_file_of_homebrew_is_known_by_its_place(place: str, name: str, version: str) -> None:
    (record,) = software(list(read_homebrew(b"{}", place)))
    assert (record.name, record.version) == (name, version)


def test_a_file_elsewhere_is_not_homebrews() -> None:
    assert len(problems(list(read_homebrew(b"{}", "/tmp/INSTALL_RECEIPT.json")))) == 1
