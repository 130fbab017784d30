"""Events → the words of one digest: gravest sort first, at most so many lines of a sort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from auditor.store.outbox import Content, NoticeEvent
from reports.clean_text import clean
from reports.wording import Wording, wording

MOST_OF_A_SORT = 10
ORDER = (
    "new_evidence", "rectification_overdue", "over_use", "duty_due", "licence_expiring", "machines_overdue",
    "audit_done", "handed_in", "report_ready",
)  # fmt: skip


def digest_content(events: Sequence[NoticeEvent], language: str, *, on: date, unit_names: Mapping[str, str]) -> Content:
    """Return one message of all events; files of `report_ready` go with it."""
    words = wording(language)
    sorts: defaultdict[str, list[NoticeEvent]] = defaultdict(list)
    for event in events:
        sorts[event.topic].append(event)
    lines = []
    for topic in sorted(sorts, key=lambda topic: (ORDER.index(topic) if topic in ORDER else len(ORDER), topic)):
        told = sorts[topic]
        lines += [_line(event, words, unit_names) for event in told[:MOST_OF_A_SORT]]
        if len(told) > MOST_OF_A_SORT:
            lines.append(words.text("message.more", count=len(told) - MOST_OF_A_SORT))
    files = [(str(e.facts["name"]), str(e.facts["digest"])) for e in sorts["report_ready"] if "digest" in e.facts]
    subject = words.text("message.digest_subject", count=len(events), day=words.day(on))
    return Content(subject, tuple(lines), tuple(files))


def _line(event: NoticeEvent, words: Wording, unit_names: Mapping[str, str]) -> str:
    facts: dict[str, Any] = {name: clean(v) if isinstance(v, str) else v for name, v in event.facts.items()}
    for name in ("unit", "to"):
        if name in facts:
            facts[name] = unit_names.get(str(facts[name]), facts[name])
    for name in ("due_on", "ends_on", "as_of"):
        if name in facts:
            facts[name] = words.day(date.fromisoformat(str(facts[name])))
    if "duty" in facts:
        facts["duty"] = words.word("duty", str(facts["duty"]))
    return words.text(f"message.{event.topic}", **facts)
