"""A checker that is treated badly while agents report, and the look afterwards: is all there that was acknowledged?"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet import PATH, Member, enrolled_fleet
from inventories import debian, document, package
from sqlalchemy import func, select

from agent.inventory.document import Scanner
from auditor.core.days import utc_text
from auditor.intake.enrolment import sign
from auditor.proof.digest import sha256_hex
from auditor.store.blobs import get_blob
from auditor.store.database import Store, open_store
from auditor.store.inventories import list_documents
from auditor.store.machines import list_machines
from auditor.store.tables import journal

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60
_PAUSE_SECONDS = 0.05


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Checker:
    """`zhengban serve` on a store, always on the same port, started and killed as often as wanted."""

    url: str
    folder: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What all its runs wrote."""
        return self.folder / "checker.log"

    def start(self) -> None:
        """Start it and wait until it listens."""
        command = [sys.executable, "-m", "auditor", "--database", self.url, "serve", "--listen"]
        with self.log.open("ab") as out:
            begin = out.tell()
            environment = os.environ | {"PYTHONPATH": str(ROOT)} | self.settings
            self.process = subprocess.Popen(
                [*command, f"127.0.0.1:{self.port}"], cwd=self.folder, stdout=out, stderr=out, env=environment
            )
        until = time.monotonic() + READY_SECONDS
        while b"listening on" not in self.log.read_bytes()[begin:]:
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(self.log.read_text("utf-8", "replace")[-2000:])
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def memory_mib(self) -> float:
        """Return what it holds in memory now."""
        assert self.process is not None
        told = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", told)
        return int(found[1]) / 1024 if found else 0.0

    def open_files(self) -> int:
        """Return how many files and connections it holds open."""
        assert self.process is not None
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


@contextmanager
def running(checker: Checker) -> Iterator[Checker]:
    """Run a checker, and leave nothing behind."""
    checker.start()
    try:
        yield checker
    finally:
        if checker.process is not None and checker.process.poll() is None:
            checker.kill()


def scan(number: int, turn: int, at: datetime) -> bytes:
    """Return what machine `number` says at its `turn`th scan: every third one differs from the one before."""
    state = turn // 3
    software = [package(f"lib{n}", f"1.{(n + state) % 7}", publisher="Team") for n in range(12)]
    software += [package(f"own{number}-{n}", f"2.{state}", publisher="House") for n in range(3)]
    mac = f"3c:52:82:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
    return document(
        software,
        at=utc_text(at),
        name=f"pc-{number}",
        serial=f"SN{number:08d}",
        mac_addresses=(mac,),
        system=debian(f"{number + 1:032x}"),
        scanner=Scanner("zhengban-agent", "1"),
    )


@dataclass
class Senders:
    """Agents that report without end, each its own machine; what is not acknowledged they send again."""

    port: int
    fleet: Sequence[Member]
    began: datetime
    acknowledged: dict[int, list[dict[str, str]]] = field(default_factory=dict)
    refused: list[tuple[int, bytes]] = field(default_factory=list)
    not_now: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    _ending: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Senders:
        for member in self.fleet:
            self.acknowledged[member.number] = []
            thread = threading.Thread(target=self._report, args=(member,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(60)

    def receipts(self) -> list[dict[str, str]]:
        """Return every acknowledgement so far."""
        return [receipt for each in list(self.acknowledged.values()) for receipt in list(each)]

    def wait_for(self, more: int, seconds: float = 60) -> None:
        """Wait until so many more are acknowledged."""
        wanted, until = len(self.receipts()) + more, time.monotonic() + seconds
        while len(self.receipts()) < wanted:
            assert time.monotonic() < until, f"{wanted - len(self.receipts())} acknowledgements are missing"
            time.sleep(_PAUSE_SECONDS)

    def _report(self, member: Member) -> None:
        turn = 0
        while not self._ending.is_set():
            body = scan(member.number, turn, self.began + timedelta(seconds=turn))
            status, answer = self._sent(member, body)
            if status == 200:
                told = json.loads(answer)
                assert told["document"] == sha256_hex(body)
                self.acknowledged[member.number].append(told)
                turn += 1
            elif status in (0, 429, 503):
                self.not_now[status] += 1
                self._ending.wait(_PAUSE_SECONDS)
            else:
                self.refused.append((status, answer))
                return

    def _sent(self, member: Member, body: bytes) -> tuple[int, bytes]:
        headers = sign(member.key, agent=member.agent, method="POST", path=PATH, body=body, now=datetime.now(UTC))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.broken += 1
            return 0, b""
        finally:
            connection.close()


def reporting(url: str, machines: int) -> tuple[list[Member], datetime]:
    """Make the store, enrol agents; return them and the moment of their first scans."""
    now = datetime.now(UTC).replace(microsecond=0)
    store = open_store(url)
    try:
        return enrolled_fleet(store, machines, now=now), now - timedelta(days=2)
    finally:
        store.close()


def assert_all_there_once(store: Store, senders: Senders) -> None:
    """Every acknowledged document is there, whole, under its number, once; no machine and no journal line is double."""
    assert not senders.refused, senders.refused[:3]
    with store.read() as connection:
        rows = list_documents(connection)
        by_digest = Counter(row.digest for row in rows)
        numbers = {row.digest: row for row in rows}
        for receipt in senders.receipts():
            row = numbers.get(receipt["kept"])
            assert row is not None, f"acknowledged and lost: {receipt}"
            assert by_digest[row.digest] == 1
            assert receipt["receipt"] == f"{row.id:08d}-{row.digest[:16]}"
            get_blob(connection, row.digest)
        machines = list_machines(connection)
        assert len({row.serial for row in machines}) == len(machines) <= len(senders.fleet)
        line = (journal.c.machine, journal.c.kind, journal.c.title, journal.c.scope, journal.c.document)
        double = select(*line, func.count()).group_by(*line).having(func.count() > 1)
        assert connection.execute(double).first() is None
