"""What a document carries of a person: no folder's name, no whole product key, whatever a collector yields."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Iterator

import pytest
from recorded_machine import CAPTURES, recorded_machine, scan_with

from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.roster import collectors_for
from agent.discretion import discreet, pseudonym
from agent.inventory.document import encode
from agent.inventory.software import Software
from agent.inventory.traces import RunningProgram
from agent.machine.base import Machine

LISI = "~" + hashlib.sha256(b"lisi").hexdigest()[:8]
ZHANG = "~" + hashlib.sha256("张 三".encode()).hexdigest()[:8]
MACHINES = sorted(path.name for path in CAPTURES.iterdir() if path.is_dir() and path.name != "recipes")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("C:\\Users\\lisi\\AppData\\Local\\Figma", LISI + "\\AppData\\Local\\Figma"),
        ("c:\\users\\LiSi\\AppData", LISI + "\\AppData"),
        ("D:/Users/lisi/x", LISI + "/x"),
        ("C:\\Users\\lisi", LISI),
        ("C:\\Users\\lisi\\", LISI + "\\"),
        ('"C:\\Users\\lisi\\a.exe"', '"' + LISI + '\\a.exe"'),
        ("\\\\?\\C:\\Users\\lisi\\a", "\\\\?\\" + LISI + "\\a"),
        ("C:\\Documents and Settings\\lisi\\a", LISI + "\\a"),
        ("C:\\Users\\张 三\\NTUSER.DAT: the file ends", ZHANG + "\\NTUSER.DAT: the file ends"),
        ("D:\\Profiles\\lisi\\NTUSER.DAT is not there", "D:\\Profiles\\" + LISI + "\\NTUSER.DAT is not there"),
        ("/Users/lisi/Applications", LISI + "/Applications"),
        ("applications:/Users/lisi/Applications", "applications:" + LISI + "/Applications"),
        ("/home/lisi/bin/x: denied", LISI + "/bin/x: denied"),
        ("/data/home/lisi/x", LISI + "/x"),
        ("[Errno 13] Permission denied: '/home/lisi'", "[Errno 13] Permission denied: '" + LISI + "'"),
        ("ABCDE-12345-FGHIJ-67890-KLMNO", "XXXXX-XXXXX-XXXXX-XXXXX-KLMNO"),
    ],
)
def test_the_name_of_a_person_and_the_body_of_a_key_are_cut(text: str, shown: str) -> None:
    assert discreet(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "C:\\Users\\Public\\Desktop",
        "C:\\Users\\Default\\x",
        "C:\\Documents and Settings\\All Users\\x",
        "/Users/Shared/x",
        "/root/x",
        "/usr/share/home/x",
        "/opt/apps/home/lib",
        "C:\\Program Files\\Users\\lisi",
        "~1000/.local/share/applications/x.desktop",
        "{90160000-008C-0000-1000-0000000FF1CE}",
        "HKU\\S-1-5-21-1004336348-1177238915-682003330-1001\\Software",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert discreet(text) == text


def test_two_persons_stay_two() -> None:
    assert pseudonym("lisi") == LISI != pseudonym("wangwu")


def test_no_collector_can_forget_it() -> None:
    """Every text of what a collector yields is made discreet, and a record still finds its scope."""

    def collect(machine: Machine) -> Iterator[Found]:
        yield Scope("x:/home/lisi")
        yield Software("x", "A /home/lisi/", "x:/home/lisi", "/home/lisi/a", "1-ABCDE-12345-FGHIJ-67890-KLMNO")
        yield Software("x", " ", "x:/home/lisi", "/home/lisi/b")
        yield RunningProgram("p", "/home/lisi/p", "x:/home/lisi")
        yield Problem("/home/lisi/c", "C:\\Users\\lisi\\c is torn")
        yield ScopeFailed("y:/home/lisi", "/home/lisi: denied")
        yield ScopeAbsent("z:/home/lisi")
        raise ValueError("/home/lisi/d")

    inventory = scan_with(Machine(), Collector("x", frozenset({"other"}), collect))

    text = encode(inventory).decode("utf-8")
    assert "lisi" not in text and "ABCDE" not in text
    assert text.count(LISI) >= 12
    assert [run.scope for run in inventory.coverage[:3]] == ["x:" + LISI, "y:" + LISI, "z:" + LISI]
    assert {inventory.software[0].scope, inventory.programs[0].scope} == {"x:" + LISI}
    assert inventory.coverage[0].found == 2


@pytest.mark.parametrize("name", MACHINES)
def test_no_recorded_machine_names_a_person(name: str) -> None:
    machine = recorded_machine(name)
    inventory = scan_with(machine, *collectors_for(machine.family))

    text = encode(inventory).decode("utf-8")
    assert len(inventory.software) > 5
    for person in _persons(CAPTURES / name):
        assert not re.search(r"\b%s\b" % re.escape(person), text), person


def _persons(folder: Path) -> list[str]:
    """Return the names of the home folders, and of the people of passwd, that a capture holds; `user01` is one."""
    found = {"user%02d" % number for number in range(1, 10)}
    for above in (folder / "Users", folder / "home"):
        found |= {path.name for path in above.iterdir()} if above.is_dir() else set()
    passwd = folder / "etc" / "passwd"
    lines = passwd.read_text(encoding="utf-8").splitlines() if passwd.is_file() else []
    return sorted(found | {line.split(":")[0] for line in lines if line.split(":")[2:3] >= ["1000"]})
