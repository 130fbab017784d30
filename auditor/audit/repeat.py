"""A run made again from its frozen inputs, held against what was kept."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.audit.freeze import Manifest, thaw
from auditor.audit.run import Run, work_out
from auditor.errors import AuditorError
from auditor.proof.digest import sha256_hex
from auditor.proof.values import value_bytes, value_from
from auditor.store.blobs import get_blob
from auditor.store.database import Connection, Store
from auditor.store.runs import RunRow, find_run, find_runs_starting


@dataclass(frozen=True)
class Repetition:
    """The run as it came out now, and whether that is what was kept to the byte."""

    run: Run
    row: RunRow
    is_same: bool


def repeat_run(store: Store, name: str) -> Repetition:
    """Work out a run once more; `name` is its id or the beginning of it, at least six characters.

    Raises `AuditorError` when there is no such run, more than one, or its inputs are damaged.
    """
    with store.read() as connection:
        row = row_of(connection, name)
        manifest = value_from(get_blob(connection, row.manifest), Manifest)
        if manifest.id != row.id:
            raise AuditorError(f"run {row.id[:12]}: the manifest does not have the digest that names the run")
        run = work_out(manifest, thaw(connection, manifest))
    return Repetition(run, row, sha256_hex(value_bytes(run.result)) == row.result)


def row_of(connection: Connection, name: str) -> RunRow:
    """Return the run of an id or of the beginning of one. Raises `AuditorError`."""
    whole = find_run(connection, name)
    if whole is not None:
        return whole
    rows = find_runs_starting(connection, name)
    if len(rows) != 1:
        what = "no such run" if not rows else f"{len(rows)} runs begin so"
        raise AuditorError(f"run {name}: {what}; expected an id that `zhengban runs` lists")
    return rows[0]
