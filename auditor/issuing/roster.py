"""ISSUABLE: every form and report that can be issued from a run, in one order for the command, the console and the
interface for programmes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

LEDGERS: Final = ("summary", "detail", "journal", "free_software")
"""The four statutory ledgers."""
PLAN: Final = "plan"
"""软件采购计划表 of a unit by itself; one of the whole group is `zhengban plan --group`."""
REPORT: Final = "report"
"""The report of the audit itself."""
OF_SEVERAL_RUNS: Final = ("comparison", "trends")
"""Papers that need other runs beside the one that is printed."""
FORMATS: Final = ("xlsx", "docx", "pdf", "html", "csv", "json")
"""The names of `reports/roster.py`, which loads every writer."""


@dataclass(frozen=True)
class Issuable:
    """One form or report. `group`: `ledger`, `form` or `report`."""

    key: str
    group: str
    title_zh: str
    title_en: str

    def title(self, language: str) -> str:
        """The title in the language of the reader."""
        return self.title_zh if language == "zh_CN" else self.title_en

    @property
    def usual_formats(self) -> tuple[str, ...]:
        """XLSX for the ledgers and the plan, HTML for the audit's report, DOCX for what people go on writing."""
        if self.key == REPORT:
            return ("html",)
        return ("xlsx",) if self.group == "ledger" or self.key == PLAN else ("docx",)


@cache
def issuable() -> tuple[Issuable, ...]:
    """Return all of them: the ledgers, the report, the further forms, the further reports."""
    from reports.forms.papers import FORM_PAPERS, REPORT_PAPERS
    from reports.forms.roster import FORMS as LAYOUTS
    from reports.wording import wording

    titles = {entry.key: entry for entry in LAYOUTS}
    report = Issuable(REPORT, "report", *(wording(each).text("report.title") for each in ("zh_CN", "en")))
    return (
        *(Issuable(key, "ledger", titles[key].title_zh, titles[key].title_en) for key in LEDGERS),
        report,
        Issuable(PLAN, "form", titles[PLAN].title_zh, titles[PLAN].title_en),
        *(Issuable(each.key, "form", each.title_zh, each.title_en) for each in FORM_PAPERS),
        *(Issuable(each.key, "report", each.title_zh, each.title_en) for each in REPORT_PAPERS),
    )


def issuable_named(key: str) -> Issuable | None:
    """Return one of them, `None` for an unknown name."""
    return next((each for each in issuable() if each.key == key), None)


def several_runs_fault(forms: tuple[str, ...], against: str | None) -> tuple[str, str] | None:
    """Return in Chinese and English why forms of several runs cannot be issued so; `None` when they can."""
    if ("comparison" in forms) != (against is not None):
        return (
            "两次核查对比须指定对比的上次核查，且只有它需要",
            "the comparison, and it alone, takes a run to compare with",
        )
    if len(set(OF_SEVERAL_RUNS) & set(forms)) > 1:
        return "两次核查对比与趋势请分开出具", "issue the comparison and the trends apart"
    return None
