"""误报 → what it would change in the rules: a preview for whoever keeps them, never a change by itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from auditor.core.case import CaseState
from auditor.errors import both
from auditor.store.cases import Filter, list_cases
from auditor.store.database import Connection
from rules.catalogue import Catalogue


@dataclass(frozen=True)
class RulePreview:
    """One rule and what it read: how often a person said it was nothing, and how often it was."""

    rule: str
    words: str
    dismissed: int
    confirmed: int
    open: int
    """Cases that nobody has judged yet, which the change would touch as well."""
    suggestion: str


def rule_previews(connection: Connection, catalogue: Catalogue) -> list[RulePreview]:
    """Return each (rule, words) that a person called a false positive, the most often first."""
    judged: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(lambda: {"no": 0, "yes": 0, "open": 0})
    for case in list_cases(connection, Filter()):
        sort = {CaseState.FALSE_POSITIVE: "no", CaseState.TO_CONFIRM: "open"}.get(CaseState(case.state), "yes")
        for line in {(line.rule, line.words) for line in case.finding.evidence}:
            judged[line][sort] += 1
    found = [
        RulePreview(rule, words, count["no"], count["yes"], count["open"], _suggestion(rule, count, catalogue))
        for (rule, words), count in judged.items()
        if count["no"]
    ]
    return sorted(found, key=lambda line: (-line.dismissed, line.rule, line.words))


def _suggestion(rule: str, count: dict[str, int], catalogue: Catalogue) -> str:
    if rule not in catalogue.indicators:
        return both("在产品规则的 rejects 中加入此例", "add it to the rejects of the product's rule")
    if count["yes"]:
        return both(
            "同样的迹象也曾被确认：只补充 innocent_when", "the same sign was confirmed too: add to innocent_when"
        )
    return both("在本单位规则中降低该迹象的强度，或在 rejects 中加入此例",
                "lower its strength in the organisation's layer, or add it to the rejects")  # fmt: skip
