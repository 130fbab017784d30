"""XML of other tools → plain values: no DOCTYPE, no entities, bounded depth and count, any encoding that agents use.

An element without children is a text, one with children a record; what stands several times is a list. Attributes are
passed over, as are control characters: agents copy them from the registry, and XML does not allow them.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from auditor.errors import Refused

MAX_ELEMENTS = 400_000
_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"'][^>]{0,100}\?>")
_ANY_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,300}\?>")
_NOT_ALLOWED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ENCODING = re.compile(
    r"utf[_-]?(?:8|16|32)(?:[_-]?[lb]e)?|us-ascii|ascii|gb2312|gbk|gb18030|big5(?:-?hkscs)?|euc[_-]?(?:jp|kr|cn|tw)"
    r"|shift[_-]jis|(?:cp|windows-)\d{3,4}|iso[_-]?8859[_-]\d{1,2}|koi8-[rut]|latin-?\d{1,2}|macintosh|mac[_-]roman"
)
"""What agents declare. Python knows more, of which some are none of text and some take very long."""
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "iso-8859-1": "cp1252"}


def is_xml(data: bytes) -> bool:
    """Tell whether bytes begin as XML does."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") or data.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<"))


def read_tree(data: bytes, *, max_depth: int) -> tuple[str, Any]:
    """Return the name of the root element and what it holds, names in lower case. Raises `Refused`."""
    stack: list[tuple[str, dict[str, Any]]] = []
    count = 0
    root: tuple[str, Any] = "", None
    try:
        for event, element in iterparse(
            io.BytesIO(_as_utf8(data)), events=("start", "end"), forbid_dtd=True, forbid_entities=True
        ):
            name = str(element.tag).rpartition("}")[2].lower()
            if event == "start":
                count += 1
                if count > MAX_ELEMENTS or len(stack) >= max_depth:
                    raise Refused("", f"expected at most {MAX_ELEMENTS} elements, {max_depth} deep, got more")
                stack.append((name, {}))
                continue
            _, inside = stack.pop()
            value: Any = inside or (element.text or "").strip()
            element.clear()
            if stack:
                _put(stack[-1][1], name, value)
            else:
                root = name, value
    except DefusedXmlException as error:
        raise Refused("", "expected XML without DOCTYPE and entities") from error
    except (ParseError, LookupError, ValueError) as error:
        raise Refused("", f"expected XML, got {len(data)} bytes: {error}") from error
    return root


def _put(record: dict[str, Any], name: str, value: Any) -> None:
    """Put a value under its name; the second of a name makes a list."""
    if name not in record:
        record[name] = value
    elif isinstance(record[name], list):
        record[name].append(value)
    else:
        record[name] = [record[name], value]


def _as_utf8(data: bytes) -> bytes:
    """Return the text in UTF-8 without its declaration: an encoding that the parser does not know is no fault."""
    readable = _NOT_ALLOWED.sub("", _ANY_DECLARATION.sub("", _decoded(data), count=1))
    return readable.encode("utf-8", "replace")


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    declared = _DECLARATION.match(data.removeprefix(codecs.BOM_UTF8)[:400])
    name = declared.group(1).decode("ascii").lower() if declared is not None else "utf-8"
    if _ENCODING.fullmatch(name) is None:
        name = "utf-8"
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode(_WIDER.get(name, name), "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
