"""What pacman, snap and flatpak printed, read where somebody kept it."""

from __future__ import annotations

import pytest
from machine_folder import found_on, problems, software

from agent.collectors.linux.debian_copyright import DEBIAN_COPYRIGHT
from agent.collectors.linux.flatpak import parse_file as read_flatpak
from agent.collectors.linux.pacman import parse_file as read_pacman
from agent.collectors.linux.snap import parse_file as read_snap

PACMAN = """Name            : gimp
Version         : 2.10.36-2
Description     : GNU Image Manipulation Program
                  in two lines: with a colon
Architecture    : x86_64
Licenses        : GPL-3.0-or-later  LGPL
Groups          : None
Packager        : Somebody <a@b.c>
Install Date    : Sat 27 Apr 2024 10:20:30 AM CST

Name            : a52dec
Version         : 1:0.7.4-12
Licenses        : MIT
Install Date    : Sun Oct 31 20:36:45 2021

Name            : torn
"""


def test_pacman_in_english_and_chinese() -> None:
    gimp, a52dec = software(list(read_pacman(PACMAN.encode(), "qi")))
    assert (gimp.name, gimp.version, gimp.architecture, gimp.section) == ("gimp", "2.10.36-2", "x86_64", None)
    assert (gimp.licence, gimp.spdx, gimp.publisher) == ("GPL-3.0-or-later  LGPL", None, "Somebody <a@b.c>")
    assert (gimp.installed_on, gimp.install_date_raw) == ("2024-04-27", "Sat 27 Apr 2024 10:20:30 AM CST")
    assert (a52dec.version, a52dec.installed_on, a52dec.spdx) == ("1:0.7.4-12", "2021-10-31", "MIT")
    assert problems(list(read_pacman(PACMAN.encode(), "qi"))) == [("qi block 3", "no version (torn)")]

    chinese = (
        "名字           : wps-office-cn\n版本           : 11.1.0-1\n架构           : x86_64\n组             : 无\n"
    )
    (wps,) = software(list(read_pacman(chinese.encode(), "qi")))
    assert (wps.name, wps.version, wps.section) == ("wps-office-cn", "11.1.0-1", None)


SNAPS = """Name            Version          Rev    Tracking         Publisher      Notes
core20          20240416         2318   latest/stable    canonical✓     base
drawio          24.6.4           214    latest/stable    jgraph**       -
code            ea1445cc         159    latest/stable    vscode✓        classic
local           1.0              x1     -                -              -
torn line
"""


def test_snaps() -> None:
    found = list(read_snap(SNAPS.encode(), "list"))
    assert [(s.name, s.version, s.publisher, s.system_component) for s in software(found)] == [
        ("core20", "20240416", "canonical", True),
        ("drawio", "24.6.4", "jgraph", None),
        ("code", "ea1445cc", "vscode", None),
        ("local", "1.0", None, None),
    ]
    assert len(problems(found)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Tencent Meeting\tcom.tencent.wemeet\t3.19.2\tstable\tsystem\n",
        "com.tencent.wemeet\tstable\tsystem\tTencent Meeting\n",
        "Application ID\tBranch\tInstallation\tName\ncom.tencent.wemeet\tstable\tsystem\tTencent Meeting\n",
        "名称  应用程序 ID  版本  分支  安装\nTencent Meeting  com.tencent.wemeet  3.19.2  stable  system\n",
    ],
)
def test_flatpaks_in_any_order_of_columns(text: str) -> None:
    (record,) = software(list(read_flatpak(text.encode(), "list")))
    assert (record.name, record.identifier, record.per_user) == ("Tencent Meeting", "com.tencent.wemeet", False)
    assert record.version == ("3.19.2" if "3.19.2" in text else "stable")


def test_what_info_says_of_one() -> None:
    flatpak = (
        "\nGIMP - Create images\n\n          ID: org.gimp.GIMP\n         Ref: app/org.gimp.GIMP/x86_64/stable\n"
        "        Arch: x86_64\n     Version: 2.10.38\n      Origin: flathub\nInstallation: user\n"
    )
    (gimp,) = software(list(read_flatpak(flatpak.encode(), "info")))
    assert (gimp.name, gimp.version, gimp.architecture, gimp.origin) == ("GIMP", "2.10.38", "x86_64", "flathub")
    assert (gimp.identifier, gimp.per_user) == ("org.gimp.GIMP", True)

    snap = (
        "name:      drawio\nsummary:   diagrams\npublisher: JGraph✓\nlicense:   Apache-2.0\n"
        "installed: 24.6.4 (214) 150MB -\n"
    )
    (drawio,) = software(list(read_snap(snap.encode(), "info")))
    assert (drawio.name, drawio.version, drawio.publisher, drawio.spdx) == ("drawio", "24.6.4", "JGraph", "Apache-2.0")


def test_a_line_without_an_id_is_a_problem() -> None:
    text = "Name\tApplication ID\nA\torg.a.B\nonly a name\t\n"
    assert problems(list(read_flatpak(text.encode(), "list"))) == [("list line 3", "no application id")]


DEP5 = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: ISC\n"


def test_copyright_files_of_installed_packages_alone(tmp_path: object) -> None:
    status = (
        "Package: a\nStatus: install ok installed\nVersion: 1\nConffiles:\n /etc/a 0\n\n"
        "Package: b\nPriority: optional\nSection: x\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        "Package: c\nStatus: install ok installed\nVersion: 2\n"
    )
    files = {
        "/var/lib/dpkg/status": status,
        "/usr/share/doc/a/copyright": DEP5,
        "/usr/share/doc/b/copyright": DEP5,
        "/usr/share/doc/c/copyright": "This is prose.\nLicense: MIT\n",
        "/usr/share/doc/d/copyright": DEP5,
    }
    found = found_on(DEBIAN_COPYRIGHT, tmp_path, files)  # type: ignore[arg-type]
    assert [(s.name, s.parent, s.licence, s.spdx) for s in software(found)] == [("a", "a", "ISC", "ISC")]
    assert problems(found) == []
