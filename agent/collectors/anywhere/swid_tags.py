"""SWID tags: what software says of itself in the form of ISO/IEC 19770-2.

Source: `*.swidtag` in the folders that the standard and its users name: /usr/lib/swidtag, /usr/share/swidtag,
    /var/lib/swidtag, /usr/local/share/swidtag, /opt/swidtag, on macOS /Library/Application Support/regid…, on Windows
    C:\\ProgramData\\regid…, each with two levels of folders. `publisher` is the softwareCreator alone: who wrote the
    tag need not have made the software. `release_type` says `patch`, `supplemental` or `corpus`.
Absent: none of these folders exists.
Gaps:   tags inside the folders of single programs are not looked for; a tag that describes an installation medium
    (corpus) or only adds to another (supplemental) is no installed software and is left out of a scan. Signatures of
    tags are not checked. The files that a tag lists are not read.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.swid import SwidFault, read_swid
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

FOLDERS = {
    "linux": ("/usr/lib/swidtag", "/usr/share/swidtag", "/var/lib/swidtag", "/usr/local/share/swidtag", "/opt/swidtag"),
    "macos": ("/Library/Application Support", "/usr/local/share/swidtag"),
    "windows": ("C:\\ProgramData",),
}
SHARED_FOLDERS = frozenset({"/Library/Application Support", "C:\\ProgramData"})
"""Folders of everybody, in which only `regid…` and `swidtag` are the tags'."""
MAX_DEPTH = 2
MAX_TAGS = 5000
MAX_TAG_BYTES = 16 * 1024 * 1024
_NOT_INSTALLED = ("corpus", "supplemental")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the tags of each folder, which is a scope. Raises `Absent`."""
    folders = FOLDERS.get(machine.family, ())
    there = [place for folder in folders for place in _places(machine, folder)]
    if not there:
        raise Absent(folders[0] if folders else "swidtag")
    for place in there:
        scope = "swid_tags:" + place
        yield Scope(scope)
        try:
            for number, tag in enumerate(_tags(machine, place, MAX_DEPTH)):
                if number >= MAX_TAGS:
                    yield Problem(place, "more than %d tags; the rest was left out" % MAX_TAGS)
                    break
                yield from _tag(machine, tag.path, scope)
        except Unreadable as error:
            yield ScopeFailed(scope, "%s: %s" % (error.where, error.why))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded tag says, of whatever kind it is."""
    yield parse_tag(data, name, "swid_tags:" + name)


def _places(machine: Machine, folder: str) -> list[str]:
    """Return the folders of tags; a shared folder that cannot be listed has none that we could tell."""
    if folder not in SHARED_FOLDERS:
        return [folder] if machine.exists(folder) else []
    try:
        members = machine.list_folder(folder) or ()
    except Unreadable as error:
        machine.pass_over(error.where, error.why)
        return []
    return [each.path for each in members if each.is_folder and each.name.lower().startswith(("regid.", "swidtag"))]


def _tags(machine: Machine, folder: str, depth: int) -> Iterator[Entry]:
    for member in machine.list_folder(folder) or ():
        if not member.is_folder and member.name.lower().endswith((".swidtag", ".swid")):
            yield member
        elif member.is_folder and depth > 0:
            yield from _tags(machine, member.path, depth - 1)


def _tag(machine: Machine, path: str, scope: str) -> Iterator[Found]:
    try:
        data = machine.read_bytes(path, MAX_TAG_BYTES)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    found = None if data is None else parse_tag(data, path, scope)
    if found is not None and not (isinstance(found, Software) and found.release_type in _NOT_INSTALLED):
        yield found


def parse_tag(data: bytes, seen_at: str, scope: str) -> Software | Problem:
    """Return what a tag describes; bytes that are no tag, or one without a name, are a `Problem`."""
    try:
        tag = read_swid(data)
    except SwidFault as fault:
        return Problem(seen_at, str(fault))
    return Software(
        source="swid_tags",
        name=tag.name,
        scope=scope,
        seen_at=seen_at,
        version=tag.version,
        publisher=tag.creator,
        identifier=tag.tag_id,
        language=tag.language,
        origin=tag.tag_creator,
        update=True if tag.kind == "patch" else None,
        edition=tag.edition,
        release_type=tag.kind,
        licence_channel=tag.channel,
    )


SWID_TAGS = Collector(
    name="swid_tags", platforms=frozenset({"linux", "macos", "windows"}), collect=collect, parse_file=parse_file
)
