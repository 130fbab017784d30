"""Several processes on one address: they share the work, one that is killed is replaced, none outlives the parent."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import requests
from fleet import enrolled_fleet, inventories_of, request_of
from load import put_load

from auditor.store.database import open_store
from auditor.store.machines import list_machines

ROOT = Path(__file__).resolve().parents[3]
SOON = 30
_Answer = TypeVar("_Answer")


@contextmanager
def serving(url: str, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `zhengban serve` with two processes; yield the parent and its port."""
    command = [sys.executable, "-m", "auditor", "--database", url, "serve", "--listen", "127.0.0.1:0"]
    environment = os.environ | {"ZHENGBAN_SERVE_PROCESSES": "2"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
    try:
        yield process, int(eventually(lambda: re.search(r"127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8")))[1])
    finally:
        process.kill()
        process.wait()


def eventually(asked: Callable[[], _Answer | None]) -> _Answer:
    """Return the first answer that is not empty."""
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        if answer := asked():
            return answer
        time.sleep(0.05)
    raise AssertionError("nothing within the time")


def children(pid: int) -> list[int]:
    """Return the processes that one started."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork: serve runs as one process there")
def test_two_processes_keep_what_they_acknowledge_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    url, now = f"sqlite:///{tmp_path}/z.db", datetime.now(UTC).replace(microsecond=0)
    store = open_store(url)
    fleet = enrolled_fleet(store, 40, now=now)
    wanted = [
        request_of(member, each, now=now)
        for member, each in zip(fleet, inventories_of(40, seed=1, at=now - timedelta(hours=1)), strict=True)
    ]
    with serving(url, tmp_path / "log") as (parent, port):
        assert put_load(port, wanted[:20], connections=8).statuses == {200: 20}
        first = children(parent.pid)
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        eventually(lambda: len(children(parent.pid)) == 2 and first[0] not in children(parent.pid))
        eventually(lambda: requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok)
        assert put_load(port, wanted[20:], connections=8).statuses == {200: 20}
        last = children(parent.pid)
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(SOON) == 0
        assert not [pid for pid in last if Path(f"/proc/{pid}").exists()]
    with store.read() as connection:
        assert len(list_machines(connection)) == 40
    store.close()
