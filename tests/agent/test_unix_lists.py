"""The package lists of AIX, HP-UX, Solaris and the BSD systems."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from machine_folder import problems, scopes, software

from agent.collectors.base import Absent, Collector
from agent.collectors.unix.aix_filesets import AIX_FILESETS
from agent.collectors.unix.aix_filesets import parse_file as read_aix
from agent.collectors.unix.bsd_packages import BSD_PACKAGES
from agent.collectors.unix.bsd_packages import parse_file as read_bsd
from agent.collectors.unix.hpux_software import HPUX_SOFTWARE
from agent.collectors.unix.hpux_software import parse_file as read_hpux
from agent.collectors.unix.solaris_packages import SOLARIS_PACKAGES
from agent.collectors.unix.solaris_packages import parse_file as read_solaris
from agent.machine.base import Machine


def test_filesets_of_aix_in_french() -> None:
    text = (
        "#Ens. fich.:Niveau:ID cor:Etat:Type:Description:CORRECTIF D'URGENCE verrouillé\n"
        "/usr/lib/objrepos:db2_09_07.rte:9.7.0.4::VALIDE:I:DB2 Runtime:\n"
        "/etc/objrepos:db2_09_07.rte:9.7.0.4::VALIDE:I:DB2: Runtime:\n"
        "/usr/lib/objrepos:devices.pci.rte:6.1.6.0::VALIDE:F:PCI:\n"
        "torn line\n"
        "/usr/lib/objrepos::6.1::VALIDE:F:x:\n"
    )
    found = list(read_aix(text.encode(), "lslpp"))

    assert [(s.name, s.version, s.location, s.system_component) for s in software(found)] == [
        ("db2_09_07.rte", "9.7.0.4", "/usr/lib/objrepos", None),
        ("db2_09_07.rte", "9.7.0.4", "/etc/objrepos", None),
        ("devices.pci.rte", "6.1.6.0", "/usr/lib/objrepos", True),
    ]
    assert [where for where, _ in problems(found)] == ["lslpp line 5", "lslpp line 6"]


def test_the_long_listing_of_aix_begins_with_the_package() -> None:
    text = (
        "#Package Name:Fileset:Level:State:PTF Id:Fix State:Type:Description:Destination Dir.\n"
        "bos.net:bos.net.nfs.client:7.1.3.45: : :C: :Network File System Client: \n"
    )
    (record,) = software(list(read_aix(text.encode(), "lslpp")))
    assert (record.name, record.version, record.parent, record.location) == (
        "bos.net.nfs.client", "7.1.3.45", "bos.net", None)  # fmt: skip


def test_bundles_products_and_patches_of_hpux() -> None:
    text = (
        "# Initializing...\n#\n# Bundle(s):\n#\n\n"
        "  B3929EA                               4.1.004        HP OnLineJFS (Server) \n"
        "  FEATURE11i                            B.11.23.0803.070a Feature Enablement Patches\n"
        "  PHKL_37755                            1.0            memory leak\n"
        "  NoRevision\n"
        "  tag title without numbers\n"
    )
    found = list(read_hpux(text.encode(), "swlist"))

    assert [(s.name, s.version, s.update) for s in software(found)] == [
        ("B3929EA", "4.1.004", None),
        ("FEATURE11i", "B.11.23.0803.070a", None),
        ("PHKL_37755", "1.0", True),
    ]
    assert len(problems(found)) == 2


IPS = """             Name: database/berkeleydb-5
          Summary: Oracle Berkeley DB
      Description: text that goes on
                   Version: is no field here
         Category: Libraries
            State: Installed
        Publisher: openindiana.org
          Version: 5.3.28
   Packaging Date: Mon Mar 30 11:34:33 2020
Last Install Time: Sun Oct 31 20:36:45 2021
             Size: 101.19 MB
             FMRI: pkg://openindiana.org/database/berkeleydb-5@5.3.28-2020.0.1.3:20200330T113433Z

          Name: web/browser
         State: Not installed
     Publisher: solaris
       Version: 1.0
          FMRI: pkg://solaris/web/browser@1.0

          Name: torn
         State: Installed
"""


def test_packages_of_ips() -> None:
    found = list(read_solaris(IPS.encode(), "pkg info"))

    (record,) = software(found)
    assert (record.name, record.version, record.publisher) == ("database/berkeleydb-5", "5.3.28", "openindiana.org")
    assert (record.installed_on, record.install_date_raw) == ("2021-10-31", "Sun Oct 31 20:36:45 2021")
    assert record.section == "Libraries"
    assert problems(found) == [("pkg info block 3", "no version (torn)")]


def test_packages_of_system_v() -> None:
    text = (
        "   PKGINST:  ORCLdb\n      NAME:  数据库\n      ARCH:  sparc\n   VERSION:  19.3\n   BASEDIR:  /opt\n"
        "    VENDOR:  Oracle Corporation\n  INSTDATE:  Jul 31 2013 22:23\n    STATUS:  completely installed\n"
    )
    (record,) = software(list(read_solaris(text.encode(), "pkginfo -l")))
    assert (record.name, record.version, record.architecture) == ("ORCLdb", "19.3", "sparc")
    assert (record.publisher, record.installed_on, record.location) == ("Oracle Corporation", "2013-07-31", "/opt")


@pytest.mark.parametrize(
    ("word", "name", "version"),
    [
        ("bash-4.3.18_2", "bash", "4.3.18_2"),
        ("ImageMagick-6.8.9.4_1,1", "ImageMagick", "6.8.9.4_1,1"),
        ("vim-9.0.192-gtk3", "vim", "9.0.192"),
        ("py-3-five-1.0", "py-3-five", "1.0"),
        ("autoconf213-2.13.000227_6", "autoconf213", "2.13.000227_6"),
        ("fonts-r12", "fonts", "r12"),
    ],
)
def test_packages_of_bsd(word: str, name: str, version: str) -> None:
    (record,) = software(list(read_bsd(f"{word}     a comment-1.0\n".encode(), "pkg_info")))
    assert (record.name, record.version, record.identifier) == (name, version, word)


def test_a_line_without_version_is_a_problem() -> None:
    assert problems(list(read_bsd(b"\n\xff\xfe-\nbash\n", "pkg_info"))) == [
        ("pkg_info line 2", "expected NAME-VERSION"), ("pkg_info line 3", "expected NAME-VERSION")]  # fmt: skip


class Answering(Machine):
    """A machine that has one place and answers one command."""

    family = "other"

    def __init__(self, place: str, command: Sequence[str], answer: str) -> None:
        self.place, self.command, self.answer = place, tuple(command), answer

    def exists(self, path: str) -> bool:
        return path == self.place

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        return self.answer if tuple(command) == self.command else None


@pytest.mark.parametrize(
    ("collector", "place", "command", "answer", "name"),
    [
        (AIX_FILESETS, "/usr/lib/objrepos", ["lslpp", "-lqc"], "/etc/objrepos:a.b:1.0::C:I:x\n", "a.b"),
        (HPUX_SOFTWARE, "/var/adm/sw", ["swlist"], "  perl  D.5.8  Perl\n", "perl"),
        (SOLARIS_PACKAGES, "/var/pkg", ["pkg", "info"], " Name: a\nVersion: 1\n".replace(" Name", "   Name"), "a"),
        (BSD_PACKAGES, "/var/db/pkg", ["pkg_info"], "bash-5.2 a shell\n", "bash"),
    ],
)
def test_a_running_system_is_asked_by_its_own_command(
    collector: Collector, place: str, command: list[str], answer: str, name: str
) -> None:
    found = list(collector.collect(Answering(place, command, answer)))
    assert [s.name for s in software(found)] == [name]
    assert scopes(found) == [collector.name]
    with pytest.raises(Absent):
        list(collector.collect(Answering("/", command, answer)))


def test_a_list_of_a_machine_that_does_not_speak_utf_8() -> None:
    text = "   PKGINST:  a\n   VERSION:  1\n    VENDOR:  Société Générale\n"
    for codec in ("cp1252", "utf-8", "utf-16"):
        (record,) = software(list(read_solaris(text.encode(codec), "pkginfo -l")))
        assert record.publisher == "Société Générale"
    chinese = text.replace("Société Générale", "东方通科技")
    (record,) = software(list(read_solaris(chinese.encode("gbk"), "pkginfo -l")))
    assert record.publisher == "东方通科技"
