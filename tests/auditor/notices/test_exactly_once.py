"""Many senders at once, killed at random: every message arrives, none is told twice to a receiver that reads its id."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.notices.sending import send_waiting
from auditor.settings import Settings, load_settings
from auditor.store.database import Store, open_store
from auditor.store.outbox import Content, OutboxRow, list_outbox, note_event, put_message
from auditor.supervision.telling import make_digest

MESSAGES, EVENTS = 40, 120
AT = "2026-03-01T02:00:00Z"
WORKER = """
import os, sys
from datetime import UTC, datetime
from auditor.notices import sending
from auditor.settings import load_settings
from auditor.store.database import open_store
from auditor.store.outbox import Content, NoticeEvent
from auditor.supervision.telling import make_digest
sending.LEASE_SECONDS = 2
settings = load_settings(flags={"notice_folder": sys.argv[2], "notice_topics": "*"})
store = open_store(sys.argv[1])
while True:
    with store.begin() as connection:
        make_digest(connection, settings, lambda events: Content("digest", tuple(e.key for e in events)),
                    now=datetime.now(UTC))
    sending.send_waiting(store, settings, worker=f"w{os.getpid()}", now=lambda: datetime.now(UTC), most=3)
"""


@pytest.mark.slow
def test_exactly_once_under_kills(tmp_path: Path) -> None:
    url, out = f"sqlite:///{tmp_path}/a.db", tmp_path / "out"
    settings = load_settings(flags={"notice_folder": str(out), "notice_topics": "*"})
    store = open_store(url)
    with store.begin() as connection:
        for n in range(MESSAGES):
            put_message(connection, [], ["folder"], Content(f"no. {n}", (f"line {n}",)), at=AT)
    noted, killed = _under_kills(store, url, out)
    rows = _the_rest(store, settings)
    arrived = [path for path in out.iterdir() if not path.name.startswith(".")]
    told = Counter(line for row in rows for line in row.content.lines if line.startswith("event-"))
    assert killed > 0
    assert {row.state for row in rows} == {"sent"}
    assert len(arrived) == len(rows)
    assert {row.content.subject for row in rows} >= {f"no. {n}" for n in range(MESSAGES)}
    assert set(told.values()) == {1}, "an event is told by one digest"
    assert len(told) == noted


def _under_kills(store: Store, url: str, out: Path) -> tuple[int, int]:
    """Let three workers send while events come in, one of them killed now and then; return events and kills."""
    chance = random.Random(7)
    workers: list[subprocess.Popen[bytes]] = []
    until = time.monotonic() + 45
    noted = killed = 0
    while time.monotonic() < until and (noted < EVENTS or _left(store)):
        workers = [worker for worker in workers if worker.poll() is None]
        while len(workers) < 3:
            workers.append(subprocess.Popen([sys.executable, "-c", WORKER, url, str(out)]))
        with store.begin() as connection:
            if noted < EVENTS:
                note_event(connection, topic="over_use", key=f"event-{noted}", facts={}, at=AT)
                noted += 1
        time.sleep(chance.uniform(0.05, 0.3))
        if chance.random() < 0.2:
            os.kill(chance.choice(workers).pid, signal.SIGKILL)
            killed += 1
    for worker in workers:
        worker.kill()
        worker.wait()
    return noted, killed


def _left(store: Store) -> int:
    with store.read() as connection:
        return len(list_outbox(connection, ("waiting", "sending")))


def _the_rest(store: Store, settings: Settings) -> list[OutboxRow]:
    """Send what the dead left behind, once their claims have run out."""
    until = time.monotonic() + 60
    while True:
        with store.begin() as connection:
            make_digest(connection, settings, lambda events: Content("digest", tuple(e.key for e in events)),
                        now=datetime.now(UTC))  # fmt: skip
        send_waiting(store, settings, worker="last", now=lambda: datetime.now(UTC))
        with store.read() as connection:
            rows = list_outbox(connection)
        if all(row.state == "sent" for row in rows) or time.monotonic() > until:
            return rows
        time.sleep(0.5)
