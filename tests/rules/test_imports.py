"""Drafts from public collections of manifests, in the form that each of them has."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.fields import FileFaults
from rules.imports.draft import draft_id
from rules.imports.roster import IMPORTS, write_drafts
from rules.product_file import read_product
from rules.yaml_file import parse_yaml

FILES = {
    "winget": {
        "manifests/e/Example/Tool/2.0/Example.Tool.locale.en-US.yaml": (
            "PackageIdentifier: Example.Tool\nPackageName: Example Tool\nPublisher: Example Ltd.\n"
            "License: MIT\nPackageUrl: https://example.org/tool\nManifestType: defaultLocale\n"
        ),
        "manifests/e/Example/Tool/2.0/Example.Tool.installer.yaml": (
            "PackageIdentifier: Example.Tool\nInstallers:\n- Architecture: x64\n  AppsAndFeaturesEntries:\n"
            "  - DisplayName: Example Tool 2.0.1 (x64)\n    ProductCode: '{1}'\n"
        ),
        "manifests/broken.yaml": "a: [",
    },
    "homebrew": {
        "Casks/t/tool.rb": 'cask "tool" do\n  version "2.0"\n  name "Example Tool"\n  homepage "https://example.org/"\n'
        '  app "Tool #{version}.app"\n  app "Tool.app"\n  uninstall quit: "org.example.tool"\nend\n'
    },
    "scoop": {
        "bucket/tool.json": '{"version": "2.0", "license": "GPL-3.0-only", "homepage": "https://example.org",'
        ' "shortcuts": [["tool.exe", "Example Tool"]]}'
    },
    "endoflife": {
        "products/tool.md": "---\ntitle: Example Tool\nreleases:\n- releaseCycle: '2.0'\n  releaseDate: 2024-01-02\n"
        "  eol: 2026-01-02\n- releaseCycle: '1.0'\n  releaseDate: 2020-01-02\n  eol: true\n---\n# Example\n"
    },
}


def drafts(collection: str, folder: Path) -> tuple[dict[str, str], list[str]]:
    for path, text in FILES[collection].items():
        file = folder / "clone" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    written, problems = write_drafts(IMPORTS[collection], folder / "clone", folder / "out")
    found = {
        file.relative_to(folder / "out").as_posix(): file.read_text("utf-8")
        for file in (folder / "out").rglob("*.yaml")
    }
    assert written == len(found)
    return found, problems


@pytest.mark.parametrize(
    ("collection", "path", "words"),
    [
        ("winget", "products/example/tool.yaml", ("class: open_source", r"\\d+(\\.\\d+)*", "Example Tool 2.0.1 (x64)")),
        ("homebrew", "products/example/tool.yaml", ("platform: macos", '"Tool.app"', '"org.example.tool"')),
        ("scoop", "products/scoop/tool.yaml", ("class: open_source", '"Example Tool"')),
        ("endoflife", "products/endoflife/tool.yaml", ('{id: "2.0", released_on: 2024-01-02', "support_ends_on: 2026")),
    ],
)
def test_a_draft_says_what_the_manifest_says_and_that_nobody_read_it(
    tmp_path: Path, collection: str, path: str, words: tuple[str, ...]
) -> None:
    found, _ = drafts(collection, tmp_path)

    assert list(found) == [path]
    for word in ("unverified: true", 'names: {zh: "Example Tool"', *words):
        assert word in found[path]
    faults = FileFaults(path)
    product = read_product(
        parse_yaml(found[path].encode()), path.removeprefix("products/").removesuffix(".yaml"), faults
    )
    assert product is not None and product.licensing.unverified
    assert [fault for fault in faults.found if collection != "endoflife"] == []


def test_a_broken_manifest_costs_itself_alone(tmp_path: Path) -> None:
    _, problems = drafts("winget", tmp_path)
    assert [problem.partition(":")[0] for problem in problems] == ["manifests/broken.yaml"]


def test_what_a_person_has_worked_on_is_not_overwritten(tmp_path: Path) -> None:
    drafts("scoop", tmp_path)
    (tmp_path / "out/products/scoop/tool.yaml").write_text("mine", encoding="utf-8")
    written, _ = write_drafts(IMPORTS["scoop"], tmp_path / "clone", tmp_path / "out")
    assert written == 0 and (tmp_path / "out/products/scoop/tool.yaml").read_text("utf-8") == "mine"


def test_every_collection_of_the_folder_stands_in_the_roster() -> None:
    files = {file.stem for file in (Path(__file__).parents[2] / "rules" / "imports").glob("*.py")}
    assert files - {"__init__", "draft", "names", "roster"} == set(IMPORTS)


def test_an_id_needs_letters() -> None:
    with pytest.raises(ValueError, match="expected Latin letters"):
        draft_id("微信", "微信")
    assert draft_id("Foo, Inc.", "Bar+ 2") == "foo-inc/bar-2"
