"""Which package a menu entry belongs to: the likely lists are read, the others never."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.collectors.linux import entry_owners
from agent.collectors.linux.desktop_entries import collect
from agent.collectors.linux.entry_owners import EntryOwners
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
MENU = "/usr/share/applications/"


def write(root: Path, path: str, text: str) -> None:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def dpkg(root: Path, **entries: str) -> OfflineMachine:
    """Make a machine whose packages install the entries of these names, one each; `_` stands for `-`."""
    names = {package.replace("_", "-"): entry for package, entry in entries.items()}
    write(root, "/var/lib/dpkg/status", "\n".join("Package: %s\nVersion: 1\n" % name for name in names))
    for package, entry in names.items():
        write(root, "/var/lib/dpkg/info/%s.list" % package, "/.\n/usr\n%s%s\n" % (MENU, entry))
    return OfflineMachine(str(root))


@pytest.mark.parametrize(
    ("package", "entry", "program"),
    [
        ("vim_common", "vim.desktop", "vim"),
        ("libreoffice_common", "libreoffice-startcenter.desktop", "libreoffice"),
        ("system_config_printer", "system-config-printer.desktop", None),
        ("browser360_cn_stable", "browser360-cn.desktop", "/usr/bin/browser360-cn-stable"),
        ("linuxqq", "qq.desktop", "/opt/QQ/qq"),
        ("sogouimebs", "ime-settings.desktop", "/opt/sogouimebs/files/bin/sogouImeService"),
        ("editor", "editor-extra-window.desktop", None),
    ],
)
def test_the_owner_is_found_by_the_names_of_entry_and_program(
    package: str, entry: str, program: str | None, tmp_path: Path
) -> None:
    machine = dpkg(tmp_path, **{package: entry, "nothing": "other.desktop"})

    assert EntryOwners(machine).owner(MENU + entry, program) == package.replace("_", "-")


def test_a_package_of_a_like_name_that_does_not_have_the_entry_is_not_the_owner(tmp_path: Path) -> None:
    machine = dpkg(tmp_path, vim="vim-tiny.desktop", vim_gtk="gvim.desktop")

    assert EntryOwners(machine).owner(MENU + "vim.desktop", "vim") is None


def test_a_program_of_the_shop_belongs_to_its_folder(tmp_path: Path) -> None:
    owners = EntryOwners(OfflineMachine(str(tmp_path)))

    assert owners.owner(MENU + "x.desktop", "/opt/apps/com.zwsoft.zwcad/files/zwcad") == "com.zwsoft.zwcad"
    assert owners.owner(MENU + "x.desktop", "/opt/other/zwcad") is None


def test_no_more_lists_are_read_than_the_limit_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_owners, "MAX_LISTS", 1)
    machine = dpkg(tmp_path, aaa_one="x.desktop", aaa_second="aaa.desktop")

    assert EntryOwners(machine).owner(MENU + "aaa.desktop", None) is None


@pytest.mark.parametrize(
    ("capture", "owners"),
    [
        ("uos-20-laptop", {"vlc.desktop": "org.videolan.vlc", "todesk.desktop": "todesk", "localsend.desktop": None}),
        ("kylin-v10-desktop", {"wps-office-et.desktop": "wps-office", "peony.desktop": "peony"}),
        ("arch-dev", {"qq.desktop": "linuxqq", "firefox.desktop": "firefox", "jetbrains-idea.desktop": None}),
    ],
)
def test_entries_of_recorded_machines_name_their_packages(capture: str, owners: dict[str, str | None]) -> None:
    found = collect(OfflineMachine(str(CAPTURES / capture)))
    parents = {item.identifier: item.parent for item in found if isinstance(item, Software)}

    assert {name: parents[name] for name in owners} == owners
