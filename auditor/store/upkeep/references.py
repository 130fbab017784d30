"""Which columns name a content by digest. A column that does, and is not here, fails a test."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column

from auditor.store.tables import (
    documents,
    drill_downs,
    hand_ins,
    issued_files,
    journal_openings,
    machines,
    papers,
    runs,
    spot_checks,
    submissions,
)

REFERENCES: tuple[Column[Any], ...] = (
    machines.c.state,
    documents.c.digest,
    documents.c.state,
    documents.c.programs,
    documents.c.facts,
    journal_openings.c.content,
    papers.c.digest,
    runs.c.manifest,
    runs.c.result,
    issued_files.c.digest,
    spot_checks.c.drawn,
    spot_checks.c.result,
    submissions.c.differences,
    hand_ins.c.digest,
    drill_downs.c.request,
    drill_downs.c.answer,
)
