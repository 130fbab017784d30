"""Named places: files of folders that a pattern names part by part. No folder is walked that no pattern names."""

from __future__ import annotations

import fnmatch
import re
from typing import Iterator

from agent.machine.base import Entry, Machine, Unreadable

MAX_FOUND = 2000
"""Files that one pattern may yield."""

_WILD = re.compile(r"[*?\[]")
_FORBIDDEN = re.compile(
    r"[\\/](?:Documents|My Documents|Desktop|Downloads|Pictures|Music|Videos|文档|桌面|下载|图片)(?:[\\/]|$)",
    re.IGNORECASE,
)
_LOCAL_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_REMOTE = ("/net/", "/afs/", "/media/", "/run/media/", "/Volumes/", "/mnt/")


def is_open_to_us(path: str) -> bool:
    """Tell whether a place is local and nobody's own: no network share, no removable disk, no folder of documents."""
    if _FORBIDDEN.search(path) or "\0" in path:
        return False
    if path.startswith("/"):
        return not path.startswith(_REMOTE) and not path.startswith("//")
    return _LOCAL_DRIVE.match(path) is not None


def expand(machine: Machine, pattern: str) -> Iterator[Entry]:
    """Yield the files and folders that a pattern names, in order of their names; `*` and `?` stand within one part.

    At most `MAX_FOUND`. A folder that cannot be listed is passed over: what lies in it cannot be named.
    """
    separator = "/" if pattern.startswith("/") else "\\"
    parts = [part for part in re.split(r"[\\/]", pattern) if part]
    if separator == "/":
        yield from _limited(_below(machine, "", parts, separator))
    elif parts:
        yield from _limited(_below(machine, parts[0], parts[1:], separator))


def _limited(found: Iterator[Entry]) -> Iterator[Entry]:
    for entry, _ in zip(found, range(MAX_FOUND)):
        yield entry


def _below(machine: Machine, folder: str, parts: list[str], separator: str) -> Iterator[Entry]:
    if not parts:
        return
    part, rest = parts[0], parts[1:]
    if rest and not _WILD.search(part):
        yield from _below(machine, folder + separator + part, rest, separator)
        return
    for entry in _members(machine, folder or separator, part, separator):
        if not rest:
            yield entry
        elif entry.is_folder:
            yield from _below(machine, folder + separator + entry.name, rest, separator)


def _members(machine: Machine, folder: str, part: str, separator: str) -> list[Entry]:
    try:
        listed = machine.list_folder(folder if separator == "/" else folder + "\\") or ()
    except Unreadable as error:
        machine.pass_over(error.where, error.why)
        return []
    if separator == "/":
        return [entry for entry in listed if fnmatch.fnmatchcase(entry.name, part)]
    return [entry for entry in listed if fnmatch.fnmatchcase(entry.name.lower(), part.lower())]
