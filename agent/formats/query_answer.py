"""The answer of a query without the frame that a database's own client draws around it.

Clients: psql, mysql, sqlcmd, sqlplus, db2, disql, ksql and mongosh. Headings, rulers and the count of rows below, which
is in the client's language, are taken off; columns are divided by a tab. What has no frame stays as it is.
"""

from __future__ import annotations

import re

MAX_LINES = 200_000
_BORDER = re.compile(r"\s*\+(?:-+\+)+\s*$")
_RULER = re.compile(r"\s*-{3,}(?:[-+\s]*-{2,})?\s*$")
_COUNT = re.compile(r"\s*(?:\(\d+ [^\n]*\)|\d+ (?:rows?|record\(s\)) [^\n]*|已选择\s*\d+\s*行.*)\s*$")
_MONGO_NUMBER = re.compile(r"\b(?:NumberLong|NumberInt|NumberDecimal|Long|Int32)\(\s*[\"']?(-?\d+)[\"']?\s*\)")
_MONGO_NAME = re.compile(r"([{,]\s*)([A-Za-z_]\w*)\s*:")


def plain_answer(text: str) -> str:
    """Return the rows of an answer alone, one a line; a text that a client framed in no known way as it is."""
    lines = [line for line in text.splitlines()[:MAX_LINES] if not _COUNT.match(line)]
    if any(_BORDER.match(line) for line in lines):
        return "\n".join(_bordered(lines))
    ruler = next((number for number, line in enumerate(lines) if _RULER.match(line)), None)
    if ruler is not None and ruler > 0 and lines[ruler - 1].strip():
        lines = [*lines[: ruler - 1], *lines[ruler + 1 :]]
        return "\n".join("\t".join(word.strip() for word in line.split("|")) for line in lines).strip("\n")
    return text if len(lines) == len(text.splitlines()) else "\n".join(lines)


def json_of_mongo(text: str) -> str:
    """Return what a shell of MongoDB prints as JSON: long numbers, bare names and single quotes are its own."""
    plain = _MONGO_NUMBER.sub(r"\1", text)
    if '"' not in plain:
        plain = plain.replace("'", '"')
    return _MONGO_NAME.sub(r'\1"\2":', plain)


def _bordered(lines: list[str]) -> list[str]:
    """Return the rows between the second border and the last: above it are the headings."""
    borders = [number for number, line in enumerate(lines) if _BORDER.match(line)]
    first = borders[1] + 1 if len(borders) > 1 else borders[0] + 1
    rows = [line.strip().strip("|") for line in lines[first:] if not _BORDER.match(line) and line.strip()]
    return ["\t".join(word.strip() for word in row.split("|")) for row in rows]
