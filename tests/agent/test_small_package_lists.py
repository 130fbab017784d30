"""apk, opkg, Portage, Nix and Container-Optimized OS: what is installed, what is a problem, what is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine_folder import found_on, problems, scopes, software

from agent.collectors.base import Absent
from agent.collectors.linux.apk import APK
from agent.collectors.linux.apk import parse_file as read_apk
from agent.collectors.linux.cos import COS
from agent.collectors.linux.cos import parse_file as read_cos
from agent.collectors.linux.nix import NIX
from agent.collectors.linux.nix import parse_file as read_nix
from agent.collectors.linux.opkg import OPKG
from agent.collectors.linux.opkg import parse_file as read_opkg
from agent.collectors.linux.portage import PORTAGE, parse_pf
from agent.collectors.linux.portage import parse_file as read_portage

APK_DATABASE = """C:Q1
P:musl
V:1.2.4-r2
A:loongarch64
I:622592
m:Timo Teräs <timo.teras@iki.fi>
L:MIT
o:musl
F:lib
R:ld-musl.so.1
P:not-a-name

P:torn

P:busybox
V:1.36.1-r5
L:GPL-2.0-only
"""


def test_apk_reads_each_block_and_names_the_torn_one(tmp_path: Path) -> None:
    found = found_on(APK, tmp_path, {"/lib/apk/db/installed": APK_DATABASE})

    assert scopes(found) == ["apk:/lib/apk/db/installed"]
    musl, busybox = software(found)
    assert (musl.name, musl.version, musl.architecture, musl.size_bytes) == ("musl", "1.2.4-r2", "loongarch64", 622592)
    assert (musl.publisher, musl.licence, musl.spdx) == ("Timo Teräs <timo.teras@iki.fi>", "MIT", "MIT")
    assert (busybox.name, busybox.spdx, busybox.publisher) == ("busybox", "GPL-2.0-only", None)
    assert problems(found) == [("/lib/apk/db/installed block 2", "no version (torn)")]


def test_apk_of_newer_releases_lies_below_usr(tmp_path: Path) -> None:
    found = found_on(APK, tmp_path, {"/usr/lib/apk/db/installed": "P:a\r\nV:1\r\n\r\nP:b\r\nV:2\r\n"})
    assert [(s.name, s.version) for s in software(found)] == [("a", "1"), ("b", "2")]


@pytest.mark.parametrize("data", [b"", b"\n\n\n", b"\xef\xbb\xbf"])
def test_an_empty_list_is_empty_and_no_fault(data: bytes) -> None:
    for read in (read_apk, read_opkg, read_nix):
        assert list(read(data, "recorded")) == []


OPKG_STATUS = """Package: ubus
Version: 2024.10.20~252a9b0c-r1
Status: install ok installed
Architecture: x86_64
Installed-Time: 1730715936

Package: gone
Version: 1
Status: deinstall ok not-installed

Package: kept
Version: 2
Status: install user installed
License: Apache-2.0
Description: several
 lines: one with a colon
Conffiles:
 /etc/config/kept 0123456789abcdef

Status: install ok installed
Version: 3
"""


def test_opkg_takes_what_is_installed(tmp_path: Path) -> None:
    found = found_on(OPKG, tmp_path, {"/usr/lib/opkg/status": OPKG_STATUS})

    assert [(s.name, s.version, s.installed_on) for s in software(found)] == [
        ("ubus", "2024.10.20~252a9b0c-r1", "2024-11-04"), ("kept", "2", None)]  # fmt: skip
    assert software(found)[1].spdx == "Apache-2.0"
    assert problems(found) == [("/usr/lib/opkg/status paragraph 4", "no Package field")]


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("Getopt-Long-2.580.0\n", "Getopt-Long", "2.580.0"),
        ("python-3.11.9_p1", "python", "3.11.9_p1"),
        ("openssl-3.0.13-r2", "openssl", "3.0.13-r2"),
        ("gtk+-2.24.33-r3", "gtk+", "2.24.33-r3"),
        ("7zip-24.05", "7zip", "24.05"),
        ("libfoo-1.2_alpha3_pre", "libfoo", "1.2_alpha3_pre"),
        ("font-adobe-100dpi-1.0.4", "font-adobe-100dpi", "1.0.4"),
    ],
)
def test_name_and_version_of_portage(text: str, name: str, version: str) -> None:
    found = parse_pf(text, {}, seen_at="PF")
    assert software([found])[0].name == name
    assert software([found])[0].version == version


@pytest.mark.parametrize("text", ["", "2.580.0", "Getopt-Long", "{}", "-1.0", "a b-1"])
def test_what_is_no_package_of_portage(text: str) -> None:
    assert problems([parse_pf(text, {}, seen_at="PF")]) == [("PF", "expected NAME-VERSION")]


def test_portage_reads_the_facts_beside_the_name(tmp_path: Path) -> None:
    folder = "/var/db/pkg/app-editors/vim-9.1.0"
    files = {
        f"{folder}/PF": "vim-9.1.0\n",
        f"{folder}/LICENSE": "vim\n",
        f"{folder}/SIZE": "4194304\n",
        f"{folder}/repository": "gentoo\n",
        "/var/db/pkg/app-misc/torn-1/LICENSE": "MIT\n",
        "/var/db/pkg/app-misc/-MERGING-x-1/PF": "x-1\n",
    }
    found = found_on(PORTAGE, tmp_path, files)

    (vim,) = software(found)
    assert (vim.identifier, vim.section, vim.origin) == ("app-editors/vim", "app-editors", "gentoo")
    assert (vim.size_bytes, vim.licence, vim.spdx) == (4194304, "vim", "Vim")
    assert problems(found) == [("/var/db/pkg/app-misc/torn-1/PF", "a package without PF")]


def test_a_listing_of_gentoo() -> None:
    text = "[IP-] [  ] app-editors/vim-9.1.0:0\n * Searching for * ...\nsys-apps/portage-3.0.65-r1\ndev-lang/torn\n"
    found = list(read_portage(text.encode(), "equery"))
    assert [(s.identifier, s.version) for s in software(found)] == [
        ("app-editors/vim", "9.1.0"), ("sys-apps/portage", "3.0.65-r1")]  # fmt: skip
    assert problems(found) == [("equery line 4", "expected NAME-VERSION")]


HASH = "0123456789abcdfghijklmnpqrsvwxyz"


@pytest.mark.parametrize(
    ("member", "name", "version"),
    [
        ("perl-5.38.2", "perl", "5.38.2"),
        ("perl-5.38.2-man", "perl", "5.38.2"),
        ("python3.11-numpy-1.26.4", "python3.11-numpy", "1.26.4"),
        ("libfoo-unstable-2024-01-31", "libfoo", "unstable-2024-01-31"),
        ("gcc-13.2.0-lib", "gcc", "13.2.0"),
        ("font-adobe-75dpi-1.0.3", "font-adobe-75dpi", "1.0.3"),
    ],
)
def test_members_of_the_nix_store(member: str, name: str, version: str) -> None:
    (record,) = software(list(read_nix(f"/nix/store/{HASH}-{member}\n".encode(), "live")))
    assert (record.name, record.version) == (name, version)


def test_what_is_no_package_of_nix_is_passed_over_and_outputs_are_one(tmp_path: Path) -> None:
    members = [
        "perl-5.38.2",
        "perl-5.38.2-man",
        "hello-2.12.1.tar.gz",
        "hello-2.12.1.drv",
        "system-path",
        "fix-1.0.patch",
    ]
    found = found_on(NIX, tmp_path, {f"/nix/store/{HASH}-{member}/keep": "" for member in members})
    assert [(s.name, s.version) for s in software(found)] == [("perl", "5.38.2")]
    assert problems(found) == []


def test_a_listing_without_a_store_is_a_problem() -> None:
    assert problems(list(read_nix(b"asdf\nyolo\n", "live"))) == [("live", "no path of a store")]


def test_cos_takes_installed_packages_alone(tmp_path: Path) -> None:
    document = """{"installedPackages": [
        {"category": "app-arch", "name": "gzip", "version": "1.9", "ebuild_version": "1.9-r1"},
        {"category": "dev-lang", "name": "python", "version": "", "ebuild_version": "3.8.2"},
        {"category": "x"}, 7],
      "buildTimePackages": [{"category": "virtual", "name": "pkgconfig", "version": "0-r1"}]}"""
    found = found_on(COS, tmp_path, {"/etc/cos-package-info.json": document})

    assert [(s.identifier, s.version) for s in software(found)] == [
        ("app-arch/gzip", "1.9"), ("dev-lang/python", "3.8.2")]  # fmt: skip
    assert [what for _, what in problems(found)] == ["no name", "no name"]


@pytest.mark.parametrize("data", [b"[]", b"7", b'{"installedPackages": 1}', b"{", b"[" * 100_000])
def test_cos_names_what_is_no_list(data: bytes) -> None:
    assert software(list(read_cos(data, "f"))) == []
    assert len(problems(list(read_cos(data, "f")))) == 1


@pytest.mark.parametrize("collector", [APK, OPKG, PORTAGE, NIX, COS], ids=lambda each: each.name)
def test_absent_where_it_is_not(collector: object, tmp_path: Path) -> None:
    with pytest.raises(Absent):
        found_on(collector, tmp_path, {})  # type: ignore[arg-type]
