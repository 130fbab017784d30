"""Write the lock files anew: `make locks`. Needs uv and the package index.

Each file holds exact versions with the hashes of every file of the release, for every system at once (markers),
and a header that says how much an installation downloads, measured on the system that wrote it.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Lock:
    """One lock file: what it is made from, and the oldest Python that it serves."""

    name: str
    sources: tuple[str, ...]
    python: str
    purpose: str


LOCKS = (
    Lock("server", ("pyproject.toml", "--extra", "server"), "3.11", "the checker and the agent"),
    Lock(
        "test",
        ("pyproject.toml", "--extra", "server", "--extra", "test", "--constraint", "locks/server.txt"),
        "3.11",
        "the tests, the checker and the agent",
    ),
    Lock("agent", ("locks/agent.in",), "3.7", "the agent alone"),
    Lock("agent-test", ("locks/agent-test.in", "--constraint", "locks/agent.txt"), "3.7", "the agent's tests"),
)


def main() -> int:
    """Write every lock file, or those that are named."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--uv", default="uv", help="the program uv")
    parser.add_argument("names", nargs="*", help="lock files, all by default")
    options = parser.parse_args()
    for lock in LOCKS:
        if not options.names or lock.name in options.names:
            write_lock(lock, options.uv)
    return 0


def write_lock(lock: Lock, uv: str) -> None:
    """Resolve, then measure the download, then write."""
    body = resolved(lock, uv)
    path = ROOT / "locks" / f"{lock.name}.txt"
    path.write_text(body, encoding="utf-8")
    count, size = download(path) if sys.version_info >= (3, 11) else (0, 0)
    told = f"{size / 1e6:.0f} MB in {count} files (Python {platform.python_version_tuple()[1]}, {platform.machine()})"
    told = told.replace("Python ", "Python 3.")
    head = (
        f"# {lock.purpose}, Python {lock.python} or newer; written by `make locks`, not by hand\n# download: {told}\n"
    )
    path.write_text(head + body, encoding="utf-8")
    print(f"{path.relative_to(ROOT)}: {told}")


def resolved(lock: Lock, uv: str) -> str:
    """Return versions and hashes, free of index addresses and of paths."""
    command = [
        uv, "pip", "compile", *lock.sources, "--universal", "--python-version", lock.python, "--generate-hashes",
        "--no-config", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--quiet",
    ]  # fmt: skip
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout


def download(path: Path) -> tuple[int, int]:
    """Fetch what an installation here would fetch. Return the number of files and their bytes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-cache-dir", "--require-hashes"]
        command += ["--only-binary", ":all:", "--dest", folder, "--requirement", str(path)]
        subprocess.run(command, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}, check=True)
        sizes = [file.stat().st_size for file in Path(folder).iterdir()]
    return len(sizes), sum(sizes)


if __name__ == "__main__":
    sys.exit(main())
