"""A recorded machine, an agent and a checker as processes of their own: nothing is lost, nothing is doubled."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from recorded_machine import CAPTURES
from whole_way import scan_folder

from agent.spool import Spool
from auditor.store.database import open_store
from auditor.store.inventories import list_documents
from auditor.store.journal import list_changes, list_openings
from auditor.store.machines import load_machines
from auditor.store.titles import load_titles

ROOT = Path(__file__).resolve().parents[1]
KYLIN = CAPTURES / "kylin-v10-desktop"
DONE, INCOMPLETE = 0, 3
SECONDS = 60


@dataclass
class Site:
    """A checker's store and an agent's state in one folder; the server can be started, and killed."""

    folder: Path
    port: int = 0
    server: subprocess.Popen[str] | None = field(default=None, repr=False)

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder}/zhengban.db"

    @property
    def state(self) -> Path:
        return self.folder / "agent"

    def environment(self) -> dict[str, str]:
        plain = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {**plain, "HOME": str(home), "PYTHONUTF8": "1", "NO_PROXY": "127.0.0.1"}

    def agent(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the agent; it tries once, so that a checker that is away is told at once."""
        quick = ("--set", "send_attempts=1", "--set", "retry_seconds=0", "--set", "allow_plain_http=yes")
        return self._run("agent", *arguments, "--state", str(self.state), *quick)

    def zhengban(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run("auditor", "--database", self.database, *arguments)

    def _run(self, package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", package, *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )

    def start(self) -> str:
        """Start the server and return its address; a restart takes the port of before."""
        command = [sys.executable, "-m", "auditor", "--database", self.database, "serve", "--listen"]
        self.server = subprocess.Popen(
            [*command, f"127.0.0.1:{self.port}"],
            cwd=ROOT,
            env=self.environment(),
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        watch = threading.Timer(SECONDS, self.server.kill)
        watch.start()
        assert self.server.stderr is not None
        said = []
        for line in self.server.stderr:
            said.append(line)
            if "listening on " in line:
                watch.cancel()
                url = line.split("listening on ")[1].strip()
                self.port = int(url.rpartition(":")[2])
                return url
        raise AssertionError("the server ended: " + "".join(said))

    def end(self, how: signal.Signals) -> None:
        """End our own server, and it alone."""
        if self.server is not None:
            self.server.send_signal(how)
            self.server.wait(SECONDS)
            if self.server.stderr is not None:
                self.server.stderr.close()
            self.server = None

    def scan(self, root: Path = KYLIN) -> None:
        done = self.agent("scan", "--root", str(root))
        assert done.returncode in (DONE, INCOMPLETE), done.stderr

    @property
    def spool(self) -> Spool:
        return Spool(str(self.state), max_documents=100, max_bytes=100_000_000)

    def waiting(self) -> int:
        return len(self.spool.waiting())

    def enrol(self, url: str) -> None:
        token = self.zhengban("agents", "token").stdout.strip()
        done = self.agent("enrol", "--server", url, "--token", token)
        assert done.returncode == DONE, done.stderr
        assert self.agent("enrol", "--server", url, "--token", token).returncode == INCOMPLETE, "a token is for once"

    def kept(self) -> dict[str, Any]:
        """Return what the store holds: documents by standing, machines with their titles, journal lines."""
        store = open_store(self.database, create=False)
        with store.read() as connection:
            machines = load_machines(connection)
            titles = load_titles(connection, {item.title for machine in machines for item in machine.installations})
            found = {
                "documents": [row.standing for row in list_documents(connection)],
                "machines": machines,
                "journal": [*list_openings(connection), *list_changes(connection)],
                "titles": [titles[item.title] for machine in machines for item in machine.installations],
            }
        store.close()
        return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.end(signal.SIGKILL)


def packages_in(status: Path) -> int:
    """Count the raw paragraphs that say installed and are whole (dpkg takes none without a version)."""
    blocks = ["\n" + block for block in status.read_text(encoding="utf-8").split("\n\n")]
    wanted = ("\nPackage: ", "\nVersion: ", " ok installed\n")
    return sum(all(words in block for words in wanted) for block in blocks)


def test_nothing_is_lost_while_the_checker_is_away_and_nothing_doubled_when_it_is_killed(site: Site) -> None:
    site.scan()
    assert site.waiting() == 1

    url = site.start()
    site.enrol(url)
    site.end(signal.SIGKILL)
    away = site.agent("send")
    assert away.returncode == INCOMPLETE
    assert site.waiting() == 1, "what could not be sent waits"

    site.start()
    site.scan()
    site.end(signal.SIGKILL)
    assert site.agent("send").returncode == INCOMPLETE
    assert site.waiting() == 2

    site.start()
    sent = site.agent("send")
    assert sent.returncode == DONE, sent.stderr
    assert site.waiting() == 0, "an acknowledged document leaves the spool"
    assert site.agent("send").returncode == DONE
    kept = site.kept()
    assert len(kept["machines"]) == 1, "two scans of one machine"
    assert len(kept["documents"]) == 2, "each document once"
    assert sum(title.source == "dpkg" for title in kept["titles"]) == packages_in(KYLIN / "var/lib/dpkg/status") == 59

    site.end(signal.SIGKILL)
    assert site.kept() == kept, "what was acknowledged outlives the server"


def test_a_document_that_is_sent_twice_is_there_once(site: Site) -> None:
    """The acknowledgement was lost on its way: the agent sends again what the checker has."""
    site.enrol(site.start())
    site.scan()
    (document,) = site.spool.waiting()
    packed = site.spool.read(document)
    assert packed is not None
    assert site.agent("send").returncode == DONE
    kept = site.kept()

    site.spool.put(gzip.decompress(packed))
    assert site.agent("send").returncode == DONE
    assert site.waiting() == 0
    assert site.kept() == kept


def test_an_older_document_that_arrives_late_changes_history_not_the_present(site: Site) -> None:
    site.enrol(site.start())
    site.scan()
    assert site.agent("send").returncode == DONE
    before = site.kept()

    older = scan_folder(CAPTURES / "kylin-v10-desktop", datetime(2025, 6, 1, 1, 0, tzinfo=UTC))
    site.spool.put(older.replace(b'"wps-office"', b'"wps-office-of-old"'))
    assert site.agent("send").returncode == DONE
    after = site.kept()

    assert before["documents"] == ["current"]
    assert sorted(after["documents"]) == ["current", "history"]
    assert after["machines"] == before["machines"]
    assert after["journal"] == before["journal"]
    assert not any(title.name == "wps-office-of-old" for title in after["titles"])
