"""The application list that macOS prints as text (`system_profiler SPApplicationsDataType`).

A name stands alone, with a colon, four blanks in; its facts `Label: value` six blanks in. A value may go on in lines of
any form (copyright lines do). Labels are in the language of whoever printed the list: the known ones are English and
Chinese; in other languages the place is known by what it is, and the version by standing first.
"""

from __future__ import annotations

import re
from typing import Iterator

MAX_LINES = 2_000_000
_NAME = re.compile(r"^ {4}(\S.*):\s*$")
_FACT = re.compile(r"^ {6}([^\s:][^:]{0,60}?)[:：](?: (.*))?$")
_PLACE = re.compile(r"^/.*\.(?:app|appex|bundle|prefPane|plugin|framework|service|wdgt)/?$", re.IGNORECASE)
_LABELS = {
    "version": "version",
    "版本": "version",
    "last modified": "modified",
    "上次修改时间": "modified",
    "修改日期": "modified",
    "location": "path",
    "位置": "path",
    "kind": "kind",
    "种类": "kind",
    "类型": "kind",
    "obtained from": "obtained_from",
    "获取来源": "obtained_from",
    "来源": "obtained_from",
    "signed by": "signed_by",
    "签名者": "signed_by",
    "get info string": "info",
    "简介字符串": "info",
}


def read_profiler_text(text: str) -> Iterator[dict[str, str]]:
    """Yield the facts of each application: `name`, and of `version`, `modified`, `path`, `kind`, `obtained_from`,
    `signed_by` and `info` those that its block has."""
    facts: dict[str, str] = {}
    last: str | None = None
    for line in text.lstrip("\ufeff").splitlines()[:MAX_LINES]:
        name, fact = _NAME.match(line), _FACT.match(line)
        if name is not None and fact is None:
            if facts:
                yield facts
            facts, last = {"name": name.group(1).strip()}, None
        elif fact is not None and facts:
            last = _key(fact.group(1), (fact.group(2) or "").strip(), facts)
            if last is not None:
                facts.setdefault(last, (fact.group(2) or "").strip())
        elif last == "info" and line.strip():
            facts["info"] = "%s %s" % (facts["info"], line.strip())
    if facts:
        yield facts


def _key(label: str, value: str, facts: dict[str, str]) -> str | None:
    """Return what a label means; of unknown labels the first is the version, and a bundle's path the place."""
    known = _LABELS.get(label.strip().lower())
    if known is not None:
        return known
    if label.startswith("64-Bit"):
        return None
    if _PLACE.match(value):
        return "path"
    return "version" if len(facts) == 1 and any(character.isdigit() for character in value) else None
