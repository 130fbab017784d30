"""A store of every released schema, filled as that release would have, is brought up to date and loses nothing; an
agent of the first release, enrolled back then, goes on reporting to it."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from filled_store import filled_store
from fleet import PATH, Member, request_of
from inventories import document, package
from light_store import KEY
from load import put_load
from sqlalchemy import Engine, create_engine, select

from auditor.core.days import utc_text
from auditor.core.model import Machine
from auditor.intake.enrolment import authenticate, enrol, issue_token, sign
from auditor.intake.receiving import receive
from auditor.proof.sealing import Sealer, key_from_text
from auditor.store import database
from auditor.store.database import SCHEMA_REVISION, Store, address_of, open_store
from auditor.store.engines.roster import ENGINES
from auditor.store.machines import load_machines
from auditor.store.tables import metadata
from auditor.store.trail import first_broken_entry
from auditor.store.upkeep.checking import check
from auditor.store.upkeep.copying import tables_that_stand

ROOT = Path(__file__).resolve().parents[3]
REVISIONS = [f"{number:04d}" for number in range(1, int(SCHEMA_REVISION) + 1)]
NOW = datetime.now(UTC).replace(microsecond=0)
FIRST_CONTRACT = json.loads((ROOT / "agent/inventory/schema/inventory-1.0.json").read_text("utf-8"))
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Known:
    """What stood in the store: every row of every table, its machines, one of its agents."""

    rows: Rows
    machines: list[Machine]
    agent: Member


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    store = filled_store(tmp_path_factory.mktemp("known")).store
    store.sealer = Sealer(key_from_text(KEY))
    token = issue_token(store, uses=1, now=NOW)
    found = enrol(store, token=token, name="pc-old", version="0.0.1", now=NOW)
    with store.read() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }
        for right in rows["entitlements"]:  # sealed with the key of the other folder
            right["sealed_serials"] = None
        machines = load_machines(connection, None)
    store.close()
    return Known(rows, machines, Member(1, found.agent, found.key))


def as_of_release(name: str, row: Mapping[str, Any], revision: str) -> dict[str, Any]:
    """A row as an older release wrote it."""
    made = dict(row)
    if name == "entitlements" and revision < "0003":
        facts = json.loads(made["facts"])
        if facts.pop("sharing", None) == "descendants":
            facts["shared"] = True
        made["facts"] = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if name == "trail" and revision < "0009":
        made.pop("account")
    return made


def old_store(url: str, revision: str, rows: Rows) -> list[str]:
    """Make a database of the revision with those rows; return the tables that it has."""
    differs = ENGINES[address_of(url).get_backend_name()]
    engine: Engine = differs.connect(address_of(url), create=True, wait_seconds=30)
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tables = {table.name: table for table in tables_that_stand(connection)}
        for known_table in metadata.sorted_tables:
            if known_table.name not in tables:
                continue
            table = tables[known_table.name]
            names = set(table.columns.keys())
            wanted = [as_of_release(table.name, row, revision) for row in rows[table.name]]
            if wanted:
                connection.execute(table.insert(), [{n: v for n, v in row.items() if n in names} for row in wanted])
        if "title_set_members" in tables:
            members = [
                {"title_set": row["id"], "title": title}
                for row in rows["title_sets"]
                for title in struct.unpack(f"<{row['size']}I", row["members"])
            ]
            connection.execute(tables["title_set_members"].insert(), members)
        differs.rows_added(connection, [t for t in metadata.sorted_tables if t.name in tables])
    engine.dispose()
    return sorted(tables.keys() & metadata.tables.keys())


def old_document(at: datetime) -> bytes:
    """A document as the first release wrote it: contract 1.0, and no field that came later."""
    made = json.loads(document([package("bash", "5.2"), package("vim", "9")], at=utc_text(at), name="pc-old"))
    parts = FIRST_CONTRACT["$defs"]
    made = {name: value for name, value in made.items() if name in parts["Inventory"]["properties"]} | {
        "contract": "1.0"
    }
    kept = set(parts["Software"]["properties"])
    made["software"] = [{n: v for n, v in each.items() if n in kept} for each in made["software"]]
    made["host"] = {n: v for n, v in made["host"].items() if n in parts["Host"]["properties"]}
    return json.dumps(made, ensure_ascii=False).encode("utf-8")


def report(store: Store, agent: Member, at: datetime) -> str:
    """Sign and send as the agent does; return what became of it."""
    body = gzip.compress(old_document(at))
    headers = sign(agent.key, agent=agent.agent, method="POST", path=PATH, body=body, now=NOW)
    found = authenticate(store, headers, method="POST", path=PATH, body=body, now=NOW)
    return receive(store, body, encoding="gzip", origin="agent", agent=found.id, now=NOW).status


def same(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[str]:
    return sorted(repr([row[name] for name in names]) for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("revision", REVISIONS)
def test_nothing_is_lost_on_the_way_from(revision: str, url: str, known: Known) -> None:
    tables = old_store(url, revision, known.rows)
    assert len(tables) >= 20
    engine = create_engine(address_of(url))
    with engine.connect() as connection:
        columns = {table.name: sorted(table.columns.keys()) for table in tables_that_stand(connection)}
    engine.dispose()
    store = open_store(url, sealing_key=KEY)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == SCHEMA_REVISION
        for name in tables:
            table = metadata.tables[name]
            names = [n for n in columns[name] if n in table.columns]
            assert same([dict(r) for r in connection.execute(select(table)).mappings()], names) == same(
                known.rows[name], names
            ), name
        assert load_machines(connection, None) == known.machines
        assert first_broken_entry(connection) is None
        sets = metadata.tables["title_sets"]
        packed = {row.id: row.members for row in connection.execute(select(sets.c.id, sets.c.members))}
        assert packed == {row["id"]: row["members"] for row in known.rows["title_sets"]}
    assert list(check(address_of(url))) == []
    assert report(store, known.agent, NOW) == "kept"
    store.close()


@pytest.fixture
def served(url: str, known: Known, tmp_path: Path) -> Iterator[int]:
    """A checker of today on a store of the first release; it brings it up to date as it starts."""
    old_store(url, "0001", known.rows)
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "auditor", "--database", url, "serve", "--listen", "127.0.0.1:0"],
            cwd=ROOT, env=os.environ | {"ZHENGBAN_SEALING_KEY": KEY}, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        until, found = time.monotonic() + 60, None
        while found is None and time.monotonic() < until:
            time.sleep(0.05)
            found = re.search(r"127\.0\.0\.1:(\d+)", log.read_text("utf-8"))
        assert found is not None, log.read_text("utf-8")
        yield int(found[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.mark.slow
def test_an_agent_of_the_first_release_reports_over_http_to_its_old_store(served: int, url: str, known: Known) -> None:
    wanted = [request_of(known.agent, old_document(NOW), now=NOW), request_of(known.agent, old_document(NOW), now=NOW)]
    assert put_load(served, wanted, connections=1).statuses == {200: 2}
    store = open_store(url, sealing_key=KEY)
    with store.read() as connection:
        found = [m for m in load_machines(connection, None) if m.host_name == "pc-old"]
    assert [len(m.installations) for m in found] == [3]  # with the operating system itself
    store.close()


def test_every_revision_is_played() -> None:
    files = sorted((Path(database.__file__).parent / "migrations" / "versions").glob("[0-9]*.py"))
    assert [file.name[:4] for file in files] == REVISIONS
