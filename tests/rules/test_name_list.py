"""The name list: what package collections say of programs that no product file describes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rules.catalogue import Catalogue
from rules.compiled import catalogue_from_bytes, compiled_bytes
from rules.imports.names import NAME_SOURCES, table
from rules.loading import load_catalogue
from rules.name_list import NameList, faults_of
from rules.names import name_key
from rules.product import LicenceClass
from rules.recognition import Recogniser
from rules.source_files import CatalogueFaults, shipped_folder
from rules.tabular import recognise_lines
from rules.title import Title

HEAD = "# platform: windows\n# origin: made for a test\n"
TABLE = (
    HEAD
    + "Aster.Quill\tQuill Writer\tAster\tMIT\tquill quillwriter\taster_quill_is1\n"
    + "Aster.Quill.Beta\tQuill Writer Beta\tAster\t\tquill quillwriter\t\n"
    + "Bramble.Loom\tLoom\tBramble\tFreeware\tloom\t\n"
    + "Cedar.Loom\tLoom Studio\tCedar\tProprietary\tloom\t\n"
    + "Dogwood.Kiln.2\tKiln 2\tDogwood\t\tkiln\t\n"
    + "Dogwood.Kiln.3\tKiln 3\tDogwood\t\tkiln\t\n"
    + "Elder.Ax\tAx\tElder\t\tax\t\n"
)
EMPTY = Catalogue("none", {}, {}, {})


def names(text: str = TABLE, collection: str = "made") -> NameList:
    return NameList(lambda: {collection: text})


def catalogue(text: str = TABLE) -> Catalogue:
    return replace(EMPTY, listed=names(text))


@pytest.mark.parametrize(
    ("key", "publisher", "version", "id"),
    [
        ("quillwriter", "Aster Software GmbH", "4.1", "made/Aster.Quill"),
        ("quillwriter", None, "4.2.0-beta.3", "made/Aster.Quill.Beta"),
        ("quillwriter", None, "4.2b3", "made/Aster.Quill.Beta"),
        ("loom", "Bramble Ltd", None, "made/Bramble.Loom"),
        ("loom", "Cedar Inc.", None, "made/Cedar.Loom"),
        ("loom", "Somebody Else", None, None),  # a short name, and another house's
        ("loom", None, None, "made/Bramble.Loom"),  # its whole name is the key
        ("kiln", "Dogwood", "3.1.4", "made/Dogwood.Kiln.3"),
        ("kiln", "Dogwood", "2.0", "made/Dogwood.Kiln.2"),
        ("kiln", "Dogwood", "5.0", None),  # two lines, and neither is meant
        ("a", None, None, None),
        ("unheardof", None, None, None),
    ],
)
def test_which_of_several_programs_a_name_means(
    key: str, publisher: str | None, version: str | None, id: str | None
) -> None:
    found = names().find([key], platform="windows", publisher=publisher, version=version)
    assert (found and found.id) == id


def test_a_key_of_the_source_tells_what_the_name_does_not() -> None:
    found = names().find(["x"], platform="windows", identifier="Aster_Quill_is1")
    assert found is not None
    assert (found.id, found.name) == ("made/Aster.Quill", "Quill Writer")


def test_a_list_holds_on_its_own_platform_alone() -> None:
    assert names().find(["loom"], platform="macos") is None


def test_the_class_is_the_packager_s_word() -> None:
    found = {
        key: names().find([key], platform="windows", publisher=publisher)
        for key, publisher in (("quillwriter", "Aster"), ("loom", "Cedar"), ("ax", "Elder"))
    }
    assert {key: one and one.licence_class for key, one in found.items()} == {
        "quillwriter": LicenceClass.OPEN_SOURCE,
        "loom": LicenceClass.COMMERCIAL,
        "ax": LicenceClass.UNKNOWN,
    }


def test_another_collection_may_say_the_licence_unless_two_disagree() -> None:
    other = HEAD + "ax\tAx\t\tGPL-3.0-only\tax\t\n"
    both = NameList(lambda: {"made": TABLE, "other": other})
    found = both.find(["ax"], platform="windows", publisher="Elder")
    assert found is not None
    assert (found.id, found.licence_class) == ("made/Elder.Ax", LicenceClass.OPEN_SOURCE)

    against = HEAD + "ax2\tAx\t\tFreeware\tax\t\n"
    apart = NameList(lambda: {"made": TABLE, "other": other, "third": against})
    found = apart.find(["ax"], platform="windows", publisher="Elder")
    assert found is not None
    assert found.licence_class is LicenceClass.UNKNOWN


def test_the_recogniser_names_a_listed_title_and_claims_no_product() -> None:
    recogniser = Recogniser(catalogue())
    found = recogniser.recognise(
        Title("windows", "uninstall_keys", "Quill Writer 4.1 (x64)", "Aster Software GmbH", "4.1.0")
    )
    assert (found.product, found.listed, found.name) == (None, "made/Aster.Quill", "Quill Writer")
    assert (found.licence_class, found.confidence, found.rule) == (LicenceClass.OPEN_SOURCE, 0.6, "names#made")
    other = recogniser.recognise(Title("windows", "uninstall_keys", "Quill Writer", None, "4.0"))
    assert other.group == found.group  # with the holder of the list, copies with and without a publisher are one
    house = recogniser.recognise(Title("windows", "uninstall_keys", "Quill Writer", "Yarrow Press", "4.0"))
    assert house.group != found.group


def test_a_trial_of_a_proprietary_program_is_a_trial() -> None:
    found = Recogniser(catalogue()).recognise(Title("windows", "uninstall_keys", "Loom (Trial)", "Cedar"))
    assert found.licence_class is LicenceClass.TRIAL


def test_a_general_rule_goes_before_the_list() -> None:
    listed = catalogue(HEAD + "X.Driver\tX USB Driver\tX\tMIT\txusbdriver\t\n")
    found = Recogniser(listed).recognise(Title("windows", "uninstall_keys", "X USB Driver", "X"))
    assert (found.rule, found.listed) == ("generic#driver", None)


def test_the_command_s_answer_says_what_list_knows_the_name() -> None:
    (told,) = recognise_lines(["name\tpublisher\tversion", "Quill 4.1\tAster\t4.1"], catalogue())
    assert (told["product"], told["name"], told["listed"]) == (None, "Quill Writer", "made/Aster.Quill")
    assert "未经核实" in told["reason"]["zh"]
    assert "not verified" in told["reason"]["en"]


def test_a_compiled_catalogue_keeps_the_list() -> None:
    whole = catalogue()
    read = catalogue_from_bytes(compiled_bytes(whole))
    assert read.listed.tables == whole.listed.tables
    assert read.listed.find(["loom"], platform="windows", publisher="Cedar") is not None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x\tX\t\t\tx\t\n", "platform"),
        ("# platform: amiga\nx\tX\t\t\tx\t\n", "platform"),
        (HEAD + "x\tX\n", "expected 6 columns, got 2"),
        (HEAD + "x y\tX\t\t\tx\t\n", "without blanks"),
        (HEAD + "x\tX\t\t\tx\t\nx\tY\t\t\ty\t\n", "stands twice"),
    ],
)
def test_faults_of_a_table_are_named(text: str, what: str) -> None:
    assert any(what in words for _, words in faults_of("made", text))


def test_a_faulty_table_stops_the_loading(tmp_path: Path) -> None:
    (tmp_path / "names").mkdir()
    (tmp_path / "names" / "made.tsv").write_text(HEAD + "x\tX\n", encoding="utf-8")
    with pytest.raises(CatalogueFaults, match=r"made\.tsv.*expected 6 columns"):
        load_catalogue([shipped_folder(), tmp_path])


def test_casks_say_the_names_and_bundles_of_macos(tmp_path: Path) -> None:
    cask = tmp_path / "Casks" / "q" / "quill.rb"
    cask.parent.mkdir(parents=True)
    cask.write_text(
        'cask "quill" do\n  version "4.1.2,77"\n  name "Quill"\n  name "羽毛笔"\n'
        '  app "Quill #{version.major}.app", target: "Quill Pro.app"\n'
        '  uninstall quit: "com.aster.quill", delete: "/Applications/Quill Helper.app"\nend\n',
        encoding="utf-8",
    )
    (tmp_path / "Casks" / "font-x.rb").write_text('cask "font-x" do\n  name "X"\nend\n', encoding="utf-8")
    text = table(NAME_SOURCES["homebrew"], [tmp_path], "made")
    assert text.splitlines()[3:] == ["quill\tQuill\t\t\tquill quill4 quillhelper quillpro 羽毛笔\tcom.aster.quill"]


def test_an_index_and_the_logs_of_an_automation_are_put_together(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(json.dumps([{"PackageId": "Aster.Quill", "Name": "Quill Writer"}]))
    log = tmp_path / "Tasks" / "Aster.Quill" / "Log_1.yaml"
    log.parent.mkdir(parents=True)
    log.write_text(
        "Version: 4.1.2\nInstaller:\n- AppsAndFeaturesEntries:\n"
        "  - DisplayName: Quill Desk 4.1.2\n    ProductCode: Quill_is1\n"
    )
    text = table(NAME_SOURCES["winget"], [tmp_path], "made")
    assert text.splitlines()[3:] == [
        "Aster.Quill\tQuill Writer\tAster\t\tquilldesk quilldesk412 quillwriter\tquill_is1"
    ]


def test_a_bucket_says_the_packager_s_licence(tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    (bucket / "quill.json").write_text(
        json.dumps({"version": "4.1", "license": {"identifier": "MIT"}, "shortcuts": [["q.exe", "Tools\\Quill"]]})
    )
    (bucket / "broken.json").write_text("{")
    text = table(NAME_SOURCES["scoop"], [tmp_path], "made")
    assert text.splitlines()[3:] == ["quill\tQuill\t\tMIT\tquill\t"]


def test_the_shipped_tables_have_keys_that_a_title_can_have() -> None:
    shipped = load_catalogue([shipped_folder()]).listed
    assert set(shipped.tables) == {"homebrew", "scoop", "winget"}
    for collection, text in shipped.tables.items():
        assert faults_of(collection, text) == []
        lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
        assert len(lines) > 5_000
        odd = [key for cells in lines[::50] for key in cells[4].split() if name_key(key) != key]
        assert odd == []


ALIKE = HEAD + (
    "Aster.Reel\tReel\tAster\t\treel\t\t154.0\n"
    "Aster.Reel.ESR\tReel ESR\tAster\t\treel reelesr\t\t140.14.0\n"
    "Aster.Reel.Beta\tReel Beta\tAster\t\treel reelbeta\t\t155.0b3\n"
    "Bramble.Reel\tReel Studio\t\t\treel reelstudio\t\t2.4.1\n"
    "Cedar.Mast\tMast (en-US)\tCedar\t\tmast mastenus\t\t9.0\n"
    "Cedar.Mast.zh\tMast (zh-CN)\tCedar\t\tmast mastzhcn\t\t9.0\n"
)


@pytest.mark.parametrize(
    ("version", "id"),
    [
        ("140.14.0", "made/Aster.Reel.ESR"),
        ("140.9.1", "made/Aster.Reel.ESR"),  # a later or earlier one of the same first number
        ("155.0b3", "made/Aster.Reel.Beta"),
        ("155.0", "made/Aster.Reel"),  # what follows a beta is the release
        ("2.4.9", "made/Bramble.Reel"),
        ("2.9", "made/Aster.Reel"),  # a small first number alone says nothing
    ],
)
def test_programs_of_one_name_are_told_apart_by_the_version_that_the_list_knows(version: str, id: str) -> None:
    found = names(ALIKE).find(["reel"], platform="windows", version=version)
    assert (found and found.id) == id


@pytest.mark.parametrize(("language", "id"), [("en-US", "made/Cedar.Mast"), ("zh-CN", "made/Cedar.Mast.zh")])
def test_where_a_program_is_listed_once_a_language_the_language_decides(language: str, id: str) -> None:
    found = names(ALIKE).find(["mast"], platform="windows", publisher="Cedar", version="9.1", language=language)
    assert (found and found.id) == id


def test_the_version_stands_only_where_several_bear_a_key(tmp_path: Path) -> None:
    index = [
        {"PackageId": "Aster.Quill", "Name": "Quill", "Version": "4.1"},
        {"PackageId": "Bramble.Quill", "Name": "Quill", "Version": "1.0"},
        {"PackageId": "Cedar.Loom", "Name": "梭子 (LoomWorks)", "Version": "2.0"},
    ]
    (tmp_path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    lines = table(NAME_SOURCES["winget"], [tmp_path], "made").splitlines()[3:]
    assert lines == [
        "Aster.Quill\tQuill\tAster\t\tquill\t\t4.1",
        "Bramble.Quill\tQuill\tBramble\t\tquill\t\t1.0",
        "Cedar.Loom\t梭子 (LoomWorks)\tCedar\t\tloomworks 梭子 梭子loomworks\t",
    ]
