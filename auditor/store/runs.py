"""Audit runs: manifest and result by digest, findings as rows, issued files as they went out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from auditor.core.model import Assignment, AuditResult, Finding
from auditor.proof.digest import canonical_json, sha256_hex
from auditor.proof.values import value_bytes, value_from
from auditor.store.blobs import get_blob, put_blob
from auditor.store.tables import findings, issued_files, runs


@dataclass(frozen=True)
class RunRow:
    """One run as it is listed."""

    id: str
    as_of: str
    made_at: str
    release: str
    manifest: str
    result: str
    codes: str
    counts: str
    sequence: int


@dataclass(frozen=True)
class IssuedFile:
    """One file that went out: its digest is that of the file itself."""

    run: str
    file_name: str
    digest: str
    issued_at: str


def save_run(
    connection: Connection,
    id: str,
    *,
    as_of: date,
    made_at: str,
    release: str,
    manifest: bytes,
    result: AuditResult,
    codes: Mapping[str, str],
) -> None:
    """Keep a run that is not there yet: manifest, result and codes by digest, each finding as a row."""
    last = connection.execute(select(func.max(runs.c.sequence))).scalar()
    connection.execute(
        runs.insert().values(
            id=id,
            as_of=as_of.isoformat(),
            made_at=made_at,
            release=release,
            manifest=put_blob(connection, "part", manifest),
            result=put_blob(connection, "result", value_bytes(result)),
            codes=put_blob(connection, "part", value_bytes(dict(codes))),
            counts=canonical_json(_counts(result)).decode(),
            sequence=(last or 0) + 1,
        )
    )
    rows = [_finding_row(id, number, finding) for number, finding in enumerate(result.findings)]
    if rows:
        connection.execute(findings.insert(), rows)


def codes_of(assignments: Iterable[Assignment], previous: Mapping[str, str]) -> dict[str, str]:
    """Return the 软件编号 of every copy, the last one that it had where it is gone."""
    now = {assignment.copy.key: assignment.code for assignment in assignments}
    kept = {key: code for key, code in previous.items() if key not in now}
    return dict(sorted((kept | {key: code for key, code in now.items() if code is not None}).items()))


def codes_before(connection: Connection, on: date) -> dict[str, str]:
    """Return the codes of the newest run as of the day or before, none when there is no such run."""
    newest = connection.execute(
        select(runs.c.codes)
        .where(runs.c.as_of <= on.isoformat())
        .order_by(runs.c.as_of.desc(), runs.c.sequence.desc())
        .limit(1)
    ).scalar()
    return value_from(get_blob(connection, newest), dict[str, str]) if newest is not None else {}


def find_run(connection: Connection, id: str) -> RunRow | None:
    """Return the run of that id."""
    row = connection.execute(select(runs).where(runs.c.id == id)).mappings().first()
    return RunRow(**row) if row is not None else None


def find_runs_starting(connection: Connection, beginning: str) -> list[RunRow]:
    """Return the runs whose id begins so; fewer than six characters find none."""
    if len(beginning) < 6:
        return []
    chosen = select(runs).where(runs.c.id.startswith(beginning, autoescape=True)).order_by(runs.c.sequence)
    return [RunRow(**row) for row in connection.execute(chosen).mappings()]


def list_runs(connection: Connection) -> Sequence[RunRow]:
    """Return every run, newest first."""
    chosen = select(runs).order_by(runs.c.sequence.desc())
    return [RunRow(**row) for row in connection.execute(chosen).mappings()]


def list_findings(connection: Connection, run: str) -> list[Finding]:
    """Return the findings of a run in their order."""
    chosen = select(findings.c.content).where(findings.c.run == run).order_by(findings.c.number)
    return [value_from(content.encode(), Finding) for content in connection.execute(chosen).scalars()]


def add_issued_file(connection: Connection, run: str, file_name: str, content: bytes, *, at: str) -> str:
    """Keep a file that goes out and return its digest; the same file of the same run is kept once."""
    digest = sha256_hex(content)
    known = connection.execute(
        select(issued_files.c.id).where(
            issued_files.c.run == run, issued_files.c.file_name == file_name, issued_files.c.digest == digest
        )
    ).first()
    if known is None:
        put_blob(connection, "issued", content)
        connection.execute(issued_files.insert().values(run=run, file_name=file_name, digest=digest, issued_at=at))
    return digest


def list_issued_files(connection: Connection, run: str) -> Sequence[IssuedFile]:
    """Return the files of a run, in the order in which they went out."""
    chosen = select(issued_files).where(issued_files.c.run == run).order_by(issued_files.c.id)
    return [
        IssuedFile(row["run"], row["file_name"], row["digest"], row["issued_at"])
        for row in connection.execute(chosen).mappings()
    ]


def _counts(result: AuditResult) -> dict[str, int]:
    return {
        "copies": len(result.assignments),
        "findings": len(result.findings),
        "machines": len(result.feet),
        "shortage": sum(int(position.shortage) for position in result.positions),
        "unrecognised": len(result.unrecognised),
    }


def _finding_row(run: str, number: int, finding: Finding) -> dict[str, object]:
    return {
        "run": run,
        "number": number,
        "key": finding.key,
        "code": finding.code,
        "severity": finding.severity.value,
        "unit": finding.unit,
        "product": finding.product,
        "machine": finding.machine,
        "content": value_bytes(finding).decode(),
    }
