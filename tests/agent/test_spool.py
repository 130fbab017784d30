"""The spool: what was put is there after a crash, the newest is never lost, what goes is said."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.spool import DamagedDocument, Spool


def spool_at(folder: Path, max_documents: int = 100, max_bytes: int = 10_000_000) -> Spool:
    return Spool(str(folder), max_documents=max_documents, max_bytes=max_bytes)


def contents(spool: Spool) -> list[bytes]:
    return [gzip.decompress(spool.read(item) or b"") for item in spool.waiting()]


def test_keeps_documents_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    spool = spool_at(tmp_path)
    for number in range(12):
        assert spool.put(b"%d" % number) == ()
    assert contents(spool_at(tmp_path)) == [b"%d" % number for number in range(12)]


def test_order_survives_an_empty_spool(tmp_path: Path) -> None:
    spool = spool_at(tmp_path)
    spool.put(b"first")
    (first,) = spool.waiting()
    spool.remove(first)
    spool.put(b"second")
    assert spool.waiting()[0].name > first.name


@pytest.mark.parametrize(("max_documents", "max_bytes"), [(3, 10_000_000), (100, 3 * 1040)])
def test_above_the_bounds_the_oldest_go_and_that_is_said(tmp_path: Path, max_documents: int, max_bytes: int) -> None:
    spool = spool_at(tmp_path, max_documents, max_bytes)
    noise = [os.urandom(1000) for _ in range(5)]
    gone = [name for each in noise for name in spool.put(each)]
    assert contents(spool) == noise[2:]
    assert (len(gone), spool.dropped()) == (2, 2)


def test_the_newest_stays_even_when_it_is_too_large(tmp_path: Path) -> None:
    spool = spool_at(tmp_path, max_bytes=10)
    spool.put(b"old")
    large = os.urandom(5000)
    spool.put(large)
    assert contents(spool) == [large]
    assert spool.dropped() == 1


def test_a_refused_document_is_moved_with_its_reason(tmp_path: Path) -> None:
    spool = spool_at(tmp_path)
    spool.put(b"bad")
    spool.refuse(spool.waiting()[0], "software[12].version: expected text, got 7 – 文本")
    (refusal,) = spool.refused()
    assert spool.waiting() == ()
    assert refusal.reason == "software[12].version: expected text, got 7 – 文本"
    assert gzip.decompress(Path(refusal.path).read_bytes()) == b"bad"


def test_half_a_file_is_damaged_and_a_draft_is_no_document(tmp_path: Path) -> None:
    spool = spool_at(tmp_path)
    spool.put(b"x" * 1000)
    (item,) = spool.waiting()
    Path(item.path).write_bytes(Path(item.path).read_bytes()[:20])
    (tmp_path / "spool" / ".draft-abc").write_bytes(b"half")
    with pytest.raises(DamagedDocument):
        spool.read(item)
    assert len(spool.waiting()) == 1


def test_a_document_that_somebody_else_removed_is_none(tmp_path: Path) -> None:
    spool = spool_at(tmp_path)
    spool.put(b"x")
    (item,) = spool.waiting()
    os.unlink(item.path)
    assert spool.read(item) is None
    spool.remove(item)


@pytest.mark.skipif(os.name != "posix", reason="POSIX rights")
def test_nobody_else_may_read(tmp_path: Path) -> None:
    spool = spool_at(tmp_path / "state")
    spool.put(b"x")
    assert os.stat(spool.waiting()[0].path).st_mode & 0o777 == 0o600
    assert os.stat(str(tmp_path / "state" / "spool")).st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_process_killed_while_it_writes_leaves_whole_documents(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from agent.spool import Spool\n"
        "spool = Spool(sys.argv[1], max_documents=100000, max_bytes=1 << 40)\n"
        "number = 0\n"
        "while True:\n"
        "    spool.put(b'%d ' % number + os.urandom(50000))\n"
        "    number += 1\n"
        "    print(number, flush=True)\n"
    )
    for round_number in range(4):
        child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.013 * (round_number + 1))
        child.send_signal(signal.SIGKILL)
        told = child.stdout.read().split()
        child.wait()
        child.stdout.close()
        spool = spool_at(tmp_path)
        numbers = [int(each.partition(b" ")[0]) for each in contents(spool)]  # reading raises for half a document
        assert numbers[: len(told) + 1] == list(range(len(told) + 1))  # whatever was acknowledged is there
        for item in spool.waiting():
            spool.remove(item)
