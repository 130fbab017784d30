"""Pages that say why there is nothing else: not there, nothing yet, a fault."""

from __future__ import annotations

from auditor.console.frame import Frame
from auditor.console.rendering import render


def not_there(frame: Frame) -> str:
    """Return what stands where nothing is, or nothing that the reader may see."""
    return render("told.html.j2", frame, kind="not_there", text="")


def nothing_yet(frame: Frame) -> str:
    """Return what stands there before the first audit."""
    return render("told.html.j2", frame, kind="nothing_yet", text="")


def fault(frame: Frame, text: str) -> str:
    """Return a fault that the reader can put right."""
    return render("told.html.j2", frame, kind="fault", text=text)
