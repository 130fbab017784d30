"""The tree of units."""

from __future__ import annotations

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.readmodels.screens.units import UnitsPage


def page(frame: Frame, model: UnitsPage, *, text: str) -> str:
    """Return a unit with those straight below it."""
    return render("units.html.j2", frame, model=model, text=text)
