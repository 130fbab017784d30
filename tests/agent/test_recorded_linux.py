"""The recorded UOS, Kylin, openEuler and Arch machines: what each source of them holds, by value."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from agent.collectors.base import Absent, Collector, Found, Problem, ScopeFailed
from agent.collectors.linux.desktop_entries import DESKTOP_ENTRIES
from agent.collectors.linux.flatpak import FLATPAK
from agent.collectors.linux.opt_apps import OPT_APPS
from agent.collectors.linux.pacman import PACMAN
from agent.collectors.linux.rpm import RPM
from agent.collectors.linux.snap import SNAP
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
COLLECTORS = (RPM, PACMAN, SNAP, FLATPAK, OPT_APPS, DESKTOP_ENTRIES)


def scan(collector: Collector, machine: str) -> list[Found]:
    return list(collector.collect(OfflineMachine(str(CAPTURES / machine))))


def software(found: list[Found]) -> list[Software]:
    return [item for item in found if isinstance(item, Software)]


def problems(found: list[Found]) -> list[str]:
    return [item.where for item in found if isinstance(item, Problem)]


@pytest.mark.parametrize(
    ("machine", "counts"),
    [
        ("uos-20-laptop", {"opt_apps": 9, "desktop_entries": 9}),
        ("kylin-v10-desktop", {"opt_apps": 2, "desktop_entries": 10}),
        ("openeuler-server", {"rpm": 46}),
        ("arch-dev", {"pacman": 22, "flatpak": 2, "snap": 3, "desktop_entries": 5}),
    ],
)
def test_how_much_each_source_holds(machine: str, counts: dict[str, int]) -> None:
    found: Counter[str] = Counter()
    for collector in COLLECTORS:
        try:
            items = scan(collector, machine)
        except Absent:
            continue
        assert not [item for item in items if isinstance(item, ScopeFailed)]
        found.update(item.source for item in software(items))

    assert dict(found) == counts


def test_the_store_applications_of_the_uos_notebook() -> None:
    found = scan(OPT_APPS, "uos-20-laptop")

    assert [(s.identifier, s.name, s.version) for s in software(found)] == [
        ("cn.suwell.reader", "数科OFD阅读器", "3.0.22.0916"),
        ("cn.wps.wps-office-pro", "wps-office-pro", "11.8.2.11929"),
        ("com.alibabainc.dingtalk", "钉钉", "7.5.20.40221"),
        ("com.foxit.foxitofficesuite", "福昕办公套件", "2.4.5.0727"),
        ("com.qianxin.qaxsafe", "奇安信网神终端安全管理系统", "10.6.0.2130"),
        ("com.qq.weixin.work.deepin", "企业微信", "4.1.32.6005deepin2_1"),
        ("com.tencent.wechat", "微信", "1.0.0.236"),
        ("com.tencent.wemeet", "腾讯会议", "3.19.2.400"),
        ("com.zwsoft.zwcad", "中望CAD 2024", "2024.1.3.4"),
    ]
    assert problems(found) == ["/opt/apps/com.example.torn/info"]


def test_the_menu_of_the_uos_notebook() -> None:
    found = scan(DESKTOP_ENTRIES, "uos-20-laptop")
    by_id = {s.identifier: s for s in software(found)}

    assert by_id["sogouime-settings.desktop"].name == "搜狗输入法设置器"
    assert by_id["sogouime-settings.desktop"].location == "/opt/sogouimebs/files/bin/sogouImeService"
    assert by_id["uos-activator.desktop"].system_component is True
    own = by_id["localsend.desktop"]
    assert (own.per_user, own.location, own.version) == (True, "~1000/.local/bin/LocalSend.AppImage", "1.14.0")
    assert problems(found) == ["/usr/share/applications/com.example.torn.desktop"]


def test_the_kylin_desktop() -> None:
    store = scan(OPT_APPS, "kylin-v10-desktop")

    assert [(s.name, s.architecture) for s in software(store)] == [("钉钉", "arm64"), ("浩辰CAD", "arm64")]
    assert problems(store) == ["/opt/apps/com.example.removed/info"]
    assert "360安全浏览器" in [s.name for s in software(scan(DESKTOP_ENTRIES, "kylin-v10-desktop"))]


def test_the_openeuler_server() -> None:
    found = scan(RPM, "openeuler-server")
    by_name = {s.name: s for s in software(found)}

    assert [s.version for s in software(found) if s.name == "kernel"] == [
        "5.10.0-153.12.0.92.oe2203sp2", "5.10.0-153.25.0.101.oe2203sp2"]  # fmt: skip
    assert by_name["docker-engine"].version == "2:18.09.0-325.oe2203sp2"
    assert (by_name["bash"].publisher, by_name["bash"].installed_on) == ("http://openeuler.org", "2023-10-08")
    dameng = by_name["dm8"]
    assert (dameng.publisher, dameng.version) == ("武汉达梦数据库股份有限公司", "8.1.3.62-20230928")
    assert (dameng.installed_on, dameng.size_bytes, dameng.licence) == ("2023-10-09", 1210334120, "Commercial")
    assert "gpg-pubkey" not in by_name
    assert problems(found) == ["/var/lib/rpm/rpmdb.sqlite package 48"]


def test_the_arch_notebook() -> None:
    pacman, snaps, flatpaks = (scan(collector, "arch-dev") for collector in (PACMAN, SNAP, FLATPAK))

    wps = next(s for s in software(pacman) if s.name == "wps-office-cn")
    assert (wps.version, wps.publisher) == ("11.1.0.11720-1", "Unknown Packager")
    assert (wps.installed_on, wps.licence) == ("2024-06-11", "LicenseRef-WPS-EULA")
    assert problems(pacman) == ["/var/lib/pacman/local/torn-1.0-1/desc"]
    assert [(s.name, s.version, s.publisher) for s in software(snaps)] == [
        ("core20", "20240416", None), ("drawio", "24.6.4", "JGraph"), ("wechat-uos", None, None)]  # fmt: skip
    assert [(s.name, s.version, s.publisher) for s in software(flatpaks)] == [
        ("Tencent Meeting", "3.19.2.400", "Tencent"), ("org.freedesktop.Platform", "23.08", None)]  # fmt: skip
    menu = software(scan(DESKTOP_ENTRIES, "arch-dev"))
    assert [s.name for s in menu if s.per_user] == ["IntelliJ IDEA Ultimate 2024.1.4"]


@pytest.mark.parametrize("machine", ["uos-20-laptop", "kylin-v10-desktop", "openeuler-server", "arch-dev"])
def test_no_recorded_machine_carries_a_key_or_hides_its_origin(machine: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (CAPTURES / machine).rglob("*")
             if path.is_file() and path.suffix not in (".sqlite", ".py")]  # fmt: skip

    assert "Made by hand" in (CAPTURES / machine / "ORIGIN.md").read_text(encoding="utf-8")
    assert not [text for text in texts if "servicekey" in text.lower() or "BEGIN PGP" in text]
