"""Findings → rows of a listing: the sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.core.model import Finding
from reports.wording import wording


def finding_rows(findings: Iterable[Finding], language: str) -> list[dict[str, str | None]]:
    """Return severity, code, unit, product, machine and sentence of each finding."""
    words = wording(language)
    return [
        {
            "severity": finding.severity.value,
            "code": finding.code,
            "unit": finding.unit,
            "product": finding.product,
            "machine": finding.machine,
            "sentence": words.finding(finding.code, told_facts(finding)).text,
        }
        for finding in findings
    ]


def told_facts(finding: Finding) -> tuple[tuple[str, str | int], ...]:
    """Return the facts that a sentence is made of; those that only tell twins apart are left out."""
    return tuple((name, value) for name, value in finding.facts if not name.startswith("which"))
