"""FORMATS: every format that a form or a report can be written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports.to_csv import render_csv
from reports.to_html import render_html
from reports.to_json import render_json
from reports.to_xlsx import render_xlsx


@dataclass(frozen=True)
class Format:
    """One format. A writer that is `None` does not exist: the format cannot hold such a thing."""

    name: str
    media_type: str
    form: Callable[[Any, str, str], bytes] | None
    """Form, language, edition → bytes."""
    report: Callable[[Any, str], bytes] | None
    """Audit report, language → bytes."""


FORMATS: tuple[Format, ...] = (
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda form, language, edition: render_xlsx(form, language=language, edition=edition),
        None,
    ),
    Format("html", "text/html; charset=utf-8", None, lambda report, language: render_html(report, language=language)),
    Format(
        "csv",
        "text/csv; charset=utf-8",
        lambda form, language, edition: render_csv(form, language=language, edition=edition),
        None,
    ),
    Format(
        "json",
        "application/json",
        lambda form, language, edition: render_json(form),
        lambda report, language: render_json(report),
    ),
)


def format_named(name: str) -> Format:
    """The format of a name. Raises `ValueError` that names the known ones."""
    for known in FORMATS:
        if known.name == name:
            return known
    raise ValueError(f"format: expected one of {', '.join(known.name for known in FORMATS)}, got {name!r}")
