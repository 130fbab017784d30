"""Judge of database instances: what the recorded answers of one server together tell, against the expected instance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recordings.judged import Judged, compare

from agent.formats.console_text import decode_text
from agent.formats.database_text import DatabaseTold, merged, parse_database_text

KINDS = {"mssql": "sql_server", "mysql": "mysql"}
_PORT = "the port is the server's usual one, which no recorded answer says; we do not guess it"
_AMERICAN_DAY = (
    "Db2 writes month/day/year; the expected answer took the day for the month: 9 February lies before the release "
    "(s2106111000, June 2021) was built, 2 September on the day of the last change in the database"
)


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every case of database instances."""
    folder = corpus / "glpi-agent"
    for answer in sorted((folder / "expected").glob("database-instances.*.json")):
        told = json.loads(answer.read_text(encoding="utf-8"))
        texts = [(name.rpartition("/")[2], decode_text((folder / name).read_bytes())[0]) for name in told["files"]]
        found = merged(tuple(each for name, text in texts for each in parse_database_text(text, name)))
        expected = [line for instance in told["expected"] for line in _expected(instance)]
        ours = [line for instance in found for line in _found(instance)]
        explained = {line: _PORT for line in expected if line.startswith("port|")}
        explained |= _days_turned(expected, ours)
        explained |= _databases_seen_though_closed(told["expected"], ours)
        yield compare("glpi-agent", told["kind"], told["case"], expected, ours, explained)


def _expected(instance: dict[str, Any]) -> Iterator[str]:
    kind = KINDS.get(instance["type"], instance["type"])
    yield f"version|{'mariadb' if instance['manufacturer'] == 'MariaDB' else kind}|{instance['version']}"
    yield f"port|{instance['port']}"
    if instance["type"] in ("db2", "oracle"):
        yield f"name|{instance['name']}"
    if "last_boot_date" in instance:
        yield f"started|{instance['last_boot_date'].replace(' ', 'T')}"
    yield f"megabytes|{instance['size']}"
    for database in instance.get("databases", ()):
        yield f"database|{database['name']}"


def _found(instance: DatabaseTold) -> Iterator[str]:
    yield f"version|{instance.kind}|{instance.version}"
    if instance.kind in ("db2", "oracle"):
        yield f"name|{instance.name}"
    if instance.started_at is not None:
        yield f"started|{instance.started_at.rstrip('Z')}"
    yield f"megabytes|{(instance.size_bytes or 0) >> 20}"
    for name in instance.databases:
        yield f"database|{name}"


def _days_turned(expected: list[str], ours: list[str]) -> dict[str, str]:
    """A moment whose day and month change places between the two."""
    turned: dict[str, str] = {}
    for line in (line for line in expected if line.startswith("started|")):
        year, month, rest = line.removeprefix("started|").split("-", 2)
        other = f"started|{year}-{rest[:2]}-{month}{rest[2:]}"
        if other in ours and other != line:
            turned |= {line: _AMERICAN_DAY, other: _AMERICAN_DAY}
    return turned


def _databases_seen_though_closed(expected: list[dict[str, Any]], ours: list[str]) -> dict[str, str]:
    if any("databases" in instance for instance in expected):
        return {}
    why = "the other tool lists databases only when it may connect; the directory of the server names them anyway"
    return {line: why for line in ours if line.startswith("database|")}
