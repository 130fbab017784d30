"""The pacman collector: fields, edge cases, a local database, recordings with known answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus import corpus_folder
from mutation import mutations

from agent.collectors.base import Absent, Problem, Scope
from agent.collectors.linux.pacman import SCOPE, collect, parse_desc, parse_file
from agent.inventory.software import Software
from agent.machine.offline import OfflineMachine

DESC = (
    "%NAME%\nfcitx5-chinese-addons\n\n%VERSION%\n1:5.1.6-2\n\n%BASE%\nfcitx5-chinese-addons\n\n%ARCH%\nx86_64\n\n"
    "%INSTALLDATE%\n1719763200\n\n%PACKAGER%\nExample Packager <packager@example.org>\n\n%SIZE%\n4321\n\n"
    "%GROUPS%\nfcitx5-im\ninput\n\n%LICENSE%\nGPL-2.0-or-later\nLGPL-2.1-or-later\n\n%VALIDATION%\npgp\n"
)


def test_the_fields_of_a_package() -> None:
    (found,) = parse_desc(DESC, seen_at="desc")

    assert found == Software(
        source="pacman", name="fcitx5-chinese-addons", scope=SCOPE, seen_at="desc", version="1:5.1.6-2",
        publisher="Example Packager <packager@example.org>", identifier="fcitx5-chinese-addons", architecture="x86_64",
        installed_on="2024-06-30", install_date_raw="1719763200", size_bytes=4321, per_user=False,
        section="fcitx5-im, input", licence="GPL-2.0-or-later, LGPL-2.1-or-later", parent="fcitx5-chinese-addons",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no NAME"),
        ("%VERSION%\n1-1\n", "no NAME"),
        ("%NAME%\n%VERSION%\n1-1\n", "no NAME"),  # an empty field does not take the next one's title
        ("%NAME%\ngawk\n\n%VERSION%", "no VERSION (gawk)"),  # cut short
        ("%NME%\ngawk\n\n%VERSION%\n1-1", "no NAME"),
        ("\ufffd\ufffd\0\0", "no NAME"),
    ],
)
def test_a_package_without_name_or_version_is_a_problem(text: str, what: str) -> None:
    assert list(parse_desc(text, seen_at="desc")) == [Problem("desc", what)]


@pytest.mark.parametrize(
    ("field", "attribute", "expected"),
    [
        ("%INSTALLDATE%\nyesterday\n", "installed_on", None),
        ("%INSTALLDATE%\n0\n", "installed_on", None),
        ("%INSTALLDATE%\n99999999999\n", "installed_on", None),
        ("%SIZE%\n-5\n", "size_bytes", None),
        ("%SIZE%\n٣\n", "size_bytes", None),  # an Arabic digit
        ("%SIZE%\n" + "9" * 400 + "\n", "size_bytes", None),
        ("%LICENSE%\n\n", "licence", None),
    ],
)
def test_a_bad_field_costs_the_field(field: str, attribute: str, expected: object) -> None:
    (found,) = parse_desc("%NAME%\r\na\r\n\r\n%VERSION%\r\n1-1\r\n\r\n" + field, seen_at="desc")

    assert isinstance(found, Software)
    assert (found.name, found.version) == ("a", "1-1")
    assert getattr(found, attribute) == expected


def test_a_local_database(tmp_path: Path) -> None:
    local = tmp_path / "var/lib/pacman/local"
    for folder, text in (("a-1-1", "%NAME%\na\n\n%VERSION%\n1-1\n"), ("bad-2-1", "%NAME%\nbad\n"), ("empty-3-1", None)):
        (local / folder).mkdir(parents=True)
        if text is not None:
            (local / folder / "desc").write_text(text)
    (local / "ALPM_DB_VERSION").write_text("9\n")

    found = list(collect(OfflineMachine(str(tmp_path))))

    assert found[0] == Scope(SCOPE)
    assert [item.name for item in found if isinstance(item, Software)] == ["a"]
    assert [item for item in found if isinstance(item, Problem)] == [
        Problem("/var/lib/pacman/local/bad-2-1/desc", "no VERSION (bad)"),
        Problem("/var/lib/pacman/local/empty-3-1/desc", "a package without desc"),
    ]


def test_other_systems_have_no_pacman(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    with pytest.raises(Absent):
        list(collect(OfflineMachine(str(tmp_path))))


def test_damage_ends_in_records_and_problems() -> None:
    for damaged in mutations(DESC.encode(), 1000):
        assert [type(item) in (Software, Problem) for item in parse_file(damaged, "desc")] == [True]


CASES = [
    path for pattern in ("osv-scalibr/expected/os__pacman__*.json", "syft-fixtures/expected/arch-*.json")
    for path in sorted((corpus_folder() or Path("/nonexistent")).glob(pattern))
]  # fmt: skip


@pytest.mark.skipif(not CASES, reason="no corpus here")
@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_recordings_with_known_answers(case: Path) -> None:
    answer = json.loads(case.read_text(encoding="utf-8"))
    recorded = case.parent.parent / answer["files"][0]

    found = [item for item in parse_file(recorded.read_bytes(), "desc") if isinstance(item, Software)]

    assert [(s.name, s.version) for s in found] == [(e["name"], e["version"]) for e in answer["expected"]]
    for mine, theirs in zip(found, answer["expected"]):
        assert theirs.get("arch") in (None, mine.architecture)
        assert theirs.get("base") in (None, mine.parent)
        assert theirs.get("license") in (None, *str(mine.licence).split(", "))
