"""The judges of recordings, by the folder of the corpus that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from recordings import database_instances, licence_servers
from recordings.judged import Judged

Judge = Callable[[Path], Iterator[Judged]]

JUDGES: dict[str, Judge] = {
    "database_instances": database_instances.cases,
    "licence_servers": licence_servers.cases,
}
"""Name of the judge → its `cases`."""
