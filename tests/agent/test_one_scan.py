"""One scan at a time, at low priority: the lock waits, refuses, and outlives nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.one_scan import LOCK_NAME, ScanRunning, only_scan

PROJECT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from agent.one_scan import only_scan
with only_scan(sys.argv[1], 0):
    print("held", flush=True)
    time.sleep(60)
"""


def started(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, env=environment)


def test_a_second_scan_is_told_who_scans(tmp_path: Path) -> None:
    holder = started(HOLD, str(tmp_path))
    try:
        assert holder.stdout is not None and holder.stdout.readline().strip() == b"held"
        with pytest.raises(ScanRunning) as refused, only_scan(str(tmp_path), 0):
            pass
        assert refused.value.process == holder.pid
    finally:
        holder.kill()
        holder.communicate()


def test_a_scan_that_was_killed_holds_nobody_up(tmp_path: Path) -> None:
    holder = started(HOLD, str(tmp_path))
    assert holder.stdout is not None and holder.stdout.readline().strip() == b"held"
    holder.kill()
    holder.communicate()

    assert (tmp_path / LOCK_NAME).is_file()
    with only_scan(str(tmp_path), 0):
        assert (tmp_path / LOCK_NAME).read_bytes().strip() == b"%d" % os.getpid()


def test_a_second_scan_waits_for_the_first(tmp_path: Path) -> None:
    first = only_scan(str(tmp_path), 0)
    first.__enter__()
    pauses = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            first.__exit__(None, None, None)

    with only_scan(str(tmp_path), 10, clock=lambda: float(len(pauses)), pause=pause):
        assert len(pauses) == 3


def test_it_waits_no_longer_than_it_was_told(tmp_path: Path) -> None:
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds

    late = only_scan(str(tmp_path), 2, clock=lambda: now[0], pause=pause)
    with only_scan(str(tmp_path), 0), pytest.raises(ScanRunning), late:
        pass
    assert 2 <= now[0] < 2.2


def test_a_scan_that_fails_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError), only_scan(str(tmp_path), 0):
        raise ValueError
    with only_scan(str(tmp_path), 0):
        pass


def test_the_command_says_that_another_scan_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agent", "scan", "--state", str(tmp_path), "--set", "wait_for_scan_seconds=0"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "ZHENGBAN_AGENT_LANGUAGE": "en"}
    with only_scan(str(tmp_path), 0):
        done = subprocess.run(command, stderr=subprocess.PIPE, env=environment, timeout=60, check=False)
    assert done.returncode == 3
    assert b"process %d" % os.getpid() in done.stderr
    assert not (tmp_path / "spool").exists()


@pytest.mark.skipif(os.name != "posix", reason="niceness is of POSIX")
@pytest.mark.parametrize(("setting", "lowered"), [("yes", True), ("no", False)])
def test_a_scan_steps_aside(tmp_path: Path, setting: str, lowered: bool) -> None:
    code = (
        "import os, sys\nfrom agent.cli import main\n"
        "sys.argv = ['zhengban-agent', 'scan', '--output', %r, '--set', 'low_priority=%s']\n"
        "main(is_our_process=True)\nprint(os.nice(0))\n"
    ) % (str(tmp_path / "x.json"), setting)
    done = started(code)
    out, _ = done.communicate(timeout=60)
    assert json.loads((tmp_path / "x.json").read_bytes())["software"]
    assert int(out.split()[-1]) == (max(10, os.nice(0)) if lowered else os.nice(0))
