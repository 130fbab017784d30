"""A store with a little of what moves: agents with sealed keys, machines with history, contents, the trail. No
catalogue, so that it is made in a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from inventories import document, package
from made_once import place_store

from auditor.core.days import utc_text
from auditor.intake.enrolment import enrol, issue_token
from auditor.intake.receiving import receive
from auditor.store.database import Store, open_store
from auditor.store.trail import append_trail

KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""The sealing key of stores that tests move about."""
MACHINES, SCANS = 4, 3
BEGUN = datetime(2026, 6, 1, 2, tzinfo=UTC)


def light_store(url: str, *, begun: datetime = BEGUN, days: int = 1) -> Store:
    """Return an open store of four machines with three scans each, so many days apart."""
    if url.startswith("sqlite:///"):
        place_store(Path(url.removeprefix("sqlite:///")))
    store = open_store(url, sealing_key=KEY)
    token = issue_token(store, uses=MACHINES, now=begun)
    for number in range(MACHINES):
        enrol(store, token=token, name=f"电脑-{number}", version="1", now=begun)
    for scan in range(SCANS):
        at = begun + timedelta(days=days * scan)
        for number in range(MACHINES):
            receive(store, scan_of(number, scan, at), origin="file", now=at + timedelta(minutes=1))
    with store.begin() as connection:
        append_trail(connection, at=utc_text(begun), act="run.made", subject="none")
    return store


def scan_of(number: int, scan: int, at: datetime) -> bytes:
    """Return the document of one machine: one package of its own changes with each scan."""
    software = [package("bash", "5.2"), package("软件", "1"), package(f"own{number}", str(scan))]
    return document(
        software, at=utc_text(at), name=f"pc-{number}", serial=f"SERIAL{number:04d}",
        mac_addresses=(f"3c:52:82:00:00:{number:02x}",),
    )  # fmt: skip
