"""Findings → rows of a listing: the sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from reports.wording import finding_sentence

from auditor.core.model import Finding


def finding_rows(findings: Iterable[Finding], language: str) -> list[dict[str, str | None]]:
    """Return severity, code, unit, product, machine and sentence of each finding."""
    return [
        {
            "severity": finding.severity.value,
            "code": finding.code,
            "unit": finding.unit,
            "product": finding.product,
            "machine": finding.machine,
            "sentence": finding_sentence(
                finding.code,
                tuple((name, value) for name, value in finding.facts if not name.startswith("which")),
                language,
            ),
        }
        for finding in findings
    ]
