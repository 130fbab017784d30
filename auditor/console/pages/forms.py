"""Forms and reports: what may be issued, what was."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.console.frame import Frame
from auditor.console.pages.runs import JOB_NAMES
from auditor.console.rendering import render
from auditor.issuing.run_files import FORMS
from auditor.store.console_jobs import Job
from auditor.store.run_index import UnitSpan
from auditor.store.runs import IssuedFile
from reports.forms.roster import FORMS as ENTRIES
from reports.wording import wording

FORMATS = ("xlsx", "docx", "pdf", "html", "csv", "json")
"""The names of `reports/roster.py`, which loads every writer."""


def page(frame: Frame, *, entities: Sequence[UnitSpan], issued: Sequence[IssuedFile], jobs: Sequence[Job]) -> str:
    """Return what may be issued for the unit looked at."""
    titles = {entry.key: entry.title(frame.language) for entry in ENTRIES}
    titles["report"] = wording(frame.language).text("report.title")
    return render(
        "forms.html.j2",
        frame,
        entities=entities,
        issued=issued,
        formats=FORMATS,
        jobs=jobs,
        forms=[(name, titles.get(name, name)) for name in FORMS],
        job_names={kind: frame.t(*pair) for kind, pair in JOB_NAMES.items()},
    )
