"""Audit runs: what was frozen, what came out, its findings, and every file that was issued from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, RowMapping, func, select

from auditor.core.model import EvidenceLine, Finding, ProductId, Severity, UnitCode
from auditor.errors import AuditorError, StoreError, both
from auditor.proof.digest import canonical_json, digest_of_parts
from auditor.store.blobs import get_blob, put_blob, put_blob_parts
from auditor.store.tables import findings as finding_table
from auditor.store.tables import issued_files, runs
from auditor.store.trail import append_trail


@dataclass(frozen=True)
class RunRow:
    """One run without its contents. `manifest` and `result` are digests of blobs."""

    id: str
    as_of: date
    made_at: str
    release: str
    manifest: str
    result: str
    counts: Mapping[str, int]
    sequence: int


@dataclass(frozen=True)
class IssuedFile:
    """One file as it was handed out; its content is the blob of `digest`."""

    run: str
    file_name: str
    digest: str
    issued_at: str
    number: int = 0
    """Where a list goes on; counts up in the order of issue."""


def save_run(
    connection: Connection,
    *,
    run: str,
    as_of: date,
    now: str,
    release: str,
    manifest: bytes,
    result: Iterable[bytes],
    counts: Mapping[str, int],
    findings: Sequence[Finding],
    is_same: Callable[[str], bool] | None = None,
) -> RunRow:
    """Keep a run; the same run again is the one that is there.

    `result` comes in parts; `is_same` says of the digest of a result that was kept in another form whether it is this
    one. Raises `StoreError` when the same frozen inputs gave another result: one of both releases
    is wrong.
    """
    known = _find(connection, run)
    if known is not None:
        result_digest = digest_of_parts(result)
        if known.result != result_digest and not (is_same is not None and is_same(known.result)):
            zh = f"重做结果应与留存的 {known.result} 一致，实为 {result_digest}"
            told = both(zh, f"expected result {known.result} as before, got {result_digest}")
            raise StoreError(f"run {run}: {told}")
        return known
    result_digest = put_blob_parts(connection, "result", result)
    sequence = (connection.execute(select(func.max(runs.c.sequence))).scalar() or 0) + 1
    values = {
        "id": run,
        "as_of": as_of.isoformat(),
        "made_at": now,
        "release": release,
        "manifest": put_blob(connection, "manifest", manifest),
        "result": result_digest,
        "counts": json.dumps(dict(counts), sort_keys=True),
        "sequence": sequence,
    }
    connection.execute(runs.insert().values(values))
    rows = [_finding_row(run, number, finding) for number, finding in enumerate(findings, start=1)]
    if rows:
        connection.execute(finding_table.insert(), rows)
    append_trail(connection, at=now, act="run.made", subject=f"{run} result {result_digest}")
    return get_run(connection, run)


def get_run(connection: Connection, run: str) -> RunRow:
    """Return the run of an id or of its first signs, at least six; `latest` is the newest.

    Raises `AuditorError` when there is none, or several begin so.
    """
    if run == "latest":
        newest = newest_run(connection)
        if newest is None:
            raise AuditorError(f"run latest: {both('还没有稽核记录', 'expected a run, none was made yet')}")
        return newest
    exact = _find(connection, run)
    if exact is not None:
        return exact
    if len(run) < 6:
        told = both("稽核编号至少给出前六位", "expected at least six signs of an id")
        raise AuditorError(f"run {run}: {told}")
    chosen = select(runs).where(runs.c.id.startswith(run, autoescape=True)).limit(2)
    rows = connection.execute(chosen).mappings().all()
    if len(rows) != 1:
        zh = "有多条稽核记录以此开头，应只有一条" if rows else "没有这条稽核记录"
        raise AuditorError(f"run {run}: {both(zh, 'expected one run, got ' + ('several' if rows else 'none'))}")
    return _run(rows[0])


def newest_run(connection: Connection) -> RunRow | None:
    """Return the run that was made last, `None` when none was made yet."""
    row = connection.execute(select(runs).order_by(runs.c.sequence.desc()).limit(1)).mappings().first()
    return _run(row) if row is not None else None


def list_runs(connection: Connection) -> Sequence[RunRow]:
    """Return every run, oldest first."""
    return [_run(row) for row in connection.execute(select(runs).order_by(runs.c.sequence)).mappings()]


def page_of_runs(connection: Connection, *, before: int | None = None, limit: int = 50) -> list[RunRow]:
    """Return runs, the newest first, made before a number of the sequence."""
    chosen = select(runs).order_by(runs.c.sequence.desc()).limit(limit)
    if before is not None:
        chosen = chosen.where(runs.c.sequence < before)
    return [_run(row) for row in connection.execute(chosen).mappings()]


def find_issued(connection: Connection, digest: str) -> list[IssuedFile]:
    """Return every issue of a file of that digest, oldest first."""
    names = ("run", "file_name", "digest", "issued_at")
    chosen = select(*(issued_files.c[name] for name in names)).where(issued_files.c.digest == digest)
    return [IssuedFile(**row) for row in connection.execute(chosen.order_by(issued_files.c.id)).mappings()]


def run_manifest(connection: Connection, run: RunRow) -> bytes:
    """Return the frozen inputs by digest. Raises `StoreError`."""
    return get_blob(connection, run.manifest)


def run_result(connection: Connection, run: RunRow) -> bytes:
    """Return what came out. Raises `StoreError`."""
    return get_blob(connection, run.result)


def list_findings(connection: Connection, run: str, *, unit: str | None = None) -> list[Finding]:
    """Return the findings of a run, in its order; those of one unit when it is named."""
    chosen = select(finding_table.c.content).where(finding_table.c.run == run).order_by(finding_table.c.number)
    if unit is not None:
        chosen = chosen.where(finding_table.c.unit == unit)
    return [finding_from(content) for content in connection.execute(chosen).scalars()]


def finding_contents(connection: Connection, wanted: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the findings of runs as they are kept, by run."""
    found = {}
    for run in wanted:
        chosen = select(finding_table.c.content).where(finding_table.c.run == run)
        found[run] = frozenset(connection.execute(chosen).scalars())
    return found


def record_issued(connection: Connection, *, run: str, file_name: str, content: bytes, now: str) -> str:
    """Keep a file that was handed out and return its digest; the same file again is kept once."""
    digest = put_blob(connection, "issued", content)
    table = issued_files
    same = select(table.c.id).where(table.c.run == run, table.c.file_name == file_name, table.c.digest == digest)
    if connection.execute(same).first() is None:
        connection.execute(table.insert().values(run=run, file_name=file_name, digest=digest, issued_at=now))
        append_trail(connection, at=now, act="file.issued", subject=f"run {run} file {digest}")
    return digest


def list_issued(connection: Connection, run: str | None = None) -> Sequence[IssuedFile]:
    """Return the files that were issued, of one run or of all, oldest first."""
    names = ("run", "file_name", "digest", "issued_at")
    chosen = select(*(issued_files.c[name] for name in names)).order_by(issued_files.c.id)
    if run is not None:
        chosen = chosen.where(issued_files.c.run == run)
    return [IssuedFile(**row) for row in connection.execute(chosen).mappings()]


def page_of_issued(
    connection: Connection, run: str, may_see: Callable[[str], bool], *, before: int | None, limit: int
) -> list[IssuedFile]:
    """Return files of a run whose name may be seen, newest first, from before a number on."""
    table = issued_files
    found: list[IssuedFile] = []
    while len(found) < limit:
        chosen = select(table.c.id, table.c.run, table.c.file_name, table.c.digest, table.c.issued_at)
        chosen = chosen.where(table.c.run == run).order_by(table.c.id.desc()).limit(500)
        rows = connection.execute(chosen if before is None else chosen.where(table.c.id < before)).all()
        found += [IssuedFile(*row[1:], number=row[0]) for row in rows if may_see(row.file_name)]
        if len(rows) < 500:
            break
        before = rows[-1].id
    return found[:limit]


def _find(connection: Connection, run: str) -> RunRow | None:
    row = connection.execute(select(runs).where(runs.c.id == run)).mappings().first()
    return _run(row) if row is not None else None


def _run(row: RowMapping) -> RunRow:
    values = dict(row)
    values |= {"as_of": date.fromisoformat(values["as_of"]), "counts": json.loads(values["counts"])}
    return RunRow(**values)


def _finding_row(run: str, number: int, finding: Finding) -> dict[str, str | int | None]:
    return {
        "run": run,
        "number": number,
        "key": finding.key,
        "code": finding.code,
        "severity": finding.severity.value,
        "unit": finding.unit,
        "product": finding.product,
        "machine": finding.machine,
        "content": finding_text(finding),
    }


def finding_text(finding: Finding) -> str:
    """Return a finding as it is kept."""
    return canonical_json(vars(finding) | {"evidence": [vars(line) for line in finding.evidence]}).decode("utf-8")


def finding_from(content: str) -> Finding:
    """Return a finding from what was kept."""
    plain = json.loads(content)
    return Finding(
        code=plain["code"],
        severity=Severity(plain["severity"]),
        unit=UnitCode(plain["unit"]) if plain["unit"] else None,
        product=ProductId(plain["product"]) if plain["product"] else None,
        machine=plain["machine"],
        facts=tuple((name, value) for name, value in plain["facts"]),
        evidence=tuple(EvidenceLine(**line) for line in plain["evidence"]),
    )
