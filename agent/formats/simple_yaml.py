"""The top level of a YAML mapping: texts and lists of texts. Enough for the `snap.yaml` of a snap.

Nested mappings, anchors, aliases and tags are left out: their keys are as if they were not there.
"""

from __future__ import annotations

import json
import re
from typing import Union

MAX_LINES = 100_000
_KEY = re.compile(r"""^(?:([A-Za-z0-9_][\w .-]*?)|"([^"\\]*)"|'([^']*)')\s*:(?:[ \t]+(.*))?$""")
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")
_ITEM = re.compile(r"^\s*-(?:[ \t]+(.*))?$")
_UNREAD = ("&", "*", "!", "{", "%", "@", "`")

Value = Union[str, "tuple[str, ...]"]


class YamlFault(ValueError):
    """The text is not a mapping at its top level."""


def top_level(text: str) -> dict[str, Value]:
    """Return the keys of the top level whose value is a text or a list of texts.

    An empty value and `null` are left out. Raises `YamlFault` with the line for what is no mapping.
    """
    found: dict[str, Value] = {}
    key, block = "", [""]
    lines = [raw.rstrip() for raw in text.lstrip("\ufeff").splitlines()[:MAX_LINES]]
    for number, line in enumerate(lines, start=1):
        if line in ("---", "...") or (line.startswith(("#", "%")) and not key):
            continue
        if not line or line[0] in " \t#" or (line[0] == "-" and key):
            block.append(line)
            continue
        match = _KEY.match(line)
        if match is None:
            raise YamlFault("line %d: expected `key: value`" % number)
        _keep(found, key, block)
        key, block = match.group(1) or match.group(2) or match.group(3) or "", [match.group(4) or ""]
    _keep(found, key, block)
    if not key:
        raise YamlFault("no key at all")
    return found


def _keep(found: dict[str, Value], key: str, block: list[str]) -> None:
    value = _value(block[0].strip(), block[1:]) if key else None
    if value is not None:
        found[key] = value


def _value(first: str, rest: list[str]) -> Value | None:
    """Return the value that begins behind the colon and goes on in indented lines, `None` when we leave it out."""
    if first[:1] in ("|", ">"):
        return _block_text(rest, "\n" if first[0] == "|" else " ")
    lines = [line for line in rest if line.strip() and not line.lstrip().startswith("#")]
    if first.startswith("#"):
        first = ""
    if not first and lines and _ITEM.match(lines[0]):
        return _listed(lines)
    if not first and any(_KEY.match(line.strip()) for line in lines):
        return None
    whole = " ".join([first, *(line.strip() for line in lines)]).strip()
    if whole.startswith("["):
        return _flow_list(whole)
    return _scalar(whole)


def _scalar(text: str) -> str | None:
    """Return a plain or quoted text without its quotes or comment."""
    if text[:1] == '"':
        match = re.match(r'"(?:[^"\\]|\\.)*"', text)
        return _unescaped(match.group()) if match else None
    if text[:1] == "'":
        match = re.match(r"'((?:[^']|'')*)'", text)
        return match.group(1).replace("''", "'") if match else None
    text = _COMMENT.sub("", text).strip()
    return None if text.startswith(_UNREAD) or text in ("", "~", "null", "Null", "NULL") else text


def _unescaped(quoted: str) -> str | None:
    """JSON knows the escapes that are in use."""
    try:
        text = json.loads(quoted)
    except ValueError:
        return None
    return text if isinstance(text, str) else None


def _block_text(lines: list[str], joint: str) -> str | None:
    """Return a block of text with its common indent taken away."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return joint.join(line[min(indents, default=0) :] for line in lines).strip() or None


def _listed(lines: list[str]) -> tuple[str, ...] | None:
    """Return a list of one text a line; a list of anything else is left out."""
    found: list[str] = []
    for line in lines:
        match = _ITEM.match(line)
        raw = (match.group(1) or "").strip() if match else ""
        text = None if _KEY.match(raw) else _scalar(raw)
        if text is None:
            return None
        found.append(text)
    return tuple(found)


def _flow_list(text: str) -> tuple[str, ...] | None:
    """Return `[a, "b", c]`; nested lists are left out."""
    inner = _COMMENT.sub("", text).strip()[1:]
    if not inner.endswith("]") or "[" in inner:
        return None
    parts = re.findall(r'\s*"(?:[^"\\]|\\.)*"|\s*\'(?:[^\']|\'\')*\'|[^,]+', inner[:-1])
    return tuple(item for item in (_scalar(part.strip()) for part in parts) if item is not None)
