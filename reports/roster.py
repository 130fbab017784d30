"""FORMATS: every format that a form or a report can be written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports.docx_template import ENDING, form_from_template
from reports.forms.roster import form_entry
from reports.printing import Printing
from reports.to_csv import render_csv
from reports.to_docx import render_docx
from reports.to_html import render_form_html, render_html
from reports.to_json import render_json
from reports.to_pdf import render_pdf
from reports.to_xlsx import render_xlsx


@dataclass(frozen=True)
class Format:
    """One format. A writer that is `None` does not exist: the format cannot hold such a thing."""

    name: str
    media_type: str
    form: Callable[[Any, Printing], bytes]
    """Form, how to print it → bytes."""
    report: Callable[[Any, Printing], bytes] | None
    """Audit report, how to print it → bytes."""


def _docx(form: Any, how: Printing) -> bytes:
    """By the unit's own template of the form when there is one, else our layout on its letterhead."""
    own = how.templates.get(f"{form_entry(form).key}{ENDING}")
    if own is not None:
        return form_from_template(form, own, language=how.language, edition=how.edition)
    return render_docx(form, language=how.language, edition=how.edition, ground=how.ground)


FORMATS: tuple[Format, ...] = (
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda form, how: render_xlsx(form, language=how.language, edition=how.edition),
        None,
    ),
    Format(
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _docx,
        None,
    ),
    Format(
        "pdf",
        "application/pdf",
        lambda form, how: render_pdf(form, language=how.language, edition=how.edition, font_folder=how.font_folder),
        None,
    ),
    Format(
        "html",
        "text/html; charset=utf-8",
        lambda form, how: render_form_html(form, language=how.language, edition=how.edition),
        lambda report, how: render_html(report, language=how.language),
    ),
    Format(
        "csv",
        "text/csv; charset=utf-8",
        lambda form, how: render_csv(form, language=how.language, edition=how.edition, with_bom=how.with_bom),
        None,
    ),
    Format("json", "application/json", lambda form, how: render_json(form), lambda report, how: render_json(report)),
)


def format_named(name: str) -> Format:
    """The format of a name. Raises `ValueError` that names the known ones."""
    for known in FORMATS:
        if known.name == name:
            return known
    raise ValueError(f"format: expected one of {', '.join(known.name for known in FORMATS)}, got {name!r}")
