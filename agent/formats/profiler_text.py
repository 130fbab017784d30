"""The application list that macOS prints as text (`system_profiler SPApplicationsDataType`).

A name stands alone, with a colon, four blanks in; its facts `Label: value` six blanks in. A value may go on in lines of
any form (copyright lines do). Labels are in the language of whoever printed the list: English, Chinese, German,
French and Japanese ones are known; in others the place is known by what it is, and the version by standing first.
Of a report with several sections the one of applications is read: by its heading, else by having places of bundles.
"""

from __future__ import annotations

import re
from typing import Iterator

MAX_LINES = 2_000_000
_SECTION = re.compile(r"^(\S.*?) ?[:：]\s*$")
_NAME = re.compile(r"^ {4}(\S.*?) ?[:：]\s*$")
_FACT = re.compile(r"^ {6}([^\s:：][^:：]{0,60}?) ?(?:[:：](?: (.*))?|：(\S.*))$")
_APPLICATIONS = frozenset(
    ("applications", "programme", "anwendungen", "应用程序", "應用程式", "アプリケーション", "aplicaciones", "apps")
    + ("applicazioni", "aplicativos", "программы", "응용 프로그램", "programma's", "programs")
)
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
    "最近修改": "modified",
    "上次修改": "modified",
    "最後修改日期": "modified",
    "種類": "kind",
    "取得來源": "obtained_from",
    "获取自": "obtained_from",
    "获得来源": "obtained_from",
    "签名": "signed_by",
    "签名人": "signed_by",
    "簽署者": "signed_by",
    "zuletzt geändert": "modified",
    "ort": "path",
    "art": "kind",
    "erhalten von": "obtained_from",
    "signiert von": "signed_by",
    "signiert durch": "signed_by",
    "dernière modification": "modified",
    "emplacement": "path",
    "type": "kind",
    "obtenu de": "obtained_from",
    "obtenue auprès de": "obtained_from",
    "signé par": "signed_by",
    "バージョン": "version",
    "最終変更日": "modified",
    "場所": "path",
    "入手元": "obtained_from",
    "署名元": "signed_by",
}


def read_profiler_text(text: str) -> Iterator[dict[str, str]]:
    """Yield the facts of each application: `name`, and of `version`, `modified`, `path`, `kind`, `obtained_from`,
    `signed_by` and `info` those that its block has."""
    yield from _blocks(_of_applications(text.lstrip("\ufeff").splitlines()[:MAX_LINES]))


def _of_applications(lines: list[str]) -> list[str]:
    """Return the lines of the applications, where a report has other sections as well."""
    starts = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    if len(starts) < 2:
        return lines
    parts = [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)])]
    named = [part for part in parts if part[0].rstrip(" :：\t").lower() in _APPLICATIONS]
    placed = [part for part in parts if any(_is_place(line) for line in part)]
    return [line for part in named or placed or [lines] for line in part]


def _is_place(line: str) -> bool:
    fact = _FACT.match(line)
    return fact is not None and _PLACE.match(fact.group(2) or fact.group(3) or "") is not None


def _blocks(lines: list[str]) -> Iterator[dict[str, str]]:
    facts: dict[str, str] = {}
    last: str | None = None
    for line in lines:
        name, fact = _NAME.match(line), _FACT.match(line)
        if name is not None and fact is None:
            if facts:
                yield facts
            facts, last = {"name": name.group(1).strip()}, None
        elif fact is not None and facts:
            value = (fact.group(2) or fact.group(3) or "").strip()
            last = _key(fact.group(1), value, facts)
            if last is not None:
                facts.setdefault(last, value)
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
