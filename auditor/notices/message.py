"""What a channel gets, and what it says when it cannot deliver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from auditor.settings import Settings


@dataclass(frozen=True)
class Message:
    """One message. `id` is the same at every attempt, so that a receiver can tell a repetition."""

    id: str
    subject: str
    lines: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]
    made_at: str

    @property
    def text(self) -> str:
        """Subject and lines as plain text."""
        return "\n".join((self.subject, *self.lines))


class NotDelivered(Exception):
    """The channel did not take it. `for_good`: trying again makes no sense."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


@dataclass(frozen=True)
class Channel:
    """One way out. It exists where the settings name its target, and nowhere else."""

    name: str
    is_named: Callable[[Settings], bool]
    send: Callable[[Message, Settings], None]
    """Raises `NotDelivered`."""
    tells_repetitions: bool
    """Whether the receiver can tell by the id that a message comes a second time."""


def cut_to_bytes(text: str, most: int) -> str:
    """Return the text cut at a character so that it takes at most so many bytes as UTF-8, `…` at its end when cut."""
    data = text.encode("utf-8")
    if len(data) <= most:
        return text
    return data[: most - 3].decode("utf-8", "ignore") + "…"
