"""A PostgreSQL server of our own for tests: started from the programs on this machine, ended with the process.

It runs as an unprivileged user, listens on a Unix socket in its own folder and, when asked, on a free port of loopback.
Where none can be started this raises: a test that needs it fails, it is never skipped.
"""

from __future__ import annotations

import atexit
import getpass
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/bin")
_USERS = ("postgres", "nobody")
_START_SECONDS = 60
_NAMES = itertools.count(1)


@dataclass
class Server:
    """A server whose files are all under `folder`. `port` 0: on its Unix socket alone."""

    folder: Path
    programs: Path
    user: str | None
    port: int = 0
    options: Sequence[str] = ()
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def make(self) -> None:
        """Make the cluster; its own collation is that of a language, so that a text that leans on it is caught."""
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "zhengban", "-E", "UTF8", "--no-sync",
                  "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")  # fmt: skip

    def start(self) -> None:
        """Start it and wait until it answers. Raises `RuntimeError`."""
        listen = "127.0.0.1" if self.port else ""
        command = [str(self.programs / "postgres"), "-D", str(self._data), "-k", str(self.folder), "-h", listen]
        command += ["-p", str(self.port or 5432), *self.options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self._as_user()
            )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text('utf-8', 'replace')[-2000:]}")

    @property
    def pid(self) -> int | None:
        """The process that the server's others are children of; `None` while it is down."""
        return self._process.pid if self._process is not None else None

    def stop(self, how: str = "fast") -> None:
        """End it: `fast` rolls back what is open, `immediate` is a crash with a recovery at the next start."""
        if self._process is not None and self._process.poll() is None:
            self._run("pg_ctl", "stop", "-D", str(self._data), "-m", how, "-w", "-t", "60")
            self._process.wait(60)
        self._process = None

    def remove(self) -> None:
        """End it and remove its files."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"zhengban_{os.getpid()}_{next(_NAMES)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the address of a database, as the setting takes it."""
        if self.port:
            return f"postgresql+psycopg://zhengban@127.0.0.1:{self.port}/{name}"
        return f"postgresql+psycopg://zhengban@/{name}?host={self.folder}"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _dsn(self, name: str) -> str:
        return f"host={self.folder} port={self.port or 5432} user=zhengban dbname={name}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            capture_output=True, text=True, cwd=self.folder, check=False, **self._as_user(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def _as_user(self) -> dict[str, Any]:
        return {"user": self.user, "group": _group_of(self.user)} if self.user else {}


def programs_of_postgresql() -> Path:
    """Return the folder of `initdb` and `postgres`, the newest. Raises `RuntimeError` where there is none."""
    found = [path for pattern in _FOLDERS for path in sorted(Path("/").glob(pattern[1:])) if (path / "initdb").exists()]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    if not found:
        raise RuntimeError("PostgreSQL is not installed and the store must be tested on it: apt-get install postgresql")
    return found[-1]


def new_server(*, port: int = 0, options: Sequence[str] = ()) -> Server:
    """Make and start a server; whoever asked for it ends it with `remove`."""
    folder = Path(tempfile.mkdtemp(prefix="zbpg-", dir="/tmp"))
    user = _unprivileged()
    if user is not None:
        shutil.chown(folder, user)
    server = Server(folder, programs_of_postgresql(), user, port, options)
    server.make()
    server.start()
    return server


@cache
def shared_server() -> Server:
    """Return the server that the tests of this process share; what it holds need not outlive a power cut."""
    server = new_server(options=("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300"))
    atexit.register(server.remove)
    return server


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str | None:
    """Return whom to run as, `None` for whoever runs the tests: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in _USERS:
        if name in known:
            return name
    raise RuntimeError(f"no user to run PostgreSQL as: expected one of {', '.join(_USERS)}, we are {getpass.getuser()}")


def _group_of(user: str | None) -> str:
    import grp

    assert user is not None
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
