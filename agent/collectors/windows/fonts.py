"""Fonts that somebody added: those whose files do not say that they come from Microsoft.

Source: the values of `Windows NT\\CurrentVersion\\Fonts` of the machine (scope `fonts:machine`) and of each person
    (`fonts:user:<SID>`), and of each file its own table of names. Recorded files: a font file.
Absent: no such key.
Left out: a font of the machine whose copyright, maker or licence names Microsoft; it came with Windows or Office.
Gaps:   whether a font is embedded in a document; a font that a program brings in its own folder; a file that bears no
    word of its maker is listed without one. What a font is licensed for, nobody can read from it.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import NOT_READ, Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.collectors.windows.registry_source import Reader, key_or_outcome, user_scopes
from agent.formats.font_names import DamagedFont, FontNames, names_of
from agent.formats.part_reader import in_blocks
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "fonts"
MACHINE = NAME + ":machine"
FOLDER = "C:\\Windows\\Fonts"
BELOW = "Microsoft\\Windows NT\\CurrentVersion\\Fonts"
MAX_FONTS = 5000

_OUTLINES = (".ttf", ".otf", ".ttc", ".otc")
_OF_WINDOWS = re.compile(r"microsoft|msdn|monotype.{0,80}microsoft", re.IGNORECASE)
_KIND = re.compile(r"\s*\((?:TrueType|OpenType|VGA res|All res|Type 1)\)\s*$", re.IGNORECASE)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the fonts of the machine, then those of each person."""
    yield from _scope(machine, "HKLM\\SOFTWARE\\" + BELOW, MACHINE)
    for user in user_scopes(machine, NAME):
        if isinstance(user, ScopeFailed):
            yield user
        else:
            scope, root = user
            yield from _scope(machine, root + "\\Software\\" + BELOW, scope)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one font file says, whoever made it. Raises `Unreadable` for what is no font."""
    try:
        faces = names_of(lambda start, length: data[start : start + length])
    except DamagedFont as damage:
        raise Unreadable(name, str(damage))
    yield Scope(MACHINE)
    for family in dict.fromkeys(face.family for face in faces):
        face = next(each for each in faces if each.family == family)
        if family is None:
            raise Absent("%s: no name" % name)
        yield _trace(family, face, MACHINE, name, name, len(data))


def _scope(machine: Machine, path: str, scope: str) -> Iterator[Found]:
    read: Reader = machine.registry_key
    key = key_or_outcome(read, path, scope)
    if isinstance(key, NOT_READ):
        yield key
        return
    yield Scope(scope)
    done = set()
    for shown, value in list(key.values.items())[:MAX_FONTS]:
        if not isinstance(value, str) or not value.lower().endswith(_OUTLINES):
            continue
        place = value if "\\" in value else FOLDER + "\\" + value
        if place.lower() in done:
            continue
        done.add(place.lower())
        yield from _font(machine, shown, place, scope)


def _font(machine: Machine, shown: str, place: str, scope: str) -> Iterator[Found]:
    def part(start: int, length: int) -> bytes:
        return machine.read_part(place, start, length) or b""

    if not machine.exists(place):
        return
    try:
        face = next(iter(names_of(in_blocks(part))), FontNames())
    except (DamagedFont, Unreadable) as error:
        yield Problem(place, str(error))
        return
    if scope == MACHINE and _is_of_windows(face):
        return
    yield _trace(face.family or _KIND.sub("", shown), face, scope, place, place, None)


def _trace(family: str, face: FontNames, scope: str, seen_at: str, place: str, size: int | None) -> Trace:
    return Trace(
        kind="font",
        name=family,
        scope=scope,
        seen_at=seen_at,
        path=place,
        value=face.copyright,
        version=face.version,
        publisher=face.maker,
        product=face.english_family,
        size_bytes=size,
    )


def _is_of_windows(face: FontNames) -> bool:
    words = " ".join(filter(None, (face.copyright, face.maker, face.licence)))
    return _OF_WINDOWS.search(words) is not None


FONTS = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file, deep=True)
