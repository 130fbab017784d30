"""zhengban as its own process in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from made_once import CACHE_HOME

ROOT = Path(__file__).resolve().parents[2]


class Shell:
    """Runs zhengban in a folder; the store is that of the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ZHENGBAN_")},
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(CACHE_HOME),
        }

    def __call__(self, *arguments: str, code: int = 0, given: str | bytes = "", **environment: str) -> tuple[str, str]:
        """Return standard output and error; the exit code must be `code`."""
        done = subprocess.run(
            [sys.executable, "-m", "auditor", *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            check=False,
            timeout=120,
        )
        out, error = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        assert "Traceback" not in error, error
        assert done.returncode == code, (arguments, out, error)
        return out, error

    def file(self, name: str, text: str | bytes) -> str:
        """Write a file and return its name."""
        (self.folder / name).write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return name
