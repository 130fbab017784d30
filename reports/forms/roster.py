"""FORMS: every form that is printed, in the order of the annexes of the guide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports.forms import detail, free_software, journal, papers, plan, summary
from reports.forms.column import Column
from reports.forms.sheet import Book
from reports.model import DetailForm, FreeForm, JournalForm, PlanForm, SummaryForm
from reports.paper import Paper

Form = SummaryForm | DetailForm | JournalForm | FreeForm | PlanForm | Paper


@dataclass(frozen=True)
class FormEntry:
    """One form: its name in commands, its titles, the columns of its body and how it is laid out."""

    key: str
    title_zh: str
    title_en: str
    columns: tuple[Column, ...]
    model: type[Form]
    lay_out: Callable[[Any, str, str], Book]
    """Model of this entry, language, edition → layout."""

    def title(self, language: str) -> str:
        """The title in the language of the print."""
        return self.title_zh if language == "zh_CN" else self.title_en


FORMS: tuple[FormEntry, ...] = (
    FormEntry("plan", plan.TITLE_ZH, plan.TITLE_EN, plan.COLUMNS, PlanForm, plan.lay_out),
    FormEntry(
        "free_software",
        free_software.TITLE_ZH,
        free_software.TITLE_EN,
        free_software.COLUMNS,
        FreeForm,
        free_software.lay_out,
    ),
    FormEntry("summary", summary.TITLE_ZH, summary.TITLE_EN, summary.COLUMNS, SummaryForm, summary.lay_out),
    FormEntry("detail", detail.TITLE_ZH, detail.TITLE_EN, detail.COLUMNS, DetailForm, detail.lay_out),
    FormEntry("journal", journal.TITLE_ZH, journal.TITLE_EN, journal.COLUMNS, JournalForm, journal.lay_out),
)


def form_entry(form: Form) -> FormEntry:
    """The entry of a form's read-model. Raises `KeyError`."""
    if isinstance(form, Paper):
        layout = papers.paper_layout(form.kind)
        columns = layout.sections[0].columns
        return FormEntry(layout.key, layout.title_zh, layout.title_en, columns, Paper, papers.lay_out)
    for entry in FORMS:
        if isinstance(form, entry.model):
            return entry
    raise KeyError(type(form).__name__)
