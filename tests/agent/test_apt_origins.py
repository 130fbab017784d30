"""Which packages of a Debian system came from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine_folder import found_on, machine_of, problems, software

from agent.collectors.base import Absent
from agent.collectors.linux.apt_origins import APT_ORIGINS, names_in
from agent.machine.base import Unreadable

PACKED = Path(__file__).resolve().parent / "lz4" / "linked.lz4"
LISTS = "/var/lib/apt/lists"
OWN = f"{LISTS}/mirrors.example.cn_uos_dists_eagle"
GOOGLE = f"{LISTS}/dl.google.com_linux_chrome_deb_dists_stable"


def paragraph(name: str, version: str) -> str:
    return f"Package: {name}\nArchitecture: amd64\nVersion: {version}\nDescription: x\n\n"


def installed(*packages: tuple[str, str]) -> str:
    return "".join(f"Package: {n}\nStatus: install ok installed\nVersion: {v}\n\n" for n, v in packages)


FILES = {
    "/etc/os-release": 'ID=uos\nNAME="UnionTech OS Desktop"\n',
    "/var/lib/dpkg/status": installed(
        ("bash", "5.0-4"),
        ("google-chrome-stable", "120.0-1"),
        ("cn.wps.wps-office-pro", "11.8.2"),
        ("vim", "9"),
        ("zip", "3"),
    ),
    f"{OWN}_InRelease": "-----BEGIN PGP SIGNED MESSAGE-----\n\nOrigin: UOS\nLabel: UOS\nSuite: eagle\n",
    f"{OWN}_main_binary-amd64_Packages": paragraph("bash", "5.0-4") + paragraph("vim", "8") + paragraph("zip", "3"),
    f"{GOOGLE}_Release": "Label: Google\nOrigin: Google LLC\n",
    f"{GOOGLE}_main_binary-amd64_Packages": paragraph("google-chrome-stable", "120.0-1") + paragraph("zip", "3"),
}


def test_what_came_from_elsewhere_and_what_by_hand(tmp_path: Path) -> None:
    found = found_on(APT_ORIGINS, tmp_path, FILES)
    assert [(s.name, s.origin, s.parent) for s in software(found)] == [
        ("google-chrome-stable", "Google LLC", "google-chrome-stable"),
        ("cn.wps.wps-office-pro", "local", "cn.wps.wps-office-pro"),
    ]
    assert problems(found) == []


def test_nothing_is_called_local_while_a_list_cannot_be_read(tmp_path: Path) -> None:
    found = found_on(APT_ORIGINS, tmp_path, {**FILES, f"{LISTS}/x_dists_y_main_binary-amd64_Packages.zst": "x"})
    assert [(s.name, s.origin) for s in software(found)] == [("google-chrome-stable", "Google LLC")]
    assert [what for _, what in problems(found)] == ["a compressed list is not read"]


@pytest.mark.parametrize("ending", ["lz4", "gz", "xz", "bz2"])
def test_a_packed_list_that_is_damaged_is_one_that_cannot_be_read(tmp_path: Path, ending: str) -> None:
    place = f"{LISTS}/x_dists_y_main_binary-amd64_Packages.{ending}"
    found = found_on(APT_ORIGINS, tmp_path, {**FILES, place: "Package: x\n\n"})
    assert [(s.name, s.origin) for s in software(found)] == [("google-chrome-stable", "Google LLC")]
    assert [where for where, _ in problems(found)] == [place]


def test_packed_lists_are_read(tmp_path: Path) -> None:
    import gzip

    lz4 = PACKED.read_bytes()
    own = FILES[f"{OWN}_main_binary-amd64_Packages"].encode()
    files: dict[str, str | bytes] = {**FILES, f"{OWN}_contrib_binary-amd64_Packages.lz4": lz4}
    files[f"{OWN}_main_binary-amd64_Packages.gz"] = gzip.compress(own)
    del files[f"{OWN}_main_binary-amd64_Packages"]
    files["/var/lib/dpkg/status"] = str(FILES["/var/lib/dpkg/status"]) + installed(("name02599", "1"), ("name9", "1"))
    found = found_on(APT_ORIGINS, tmp_path, files)
    assert [(s.name, s.origin) for s in software(found)] == [
        ("google-chrome-stable", "Google LLC"),
        ("cn.wps.wps-office-pro", "local"),
        ("name9", "local"),
    ]
    assert problems(found) == []


def test_lists_of_which_none_can_be_read_are_there_all_the_same(tmp_path: Path) -> None:
    files = {"/var/lib/dpkg/status": FILES["/var/lib/dpkg/status"], f"{LISTS}/x_Packages.lz4": "x"}
    found = found_on(APT_ORIGINS, tmp_path, files)
    assert software(found) == [] and len(problems(found)) == 1


def test_an_archive_without_a_release_file_is_called_by_its_host(tmp_path: Path) -> None:
    files = {place: text for place, text in FILES.items() if not place.endswith("_Release")}
    found = software(found_on(APT_ORIGINS, tmp_path, files))
    assert {s.name: s.origin for s in found}["google-chrome-stable"] == "dl.google.com"


@pytest.mark.parametrize("size", [1, 2, 16, 40, 64, 100, 1000])
def test_a_list_is_read_the_same_in_pieces_of_any_size(size: int) -> None:
    data = "".join(paragraph(name, str(number)) for number, name in enumerate("abcabc")).encode()
    found = names_in(lambda at, count: data[at : at + count], {b"a", b"c"}, size)
    assert list(found) == [b"a", b"c", b"a", b"c"]


def test_a_paragraph_without_end_is_refused() -> None:
    with pytest.raises(Unreadable):
        list(names_in(lambda at, count: b"x" * count if at < 1 << 28 else b"", {b"a"}))


def test_without_lists_nothing_can_be_said(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        list(APT_ORIGINS.collect(machine_of(tmp_path, {"/var/lib/dpkg/status": FILES["/var/lib/dpkg/status"]})))
