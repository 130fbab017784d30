"""Package lists as their managers print them for people, in the forms of several releases and languages."""

from __future__ import annotations

import pytest
from printed_forms import AIX, DPKG_LIST, DPKG_LIST_OLD, RPM_INFO, RPM_INFO_OLD

from agent.collectors.roster import readers
from agent.inventory.software import Software
from agent.reading import best_reading, lines


def read(source: str, text: str) -> list[Software]:
    return list(best_reading(readers(source), text.encode(), "list.txt").software)


def told(source: str, text: str) -> list[tuple[str | None, ...]]:
    return [(each.name, each.version, each.architecture) for each in read(source, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DPKG_LIST, [("adduser", "3.118", "all"), ("libc6", "2.31-13+deb11u5", "amd64")]),
        (DPKG_LIST_OLD, [("acpid", "1.0.10-5", None)]),
        ("adduser\t3.118\nlibc6:amd64\t2.31-13\n", [("adduser", "3.118", None), ("libc6", "2.31-13", "amd64")]),
        (
            "正在列表...\nadduser/stable,now 3.118 all [已安装，自动]\nzip/stable 3.0 amd64\n",
            [("adduser", "3.118", "all")],
        ),
    ],
)
def test_lists_of_debian(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert told("dpkg", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "bash-5.1.8-6.el9.x86_64\ngpg-pubkey-fd431d51-4ae0493b\njava-1.8.0-openjdk-1.8.0.372.b07-2.el9.noarch\n",
            [("bash", "5.1.8-6.el9", "x86_64"), ("java-1.8.0-openjdk", "1.8.0.372.b07-2.el9", "noarch")],
        ),
        ("已安装的软件包\nbash.x86_64     1:4.2.46-34.el7      @anaconda\n", [("bash", "1:4.2.46-34.el7", "x86_64")]),
        (RPM_INFO, [("bash", "1:5.1.8-6.el9", "x86_64"), ("zlib", "1.2.11", None)]),
        (RPM_INFO_OLD, [("bash", "3.2-32.el5", None)]),
    ],
)
def test_lists_of_rpm(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert told("rpm", text) == expected


def test_days_that_a_list_of_rpm_tells() -> None:
    found = read("rpm", "bash-5.1.8-6.el9.x86_64                       Wed 22 Mar 2023 10:00:00 AM CST\n")
    found += read("rpm", RPM_INFO)[:1] + read("rpm", RPM_INFO_OLD)
    found += read("rpm", "bash\tx86_64\t5.1-6\tWed 22 Mar 2023 10:00:00 AM CST\t77\tCentOS\tshell\tShells\n")
    assert [each.installed_on for each in found] == ["2023-03-22", "2023-03-22", "2012-03-05", "2023-03-22"]
    assert [each.publisher for each in found] == [None, "CentOS", "CentOS", "CentOS"]


@pytest.mark.parametrize("name", ["Name", "名字", "Nom", "Name       ", "Название", "名前"])
def test_pacman_in_any_language(name: str) -> None:
    text = f"{name}  : bash\nVersion : 5.1.016-1\nXyz : x86_64\n\n{name}  : zlib\nVersion : 1:1.2-2\n"
    assert told("pacman", text) == [("bash", "5.1.016-1", None), ("zlib", "1:1.2-2", None)]
    assert told("pacman", "bash 5.1.016-1\nlinux 6.1.1.arch1-1 [ignored]\n")[1] == ("linux", "6.1.1.arch1-1", None)


def test_snaps_before_channels() -> None:
    (core,) = read("snap", "Name     Version    Rev   Developer  Notes\ncore     16-2.30    3748  canonical  core\n")
    assert (core.version, core.publisher, core.system_component) == ("16-2.30", "canonical", True)


def test_filesets_as_a_table_and_packages_of_rpm_among_them() -> None:
    assert [(each.name, each.version, each.location) for each in read("aix_filesets", AIX)] == [
        ("ICU4C.rte", "6.1.0.0", "/usr/lib/objrepos"),
        ("a.very.long.name.of.a.fileset", "6.1.4.0", "/usr/lib/objrepos"),
        ("X11.base.rte", "6.1.4.0", "/etc/objrepos"),
    ]
    (bash,) = read("aix_filesets", "bash:bash-4.2-1: : : :C:R:The shell: :/bin/rpm -e bash: : : : :0: :(none):\n")
    assert (bash.name, bash.version) == ("bash", "4.2-1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("system      SUNWcsr                          Core Solaris, (Root)\n", [("SUNWcsr", None, None)]),
        (
            "NAME (PUBLISHER)        VERSION      IFO\nweb/curl (x.org)       7.1-2     i--\nold/x    1-1    ---\n",
            [("web/curl", "7.1-2", "x.org")],
        ),
        (
            "FMRI                       IFO\npkg://solaris/web/curl@7.1,5.11-0.175:20111019T084911Z   i--\n",
            [("web/curl", "7.1", "solaris")],
        ),
    ],
)
def test_short_lists_of_solaris(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(each.name, each.version, each.publisher) for each in read("solaris_packages", text)] == expected


def test_attributes_of_hp_ux_and_fields_of_freebsd() -> None:
    text = "bundle\ntag B5725AA\nrevision B.11.31\nvendor_tag HP\nproduct\ntag PHKL_1\nrevision 1.0\n"
    text += "fileset\ntag X\nrevision 1\n"
    found = [(each.name, each.version, each.update) for each in read("hpux_software", text)]
    assert found == [("B5725AA", "B.11.31", None), ("PHKL_1", "1.0", True)]
    text = "bash-5.2\nName           : bash\nVersion        : 5.2\n"
    text += "Installed on   : Mon Oct  2 10:00:00 2023 CST\nLicenses : GPL\n"
    (bash,) = read("bsd_packages", text)
    assert (bash.name, bash.version, bash.installed_on, bash.licence) == ("bash", "5.2", "2023-10-02", "GPL")


@pytest.mark.parametrize("source", ["dpkg", "rpm", "pacman", "solaris_packages", "aix_filesets"])
@pytest.mark.parametrize("text", ["some words\n", "\n", "a:b\n", "{}", "<html>"])
def test_other_texts_are_no_packages(source: str, text: str) -> None:
    inventory = best_reading(readers(source), text.encode(), "x")
    assert list(inventory.software) == []
    assert not text.strip() or [line for line in lines(inventory) if "problem" in line]
