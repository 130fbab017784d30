"""Applications of macOS: the recorded Mac, names and versions of bundles, and what other scanners make of the same."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest
from corpus import corpus_folder

from agent.collectors.base import Found, Problem, Scope, ScopeAbsent
from agent.collectors.macos.applications import APPLICATIONS, collect, parse_file, parse_info
from agent.inventory.software import Software
from agent.machine.base import Unreadable
from agent.machine.offline import OfflineMachine

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
INFO = "/Applications/WeChat.app/Contents/Info.plist"
CORPUS = corpus_folder()


def software(found: list[Found]) -> list[Software]:
    """Return the records among what was found."""
    return [item for item in found if isinstance(item, Software)]


def info(**values: object) -> Software | Problem:
    """Return what an Info.plist with these values is read as."""
    return parse_info(plistlib.dumps(values), INFO, "applications:/Applications")


def test_a_mac_of_a_designer() -> None:
    found = list(collect(OfflineMachine(str(CAPTURES / "macos-14"))))
    by_id = {item.identifier: item for item in software(found)}

    assert [item for item in found if not isinstance(item, Software)] == [
        Scope("applications:/Applications"),
        Scope("applications:/System/Applications"),
        Scope("applications:/Users/user01/Applications"),
        Problem(
            "/Users/user01/Applications/Damaged.app/Contents/Info.plist", "damaged: no element found: line 5, column 11"
        ),
    ]
    assert len(software(found)) == 29
    assert by_id["com.adobe.Photoshop"] == Software(
        source="applications",
        name="Photoshop",
        scope="applications:/Applications",
        seen_at="/Applications/Adobe Photoshop 2024/Adobe Photoshop 2024.app/Contents/Info.plist",
        version="25.2.0",
        identifier="com.adobe.Photoshop",
        location="/Applications/Adobe Photoshop 2024/Adobe Photoshop 2024.app",
        per_user=False,
        section="public.app-category.photography",
    )
    assert by_id["com.adobe.acc.AdobeCreativeCloud"].name == "Creative Cloud"
    assert (by_id["com.tencent.WeWorkMac"].name, by_id["com.tencent.WeWorkMac"].origin) == ("企业微信", "App Store")
    assert by_id["com.tencent.xinWeChat"].origin is None
    assert by_id["com.apple.mail"].system_component is True
    assert (by_id["cn.example.wzpd"].name, by_id["cn.example.wzpd"].per_user) == ("物资盘点", True)


def test_a_root_that_is_not_there_is_absent(tmp_path: Path) -> None:
    (tmp_path / "Applications").mkdir()

    assert list(collect(OfflineMachine(str(tmp_path)))) == [
        Scope("applications:/Applications"),
        ScopeAbsent("applications:/System/Applications"),
    ]


def test_bundles_are_not_looked_into_and_folders_only_so_deep(tmp_path: Path) -> None:
    for place in ("A.app", "A.app/Contents/Helpers/B.app", "one/two/three/C.app", "one/two/three/four/D.app", ".E.app"):
        contents = tmp_path / "Applications" / place / "Contents"
        contents.mkdir(parents=True)
        (contents / "Info.plist").write_bytes(plistlib.dumps({"CFBundleName": place}))
    (tmp_path / "Applications" / "Empty.app").mkdir()
    (tmp_path / "Applications" / "Wrapped.app" / "WrappedBundle").mkdir(parents=True)
    (tmp_path / "Applications" / "Wrapped.app" / "WrappedBundle" / "Info.plist").write_bytes(plistlib.dumps({}))
    found = list(collect(OfflineMachine(str(tmp_path))))

    assert [item.name for item in software(found)] == ["A.app", "Wrapped", "one/two/three/C.app"]
    assert [item for item in found if isinstance(item, Problem)] == [
        Problem("/Applications/Empty.app", "no Info.plist")
    ]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"CFBundleName": "Chrome", "CFBundleDisplayName": "Google Chrome"}, "Chrome"),
        ({"CFBundleName": " ", "CFBundleDisplayName": "Google Chrome"}, "Google Chrome"),
        ({"CFBundleName": 7, "CFBundleExecutable": "run"}, "WeChat"),
        ({}, "WeChat"),
    ],
)
def test_the_name_of_a_bundle(values: dict[str, object], name: str) -> None:
    found = info(**values)
    assert isinstance(found, Software)
    assert found.name == name


@pytest.mark.parametrize(
    ("short", "build", "version"),
    [
        ("100.0", "100.0.4815.54", "100.0.4815.54"),
        ("130.0.6723.69", "6723.69", "130.0.6723.69"),
        ("1", "1234", "1"),
        ("25.2.0", "20231207.r.196", "25.2.0"),
        (None, "42", "42"),
        ("42", None, "42"),
        (None, None, None),
        (4.2, "", None),
    ],
)
def test_the_version_of_a_bundle(short: object, build: object, version: str | None) -> None:
    values = {"CFBundleShortVersionString": short, "CFBundleVersion": build}
    found = info(**{name: value for name, value in values.items() if value is not None})
    assert isinstance(found, Software)
    assert found.version == version


def test_reads_one_file() -> None:
    data = plistlib.dumps({"CFBundleIdentifier": "com.example.app"})

    (alone,) = parse_file(data, "Info.plist")
    assert isinstance(alone, Software)
    assert (alone.name, alone.location, alone.per_user) == ("com.example.app", None, None)
    (inside,) = parse_file(data, "backup/Sketch.app/Contents/Info.plist")
    assert isinstance(inside, Software)
    assert (inside.name, inside.location) == ("Sketch", "backup/Sketch.app")
    assert list(parse_file(plistlib.dumps({}), "Info.plist")) == [Problem("Info.plist", "no name")]
    with pytest.raises(Unreadable, match="not a dictionary"):
        list(parse_file(plistlib.dumps(["x"]), "Info.plist"))


def test_the_collector_is_for_macos() -> None:
    assert (APPLICATIONS.name, APPLICATIONS.platforms) == ("applications", frozenset({"macos"}))


def answers() -> list[tuple[Path, dict[str, object]]]:
    """Return the Info.plist files of the corpus with the answers of the scanners that they come from."""
    found = []
    for source in ("osv-scalibr", "syft-fixtures", "wazuh"):
        for place in sorted(((CORPUS or Path()) / source / "expected").glob("*.json")):
            answer = json.loads(place.read_text("utf-8"))
            if answer["kind"] in ("os/macapps", "macos-bundle-plist"):
                found.append((place.parents[1] / answer["files"][0], answer))
    return found


DIFFERENT = {
    "no package without a version": "an application without a version is still one that is installed",
    "Missing_Info.plist_data_": "we take CFBundleVersion where the short version is missing",
    "NoNameNoExecutable": "we name a bundle after its folder",
}


@pytest.mark.parametrize(("place", "answer"), answers(), ids=lambda item: item.name if isinstance(item, Path) else "")
def test_reads_bundles_as_other_scanners_do(place: Path, answer: dict[str, object]) -> None:
    expected = answer["expected"]
    assert isinstance(expected, list)
    if answer.get("expect_error"):
        with pytest.raises(Unreadable):
            list(parse_file(place.read_bytes(), str(place)))
        return
    found = software(list(parse_file(place.read_bytes(), str(place))))
    if answer["case"] in DIFFERENT:
        assert len(found) == 1
        return
    assert [(item.name, item.version) for item in found] == [(one.get("name"), one.get("version")) for one in expected]
    for item, one in zip(found, expected):
        assert item.identifier == one.get("bundle_id", item.identifier)
