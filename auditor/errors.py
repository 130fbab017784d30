"""What an operator can put right. Anything else is a bug and shows its traceback.

A message says where, what, and what was expected: `zhengban.toml: time_zone: expected a zone of the IANA
data base, got 'Beijing'`.
"""

from __future__ import annotations


def both(zh: str, en: str) -> str:
    """Return a message in the two languages of the house, on one line: an operator reads whichever is theirs."""
    return f"{zh} / {en}"


class AuditorError(Exception):
    """Something that whoever runs the program can put right; `exit_code` is what the command ends with."""

    exit_code = 3


class WrongUsage(AuditorError):
    """The command or a setting was given in a way that cannot be meant."""

    exit_code = 2


class StoreError(AuditorError):
    """The store cannot be opened, read or written."""


class Refused(AuditorError):
    """What came from outside was not taken. `path` names the part at fault, empty for the whole."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"inventory refused: {path}: {why}" if path else f"inventory refused: {why}")
        self.path = path
        self.why = why


class TooLarge(Refused):
    """Refused for its size, before it was read."""


class TooSlow(Refused):
    """Refused because it did not arrive in time."""


class NotAuthentic(AuditorError):
    """Whoever asks is not known, not any longer, or the signature does not fit."""


class Busy(AuditorError):
    """Not now; asking again after `retry_after_seconds` makes sense."""

    def __init__(self, why: str, retry_after_seconds: int) -> None:
        super().__init__(why)
        self.retry_after_seconds = retry_after_seconds
