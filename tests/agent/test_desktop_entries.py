"""Desktop entries: their grammar, the menu of the system and of people, and whom a home folder belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine_folder import found_on
from mutation import mutations

from agent.collectors.base import Absent, Found, Problem, Scope, ScopeAbsent
from agent.collectors.linux.desktop_entries import DESKTOP_ENTRIES, collect, parse_file
from agent.collectors.linux.homes import homes
from agent.collectors.linux.system_language import system_language
from agent.formats.desktop_entry import EntryFault, entry_keys, localised, program_of
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

WPS = (
    "# a note\n[Desktop Entry]\nType=Application\nName=WPS Office\nName[zh_CN]=WPS 文字\nName[zh]=文字\n"
    "Exec=/opt/kingsoft/wps-office/office6/wps %F\nVersion=1.0\nCategories=Office;WordProcessor;Qt;\n"
    "X-Deepin-Vendor=user-custom\n[Desktop Action new]\nName=New\nExec=/bin/other\n"
)


def software(found: list[Found]) -> list[Software]:
    return [item for item in found if isinstance(item, Software)]


def write(root: Path, path: str, text: str) -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("firefox %u", "firefox"),
        ("/usr/bin/wps %F", "/usr/bin/wps"),
        ('"/opt/My App/run" --open "/home/wang/secret.txt"', "/opt/My App/run"),
        (r'"/opt/a \"b\"/run"', '/opt/a "b"/run'),
        ("env WINEPREFIX=/home/wang/.wine wine start /unix x.lnk", "wine"),
        ("/usr/bin/env bash -c run", "bash"),
        ("GTK_IM_MODULE=fcitx QT_IM_MODULE=fcitx /opt/apps/x/run", "/opt/apps/x/run"),
        ("env -i x", None),
        ("%u", None),
        ("", None),
        ('""', None),
        ("env", None),
    ],
)
def test_only_the_program_of_a_command_is_taken(command: str, program: str | None) -> None:
    assert program_of(command) == program


@pytest.mark.parametrize(
    ("language", "name"),
    [("zh_CN", "WPS 文字"), ("zh_CN.UTF-8@pinyin", "WPS 文字"), ("zh_TW", "文字"), ("en_US", "WPS Office"),
     (None, "WPS Office"), ("", "WPS Office")],
)  # fmt: skip
def test_the_name_in_a_language(language: str | None, name: str) -> None:
    assert localised(entry_keys(WPS), "Name", language) == name


def test_only_the_first_group_counts_and_values_are_unescaped() -> None:
    keys = entry_keys("[Desktop Entry]\nName=a\\sb\\\\c\nName=second\n[X]\nExec=no\n[Desktop Entry]\nIcon=no\n")

    assert keys == {"Name": "a b\\c"}


@pytest.mark.parametrize("text", ["", "Name=x\n", "[Desktop Action]\nName=x\n"])
def test_what_is_no_desktop_entry_is_refused(text: str) -> None:
    with pytest.raises(EntryFault):
        entry_keys(text)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("Type=Application\nName=a", 1),
        ("Name=a", 1),  # the type is nearly always there; without it a menu shows the entry all the same
        ("Type=Link\nName=a\nURL=http://x", 0),
        ("Type=Directory\nName=a", 0),
        ("Type=Application\nName=a\nHidden=true", 0),
    ],
)
def test_which_entries_are_programs(lines: str, found: int) -> None:
    assert len(software(list(parse_file(b"[Desktop Entry]\n" + lines.encode(), "a.desktop")))) == found


def test_an_entry_says_what_it_says() -> None:
    (found,) = software(list(parse_file(WPS.encode(), "/usr/share/applications/wps.desktop")))

    assert (found.name, found.identifier, found.version) == ("WPS Office", "wps.desktop", None)
    assert (found.location, found.section) == ("/opt/kingsoft/wps-office/office6/wps", "Office;WordProcessor;Qt")
    assert (found.origin, found.parent, found.system_component) == ("user-custom", None, None)


def test_the_menus_of_the_system_and_of_people(tmp_path: Path) -> None:
    write(tmp_path, "etc/default/locale", 'LANG="zh_CN.UTF-8"\n')
    write(tmp_path, "etc/passwd", "wang:x:1000:1000:Wang:/home/wang:/bin/bash\nnobody:x:65534:65534::/nonexistent:/x\n")
    write(tmp_path, "usr/share/applications/wps.desktop", WPS)
    write(tmp_path, "usr/share/applications/kde/tool.desktop",
          "[Desktop Entry]\nName=Tool\nNoDisplay=true\nX-AppInstall-Package=tool-pkg\n")  # fmt: skip
    write(tmp_path, "usr/share/applications/broken.desktop", "Name=lost\n")
    write(tmp_path, "usr/share/applications/nameless.desktop", "[Desktop Entry]\nExec=x\n")
    write(tmp_path, "usr/share/applications/mimeinfo.cache", "[MIME Cache]\n")
    own = "[Desktop Entry]\nName=Mine\nExec=/home/wang/bin/mine --user wang\nX-AppImage-Version=3.1\n"
    write(tmp_path, "home/wang/.local/share/applications/mine.desktop", own)
    write(tmp_path, "home/li.si/.local/share/applications/x.desktop", "[Desktop Entry]\nName=X\n")

    found = list(collect(OfflineMachine(str(tmp_path))))

    scopes = [item.name for item in found if isinstance(item, Scope)]
    assert scopes[0] == "desktop_entries:/usr/share/applications"
    assert scopes[2] == "desktop_entries:~1000/.local/share/applications"
    assert len(scopes) == 3
    assert [item for item in found if isinstance(item, ScopeAbsent)] == [
        ScopeAbsent("desktop_entries:/usr/local/share/applications")
    ]
    assert [(s.name, s.identifier, s.location, s.per_user, s.version) for s in software(found)] == [
        ("Tool", "kde-tool.desktop", None, False, None),
        ("WPS 文字", "wps.desktop", "/opt/kingsoft/wps-office/office6/wps", False, None),
        ("X", "x.desktop", None, True, None),
        ("Mine", "mine.desktop", "~1000/bin/mine", True, "3.1"),
    ]
    assert (software(found)[0].system_component, software(found)[0].parent) == (True, "tool-pkg")
    assert [p for p in found if isinstance(p, Problem)] == [
        Problem("/usr/share/applications/broken.desktop", "no group [Desktop Entry]"),
        Problem("/usr/share/applications/nameless.desktop", "no Name"),
    ]
    assert "wang" not in repr(found) and "li.si" not in repr(found)


def test_homes_are_named_by_number_or_digest(tmp_path: Path) -> None:
    write(
        tmp_path, "etc/passwd", "root:x:0:0::/root:/b\nsvc:x:998:998::/var/svc:/b\nbad line\nw:x:1001:1:W:/data/w/:/b\n"
    )
    for folder in ("root", "data/w", "home/domain.user", "home/lost+found", "var/svc"):
        (tmp_path / folder).mkdir(parents=True)

    found = homes(OfflineMachine(str(tmp_path)))

    assert [home.path for home in found] == ["/data/w", "/home/domain.user", "/root"]
    assert [home.label for home in found if home.path != "/home/domain.user"] == ["~1001", "~root"]
    assert found[1].label == "~" + "%s" % found[1].label[1:] and len(found[1].label) == 9
    assert found[0].shown("/data/w/x") == "~1001/x" and found[0].shown("/data/wx") == "/data/wx"


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("etc/locale.conf", "LANG=zh_CN.UTF-8\n", "zh_CN"),
        ("etc/default/locale", "#  x\nLANG='en_US.UTF-8'\n", "en_US"),
        ("etc/locale.conf", "LANG=C.UTF-8\n", None),
        ("etc/hostname", "x\n", None),
    ],
)
def test_the_language_of_a_system(path: str, text: str, language: str | None, tmp_path: Path) -> None:
    write(tmp_path, path, text)

    assert system_language(OfflineMachine(str(tmp_path))) == language


def test_a_system_without_a_menu(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    with pytest.raises(Absent):
        list(collect(OfflineMachine(str(tmp_path))))


def test_damage_ends_in_records_and_problems() -> None:
    for damaged in mutations(WPS.encode(), 1500):
        assert all(isinstance(item, (Software, Problem)) for item in parse_file(damaged, "wps.desktop"))


def test_an_entry_of_an_old_chinese_program_is_in_gbk(tmp_path: Path) -> None:
    entry = "[Desktop Entry]\nType=Application\nName=永中办公软件\nExec=/opt/yozo/office\n".encode("gbk")
    found = found_on(DESKTOP_ENTRIES, tmp_path, {"/usr/share/applications/yozo.desktop": entry})
    assert [item.name for item in found if isinstance(item, Software)] == ["永中办公软件"]
