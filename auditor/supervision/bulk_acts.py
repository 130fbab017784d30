"""An act on many findings at once is one entry: listed with its number, and taken back whole.

What stood before is kept by digest beside the act. It is taken back for all findings or for none: where somebody acted
on one since, nothing is. Each finding has both in its history.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.errors import AuditorError, both
from auditor.proof.digest import canonical_json
from auditor.store.blobs import get_blob, put_blob
from auditor.store.cases import Act, Case, cases_of_ids, keep_acts
from auditor.store.database import Connection
from auditor.store.trail import append_trail, newest_trail
from auditor.supervision.rectification import Actor
from auditor.supervision.states import Doing

BULK, UNDONE = "finding.bulk", "finding.bulk_undone"
UNDOABLE = frozenset({
    Doing.CONFIRM, Doing.DISMISS, Doing.ASSIGN, Doing.COMMENT, Doing.DONE, Doing.CLOSE, Doing.EXCEPT, Doing.REOPEN,
})  # fmt: skip
"""A notice has gone out, a statement is the unit's own, a paper stays: these are not taken back."""
COLUMNS = ("state", "owner", "due_on", "excepted_until", "reopened")
Sees = Callable[[str | None], bool]


@dataclass(frozen=True)
class BulkAct:
    """One act on many. `units` as of the act; `before`: digest of what stood before."""

    digest: str
    act: str
    at: str
    by: str | None
    count: int
    units: tuple[str | None, ...]
    before: str
    undone_at: str | None = None


def note_bulk(
    connection: Connection, doing: Doing, before: Sequence[Case], after: Sequence[Case], *, actor: Actor, at: str
) -> str | None:
    """Note an act on several findings as one entry and return its digest; `None` where nothing is to be taken back."""
    if len(after) < 2 or doing not in UNDOABLE:
        return None
    stood = [
        [was.id, now.version, {name: getattr(was, name) for name in COLUMNS}]
        for was, now in zip(before, after, strict=True)
    ]
    kept = put_blob(connection, "part", canonical_json(stood))
    units = sorted({case.unit or "" for case in before})
    head = {"act": doing.value, "at": at, "by": actor.name, "count": len(after), "units": units, "before": kept}
    digest = put_blob(connection, "part", canonical_json(head))
    append_trail(connection, at=at, act=BULK, subject=f"bulk {digest}")
    return digest


def list_bulk(connection: Connection, sees: Sees, *, most: int = 50) -> list[BulkAct]:
    """Return the newest acts on many whose units may all be seen, the newest first."""
    undone = {_digest(e.subject): e.at for e in newest_trail(connection, most=10 * most, act=UNDONE)}
    found: list[BulkAct] = []
    for entry in newest_trail(connection, most=10 * most, act=BULK):
        if entry.act == BULK and len(found) < most:
            act = _read(connection, _digest(entry.subject), undone)
            if all(map(sees, act.units)):
                found.append(act)
    return found


def find_bulk(connection: Connection, digest: str, sees: Sees) -> BulkAct:
    """Return one act on many. Raises `AuditorError` for none, and for one that may not be seen: which is not told."""
    found = [act for act in list_bulk(connection, sees, most=500) if len(digest) >= 8 and act.digest.startswith(digest)]
    if len(found) != 1:
        raise AuditorError(f"{digest}: {both('没有这次批量办理', 'no such act on many')}")
    return found[0]


def undo_bulk(connection: Connection, act: BulkAct, sees: Sees, *, actor: Actor, at: str) -> list[Case]:
    """Take an act on many back; return the findings as they stand then.

    Raises `AuditorError` when it was taken back before, and when somebody acted on one of the findings since.
    """
    if act.undone_at is not None:
        raise AuditorError(f"{act.digest[:12]}: {both('已经撤销', 'it was taken back before')}")
    stood: list[tuple[int, int, dict[str, Any]]] = json.loads(get_blob(connection, act.before))
    now = cases_of_ids(connection, [id for id, _, _ in stood])
    moved = [id for id, version, _ in stood if id not in now or now[id].version != version]
    if moved:
        shown = "、".join(map(str, moved[:10]))
        zh, en = f"其中 {len(moved)} 项之后又有办理，不能整批撤销", f"{len(moved)} of them were acted on since"
        raise AuditorError(f"{act.digest[:12]}: {both(zh, en)}: {shown}")
    if not all(sees(case.unit) for case in now.values()):
        raise AuditorError(f"{act.digest[:12]}: {both('有不在范围内的问题项', 'findings that are not yours')}")
    facts = {"undone": act.act, "bulk": act.digest}
    acts = [Act(now[id], Doing.UNDO.value, columns, facts, actor.name) for id, _, columns in stood]
    after = keep_acts(connection, acts, at=at, name=f"finding.{Doing.UNDO.value}")
    append_trail(connection, at=at, act=UNDONE, subject=f"bulk {act.digest}")
    return after


def _read(connection: Connection, digest: str, undone: dict[str, str]) -> BulkAct:
    head = json.loads(get_blob(connection, digest))
    units = tuple(unit or None for unit in head["units"])
    return BulkAct(
        digest, head["act"], head["at"], head["by"], head["count"], units, head["before"], undone.get(digest)
    )


def _digest(subject: str) -> str:
    return subject.removeprefix("bulk ")
