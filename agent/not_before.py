"""When the checker wants to be asked again: `Retry-After` of a "not now" that is longer than a send waits for.

Kept in a file of the agent's folder, so that a timer, a person and a restart obey it alike; `send --now` does not.
A checker cannot send an agent away for longer than `LONGEST_SECONDS`, nor can a clock that was set back.
"""

from __future__ import annotations

import contextlib
import os

from agent.state import make_private_folder, write_durably

FILE = "not-before"
LONGEST_SECONDS = 86400.0


def note_not_before(folder: str, moment: float, now: float) -> None:
    """Keep the moment, in Unix seconds, before which the checker is not asked. Raises `OSError`."""
    make_private_folder(folder)
    text = "%d %d\n" % (now, min(moment, now + LONGEST_SECONDS))
    write_durably(os.path.join(folder, FILE), text.encode("ascii"))


def not_before(folder: str, now: float) -> float | None:
    """Return the moment before which the checker is not asked, `None` when it may be asked now."""
    try:
        with open(os.path.join(folder, FILE), "rb") as file:
            noted, moment = (float(word) for word in file.read(64).split())
    except (OSError, ValueError):
        return None
    return moment if noted <= now < moment <= now + LONGEST_SECONDS else None


def forget_not_before(folder: str) -> None:
    """Forget it: the checker took something, or somebody wants it now."""
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(folder, FILE))
