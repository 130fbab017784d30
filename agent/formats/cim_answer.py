"""What Windows says about itself: objects of its management classes, as PowerShell or `wmic` print them.

Both readers return the same: class or none → objects, each a mapping of property names to values. They take
what is there and leave out what makes no sense; nothing is raised for a strange answer but `DamagedAnswer`.
"""

from __future__ import annotations

import json
import re
from typing import Dict, List, Union

MAX_OBJECTS_OF_ONE_CLASS = 1024

CimValue = Union[str, int, bool, float, List[object], None]
CimObject = Dict[str, CimValue]

_PAIR_LINE = re.compile(r"^[ \t]*[A-Za-z_][A-Za-z0-9_]*=", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*:[ \t]?(.*)$", re.MULTILINE)
_LIST = re.compile(r"\{(.*)\}", re.DOTALL)


class DamagedAnswer(Exception):
    """What was printed is not the answer that was asked for."""


def parse_cim_json(text: str) -> dict[str, list[CimObject]]:
    """Return the objects by class from `{"Win32_BIOS": [{…}], …}`.

    PowerShell writes a list of one as the object alone. Raises `DamagedAnswer` when the text is no such JSON.
    """
    start = text.find("{")
    try:
        answer = json.loads(text[start:]) if start >= 0 else None
    except (ValueError, RecursionError) as error:
        raise DamagedAnswer("no JSON: %s" % error)
    if not isinstance(answer, dict):
        raise DamagedAnswer("no JSON object")
    found = {}
    for name, objects in answer.items():
        listed = objects if isinstance(objects, list) else [objects]
        found[name] = [item for item in listed[:MAX_OBJECTS_OF_ONE_CLASS] if isinstance(item, dict)]
    return found


def parse_wmic_list(text: str) -> list[CimObject]:
    """Return the objects that `wmic … /value` prints: `Name=Value` lines, blank lines between objects.

    `{8, 9}` is a list, a number stays text, an empty value is `None`.
    """
    found: list[CimObject] = []
    here: CimObject = {}
    for line in re.split(r"[\r\n]+", text):
        name, is_pair, value = line.strip().partition("=")
        if not is_pair or not name:
            continue
        if name in here:
            found.append(here)
            here = {}
        here[name] = _value(value.strip())
    if here:
        found.append(here)
    return found[:MAX_OBJECTS_OF_ONE_CLASS]


def parse_printed_list(text: str) -> list[CimObject]:
    """Return the objects of `Name=Value` lines (wmic) or of `Name : Value` lines (PowerShell's lists)."""
    if _PAIR_LINE.search(text) is None:
        text = _LISTED.sub(r"\1=\2", text)
    return parse_wmic_list(text)


def text_of(value: CimValue) -> str | None:
    """Return a property as text without blanks around it, `None` when it is empty or no text or number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value).strip() or None


def number_of(value: CimValue) -> int | None:
    """Return a property as a whole number that is not negative, `None` when it is none."""
    if isinstance(value, list):
        return number_of(value[0]) if value and isinstance(value[0], (str, int)) else None
    text = text_of(value)
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,19}", text) else None


def is_true(value: CimValue) -> bool | None:
    """Return a property as truth, `None` when it says neither."""
    if isinstance(value, bool):
        return value
    return {"TRUE": True, "FALSE": False}.get((text_of(value) or "").upper())


def _value(text: str) -> CimValue:
    listed = _LIST.fullmatch(text)
    if listed is None:
        return text or None
    return [part.strip().strip('"') for part in listed.group(1).split(",") if part.strip()]
