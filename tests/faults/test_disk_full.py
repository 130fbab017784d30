"""The disk runs full while agents report: they are told to come later, and with room it goes on; nothing is lost.

The disk is a file system of a few megabytes of its own, which needs root and Linux: CI has both, and fails without.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faulty import Checker, Senders, assert_all_there_once, reporting, running

from auditor.store.database import open_store

MACHINES, SIZE_MIB = 6, 8
pytestmark = pytest.mark.slow


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a file system of its own."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_costs_answers_and_no_document(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk}/z.db"
        fleet, began = reporting(url, MACHINES)
        checker = Checker(url, tmp_path)
        with running(checker), Senders(checker.port, fleet, began) as senders:
            senders.wait_for(20)
            filler = disk / "filler"
            fill(filler)
            while senders.not_now[503] < 10:  # the store cannot be written: 503, with a time to come again
                senders._ending.wait(0.05)
            kept_until_then = len(senders.receipts())
            assert "disk is full" in checker.log.read_text("utf-8")
            filler.unlink()
            senders.wait_for(20)
            assert len(senders.receipts()) > kept_until_then
            assert checker.stop() == 0
        store = open_store(url)
        assert_all_there_once(store, senders)
        store.close()


def fill(file: Path) -> None:
    """Write until nothing more goes in."""
    with file.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"x" * 4096)
        except OSError:
            return
