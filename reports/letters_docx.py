"""整改通知书 and 未按期整改单位名单 as Word files, from a template that a unit may edit in Word.

The template comes from outside, so it is rendered in a sandbox: it can name what it is given and nothing else, and a
mark that is not there is a fault. The same letter and template give the same bytes.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from reports.clean_text import clean
from reports.docx_template import filled
from reports.model import EvidenceLine, NoticeLetter, NoticeLine, OverdueUnits
from reports.wording import Wording, wording

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EVIDENCE_SHOWN = 3
_LABELS = (
    "notice_title", "notice_objection", "heading_number", "heading_finding", "heading_evidence", "heading_action",
    "heading_statement", "receipt", "overdue_title", "heading_unit", "heading_overdue", "heading_open",
    "heading_oldest", "nobody_overdue",
)  # fmt: skip


def render_notice(letter: NoticeLetter, *, language: str, template: bytes | None = None) -> bytes:
    """Return the 整改通知书. Raises `TemplateFault` for a template of the unit's own that does not fit."""
    words = wording(language)
    due = words.day(letter.due_on)
    return filled(
        template or _shipped("rectification_notice.docx"),
        {
            "t": _labels(words),
            "number": words.text("letter.notice_number", number=letter.number),
            "unit_name": clean(letter.unit_name),
            "opening": words.text("letter.notice_opening", count=len(letter.lines), due=due),
            "lines": [_notice_line(line, words) for line in letter.lines],
            "due": words.text("letter.due_on", day=due),
            "issuer": words.text("letter.issuer", issuer=clean(letter.issuer)),
            "contact": words.text("letter.contact", contact=clean(letter.contact)) if letter.contact else "",
            "issued": words.text("letter.issued_on", day=words.day(letter.noticed_on)),
            "closing": words.text("closing"),
        },
    )


def render_overdue(told: OverdueUnits, *, language: str, template: bytes | None = None) -> bytes:
    """Return the 未按期整改单位名单. Raises `TemplateFault`."""
    words = wording(language)
    return filled(
        template or _shipped("overdue_units.docx"),
        {
            "t": _labels(words),
            "as_of": words.text("letter.overdue_as_of", day=words.day(told.as_of)),
            "internal": words.text("letter.overdue_internal", name=clean(told.released_by)),
            "issuer": words.text("letter.issuer", issuer=clean(told.issuer)),
            "closing": words.text("closing"),
            "lines": [
                {
                    "number": number,
                    "unit": clean(unit.unit_name),
                    "overdue": words.number(unit.overdue),
                    "open": words.number(unit.open),
                    "oldest": words.day(unit.oldest_due_on),
                }
                for number, unit in enumerate(told.units, start=1)
            ],
        },
    )


def _notice_line(line: NoticeLine, words: Wording) -> dict[str, Any]:
    told = words.finding(line.finding.code, line.finding.facts)
    evidence = [_evidence(shown) for shown in line.finding.evidence[:EVIDENCE_SHOWN]]
    more = len(line.finding.evidence) - len(evidence) + line.finding.more_evidence
    if more > 0:
        evidence.append(words.text("letter.more_evidence", count=more))
    evidence.append(words.text("letter.seen_on", day=words.day(line.seen_on)))
    statements = [f"{day} {clean(text)}" for day, text in line.statements]
    return {
        "number": line.number,
        "text": clean(told.text),
        "evidence": "\n".join(evidence),
        "action": told.action or "",
        "statement": "\n".join(statements) or words.text("letter.no_statement"),
    }


def _evidence(line: EvidenceLine) -> str:
    return clean(f"{line.machine}: {line.words} ({line.record})")


def _labels(words: Wording) -> dict[str, str]:
    return {name: words.text(f"letter.{name}") for name in _LABELS}


def _shipped(name: str) -> bytes:
    return files("reports").joinpath("docx", name).read_bytes()
