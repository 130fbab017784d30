"""Objects of Windows' management classes as people hand them over: JSON, CSV or a table, from PowerShell or `wmic`.

`Format-Table` and `wmic … get` set columns below their headings, by cells: an ideograph takes two of them. A table is
known by two headings or more that the caller knows, so that prose is never taken for one.
"""

from __future__ import annotations

import json
import re
from typing import Iterator

from agent.formats.cim_answer import MAX_OBJECTS_OF_ONE_CLASS, CimObject

MAX_LINES = 20_000
MAX_CELLS = 32_768
_LEAST = 2
_HEADING = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SEPARATORS = ",;\t|"


def parse_cim_table(text: str, known: frozenset[str]) -> list[CimObject]:
    """Return the objects of a handed-over listing whose properties are among `known`; none for any other text."""
    plain = text.strip("\ufeff \t\r\n")
    if plain[:1] in ("[", "{"):
        return _of_json(plain, known)
    lines = plain.splitlines()[:MAX_LINES]
    for number, line in enumerate(lines):
        for separator in _SEPARATORS:
            names = [word.strip().strip('"') for word in line.split(separator)]
            if len(known.intersection(names)) >= _LEAST:
                return _of_rows(names, _until_blank(lines[number + 1 :]), separator)
        if len(known.intersection(_HEADING.findall(line))) >= _LEAST and re.fullmatch(r"[\w \t]+", line):
            return _of_columns(line, lines[number + 1 :])
    return []


def _of_json(text: str, known: frozenset[str]) -> list[CimObject]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return []
    objects = answer if isinstance(answer, list) else [answer]
    found = [item for item in objects if isinstance(item, dict) and len(known.intersection(item)) >= _LEAST]
    return found[:MAX_OBJECTS_OF_ONE_CLASS]


def _of_rows(names: list[str], lines: Iterator[str], separator: str) -> list[CimObject]:
    import csv  # what no scan needs

    found: list[CimObject] = []
    try:
        for row in csv.reader(lines, delimiter=separator):
            if len(found) < MAX_OBJECTS_OF_ONE_CLASS and any(word.strip() for word in row):
                found.append({name: word.strip() or None for name, word in zip(names, row) if name})
    except csv.Error:  # what was read before a damaged row stays
        pass
    return found


def _until_blank(lines: list[str]) -> Iterator[str]:
    """Yield rows; `wmic` puts a blank line between each of them when it writes into a file."""
    return (line for line in lines if line.strip() and not line.startswith("#"))


def _of_columns(heading: str, lines: list[str]) -> list[CimObject]:
    """Cut the lines below where the headings begin; a line of dashes is none of them."""
    starts = [(word.group(), word.start()) for word in _HEADING.finditer(heading)]
    ends = [start for _, start in starts[1:]] + [MAX_CELLS]
    found: list[CimObject] = []
    for line in lines:
        if not line.strip() or re.fullmatch(r"[-\s]+", line) or len(found) == MAX_OBJECTS_OF_ONE_CLASS:
            continue
        cells = _cells(line[:MAX_CELLS])
        found.append(
            {name: cells[start:end].replace("\0", "").strip() or None for (name, start), end in zip(starts, ends)}
        )
    return found


def _cells(line: str) -> str:
    """Return a line with a NUL behind each character that takes two cells."""
    import unicodedata

    return "".join(letter + "\0" if unicodedata.east_asian_width(letter) in "WF" else letter for letter in line)
