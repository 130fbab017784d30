"""Applications of the UOS and deepin store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mutation import mutations

from agent.collectors.base import Absent, Found, Problem, Scope
from agent.collectors.linux.opt_apps import SCOPE, collect, parse_file
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

INFO = {"appid": "com.tencent.wechat", "name": "wechat", "version": "4.0.1.11", "arch": ["amd64", "arm64"],
        "permissions": {"autostart": False, "notification": True}}  # fmt: skip


def software(found: list[Found]) -> list[Software]:
    return [item for item in found if isinstance(item, Software)]


def write(root: Path, path: str, text: str) -> None:
    place = root / "opt/apps" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def entry(name: str, zh: str, more: str = "") -> str:
    return "[Desktop Entry]\nType=Application\nName=%s\nName[zh_CN]=%s\nCategories=Network;\n%s" % (name, zh, more)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (INFO, ("wechat", "com.tencent.wechat", "4.0.1.11", "amd64, arm64")),
        ({**INFO, "name": ""}, ("com.tencent.wechat", "com.tencent.wechat", "4.0.1.11", "amd64, arm64")),
        ({**INFO, "appid": None, "arch": "amd64"}, ("wechat", "folder", "4.0.1.11", "amd64")),
        ({"version": 1.10, "arch": [True, None]}, ("folder", "folder", "1.1", None)),
        ({}, ("folder", "folder", None, None)),
    ],
)
def test_an_info_file(info: object, expected: tuple) -> None:  # type: ignore[type-arg]
    (found,) = software(list(parse_file(json.dumps(info).encode(), "/opt/apps/folder/info")))

    assert (found.name, found.identifier, found.version, found.architecture) == expected


def test_a_number_keeps_its_digits() -> None:
    (found,) = software(list(parse_file(b'\xef\xbb\xbf{"appid": "a", "version": 2.10}', "info")))

    assert found.version == "2.10"


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "not JSON"), (b'{"appid": "a",}', "not JSON"), (b"[]", "not a JSON object"), (b"[" * 100000, "not JSON"),
     (b"{}", "neither appid nor name")],
)  # fmt: skip
def test_a_bad_info_file_is_a_problem(data: bytes, what: str) -> None:
    (found,) = parse_file(data, "info")

    assert isinstance(found, Problem) and found.what.startswith(what)


def test_the_folder_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/locale.conf").write_text("LANG=zh_CN.UTF-8\n")
    write(tmp_path, "com.tencent.wechat/info", json.dumps(INFO))
    write(tmp_path, "com.tencent.wechat/entries/applications/com.tencent.wechat.desktop", entry("WeChat", "微信"))
    write(tmp_path, "com.tencent.wechat/entries/applications/other.desktop", entry("Other", "其他"))
    write(tmp_path, "cn.suite/info", '{"appid": "cn.suite", "name": "suite", "version": "1"}')
    write(tmp_path, "cn.suite/entries/applications/one.desktop", entry("One", "一"))
    write(tmp_path, "cn.suite/entries/applications/two.desktop", entry("Two", "二"))
    write(tmp_path, "cn.single/info", '{"appid": "cn.single", "name": "single", "version": "2"}')
    write(tmp_path, "cn.single/entries/applications/main.desktop", entry("Single", "单个"))
    write(tmp_path, "cn.single/entries/applications/helper.desktop", entry("H", "辅助", "NoDisplay=true\n"))
    write(tmp_path, "cn.torn/info", '{"appid": "cn.torn", ')
    write(tmp_path, "cn.without/files/run", "x")
    (tmp_path / "opt/apps/cn.left.over").mkdir()

    found = list(collect(OfflineMachine(str(tmp_path))))

    assert found[0] == Scope(SCOPE)
    assert [(s.name, s.identifier, s.version, s.section, s.location) for s in software(found)] == [
        ("单个", "cn.single", "2", "Network", "/opt/apps/cn.single"),
        ("suite", "cn.suite", "1", None, "/opt/apps/cn.suite"),  # two entries: neither names the whole
        ("微信", "com.tencent.wechat", "4.0.1.11", "Network", "/opt/apps/com.tencent.wechat"),
    ]
    assert [p.where for p in found if isinstance(p, Problem)] == ["/opt/apps/cn.torn/info", "/opt/apps/cn.without/info"]


def test_other_systems_have_no_store(tmp_path: Path) -> None:
    (tmp_path / "opt").mkdir()
    with pytest.raises(Absent):
        list(collect(OfflineMachine(str(tmp_path))))


def test_damage_ends_in_records_and_problems() -> None:
    for damaged in mutations(json.dumps(INFO).encode(), 1500):
        assert [type(item) in (Software, Problem) for item in parse_file(damaged, "/x/info")] == [True]
