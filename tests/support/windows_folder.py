"""A recorded folder of a Windows machine, written from plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

from hive_writer import Key
from reg_writer import write_export

from agent.machine.offline import OfflineMachine, command_slug


class WindowsFolder:
    """A folder under construction; `machine()` opens it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "registry").mkdir(parents=True)
        (root / "commands").mkdir()

    def registry(self, root: str, key: Key, name: str = "keys") -> WindowsFolder:
        """Put an export of `key`, whose path is `root`, beside the others."""
        (self.root / "registry" / f"{name}.reg").write_bytes(write_export(root, key))
        return self

    def printed(self, command: Sequence[str], text: str, encoding: str = "utf-8") -> WindowsFolder:
        """Put what a command printed."""
        (self.root / "commands" / f"{command_slug(command)}.txt").write_bytes(text.encode(encoding))
        return self

    def file(self, path: str, data: bytes) -> WindowsFolder:
        """Put a file, `path` as Windows writes it."""
        place = self.root.joinpath(*path.split("\\")[1:])
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return self

    def machine(self) -> OfflineMachine:
        """Return the machine that was recorded."""
        return OfflineMachine(str(self.root))
