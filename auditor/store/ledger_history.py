"""What became of one 软件编号: every row, act and paper, with who, when and why, what was taken back included."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from auditor.store.batches import Batch, list_batches
from auditor.store.dated_rows import DISPOSALS, LICENCES, TRANSFERS, Register
from auditor.store.tables import entitlements, paper_links, papers, taken_back_rows

ACTS = {
    "entered": "登记 entered",
    "changed": "变更 changed",
    "ended": "终止 ended",
    "taken_back": "撤回 taken back",
    "transferred": "划转 transferred",
    "disposed": "处置 disposed of",
    "paper_linked": "关联凭证 paper linked",
    "paper_unlinked": "取消关联 paper unlinked",
}
_SILENT = ("serials_fingerprint",)


Change = tuple[str, Any, Any]
"""Field, what it said before, what it says since, as plain values of JSON; an entry has no before."""


@dataclass(frozen=True)
class HistoryEvent:
    """One change: when it was recorded, by whom, what it was, why."""

    at: str
    """UTC."""
    act: str
    key: str
    by: str | None = None
    holds: str | None = None
    """The days for which what it says holds."""
    what: str = ""
    why: str | None = None
    changes: tuple[Change, ...] = ()


def history_of(connection: Connection, code: str, unit: str | None = None) -> list[HistoryEvent]:
    """Return every change of a 软件编号, oldest first; of one unit, or of all that have the code."""
    batches = {batch.id: batch for batch in list_batches(connection)}
    events = [
        *_rows(connection, code, unit, batches),
        *_taken_back(connection, code, unit, batches),
        *_acts(connection, TRANSFERS, "transferred", code, unit, batches),
        *_acts(connection, DISPOSALS, "disposed", code, unit, batches),
        *_papers(connection, code, unit),
    ]
    return sorted(events, key=lambda event: (event.at, list(ACTS).index(event.act), event.key, event.what))


def _rows(connection: Connection, code: str, unit: str | None, batches: Mapping[int, Batch]) -> Iterator[HistoryEvent]:
    chosen = select(entitlements).where(entitlements.c.code == code)
    if unit is not None:
        chosen = chosen.where(entitlements.c.unit == unit)
    ordered = chosen.order_by(entitlements.c.unit, entitlements.c.line, entitlements.c.row)
    rows = [dict(row) for row in connection.execute(ordered).mappings()]
    for row in rows:
        opened = batches[row["batch"]]
        before = [other for other in rows if other["ended_by"] == opened.id and _key(other) == _key(row)]
        act, changes = (
            "changed" if before else "entered",
            _changes(before[-1]["facts"] if before else "{}", row["facts"]),
        )
        yield HistoryEvent(
            opened.applied_at, act, _key(row), opened.made_by, _holds(row), why=_why(opened), changes=changes
        )
        ending = batches.get(row["ended_by"]) if row["ended_by"] is not None else None
        if ending is not None and not any(r["batch"] == ending.id and _key(r) == _key(row) for r in rows):
            told = f"至 until {row['valid_to']}"
            yield HistoryEvent(ending.applied_at, "ended", _key(row), ending.made_by, None, told, _why(ending))


def _taken_back(
    connection: Connection, code: str, unit: str | None, batches: Mapping[int, Batch]
) -> Iterator[HistoryEvent]:
    """A change that was taken back, and the taking back of it."""
    for kept in connection.execute(select(taken_back_rows)).mappings():
        batch, row = batches[kept["batch"]], json.loads(kept["content"])
        if batch.register == LICENCES.name and row["code"] == code and unit in (None, row["unit"]):
            key, said, changes = _key(row), "", _changes("{}", row["facts"])
        elif batch.register in (TRANSFERS.name, DISPOSALS.name):
            facts = json.loads(row["facts"])
            if facts["right"]["code"] != code or unit not in (None, facts["right"]["unit"]):
                continue
            key, said, changes = _right_told(facts), f"{row['code']} {_act_told(facts)}", ()
        else:
            continue
        act = _ACT_OF.get(batch.register, "entered")
        yield HistoryEvent(batch.applied_at, act, key, batch.made_by, None, said, _why(batch), changes)
        yield HistoryEvent(
            batch.taken_back_at or batch.applied_at, "taken_back", key, batch.taken_back_by, None, f"批次 {batch.id}"
        )


_ACT_OF = {TRANSFERS.name: "transferred", DISPOSALS.name: "disposed"}


def _acts(
    connection: Connection, register: Register, act: str, code: str, unit: str | None, batches: Mapping[int, Batch]
) -> Iterator[HistoryEvent]:
    for row in connection.execute(select(register.table)).mappings():
        facts = json.loads(row["facts"])
        if facts["right"]["code"] != code or unit not in (None, facts["right"]["unit"], facts.get("to_unit")):
            continue
        batch = batches[row["batch"]]
        told = f"{row['code']} {_act_told(facts)}"
        yield HistoryEvent(batch.applied_at, act, _right_told(facts), batch.made_by, f"{facts['effective_on']} –", told,
                           _why(batch))  # fmt: skip


def _papers(connection: Connection, code: str, unit: str | None) -> Iterator[HistoryEvent]:
    chosen = (
        select(paper_links, papers.c.file_name)
        .join(papers, papers.c.digest == paper_links.c.paper)
        .where(paper_links.c.subject == "right", paper_links.c.code == code)
    )
    for row in connection.execute(chosen).mappings():
        if unit is not None and row["unit"] not in (None, unit):
            continue
        key, told = f"{row['unit']}/{code}", f"{row['file_name']} {row['paper'][:12]}"
        yield HistoryEvent(row["linked_at"], "paper_linked", key, row["linked_by"], None, told)
        if row["unlinked_at"] is not None:
            yield HistoryEvent(row["unlinked_at"], "paper_unlinked", key, row["unlinked_by"], None, told)


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['unit']}/{row['code']}" + (f"/{row['line']}" if row["line"] != 1 else "")


def _holds(row: Mapping[str, Any]) -> str | None:
    if row["valid_to"] is not None and row["valid_to"] < row["valid_from"]:
        return None  # put right on the day on which it began
    return f"{row['valid_from']} – {row['valid_to'] or ''}".strip()


def _why(batch: Batch) -> str:
    told = f"批次 {batch.id} {batch.file_name}"
    return f"{batch.reason}（{told}）" if batch.reason else told


def _changes(before: str, after: str) -> tuple[Change, ...]:
    """What differs between two rows; a number behind the seal that changed under the same mask is told as that."""
    old, new = json.loads(before), json.loads(after)
    names = [name for name in sorted({*old, *new} - {*_SILENT}) if old.get(name) != new.get(name)]
    found: list[Change] = [(name, old.get(name), new.get(name)) for name in names]
    if "serials" not in names and old.get("serials_fingerprint") != new.get("serials_fingerprint"):
        found.append(("serials", old.get("serials"), new.get("serials")))
    return tuple(found)


def _right_told(facts: Mapping[str, Any]) -> str:
    right = facts["right"]
    return _key({"line": 1} | right)


def _act_told(facts: Mapping[str, Any]) -> str:
    where = f"{facts['from_unit']} → {facts['to_unit']}" if "to_unit" in facts else f"{facts['unit']} {facts['kind']}"
    document = f" {facts['document']}" if facts.get("document") else ""
    return f"{facts['quantity']} {where} {facts['effective_on']}{document}"
