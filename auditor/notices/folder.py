"""Folder: a message is a folder of its own under the setting `notice_folder`, whole or not there."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from auditor.notices.message import Channel, Message, NotDelivered
from auditor.settings import Settings


def send(message: Message, settings: Settings) -> None:
    """Write the message; once it is there it is not written again. Raises `NotDelivered`."""
    root = Path(settings.text("notice_folder"))
    place = root / f"{message.made_at[:10]}-{message.id[:16]}"
    if place.exists():
        return
    beside = root / f".{place.name}.{os.getpid()}"
    try:
        beside.mkdir(parents=True)
        (beside / "message.txt").write_text(message.text + "\n", "utf-8")
        for name, data in message.files:
            (beside / _safe(name)).write_bytes(data)
        _to_disk(beside)
        beside.rename(place)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        if place.exists():  # another process was first
            return
        raise NotDelivered(f"notice_folder: {error.strerror}") from error


def _safe(name: str) -> str:
    return re.sub(r"[^\w.\-]", "_", name).lstrip(".")[:120] or "file"


def _to_disk(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


FOLDER = Channel("folder", lambda settings: bool(settings.text("notice_folder")), send, tells_repetitions=True)
