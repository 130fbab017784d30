"""What a scan does to the machine, judged by strace: it writes into its own folder alone and listens nowhere.

And what an ordinary user sees: less, and it says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_checker import SmallChecker

PROJECT = Path(__file__).resolve().parents[2]
CALLS = (
    "open,openat,openat2,creat,truncate,ftruncate,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,"
    "linkat,symlink,symlinkat,mknod,mknodat,chmod,fchmod,fchmodat,chown,fchown,fchownat,lchown,utimensat,setxattr,"
    "socket,bind,listen,connect,accept,accept4,sendto,mount,kill,tkill,ptrace"
)
NETWORK = ("socket", "connect", "sendto", "bind", "listen", "accept", "accept4")
QUIET = {"/dev/null", "/dev/tty"}
NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
SYSTEM_PYTHON = "/usr/bin/python3"
_LINE = re.compile(r"^\d+ +(?P<call>\w+)\((?P<arguments>.*)\) += +(?P<result>-?\d+|\?)")
_WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE")


def can_trace() -> bool:
    """Tell whether strace is here and may look at a program."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


def touched(trace: str) -> Iterator[tuple[str, str]]:
    """Yield each call that changes something or speaks to somebody, with its first path or its arguments."""
    for line in trace.splitlines():
        call = _LINE.match(line)
        if call is None:
            continue
        name, arguments = call["call"], call["arguments"]
        if name.startswith("open") and not any(flag in arguments for flag in _WRITES):
            continue
        paths = re.findall(r'"([^"]*)"', arguments)
        yield name, paths[0] if paths and name not in NETWORK else arguments


def traced(folder: Path, *arguments: str, code: int = 0) -> list[tuple[str, str]]:
    trace = folder / "trace"
    command = [
        "strace",
        "-f",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(trace),
        sys.executable,
        "-B",
        "-m",
        "agent",
        *arguments,
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    text = trace.read_text(encoding="utf-8", errors="replace")
    assert "/var/lib" in text or "/etc" in text  # it was the scan that we looked at
    return list(touched(text))


@pytest.mark.skipif(not can_trace(), reason="needs strace")
@pytest.mark.parametrize("into", ["spool", "file"])
def test_a_scan_writes_into_its_own_folder_alone_and_listens_nowhere(tmp_path: Path, into: str) -> None:
    ours = tmp_path / "ours"
    ours.mkdir()
    output = ("--output", str(ours / "inventory.json")) if into == "file" else ()
    done = traced(tmp_path, "scan", "--state", str(ours / "state"), *output)

    assert done, "the document itself was written"
    assert [(call, what) for call, what in done if not what.startswith(f"{ours}/") and what not in QUIET] == []
    assert not {"socket", "bind", "listen", "connect"} & {call for call, _ in done}


@pytest.mark.skipif(not can_trace(), reason="needs strace")
def test_export_run_and_doctor_write_into_our_folder_alone_and_listen_nowhere(tmp_path: Path) -> None:
    """Only `run` speaks to somebody: to the checker."""
    ours = tmp_path / "ours"
    ours.mkdir()
    state = ("--state", str(ours / "state"))
    with SmallChecker() as checker:
        port = checker.server.server_address[1]
        enrolled = ("enrol", "--server", checker.url, "--token", "one-time")
        for arguments in (enrolled, ("run",), ("scan",), ("export", "--output", str(ours / "out.zbx")), ("doctor",)):
            done = traced(tmp_path, *arguments, *state)
            assert not {"listen", "accept", "accept4"} & {call for call, _ in done}, arguments
            spoken = [what for call, what in done if call == "connect" and "AF_INET" in what]
            assert all(f"htons({port})" in what for what in spoken), spoken
            assert bool(spoken) is (arguments[0] in ("enrol", "run", "doctor"))
            written = [(call, what) for call, what in done if call not in NETWORK]
            strays = [pair for pair in written if not pair[1].startswith(f"{ours}/") and pair[1] not in QUIET]
            assert strays == [], arguments
            bound = [what for call, what in done if call == "bind"]
            # the C library asks for our addresses by netlink; urllib3 tries at its import whether there is IPv6
            assert all("AF_NETLINK" in what or ('"::1"' in what and "htons(0)" in what) for what in bound), bound
    assert (ours / "out.zbx").exists() and len(checker.taken) == 1


@pytest.mark.skipif(not can_trace(), reason="needs strace")
def test_the_judge_sees_what_it_should() -> None:
    """A program that writes, renames and listens is seen to do so."""
    code = (
        "import os, socket, tempfile; d = tempfile.mkdtemp(); open(d + '/a', 'w').close();"
        "os.rename(d + '/a', d + '/b');"
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()"
    )
    command = ["strace", "-f", "-e", f"trace={CALLS}", "-o", "/dev/stderr", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert {"mkdir", "openat", "rename", "socket", "bind", "listen"} <= {call for call, _ in touched(done.stderr)}


def can_be_nobody() -> bool:
    """Tell whether we may become an ordinary user who can read the program."""
    if os.name != "posix" or os.geteuid() != 0 or not os.path.exists(SYSTEM_PYTHON):
        return False
    return shutil.which("setpriv") is not None and os.stat("/root").st_mode & 0o005 == 0


@pytest.mark.skipif(not can_be_nobody(), reason="needs root, setpriv, a Python of the system and a closed /root")
def test_an_ordinary_user_sees_less_and_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Path("/var/tmp") / tmp_path_factory.mktemp("nobody").name
    shutil.copytree(PROJECT / "agent", place / "agent")
    try:
        for found in (place, *place.rglob("*")):
            found.chmod(0o755 if found.is_dir() else 0o644)
        done = subprocess.run(
            [*AS_NOBODY, SYSTEM_PYTHON, "-B", "-m", "agent", "scan", "--output", "-"],
            cwd=place,
            env={"PATH": "/usr/bin:/bin", "LANG": "C"},
            capture_output=True,
            timeout=60,
            check=False,
        )
    finally:
        shutil.rmtree(place)

    document = json.loads(done.stdout)
    outcomes = {run["scope"]: run["outcome"] for run in document["coverage"]}
    assert document["scanner"]["privileged"] is False
    assert len(document["software"]) > 10
    assert document["programs"]
    assert outcomes["desktop_entries:~root/.local/share/applications"] == "failed"  # there may be something: not seen
    assert done.returncode == 3, "what was not seen makes a scan incomplete"
