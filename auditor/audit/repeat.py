"""A run made again from its frozen inputs, held against what was kept."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.audit.freeze import Manifest, thaw
from auditor.audit.run import Run, is_result, work_out
from auditor.errors import AuditorError, both
from auditor.proof.values import value_from
from auditor.store.database import Store
from auditor.store.runs import RunRow, get_run, run_manifest


@dataclass(frozen=True)
class Repetition:
    """The run as it came out now, and whether that is what was kept to the byte."""

    run: Run
    row: RunRow
    is_same: bool


def repeat_run(store: Store, name: str) -> Repetition:
    """Work out a run once more; `name` is its id, the beginning of it (at least six signs), or `latest`.

    Raises `AuditorError` when there is no such run, more than one, or its inputs are damaged.
    """
    with store.read() as connection:
        row = get_run(connection, name)
        manifest = value_from(run_manifest(connection, row), Manifest)
        if manifest.id != row.id:
            told = both(
                "输入清单与稽核编号不符，可能已损坏", "the manifest does not have the digest that names the run"
            )
            raise AuditorError(f"run {row.id[:16]}: {told}")
        run = work_out(manifest, thaw(connection, manifest))
    return Repetition(run, row, is_result(run, row.result))
