"""What holds for every format and every form."""

from __future__ import annotations

from importlib.resources import files

import pytest
from report_builders import audit_report, detail_form, free_form, journal_form, plan_form, summary_form

from reports.forms.roster import FORMS
from reports.printing import Printing
from reports.roster import FORMATS, Format, format_named


@pytest.mark.parametrize("known", FORMATS, ids=[known.name for known in FORMATS])
def test_a_format_writes_what_it_says_it_writes(known: Format) -> None:
    for form in (summary_form(), detail_form(), journal_form(), free_form(), plan_form()):
        assert known.form(form, Printing())
    if known.report is not None:
        assert known.report(audit_report(), Printing(language="en"))


def test_the_rosters_forget_no_file() -> None:
    formats = {path.name for path in files("reports").iterdir() if path.name.startswith("to_")}
    assert formats == {f"to_{known.name}.py" for known in FORMATS}
    shared = {
        "__init__.py",
        "column.py",
        "frame.py",
        "grid.py",
        "one_page.py",
        "papers.py",
        "roster.py",
        "row_heights.py",
        "sheet.py",
        "__pycache__",
    }
    forms = {path.name for path in files("reports").joinpath("forms").iterdir()} - shared
    assert forms == {f"{entry.key}.py" for entry in FORMS}


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="expected one of xlsx, docx, pdf, html, csv, json, got 'odt'"):
        format_named("odt")
