"""The whole example through the command line on a file and on a server: the same run, ids and files to the byte."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from made_once import CACHE_HOME
from recorded_machine import CAPTURES
from sqlalchemy import select

from auditor.example.first_run import DATA, DONE, FINDINGS, NOT_DONE, OUR_UNIT
from auditor.example.programs import Programs, environment_for
from auditor.intake.receiving import receive
from auditor.store.database import address_of, open_engine, open_store
from auditor.store.tables import metadata
from auditor.store.upkeep.copying import digest_tables

pytestmark = pytest.mark.slow
AS_OF = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
"""The day of the units' zone: what was scanned today stands in the run, opening balances with it."""
SEALING_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
MOMENTS = {
    "made_at", "recorded_at", "received_at", "first_seen_at", "last_seen_at", "last_received_at", "applied_at",
    "issued_at", "opened_at", "changed_at", "at", "link", "created_at", "expires_at", "enrolled_at",
}  # fmt: skip
"""Columns that tell when something was done here, which differs from one store to the next."""


def programs_of(folder: Path, url: str) -> Programs:
    environment = environment_for(CACHE_HOME) | {
        "ZHENGBAN_CATALOGUE_FOLDER": str(folder / "layer"),
        "ZHENGBAN_SEALING_KEY": SEALING_KEY,
    }
    return Programs(url, environment, folder / "log")


def example(
    folder: Path, url: str, inventories: Path, moment: datetime
) -> tuple[list[dict[str, object]], dict[str, str], str, str]:
    """Fill a store with the example, audit and print; return the answer, files by digest, findings and titles.

    The documents arrive at `moment` in either store: when an opening balance was recorded is among what a run rests on.
    """
    folder.mkdir()
    programs = programs_of(folder, url)
    for register in ("units", "people", "machines"):
        programs.checker(register, "import", str(DATA / f"{register}.csv"), "--apply", "--valid-from", "2026-01-01")
    programs.checker("licences", "import", str(DATA / "licences.xlsx"), "--apply", "--valid-from", "2026-01-01")
    programs.checker(
        "licences", "import-free", str(DATA / "free-software.csv"), "--apply", "--valid-from", "2026-01-01"
    )
    store = open_store(url, sealing_key=SEALING_KEY)
    for file in sorted(inventories.iterdir()):
        assert receive(store, file.read_bytes(), unit=OUR_UNIT, now=moment).status == "kept"
    store.close()
    out = folder / "reports"
    said = programs.checker(
        "audit", "--as-of", AS_OF, "--output", str(out), "--format", "json", accept=(DONE, FINDINGS)
    )
    answers = json.loads(said)
    programs.checker(
        "report", str(answers[0]["run"]), "--output", str(out / "more"), "--format", "xlsx,docx,html,csv,json"
    )
    files = {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*")) if path.is_file()
    }  # fmt: skip
    for answer in answers:
        answer.pop("files", None)
    findings = programs.checker("findings", "--format", "json", accept=(DONE, FINDINGS))
    return answers, files, findings, programs.checker("titles", "list", "--format", "json")


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return what every table says, but for moments."""
    engine = open_engine(address_of(url), create=False)
    found = {}
    with engine.connect() as connection:
        digest_tables(connection)
        for table in metadata.sorted_tables:
            if table.name not in ("trail", "blobs", "case_events", "cases", "notice_events"):
                columns = [column for column in table.columns if column.name not in MOMENTS]
                chosen = select(*columns).order_by(*table.primary_key.columns)
                found[table.name] = [tuple(row) for row in connection.execute(chosen)]
    engine.dispose()
    return found


def test_the_example_gives_the_same_on_both_engines(tmp_path: Path) -> None:
    from postgres import shared_server

    inventories = tmp_path / "inventories"
    inventories.mkdir()
    scanning = programs_of(tmp_path, "sqlite:///unused")
    for machine in sorted(origin.parent for origin in CAPTURES.glob("*/ORIGIN.md")):
        target = inventories / f"{machine.name}.json"
        scanning.agent("scan", "--root", str(machine), "--output", str(target), accept=(DONE, NOT_DONE))
    assert len(list(inventories.iterdir())) >= 10
    on_file, on_server = f"sqlite:///{tmp_path}/a.db", shared_server().new_database()
    moment = datetime.now(UTC)
    one = example(tmp_path / "file", on_file, inventories, moment)
    other = example(tmp_path / "server", on_server, inventories, moment)
    assert one[0] == other[0] and one[0][0]["run"]
    assert len(one[1]) > 10
    assert one[1] == other[1]
    assert one[2] == other[2] and len(json.loads(one[2])) > 10
    assert one[3] == other[3] and len(json.loads(one[3])) > 100
    first, second = rows_of(on_file), rows_of(on_server)
    sealed = {"entitlements", "agents"}  # another nonce each time
    assert [name for name in first if name not in sealed and first[name] != second[name]] == []
