"""Folders that `collect.cmd` wrote on a PC without Python → the document that our agent makes of them.

The agent itself reads the folder, as it reads a mounted disk (`zhengban-agent scan --root FOLDER`): the same collectors
and parsers, in a process of its own with its own limits. The checker never imports them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from auditor.errors import Refused, both
from auditor.intake.foreign.told import Came, utc

_PARTS = ("registry/*.reg", "registry/*.txt", "commands/*.txt")
_CLOCK = "commands/wmic_os_get_LocalDateTime_value.txt"
_SECONDS = 600
_STATES_INCOMPLETE = 3


def is_collected(folder: Path) -> bool:
    """Tell whether a folder is one that `collect.cmd` wrote."""
    return any(next(folder.glob(part), None) is not None for part in _PARTS)


def read_collected(folder: Path, came: Came) -> bytes:
    """Return the document of the folder's machine. Raises `Refused` with what the agent says of it.

    Where the PC wrote no clock into the folder, its files' last change is the moment of the scan, so that the same
    folder makes the same document again.
    """
    with tempfile.TemporaryDirectory(prefix="zhengban-collected-") as state:
        output = Path(state) / "document.json"
        command = [sys.executable, "-m", "agent", "scan", "--root", str(folder), "--output", str(output)]
        command += ["--state", state]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            zh, en = (
                f"采集端 {_SECONDS} 秒内未读完该目录",
                f"the agent did not read the folder within {_SECONDS} seconds",
            )
            raise Refused("", both(zh, en)) from error
        if done.returncode not in (0, _STATES_INCOMPLETE) or not output.is_file():
            told = done.stderr.decode("utf-8", "replace").strip()[-300:]
            raise Refused("", both("采集端无法读取该目录", f"the agent cannot read this folder: {told}"))
        document = output.read_bytes()
    plain = msgspec.json.decode(document)
    for run in plain["coverage"]:
        run.pop("took_ms", None)  # how long our reading of the folder took says nothing of the PC
    if not (folder / _CLOCK).is_file():
        plain["collected_at"] = utc(came.at)
    return msgspec.json.encode(plain)
