"""The judges of recordings, by the folder of the corpus that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from recordings import windows
from recordings.judged import Judged

Judge = Callable[[Path], Iterator[Judged]]

JUDGES: dict[str, Judge] = {
    "windows": windows.cases,
}
"""Name of the judge → its `cases`."""
