"""`doctor --privacy`: every fact that would be sent, what it means, an example from this machine, and what never is."""

from __future__ import annotations

import argparse
from typing import Any, Iterable, Iterator, Mapping

from agent.inventory.document import Inventory, as_plain
from agent.privacy_texts import HEADINGS, NEVER, meanings
from agent.texts import say

LONGEST_EXAMPLE = 70


def privacy_lines(options: argparse.Namespace, inventory: Inventory) -> Iterator[str]:
    """Yield the lines for a document that this machine would send now."""
    language = options.language
    chosen = 0 if language == "zh_CN" else 1
    yield say(language, "privacy.sent")
    things = things_of(inventory)
    for section, fields in meanings().items():
        yield ""
        yield say(language, "privacy.section", name=HEADINGS[section][chosen], count=len(things[section]))
        for field, words in fields.items():
            yield "  %-20s %s%s" % (field, words[chosen], _example(language, field, things[section]))
    yield ""
    yield say(language, "privacy.never")
    for never in NEVER:
        yield "  - " + never[chosen]
    yield ""
    notice = str(options.values["usage_notice"])
    yield say(language, "privacy.usage.on" if notice else "privacy.usage.off", notice=notice)


def things_of(inventory: Inventory) -> dict[str, list[Mapping[str, Any]]]:
    """Return section → what of it the document holds, as plain values."""
    plain = as_plain(inventory)
    features = plain["licence_features"]
    return {
        "document": [plain],
        "scanner": [plain["scanner"]],
        "host": [plain["host"]],
        "operating_system": [plain["host"]["operating_system"]],
        "processor": plain["host"]["processors"],
        "software": plain["software"],
        "coverage": plain["coverage"],
        "fault": [fault for run in plain["coverage"] for fault in run["faults"]],
        "program": plain["programs"],
        "activation": plain["activations"],
        "trace": plain["traces"],
        "licence_feature": features,
        "licence_use": [use for feature in features for use in feature["uses"]],
        "database": plain["databases"],
        "guest": plain["guests"],
    }


def _example(language: str, field: str, things: Iterable[Mapping[str, Any]]) -> str:
    """Return the first value that this machine has for a field, with what says that it is an example."""
    values = (thing.get(field) for thing in things)
    value = next((value for value in values if value not in (None, [], {})), None)
    if value is None or isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict)):
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text if len(text) <= LONGEST_EXAMPLE else text[: LONGEST_EXAMPLE - 1] + "…"
    return say(language, "privacy.example", example=text)
