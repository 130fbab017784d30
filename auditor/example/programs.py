"""Run the two programs as a user would: a command line in, exit code and output back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CHECKER, AGENT = "auditor", "agent"
NAMES = {CHECKER: "zhengban", AGENT: "zhengban-agent"}
KEPT_SETTINGS = frozenset({"ZHENGBAN_LANGUAGE", "ZHENGBAN_TIME_ZONE"})
LISTENING = "listening on "
READY_WITHIN_SECONDS = 60.0
STOPS_WITHIN_SECONDS = 15.0


class Failed(Exception):
    """A command did not do what the first run needs; the message has the command and what it said."""


@dataclass(frozen=True)
class Programs:
    """The two programs on one store. `environment` goes to each; `log` takes what they say besides their answer."""

    database: str
    environment: Mapping[str, str]
    log: Path

    def checker(self, *arguments: str, accept: Sequence[int] = (0,)) -> str:
        """Run `zhengban` and return its standard output. Raises `Failed` on any other exit code."""
        return self._run(CHECKER, arguments, accept, ("--database", self.database))

    def agent(self, *arguments: str, accept: Sequence[int] = (0,)) -> str:
        """Run `zhengban-agent` and return its standard output. Raises `Failed` on any other exit code."""
        return self._run(AGENT, arguments, accept)

    def _run(self, program: str, arguments: Sequence[str], accept: Sequence[int], before: Sequence[str] = ()) -> str:
        command = f"{NAMES[program]} {' '.join(_without_secret(arguments))}"
        run = subprocess.run(
            [sys.executable, "-m", program, *before, *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {command}\n{run.stderr}")
        if run.returncode not in accept:
            said = "\n".join((run.stderr or run.stdout).strip().splitlines()[-15:])
            raise Failed(f"{command}: exit code {run.returncode}\n{said}")
        return run.stdout


@dataclass
class Server:
    """`zhengban serve` on a free port of this host; stops when the block ends, however it ends."""

    programs: Programs
    log: Path
    url: str = ""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __enter__(self) -> Server:
        command = [sys.executable, "-m", CHECKER, "--database", self.programs.database]
        command += ["serve", "--listen", "127.0.0.1:0"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=dict(self.programs.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _wait(self) -> None:
        """Wait until `/healthz` answers. Raises `Failed`."""
        assert self._process is not None
        until = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            said = self.log.read_text(encoding="utf-8", errors="replace")
            self.url = next((line.split(LISTENING)[1].strip() for line in said.splitlines() if LISTENING in line), "")
            if self.url and _answers(f"{self.url}/healthz"):
                return
            time.sleep(0.05)
        said = self.log.read_text(encoding="utf-8", errors="replace")
        raise Failed(f"zhengban serve: no answer from /healthz\n{said[-2000:]}")

    def _stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def environment_for(cache: Path) -> dict[str, str]:
    """Return this environment without settings of ours, with the cache in `cache` and loopback kept off proxies."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ZHENGBAN_") or k in KEPT_SETTINGS}
    proxied = ",".join(part for part in (kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1,localhost") if part)
    return kept | {"XDG_CACHE_HOME": str(cache), "PYTHONUTF8": "1", "NO_PROXY": proxied, "no_proxy": proxied}


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _without_secret(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the token taken out: a log is no place for it."""
    return ["…" if before == "--token" else one for before, one in zip(("", *arguments), arguments, strict=False)]
