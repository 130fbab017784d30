"""Forms and reports: what may be issued, what was."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.console.frame import Frame
from auditor.console.pages.runs import JOB_NAMES
from auditor.console.rendering import render
from auditor.issuing.roster import FORMATS, issuable
from auditor.readmodels.screens.runs import OneRun
from auditor.store.console_jobs import Job
from auditor.store.run_index import UnitSpan
from auditor.store.runs import RunRow

GROUPS = (
    ("ledger", ("四张台账", "The four ledgers")),
    ("form", ("其他表格", "Further forms")),
    ("report", ("报告", "Reports")),
)


def page(
    frame: Frame,
    *,
    entities: Sequence[UnitSpan],
    model: OneRun,
    jobs: Sequence[Job],
    earlier: Sequence[RunRow],
) -> str:
    """Return what may be issued for the unit looked at. `earlier`: runs that this one can be compared with."""
    return render(
        "forms.html.j2",
        frame,
        entities=entities,
        model=model,
        formats=FORMATS,
        jobs=jobs,
        earlier=earlier,
        choices=[
            (key, frame.t(*name), [(each.key, each.title(frame.language)) for each in issuable() if each.group == key])
            for key, name in GROUPS
        ],
        job_names={kind: frame.t(*pair) for kind, pair in JOB_NAMES.items()},
    )
