"""The snap collector and the small YAML reader behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus import corpus_folder
from mutation import mutations

from agent.collectors.base import Absent, Found, Problem, Scope, ScopeAbsent
from agent.collectors.linux.snap import collect, parse_file
from agent.formats.simple_yaml import YamlFault, top_level
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

YAML = (
    "name: drawio\nversion: '24.6.4'\nsummary: \"Draw \\u56fe\"\ndescription: |\n  First line\n"
    "    name: inner\n\n  Last\n"
    "base: core20\nlicense: Apache-2.0 # SPDX\narchitectures:\n  - amd64\nconfinement: strict\napps:\n  drawio:\n"
    "    command: drawio\n    plugs: [home]\n"
)


def software(found: list[Found]) -> list[Software]:
    return [item for item in found if isinstance(item, Software)]


def write(root: Path, path: str, text: str) -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1.10\n", {"a": "1.10"}),  # a version is no number
        ("a: 'it''s'\n", {"a": "it's"}),
        ('a: "\\u7edf\\u4fe1"\n', {"a": "统信"}),
        ("a: x # y\nb: x#y\n", {"a": "x", "b": "x#y"}),
        ("a:\nb: ~\nc: null\nd: ''\n", {"d": ""}),
        ("a: [x, 'y, z', \"w\"]\n", {"a": ("x", "y, z", "w")}),
        ("a:\n- x\n- y\nb: c\n", {"a": ("x", "y"), "b": "c"}),
        ("a:\n  - x # one\n\n  - y\n", {"a": ("x", "y")}),
        ("a:\n  - name: x\n    b: y\nc: d\n", {"c": "d"}),  # a list of mappings is left out
        ("a:\n  b: c\nd: e\n", {"d": "e"}),
        ("a: one\n  two\n", {"a": "one two"}),
        ("a: >\n  one\n  two\n", {"a": "one two"}),
        ("a: |\n  b: c\n  d\n", {"a": "b: c\nd"}),
        ("a: &anchor x\nb: *anchor\nc: {d: e}\nf: !!str g\nh: i\n", {"h": "i"}),
        ("\ufeff%YAML 1.2\n---\n# note\na: x\n...\n", {"a": "x"}),
        ("'a b': x\n\"c\": y\r\n", {"a b": "x", "c": "y"}),
        ("a: http://x.org/\n", {"a": "http://x.org/"}),
        ("a: x\na: y\n", {"a": "y"}),
    ],
)
def test_the_top_level_of_a_yaml_text(text: str, expected: dict) -> None:  # type: ignore[type-arg]
    assert top_level(text) == expected


@pytest.mark.parametrize("text", ["", "asdf\nlkjh", "- a\n- b\n", "a:x\n", "# only a note\n", "{a: b}\n"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(YamlFault):
        top_level(text)


def test_yaml_agrees_with_a_whole_reader() -> None:
    yaml = pytest.importorskip("yaml")
    whole = yaml.load(YAML, Loader=yaml.BaseLoader)

    assert top_level(YAML) == {
        key: (tuple(value) if isinstance(value, list) else value.rstrip("\n"))
        for key, value in whole.items()
        if not isinstance(value, dict)
    }


def test_mounted_snaps_and_those_that_are_files_only(tmp_path: Path) -> None:
    write(tmp_path, "snap/drawio/230/meta/snap.yaml", YAML)
    (tmp_path / "snap/drawio/current").symlink_to("230")
    write(tmp_path, "snap/core20/2318/meta/snap.yaml", "name: core20\nversion: '20240416'\ntype: base\n")
    (tmp_path / "snap/core20/current").symlink_to("2318")
    write(tmp_path, "snap/torn/1/meta/snap.yaml", "name: torn\n")
    (tmp_path / "snap/torn/current").symlink_to("1")
    write(tmp_path, "snap/README", "x")
    for name in ("drawio_230", "core20_2318", "torn_1", "wemeet_7", "wemeet_8", "dbeaver-ce_two_3"):
        write(tmp_path, "var/lib/snapd/snaps/%s.snap" % name, "hsqs")
    assertions = "var/lib/snapd/assertions/asserts-v0/"
    account = (
        "type: account\nauthority-id: canonical\naccount-id: acc1\ndisplay-name: JGraph\nusername: jgraph\n\nsig\n"
    )
    write(tmp_path, assertions + "account/acc1/active.1", account)
    write(tmp_path, assertions + "snap-declaration/16/id1/active.5",
          "type: snap-declaration\nsnap-name: drawio\npublisher-id: acc1\nplugs:\n  home: x\n\nsig\n")  # fmt: skip

    found = list(collect(OfflineMachine(str(tmp_path))))

    assert [item for item in found if isinstance(item, Scope)] == [
        Scope("snap:/snap"), Scope("snap:/var/lib/snapd/snaps")]  # fmt: skip
    assert [(s.name, s.identifier, s.version, s.publisher, s.system_component) for s in software(found)] == [
        ("core20", "core20", "20240416", None, True),
        ("drawio", "drawio", "24.6.4", "JGraph", None),
        ("dbeaver-ce", "dbeaver-ce_two", None, None, None),  # a second instance of one snap
        ("wemeet", "wemeet", None, None, None),
    ]
    assert (software(found)[1].licence, software(found)[1].architecture) == ("Apache-2.0", "amd64")
    assert [p for p in found if isinstance(p, Problem)] == [
        Problem("/snap/torn/current/meta/snap.yaml", "no version (torn)")
    ]


def test_a_mounted_disk_without_snap_files(tmp_path: Path) -> None:
    (tmp_path / "snap").mkdir()

    assert list(collect(OfflineMachine(str(tmp_path)))) == [
        Scope("snap:/snap"), ScopeAbsent("snap:/var/lib/snapd/snaps")]  # fmt: skip


def test_a_system_without_snapd(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    with pytest.raises(Absent):
        list(collect(OfflineMachine(str(tmp_path))))


def test_damage_ends_in_records_and_problems() -> None:
    for damaged in mutations(YAML.encode(), 2000):
        assert [type(item) in (Software, Problem) for item in parse_file(damaged, "snap.yaml")] == [True]


CASES = sorted((corpus_folder("osv-scalibr") or Path("/nonexistent")).glob("expected/os__snap__*.json"))


@pytest.mark.skipif(not CASES, reason="no corpus here")
@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_recordings_with_known_answers(case: Path) -> None:
    answer = json.loads(case.read_text(encoding="utf-8"))
    recorded = case.parent.parent / answer["files"][0]

    found = list(parse_file(recorded.read_bytes(), recorded.name))

    assert [(s.name, s.version, s.section, str(s.architecture).split(", ")) for s in software(found)] == [
        (e["name"], e["version"], e["metadata"]["Type"], e["metadata"]["Architectures"]) for e in answer["expected"]
    ]
    assert answer["expect_error"] == any(isinstance(item, Problem) for item in found)
