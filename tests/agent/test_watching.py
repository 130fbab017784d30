"""The watchlist at the agent: fetched, kept, given; the files, hosts lines and words that it asks for, no others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recorded_machine import scan_with
from small_checker import AGENT_ID, KEY, SmallChecker

from agent.collectors.anywhere.hosts_file import HOSTS_FILE, hosts_file
from agent.collectors.anywhere.licence_files import licence_files
from agent.collectors.anywhere.watched_files import WATCHED_FILES, watched_files
from agent.collectors.roster import collectors_for
from agent.connection import Connection
from agent.enrolment import Enrolment
from agent.inventory.watchlist import (
    DamagedWatchlist,
    WatchedFile,
    WatchedHost,
    WatchedWord,
    Watchlist,
    decode_watchlist,
    digest_of_watchlist,
    encode_watchlist,
    place_fault,
)
from agent.machine.offline import OfflineMachine
from agent.settings import SettingsError
from agent.watching import fetch_watchlist, given_watchlist, kept_watchlist

LIST = Watchlist(
    files=(
        WatchedFile("tool", "%ProgramFiles%\\Tool\\*.exe"),
        WatchedFile("tool", "%SystemRoot%\\tool"),
        WatchedFile("agent", "%AppData%\\JetBrains\\*\\*.vmoptions", "ja-netfilter"),
        WatchedFile("home", "~/.tool"),
        WatchedFile("opt", "/opt/*/tool.bin"),
        WatchedFile("desk", "%SystemDrive%\\Users\\li\\Desktop\\*"),
    ),
    hosts=(WatchedHost("block", "lic.example.com"), WatchedHost("wide", "*.licences.example.org")),
    words=(WatchedWord("group", "SSQ"),),
)

OPTIONS = "-Xmx2g\n-javaagent:C:\\ja-netfilter.jar\n"


def made(folder: Path, files: dict[str, str]) -> OfflineMachine:
    for path, text in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return OfflineMachine(str(folder))


def test_it_comes_back_from_its_bytes() -> None:
    assert decode_watchlist(encode_watchlist(LIST)) == LIST
    assert not LIST.is_empty and Watchlist().is_empty


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"form":2}', b'{"form":1,"files":[1]}', b'{"form":1,"files":[{"id":"a","place":"C:\\\\x"}]}',
     b'{"form":1,"hosts":[{"id":"","name":"a"}]}', b'{"form":1,"words":{}}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_watchlist_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedWatchlist):
        decode_watchlist(data)


@pytest.mark.parametrize(
    "place",
    ["C:\\x", "%ProgramFiles%", "%ProgramFiles%x\\y", "/opt/../etc/shadow", "/home/li/x", "%Temp%\\x", "/opt/**/x"],
)
def test_places_that_may_not_be_watched(place: str) -> None:
    assert place_fault(place) is not None


def test_files_of_a_windows_machine(tmp_path: Path) -> None:
    machine = made(
        tmp_path,
        {
            "/Windows/System32/x": "",
            "/Windows/tool/readme.txt": "",
            "/Program Files (x86)/tool/Tool.EXE": "MZ",
            "/Program Files/Tool/sub/Deep.exe": "MZ",
            "/Users/li/AppData/Roaming/JetBrains/Idea1/idea64.exe.vmoptions": OPTIONS,
            "/Users/li/AppData/Roaming/JetBrains/Idea2/idea64.exe.vmoptions": "-Xmx2g\n",
            "/Users/li/Desktop/secret.txt": "",
        },
    )
    inventory = scan_with(machine, watched_files(LIST))
    assert [(each.watch, each.name, each.state, each.value, each.size_bytes) for each in inventory.traces] == [
        ("tool", "Tool.EXE", "present", None, 2),
        ("tool", "tool", "folder", None, None),
        ("agent", "idea64.exe.vmoptions", "present", "ja-netfilter", 38),
    ]
    assert inventory.traces[0].sha256 is not None and len(inventory.traces[0].sha256) == 64
    assert "secret" not in repr(inventory) and "Users\\li" not in repr(inventory) and "Xmx" not in repr(inventory)


def test_files_of_a_linux_machine(tmp_path: Path) -> None:
    machine = made(tmp_path, {"/etc/x": "", "/home/li/.tool/x": "", "/opt/a/tool.bin": "1", "/opt/a/b/tool.bin": "2"})
    traces = scan_with(machine, watched_files(LIST)).traces
    assert [(each.watch, each.name) for each in traces] == [("home", ".tool"), ("opt", "tool.bin")]


def test_matched_lines_of_the_hosts_file_alone(tmp_path: Path) -> None:
    text = (
        "127.0.0.1 localhost\n# 0.0.0.0 lic.example.com\n0.0.0.0  LIC.example.com intranet.secret # why\n"
        "::1 a.licences.example.org.\n10.0.0.1 payroll.secret\n"
    )
    inventory = scan_with(made(tmp_path, {"/etc/hosts": text}), hosts_file(LIST))
    assert [(each.name, each.value, each.watch, each.seen_at) for each in inventory.traces] == [
        ("lic.example.com", "0.0.0.0", "block", "/etc/hosts line 3"),
        ("a.licences.example.org", "::1", "wide", "/etc/hosts line 4"),
    ]
    assert "secret" not in repr(inventory)


def test_words_of_licence_files(tmp_path: Path) -> None:
    text = "# made by SSQ team, SSQX\nINCREMENT A v 1.0 1-jan-2025 1 KEY\n"
    inventory = scan_with(made(tmp_path, {"/etc/x": "", "/usr/local/flexlm/licenses/a.lic": text}), licence_files(LIST))
    assert [each.value for each in inventory.traces if each.watch == "group"] == ["SSQ"]
    assert "team" not in repr(inventory)


def test_without_a_list_nothing_is_looked_for(tmp_path: Path) -> None:
    inventory = scan_with(made(tmp_path, {"/etc/hosts": "0.0.0.0 lic.example.com"}), HOSTS_FILE, WATCHED_FILES)
    assert {run.scope: run.outcome.value for run in inventory.coverage} == {
        "hosts_file": "absent",
        "watched_files": "absent",
    }


@pytest.mark.parametrize("family", ["linux", "windows", "macos"])
def test_the_roster_takes_the_list(family: str) -> None:
    names = [each.name for each in collectors_for(family, LIST)]
    assert names == [each.name for each in collectors_for(family)]
    assert {"watched_files", "hosts_file", "licence_files"} <= set(names)


def test_fetching_keeping_and_asking_again(tmp_path: Path) -> None:
    content = encode_watchlist(LIST)
    enrolment = Enrolment(AGENT_ID, KEY, "")
    with SmallChecker() as checker:
        connection = Connection(checker.url)
        assert fetch_watchlist(connection, enrolment, str(tmp_path)) == "answered 404"
        assert kept_watchlist(str(tmp_path)) is None
        checker.replies = [(200, {}, content)]
        assert fetch_watchlist(connection, enrolment, str(tmp_path)) is None
        assert kept_watchlist(str(tmp_path)) == LIST
        checker.replies = [(304, {}, b"")]
        assert fetch_watchlist(connection, enrolment, str(tmp_path)) is None
        assert checker.requests[-1][2]["if-none-match"] == '"%s"' % digest_of_watchlist(content)
        assert checker.requests[-1][2]["x-zhengban-agent"] == AGENT_ID
        checker.replies = [(200, {}, b"<html>a portal</html>")]
        assert "expected JSON" in (fetch_watchlist(connection, enrolment, str(tmp_path)) or "")
    assert fetch_watchlist(connection, enrolment, str(tmp_path)) is not None  # nobody answers any more
    assert kept_watchlist(str(tmp_path)) == LIST


def test_a_file_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_bytes(encode_watchlist(LIST) + b"\n")
    assert given_watchlist(str(path)) == LIST
    path.write_text(json.dumps({"form": 9}), encoding="utf-8")
    with pytest.raises(SettingsError, match="expected a watchlist of form 1"):
        given_watchlist(str(path))
    with pytest.raises(SettingsError):
        given_watchlist(str(tmp_path / "none.json"))
