"""The command line as a person or a timer runs it: in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest
from recorded_machine import CAPTURES
from small_checker import AGENT_ID, SmallChecker

from agent.arguments import parse

PROJECT = Path(__file__).resolve().parents[2]


def agent(*arguments: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the agent from anywhere and return what it did."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("ZHENGBAN_", "LC_", "LANG"))}
    variables.update(PYTHONPATH=str(PROJECT), PYTHONIOENCODING="utf-8", LANG="C")
    variables.update(environment)
    command = [sys.executable, "-m", "agent", *map(str, arguments)]
    return subprocess.run(
        command,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=variables,
        cwd="/",
        timeout=60,
        check=False,
    )


def test_scans_a_recorded_machine_to_standard_output() -> None:
    done = agent("scan", "--root", CAPTURES / "debian-12", "--output", "-")
    document = json.loads(done.stdout.decode("utf-8"))

    assert done.returncode == 0
    assert document["contract"] == "1.2"
    assert document["scanner"] == {"name": "zhengban-agent", "version": "0.1.0", "recorded": True}
    assert document["host"]["operating_system"]["name"] == "Debian GNU/Linux 12"
    assert sum(each["source"] == "dpkg" for each in document["software"]) == 31
    assert {run["scope"]: run["outcome"] for run in document["coverage"]}["processes"] == "absent"


def test_scans_this_machine_into_a_file(tmp_path: Path) -> None:
    done = agent("scan", "--output", tmp_path / "inventory.json", "--state", tmp_path / "state")
    document = json.loads((tmp_path / "inventory.json").read_text(encoding="utf-8"))

    assert done.returncode == 0, done.stderr
    assert document["scanner"]["recorded"] is False
    assert document["programs"]
    assert not (tmp_path / "state").exists()  # a scan to a file leaves nothing of ours


def test_the_whole_way_from_token_to_acknowledgement(tmp_path: Path) -> None:
    state = tmp_path / "state"
    recorded = CAPTURES / "debian-12"
    assert agent("send", "--state", state).returncode == 3  # not enrolled yet
    with SmallChecker() as checker:
        enrolled = agent("enrol", "--server", checker.url, "--token", "-", "--state", state, stdin=b"one-time\n")
        assert enrolled.returncode == 0, enrolled.stderr
        assert AGENT_ID in enrolled.stderr.decode()
        assert agent("scan", "--root", recorded, "--state", state).returncode == 0
        assert len(list((state / "spool").glob("*.json.gz"))) == 1
        sent = agent("send", "--state", state)
        assert sent.returncode == 0, sent.stderr
        again = agent("send", "--state", state)
        ran = agent("run", "--root", recorded, "--state", state)
    assert (again.returncode, b"Nothing waits" in again.stderr, ran.returncode) == (0, True, 0)
    assert [each["scanner"]["agent_id"] for each in checker.taken] == [AGENT_ID, AGENT_ID]
    assert list((state / "spool").glob("*.json.gz")) == []


def test_a_checker_that_is_gone_loses_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with SmallChecker() as checker:
        agent("enrol", "--server", checker.url, "--token", "one-time", "--state", state)
    ran = agent("run", "--root", CAPTURES / "debian-12", "--state", state, "--set", "send_attempts=1")
    assert ran.returncode == 3
    assert b"everything is kept" in ran.stderr
    assert len(list((state / "spool").glob("*.json.gz"))) == 1


def test_the_timer_scans_when_it_is_time_and_sends_what_was_left(tmp_path: Path) -> None:
    state = tmp_path / "state"
    timer = ("run", "--scheduled", "--root", CAPTURES / "debian-12", "--state", state)
    with SmallChecker() as checker:
        agent("enrol", "--server", checker.url, "--token", "one-time", "--state", state)
        assert agent(*timer).returncode == 0  # the first call draws when the first run is
        assert not (state / "spool").exists()
        agent("scan", "--root", CAPTURES / "debian-12", "--state", state)
        quiet = agent(*timer, "--set", "quiet_hours=00:00-12:00,12:00-24:00")
        assert (quiet.returncode, len(checker.taken)) == (0, 0)
        assert agent(*timer).returncode == 0
        assert len(checker.taken) == 1  # not due, and yet nothing is left to wait
        (state / "timetable.json").write_text('{"due": 1}')
        assert agent(*timer).returncode == 0
        assert len(checker.taken) == 2


@pytest.mark.slow
def test_the_doctor_says_what_it_saw_in_the_readers_language(tmp_path: Path) -> None:
    with SmallChecker() as checker:
        agent("enrol", "--server", checker.url, "--token", "one-time", "--state", tmp_path)
        chinese = agent("doctor", "--state", tmp_path, "--language", "zh_CN")
        english = agent("doctor", "--state", tmp_path)
    gone = agent("doctor", "--state", tmp_path, "--set", "timeout_seconds=2")
    assert "核查端 %s 有应答" % checker.url in chinese.stdout.decode("utf-8")
    assert "本机：" in chinese.stdout.decode("utf-8")
    words = english.stdout.decode("utf-8")
    assert (english.returncode, gone.returncode) == (0, 3)
    assert "processes: " in words
    assert "Sending uses requests" in words or "requests is not installed" in words
    assert "psutil" in words and "clock" not in words
    assert "0 waiting, 0 refused, 0 dropped" in words
    assert "does not answer" in gone.stdout.decode("utf-8")


def test_reads_one_recorded_file() -> None:
    done = agent("read", "dpkg", CAPTURES / "debian-12/var/lib/dpkg/status")
    lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert (done.returncode, len(lines)) == (0, 30)
    assert (lines[0]["name"], lines[0]["version"], lines[0]["source"]) == ("adduser", "3.134", "dpkg")


def test_reads_a_damaged_file_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "status").write_text("Package: a\nStatus: install ok installed\nVersion: 1\n\nnonsense\n")
    done = agent("read", "dpkg", tmp_path / "status")
    lines = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert done.returncode == 3
    assert lines[0]["name"] == "a"
    assert lines[1]["problem"] == "no Package field"
    assert lines[1]["where"].endswith("status paragraph 2")


def test_reads_hosts_of_several_systems() -> None:
    linux = agent("read", "host", CAPTURES / "debian-12/proc/cpuinfo")
    assert json.loads(linux.stdout.decode())["host"]["processors"] == [{"name": "AMD EPYC", "cores": 2, "threads": 2}]
    release = agent("read", "host", CAPTURES / "debian-12/etc/os-release")
    assert [json.loads(line).get("name") for line in release.stdout.decode().splitlines()] == [
        None, "Debian GNU/Linux 12"]  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("read", "nonsense", "/etc/os-release"),
        ("read", "dpkg", "/no/such/file"),
        ("scan", "--root", "/no/such/folder"),
        ("scan", "--output"),
        ("scan", "--set", "sever=x"),
        ("scan", "--set", "server"),
        ("scan", "--config", "/no/such/file"),
        ("scan", "--language", "xx"),
        ("enrol", "--server", "https://checker.example"),
        ("enrol", "--token", "t"),
        ("enrol", "--token", "t", "--server", "http://checker.example"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = agent(*arguments, ZHENGBAN_AGENT_STATE_FOLDER=str(tmp_path))
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
    assert b"Traceback" not in done.stderr


def test_what_cannot_be_written_ends_with_3() -> None:
    done = agent("scan", "--root", CAPTURES / "debian-12", "--output", "/no/such/folder/file")
    assert (done.returncode, b"Traceback" in done.stderr) == (3, False)
    assert b"/no/such/folder/file" in done.stderr


def test_output_that_is_lost_at_the_very_end_is_no_success() -> None:
    program = (
        "import sys; sys.path.insert(0, %r); import agent.__main__ as start\n"
        "start.run = lambda **_: print('said, and not yet written') or 0\n"
        "sys.stdout = open(sys.argv[1], 'w'); start.main()\n"
    ) % str(PROJECT)
    codes = [
        subprocess.run([sys.executable, "-c", program, to], check=False).returncode for to in ("/dev/full", "/dev/null")
    ]
    assert codes == [120, 0]


def test_a_scan_prints_everything_through_a_pipe_and_searches_for_no_translation() -> None:
    program = (
        "import os, sys; sys.path.insert(0, %r); end = os._exit; import agent.__main__ as start\n"
        "os._exit = lambda code: (print('locale' in sys.modules), sys.stdout.flush(), end(code))\n"
        "sys.argv = ['zhengban-agent', 'scan', '--set', 'deep_sources=no', '--output', '/dev/null']; start.main()\n"
    ) % str(PROJECT)
    variables = dict(os.environ, LANG="de_DE.UTF-8", LC_ALL="de_DE.UTF-8")
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, env=variables, check=True)
    assert done.stdout.splitlines()[-1] in (b"False", b"True")
    if sys.version_info >= (3, 11):  # before that the library for translations loads it itself
        assert done.stdout.splitlines()[-1] == b"False"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize(
    "command", ["", "scan", "send", "run", "enrol", "read", "export", "doctor", "install", "uninstall"]
)
def test_every_command_explains_itself(command: str, language: str) -> None:
    done = agent(*filter(None, [command]), "--help", ZHENGBAN_AGENT_LANGUAGE=language)
    text = done.stdout.decode("utf-8")
    assert done.returncode == 0
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text) is (language == "zh_CN")
    if not command:
        assert "zhengban-agent read dpkg /var/lib/dpkg/status" in text
        assert "spool_max_documents" in text


def test_a_console_that_cannot_show_a_name_does_not_end_the_doctor(tmp_path: Path) -> None:
    done = agent("doctor", "--language", "zh_CN", "--state", tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"??" in done.stdout and b"Traceback" not in done.stderr


LIGHT = """
grp pwd
__future__ __main__ _abc _ast _bootlocale _bz2 _codecs _collections _collections_abc _compat_pickle
_compression _datetime _frozen_importlib _frozen_importlib_external _functools _heapq _imp _io _json _locale
_lzma _opcode _operator _posixsubprocess _signal _sitebuiltins _sqlite3 _sre _stat _string _struct _thread
_tokenize _typing _warnings _weakref _weakrefset abc agent argparse ast atexit base64 binascii builtins bz2
codecs collections contextlib copy copyreg dataclasses datetime dis encodings enum errno fcntl fnmatch
functools gc genericpath gettext heapq importlib inspect io ipaddress itertools json keyword linecache locale
lzma marshal math nt ntpath opcode operator os platform posix posixpath pyexpat re reprlib resource select selectors
shutil signal site sqlite3 sre_compile sre_constants sre_parse stat string struct subprocess sys tempfile
textwrap threading time token tokenize traceback types typing urllib warnings weakref winreg xml zipfile
zipimport zlib
"""
"""What a scan may load. `urllib` is its parser of addresses alone; ssl, http, email, ctypes … cost too much."""


def test_a_scan_loads_nothing_but_this() -> None:
    program = (
        "import sys; sys.path.insert(0, %r); from agent.cli import main\n"
        "code = main(['scan', '--output', '/dev/null', '--set', 'deep_sources=no'], is_our_process=True)\n"
        "names = sorted({name.partition('.')[0] for name in sys.modules})\n"
        "print(code, ' '.join(names), 'urllib.request' in sys.modules)\n"
    )
    command = [sys.executable, "-I", "-S", "-c", program % str(PROJECT)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    code, *loaded, asks = done.stdout.decode().split()
    assert sorted(set(loaded) - set(LIGHT.split())) == []
    assert (code, asks) == ("0", "False")


def test_help_speaks_one_language() -> None:
    chinese = agent("scan", "--help", ZHENGBAN_AGENT_LANGUAGE="zh_CN").stdout.decode("utf-8")
    english = agent("scan", "--help", ZHENGBAN_AGENT_LANGUAGE="en").stdout.decode("utf-8")
    assert chinese.startswith("用法：zhengban-agent scan") and english.startswith("usage: zhengban-agent scan")
    assert "\n选项:\n" in chinese and "\noptions:\n" in english
    assert "usage" not in chinese and "options" not in chinese


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["frob"], "用法有误：参数 COMMAND：没有 'frob'，应为其中之一：", "invalid choice: 'frob'"),
        ([], "缺少参数：COMMAND", "required: COMMAND"),
        (["scan", "--nope"], "不认识的参数：--nope", "unrecognized arguments: --nope"),
        (["enrol"], "应给出其中一个参数：--token --file", "one of the arguments --token --file is required"),
        (["enrol", "--token", "a", "--file", "b"], "参数 --file 与 --token 不能同时使用", "not allowed with"),
        (["scan", "--root"], "参数 --root：应带一个值", "argument --root: expected one argument"),
    ],
)
def test_wrong_usage_is_told_in_the_readers_language(
    capsys: pytest.CaptureFixture[str], arguments: List[str], zh: str, en: str
) -> None:
    for language, told in (("zh_CN", zh), ("en", en)):
        with pytest.raises(SystemExit) as ended:
            parse(arguments, language)
        assert ended.value.code == 2
        assert told in capsys.readouterr().err
