"""The first page."""

from __future__ import annotations

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.readmodels.screens.dashboard import Dashboard


def page(frame: Frame, model: Dashboard) -> str:
    """Return the dashboard of a scope."""
    return render("dashboard.html.j2", frame, model=model)


def before_first_run(frame: Frame, *, documents: int, units: int, rights: int) -> str:
    """Return what stands there before the first audit: which steps are done, and what comes next."""
    return render("first_steps.html.j2", frame, documents=documents, units=units, rights=rights)
