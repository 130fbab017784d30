"""A page that asks once more before an act, and says what it does to how many."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.console.frame import Frame
from auditor.console.rendering import render


def page(
    frame: Frame,
    *,
    title: str,
    text: str,
    action: str,
    button: str,
    back: str,
    hidden: Mapping[str, str] | None = None,
    danger: bool = False,
) -> str:
    """Return the question."""
    return render(
        "confirm.html.j2", frame, title=title, text=text, action=action, button=button, back=back,
        hidden=hidden or {}, danger=danger,
    )  # fmt: skip
