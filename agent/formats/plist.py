"""Apple property lists, XML and binary, through `plistlib`, with bounds around it.

Refused: entities, files larger than `MAX_PLIST_BYTES`, binary lists whose objects overlap (a small file that
    unfolds into a huge one), values that contain themselves or nest deeper than `MAX_DEPTH`.
Not read: the old NeXT text format (`{ key = value; }`).
"""

from __future__ import annotations

import plistlib
import re
import struct
from typing import Dict, Iterator, List, Tuple
from xml.parsers.expat import ExpatError

MAX_PLIST_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64

_TRAILER = struct.Struct(">6xBBQQQ")
_CONTAINERS = {0xA: 1, 0xC: 1, 0xD: 2}
_ELEMENT_BYTES = {0x4: 1, 0x5: 1, 0x6: 2}
_XML_START = re.compile(rb"(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?[\s\x00]*<\x00?(?:\?|!|p|d|a)")


class DamagedPlist(Exception):
    """The bytes are no property list, a damaged one, or one beyond the limits."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def parse_plist(data: bytes) -> object:
    """Return the value of an XML or binary property list. Raises `DamagedPlist` and nothing else."""
    if len(data) > MAX_PLIST_BYTES:
        raise DamagedPlist("larger than %d bytes" % MAX_PLIST_BYTES)
    if data.startswith(b"bplist"):
        _check_binary(data)
    elif _XML_START.match(data) is None:
        raise DamagedPlist("neither an XML nor a binary property list")
    elif b"<!ENTITY" in data.replace(b"\0", b""):
        raise DamagedPlist("entities are refused")
    try:
        value: object = plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError) as error:
        raise DamagedPlist("damaged: %s" % (str(error) or "not a property list"))
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error, RecursionError) as error:
        raise DamagedPlist("damaged: %s" % type(error).__name__)
    _check_depth(value)
    return value


def parse_dictionary(data: bytes) -> Dict[str, object]:
    """Return a property list that is a dictionary, as every Info.plist is. Raises `DamagedPlist`."""
    value = parse_plist(data)
    if not isinstance(value, dict):
        raise DamagedPlist("not a dictionary")
    return {name: item for name, item in value.items() if isinstance(name, str)}


def _check_binary(data: bytes) -> None:
    """Refuse a binary list whose objects could not lie side by side in the file."""
    if len(data) < 40:
        raise DamagedPlist("the file ends after %d bytes" % len(data))
    offset_bytes, ref_bytes, count, _, table = _TRAILER.unpack_from(data, len(data) - 32)
    if not 1 <= offset_bytes <= 8 or not 1 <= ref_bytes <= 8 or count * offset_bytes > len(data) - table:
        raise DamagedPlist("the table of objects does not fit into the file")
    total = 0
    for index in range(count):
        at = table + index * offset_bytes
        total += _object_bytes(data, int.from_bytes(data[at : at + offset_bytes], "big"), ref_bytes)
        if total > len(data):
            raise DamagedPlist("objects overlap")


def _object_bytes(data: bytes, at: int, ref_bytes: int) -> int:
    """Return how many bytes the object at `at` takes, at least one."""
    if at >= len(data):
        raise DamagedPlist("an object lies outside the file")
    kind, length = data[at] >> 4, data[at] & 0x0F
    if kind not in _CONTAINERS and kind not in _ELEMENT_BYTES:
        return 1
    if length == 0x0F:
        marker = data[at + 1] if at + 1 < len(data) else 0
        length = int.from_bytes(data[at + 2 : at + 2 + (1 << (marker & 0x3))], "big")
    return 1 + length * (_ELEMENT_BYTES.get(kind) or _CONTAINERS[kind] * ref_bytes)


def _check_depth(value: object) -> None:
    """Refuse a value that contains itself or nests deeper than `MAX_DEPTH`."""
    above: List[int] = []
    todo: List[Tuple[object, int]] = [(value, 0)]
    checked = set()
    while todo:
        item, depth = todo.pop()
        del above[depth:]
        if id(item) in above:
            raise DamagedPlist("a value contains itself")
        if depth > MAX_DEPTH:
            raise DamagedPlist("nested deeper than %d" % MAX_DEPTH)
        above.append(id(item))
        if (id(item), depth) in checked:
            continue
        checked.add((id(item), depth))
        todo.extend((inner, depth + 1) for inner in _members(item))


def _members(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
