"""Programs of the menu, read from desktop entries: what people see of packages, and what was put there without one.

Source: *.desktop files of type Application in /usr/share/applications, /usr/local/share/applications and
    .local/share/applications of every home folder. The name is in the system's language (LANG of the system's
    settings), as the menu shows it; location is the program that Exec starts, never its arguments.
    `parent` is the package, snap or Flatpak that an entry says it belongs to, else, for the menu of the system, the one
    whose file list has the entry (entry_owners.py). NoDisplay makes `system_component`.
    Home folders appear as `~1000` (user id), never by the name of a person.
Absent: none of the folders exists.
Gaps:   no version, except the one that AppImage tools note (Version is that of the specification), no publisher, no
    day; entries of snaps and Flatpaks are read with these; homes on other servers are seen when they are mounted.
"""

from __future__ import annotations

import dataclasses
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.linux.entry_owners import EntryOwners
from agent.collectors.linux.homes import Home, homes, is_there
from agent.collectors.linux.system_language import system_language
from agent.formats.desktop_entry import EntryFault, entry_keys, is_true, localised, program_of
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

FOLDERS = ("/usr/share/applications", "/usr/local/share/applications")
USER_FOLDER = "/.local/share/applications"
MAX_ENTRY_BYTES = 1024 * 1024
MAX_DEPTH = 3
_SYSTEM = Home("", "")
_OWNERS = ("X-AppInstall-Package", "X-Deb-Package", "X-SnapInstanceName", "X-Flatpak", "X-Deepin-AppID")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the entries of each folder as a scope of its own. Raises `Absent`."""
    language = system_language(machine)
    places = [(_SYSTEM, folder) for folder in FOLDERS]
    places += [(home, home.path + USER_FOLDER) for home in homes(machine)]
    there = [place for place in places if is_there(machine, place[1])]
    if not there:
        raise Absent(FOLDERS[0])
    owners = EntryOwners(machine)
    for home, folder in places:
        scope = "desktop_entries:" + home.shown(folder)
        if (home, folder) in there:
            for found in _folder(machine, home, folder, scope, language):
                yield _with_owner(found, owners) if home is _SYSTEM and isinstance(found, Software) else found
        elif home is _SYSTEM:
            yield ScopeAbsent(scope)


def _with_owner(entry: Software, owners: EntryOwners) -> Software:
    """Return the entry with the package that it belongs to, when the entry does not say so itself."""
    if entry.parent is not None or entry.seen_at is None:
        return entry
    owner = owners.owner(entry.seen_at, entry.location)
    return entry if owner is None else dataclasses.replace(entry, parent=owner)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the program of one recorded desktop file, its name untranslated."""
    file_name = name.replace("\\", "/").rpartition("/")[2]
    yield from parse_entry(_decoded(data), file_name, seen_at=name, scope="desktop_entries:" + name)


def _folder(machine: Machine, home: Home, folder: str, scope: str, language: str | None) -> Iterator[Found]:
    yield Scope(scope)
    try:
        for identifier, member in _members(machine, folder, "", MAX_DEPTH):
            seen_at = home.shown(member.path)
            try:
                data = machine.read_bytes(member.path, MAX_ENTRY_BYTES)
            except Unreadable as error:
                yield Problem(seen_at, error.why)
                continue
            if data is not None:
                yield from parse_entry(
                    _decoded(data), identifier, seen_at=seen_at, scope=scope, home=home, language=language
                )
    except Unreadable as error:
        yield ScopeFailed(scope, "%s: %s" % (home.shown(error.where), error.why))


def _decoded(data: bytes) -> str:
    """Return the text of an entry: UTF-8 as the specification has it, else what old Chinese programs wrote."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        from agent.formats.console_text import decode_text

        return decode_text(data)[0]


def _members(machine: Machine, folder: str, prefix: str, depth: int) -> Iterator[tuple[str, Entry]]:
    """Yield desktop files with their id: the path below the folder, `/` written as `-`."""
    for member in machine.list_folder(folder) or ():
        if member.is_folder and depth > 1:
            yield from _members(machine, member.path, "%s%s-" % (prefix, member.name), depth - 1)
        elif not member.is_folder and member.name.endswith(".desktop"):
            yield prefix + member.name, member


def parse_entry(text: str, identifier: str, *, seen_at: str, scope: str, home: Home = _SYSTEM,
                language: str | None = None) -> Iterator[Software | Problem]:  # fmt: skip
    """Yield the program of a desktop entry; nothing for links, folders and entries that are marked as deleted.

    An entry without name or group yields a `Problem`.
    """
    try:
        keys = entry_keys(text)
    except EntryFault as fault:
        yield Problem(seen_at, str(fault))
        return
    if keys.get("Type", "Application") != "Application" or is_true(keys, "Hidden"):
        return
    name = localised(keys, "Name", language)
    if name is None:
        yield Problem(seen_at, "no Name")
        return
    program = program_of(keys.get("Exec", ""))
    yield Software(
        source="desktop_entries",
        name=name,
        scope=scope,
        seen_at=seen_at,
        version=keys.get("X-AppImage-Version") or None,
        identifier=identifier,
        location=None if program is None else home.shown(program),
        per_user=home is not _SYSTEM,
        origin=keys.get("X-Deepin-Vendor") or None,
        section=keys.get("Categories", "").strip(";") or None,
        parent=next((keys[key] for key in _OWNERS if keys.get(key)), None),
        system_component=True if is_true(keys, "NoDisplay") else None,
    )


DESKTOP_ENTRIES = Collector(
    name="desktop_entries", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file
)
