"""The Flatpak collector, the deploy file, metainfo, and the XML door behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus import corpus_folder
from mutation import mutations

from agent.collectors.base import Absent, Found, Problem, Scope
from agent.collectors.linux.flatpak import collect, parse_file
from agent.formats.appstream import MetainfoFault, read_metainfo
from agent.formats.flatpak_deploy import Deploy, DeployFault, read_deploy
from agent.formats.safe_xml import XmlFault, read_xml
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

DEPLOY = bytes.fromhex(
    "666c6174687562006338346239386530343165353837343965383234616538336262326465366461323638663061306361313966323939333239"
    "613639343364653736386362363700000000000000000000000017c000006465706c6f792d76657273696f6e00000400000000690f0061707064"
    "6174612d76657273696f6e00322e31302e333800007310000000000074696d657374616d700000000000000040b832660000000000740a000000"
    "0000617070646174612d6e616d65000000000047494d5000017a685f434e00474e5520e59bbee5838fe5a484e79086e7a88be5ba8f0006072500"
    "617b73737d0d0000617070646174612d6c6963656e73650047504c2d332e302b000073100000000072756e74696d65006f72672e676e6f6d652e"
    "506c6174666f726d2f7838365f36342f34360000730817335396b4e0490049000800"
)
"""What GLib itself makes of (ssasta{sv}) with the facts of test_a_deploy_file."""
METAINFO = (
    "<?xml version='1.0' encoding='UTF-8'?><component type='desktop-application'><id>org.gimp.GIMP</id>"
    "<name xml:lang='zh_CN'>GNU 图像处理程序</name><name>GNU Image Manipulation Program</name>"
    "<project_license>GPL-3.0+</project_license><developer id='org.gimp'><name>The GIMP team</name></developer>"
    "<categories><category>Graphics</category><category>2DGraphics</category></categories>"
    "<releases><release version='2.10.38' date='2024-05-02'/><release version='2.10.36'/></releases></component>"
).encode()


def software(found: list[Found]) -> list[Software]:
    return [item for item in found if isinstance(item, Software)]


def deploy(root: Path, reference: str, files: dict[str, bytes]) -> None:
    folder = root / reference
    (folder / "c84b").mkdir(parents=True)
    (folder / "active").symlink_to("c84b")
    for name, data in files.items():
        (folder / "c84b" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "c84b" / name).write_bytes(data)


def test_a_deploy_file() -> None:
    assert read_deploy(DEPLOY) == Deploy(
        origin="flathub", installed_bytes=398458880, name="GIMP", version="2.10.38", licence="GPL-3.0+",
        runtime="org.gnome.Platform/x86_64/46",
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"x", DEPLOY[:100], DEPLOY[1:], b"\xff" * 300, b"\0" * 300])
def test_what_is_no_deploy_file_is_refused(data: bytes) -> None:
    with pytest.raises(DeployFault):
        read_deploy(data)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "DOCTYPE"),
        (b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE"),
        (b"<a>&b;</a>", "undefined entity"),
        (b"<a>" * 200 + b"</a>" * 200, "deeper than 100"),
        (b"<a><b></a>", "mismatched tag"),
        (b"", "no element"),
        (b"hello world", "syntax error"),
        (b"<?xml version='1.0' encoding='gb18030-x'?><a/>", "encoding"),
    ],
)
def test_xml_that_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(XmlFault, match=what):
        read_xml(data)


def test_metainfo() -> None:
    read = read_metainfo(METAINFO)

    assert (read.identifier, read.name, read.version) == ("org.gimp.GIMP", "GNU Image Manipulation Program", "2.10.38")
    assert (read.developer, read.licence, read.categories) == ("The GIMP team", "GPL-3.0+", ("Graphics", "2DGraphics"))


def test_metainfo_of_another_kind_is_refused() -> None:
    with pytest.raises(MetainfoFault, match="root element svg"):
        read_metainfo(b"<svg/>")


def test_installations_of_the_system_and_of_people(tmp_path: Path) -> None:
    system, mine = tmp_path / "var/lib/flatpak", tmp_path / "home/wang/.local/share/flatpak"
    deploy(system, "app/org.gimp.GIMP/x86_64/stable",
           {"deploy": DEPLOY, "files/share/metainfo/org.gimp.GIMP.metainfo.xml": METAINFO})  # fmt: skip
    (system / "app/org.gimp.GIMP/current").symlink_to("x86_64/stable")
    deploy(system, "app/cn.example.Torn/x86_64/master",
           {"deploy": b"?", "files/share/appdata/cn.example.Torn.appdata.xml": b"<!DOCTYPE x><a/>"})  # fmt: skip
    deploy(system, "runtime/org.gnome.Platform/x86_64/46", {})
    (system / "app/org.left.Over/x86_64/stable").mkdir(parents=True)
    deploy(mine, "app/com.xunlei.thunderspeed/x86_64/stable", {"deploy": DEPLOY})
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nwang:x:1000:1000:Wang:/home/wang:/bin/bash\n")

    found = list(collect(OfflineMachine(str(tmp_path))))

    assert [item for item in found if isinstance(item, Scope)] == [
        Scope("flatpak:/var/lib/flatpak"), Scope("flatpak:~1000/.local/share/flatpak")]  # fmt: skip
    assert [(s.name, s.identifier, s.version, s.publisher, s.per_user, s.origin) for s in software(found)] == [
        ("cn.example.Torn", "cn.example.Torn", None, None, False, None),
        ("GNU Image Manipulation Program", "org.gimp.GIMP", "2.10.38", "The GIMP team", False, "flathub"),
        ("org.gnome.Platform", "org.gnome.Platform", "46", None, False, None),
        ("GIMP", "com.xunlei.thunderspeed", "2.10.38", None, True, "flathub"),
    ]
    gimp = software(found)[1]
    assert (gimp.section, gimp.licence, gimp.size_bytes) == ("Graphics;2DGraphics", "GPL-3.0+", 398458880)
    assert (gimp.parent, gimp.architecture) == ("org.gnome.Platform/x86_64/46", "x86_64")
    assert (software(found)[2].section, software(found)[2].system_component) == ("runtime", True)
    assert [p.where.rpartition("/")[2] for p in found if isinstance(p, Problem)] == ["deploy", "share"]
    assert "wang" not in repr(found)


def test_a_system_without_flatpak(tmp_path: Path) -> None:
    (tmp_path / "var/lib/flatpak/repo").mkdir(parents=True)
    with pytest.raises(Absent):
        list(collect(OfflineMachine(str(tmp_path))))


def test_damage_ends_in_declared_faults_only() -> None:
    for damaged in mutations(DEPLOY, 3000):
        try:
            assert isinstance(read_deploy(damaged), Deploy)
        except DeployFault:
            continue
    for damaged in mutations(METAINFO, 1500):
        assert [type(item) in (Software, Problem) for item in parse_file(damaged, "x.metainfo.xml")] == [True]


CASES = sorted((corpus_folder("osv-scalibr") or Path("/nonexistent")).glob("expected/os__flatpak__*.json"))


@pytest.mark.skipif(not CASES, reason="no corpus here")
@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_recordings_with_known_answers(case: Path) -> None:
    answer = json.loads(case.read_text(encoding="utf-8"))
    recorded = case.parent.parent / answer["files"][0]

    found = list(parse_file(recorded.read_bytes(), recorded.name))

    assert [(s.identifier, s.version, s.publisher) for s in software(found)] == [
        (e["name"], e["version"], e["metadata"]["Developer"]) for e in answer["expected"]
    ]
    for mine, theirs in zip(software(found), answer["expected"]):
        assert mine.name == theirs["metadata"].get("PackageName", theirs["name"])
    assert answer["expect_error"] == any(isinstance(item, Problem) for item in found)
