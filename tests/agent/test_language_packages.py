"""Packages of languages and extensions of editors and browsers that are there for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine_folder import found_on, problems, scopes, software
from recordings.reading import read

from agent.collectors.anywhere.chrome_extensions import CHROME_EXTENSIONS
from agent.collectors.anywhere.npm_packages import NPM_PACKAGES
from agent.collectors.anywhere.npm_packages import parse_file as read_package
from agent.collectors.anywhere.python_packages import PYTHON_PACKAGES
from agent.collectors.anywhere.python_packages import parse_file as read_metadata
from agent.collectors.anywhere.vscode_extensions import VSCODE_EXTENSIONS
from agent.collectors.anywhere.vscode_extensions import parse_file as read_extensions
from agent.collectors.base import Absent

METADATA = """Metadata-Version: 2.1
Name: Some_Package
Version: 2.31.0
Author: 张三
Author-email: zhang@example.cn
License: UNKNOWN
License-Expression: MIT OR Apache-2.0
Classifier: License :: OSI Approved :: Apache Software License

Name: not this one
"""


def test_metadata_of_a_python_package() -> None:
    (record,) = software(list(read_metadata(METADATA.encode(), "x.dist-info/METADATA")))
    assert (record.name, record.version, record.identifier) == ("Some_Package", "2.31.0", "some-package")
    assert (record.publisher, record.spdx) == ("张三", "MIT OR Apache-2.0")


def test_python_packages_of_a_machine(tmp_path: Path) -> None:
    local, system = "/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages"
    files = {
        f"{local}/some_package-2.31.0.dist-info/METADATA": METADATA,
        f"{local}/some_package-2.31.0.dist-info/INSTALLER": "pip\n",
        f"{local}/old.egg-info": "Name: old\nVersion: 1\nLicense: BSD\n",
        f"{local}/older.egg-info/PKG-INFO": "Name: older\nVersion: 2\n",
        f"{local}/torn-1.dist-info/RECORD": "",
        f"{local}/nameless-1.dist-info/METADATA": "Version: 1\n",
        f"{system}/apt_thing-1.0.egg-info": "Name: apt-thing\nVersion: 1\n",
        f"{system}/deb-1.0.dist-info/METADATA": "Name: deb\nVersion: 1\n",
        f"{system}/deb-1.0.dist-info/INSTALLER": "debian\n",
        f"{system}/pipped-1.0.dist-info/METADATA": "Name: pipped\nVersion: 1\n",
        f"{system}/pipped-1.0.dist-info/INSTALLER": "pip\n",
        "/home/li/.local/lib/python3.11/site-packages/own-1.dist-info/METADATA": METADATA,
    }
    found = found_on(PYTHON_PACKAGES, tmp_path, files)

    assert scopes(found) == [f"python_packages:{local}", f"python_packages:{system}"]
    assert [(s.name, s.version, s.origin) for s in software(found)] == [
        ("old", "1", None), ("older", "2", None), ("Some_Package", "2.31.0", "pip"),
        ("pipped", "1", "pip")]  # fmt: skip
    assert [where.rpartition("/")[0].rpartition("/")[2] for where, _ in problems(found)] == [
        "nameless-1.dist-info", "torn-1.dist-info"]  # fmt: skip
    assert software(found)[0].spdx is None


def test_npm_packages_of_a_machine(tmp_path: Path) -> None:
    modules = "/usr/local/lib/node_modules"
    files = {
        f"{modules}/npm/package.json": '{"name": "npm", "version": "10.2.4", "license": "Artistic-2.0",'
        ' "author": "GitHub Inc. <x@y.z> (https://z)"}',
        f"{modules}/npm/node_modules/inner/package.json": '{"name": "inner", "version": "1"}',
        f"{modules}/@angular/cli/package.json": '{"name": "@angular/cli", "version": "17", "license": "MIT"}',
        f"{modules}/old/package.json": '{"name": "old", "version": "0",'
        ' "licenses": [{"type": "MIT"}, {"type": "GPL"}]}',
        f"{modules}/closed/package.json": '{"name": "closed", "version": "3", "license": "UNLICENSED"}',
        f"{modules}/torn/package.json": "{",
        f"{modules}/empty/index.js": "",
    }
    found = found_on(NPM_PACKAGES, tmp_path, files)

    assert [(s.name, s.version, s.licence, s.spdx) for s in software(found)] == [
        ("@angular/cli", "17", "MIT", "MIT"),
        ("closed", "3", None, None),
        ("npm", "10.2.4", "Artistic-2.0", "Artistic-2.0"),
        ("old", "0", "MIT OR GPL", None),
    ]
    assert software(found)[2].publisher == "GitHub Inc."
    assert [where for where, _ in problems(found)] == [f"{modules}/empty/package.json", f"{modules}/torn/package.json"]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"name": 7, "version": {}}', b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_package(data: bytes) -> None:
    for parse in (read_package, read_extensions):
        assert software(list(parse(data, "f"))) == []


def test_extensions_of_an_editor() -> None:
    text = """[{"identifier": {"id": "ms-python.python"}, "version": "2024.2.1",
        "location": {"fsPath": "/home/li/.vscode/extensions/ms-python.python-2024.2.1"},
        "metadata": {"publisherDisplayName": "Microsoft", "targetPlatform": "undefined",
                     "installedTimestamp": 1741171252441}},
       {"identifier": {"id": "a.b"}}, {"version": "1"}, 7]"""
    found = list(read_extensions(text.encode(), "extensions.json"))

    (record,) = software(found)
    assert (record.name, record.version, record.publisher) == ("ms-python.python", "2024.2.1", "Microsoft")
    assert (record.installed_on, record.architecture) == ("2025-03-05", None)
    assert [what for _, what in problems(found)] == ["no version (a.b)", "no identifier", "no identifier"]


def test_a_scan_does_not_open_the_extensions_of_a_person(tmp_path: Path) -> None:
    own = '[{"identifier": {"id": "a.b"}, "version": "1"}]'
    with pytest.raises(Absent):
        found_on(VSCODE_EXTENSIONS, tmp_path, {"/home/li/.vscode/extensions/extensions.json": own})
    shared = {"/usr/share/code-server/extensions/extensions.json": own}
    assert [s.name for s in software(found_on(VSCODE_EXTENSIONS, tmp_path, shared))] == ["a.b"]


ID = "abcdefghijklmnopabcdefghijklmnop"


def test_extensions_declared_for_everybody(tmp_path: Path) -> None:
    folder = "/opt/google/chrome/extensions"
    files = {
        f"{folder}/{ID}.json": '{"external_version": "1.2", "external_crx": "/opt/x.crx"}',
        f"{folder}/torn.json": "{",
        f"/home/li/.config/google-chrome/Default/Extensions/{ID}/1.0/manifest.json": "{}",
    }
    found = found_on(CHROME_EXTENSIONS, tmp_path, files)

    assert [(s.identifier, s.version, s.per_user) for s in software(found)] == [(ID, "1.2", False)]
    assert [where for where, _ in problems(found)] == [f"{folder}/torn.json"]


def manifest(folder: Path, text: str, messages: str | None) -> Path:
    place = folder / ID / "1.0"
    (place / "_locales" / "zh_CN").mkdir(parents=True)
    if messages is not None:
        (place / "_locales" / "zh_CN" / "messages.json").write_text(messages, encoding="utf-8")
    (place / "manifest.json").write_text(text, encoding="utf-8")
    return place / "manifest.json"


def test_a_manifest_has_its_name_in_its_own_language(tmp_path: Path) -> None:
    text = '{"name": "__MSG_appName__", "version": "1.0", "default_locale": "zh_CN", "author": "某公司"}'
    (record,) = read("chrome_extensions", manifest(tmp_path, text, '{"AppName": {"message": "翻译助手"}}')).software
    assert (record.name, record.identifier, record.publisher) == ("翻译助手", ID, "某公司")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ('{"name": "__MSG_a__", "version": "1", "default_locale": "zh_CN"}', None),
        ('{"name": "__MSG_a__", "version": "1", "default_locale": "zh_CN"}', '{"b": {"message": "x"}}'),
        ('{"name": "__MSG_a__", "version": "1", "default_locale": "../../.."}', '{"a": {"message": "x"}}'),
        ('{"name": "__MSG_a__", "version": "1"}', '{"a": {"message": "x"}}'),
        ('{"name": "x"}', None),
        ("{}", None),
        ("7", None),
    ],
)
def test_a_manifest_without_a_name_to_show_is_a_problem(tmp_path: Path, text: str, messages: str | None) -> None:
    inventory = read("chrome_extensions", manifest(tmp_path, text, messages))
    assert inventory.software == ()
    assert sum(len(run.faults) for run in inventory.coverage) == 1
