"""Extensions of Visual Studio Code and its relatives, as the editor lists them.

Source: extensions.json of an extension folder: a list with identifier, version and what the marketplace said of each.
    A scan looks where an administrator puts extensions for everybody who works on the machine through code-server
    (/usr/share/code-server/extensions, /var/lib/code-server/extensions, /opt/code-server/extensions).
Absent: none of these folders has such a list.
Gaps:   extensions in the home folder of a person are that person's affair: a scan does not open them. `installed_on` is
    the day in UTC of installedTimestamp, which older editors do not write.
"""

from __future__ import annotations

import json
from typing import Any, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.unix_time import day_of
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "vscode_extensions"
FOLDERS = ("/usr/share/code-server/extensions", "/var/lib/code-server/extensions", "/opt/code-server/extensions")
FILES = tuple(folder + "/extensions.json" for folder in FOLDERS)
MAX_BYTES = 64 * 1024 * 1024


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the extensions of every list; each is a scope. Raises `Absent`."""
    there = [path for path in FILES if machine.exists(path)]
    if not there:
        raise Absent(FILES[0])
    for path in there:
        scope = "%s:%s" % (SOURCE, path)
        yield Scope(scope)
        try:
            yield from parse_list(machine.read_text(path, MAX_BYTES) or "", seen_at=path, scope=scope)
        except Unreadable as error:
            yield ScopeFailed(scope, error.why)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded extensions.json lists."""
    yield from parse_list(data.decode("utf-8", "replace"), seen_at=name, scope="%s:%s" % (SOURCE, name))


def parse_list(text: str, *, seen_at: str, scope: str) -> Iterator[Software | Problem]:
    """Yield the extensions in order; text that is no JSON list is a `Problem`, and so is an entry without id."""
    try:
        entries = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        yield Problem(seen_at, "not JSON: %s" % error)
        return
    if not isinstance(entries, list):
        yield Problem(seen_at, "not a JSON list")
        return
    for number, entry in enumerate(entries, start=1):
        yield _extension(entry if isinstance(entry, dict) else {}, "%s entry %d" % (seen_at, number), scope)


def _extension(entry: dict[str, Any], where: str, scope: str) -> Software | Problem:
    metadata = _part(entry, "metadata")
    identifier, version = _text(_part(entry, "identifier"), "id"), _text(entry, "version")
    if identifier is None or version is None:
        return Problem(where, "no %s" % ("identifier" if identifier is None else "version (%s)" % identifier))
    stamp = metadata.get("installedTimestamp")
    milliseconds = stamp if isinstance(stamp, int) and not isinstance(stamp, bool) else None
    platform = _text(metadata, "targetPlatform")
    return Software(
        source=SOURCE,
        name=identifier,
        scope=scope,
        seen_at=where,
        version=version,
        publisher=_text(metadata, "publisherDisplayName"),
        identifier=identifier,
        architecture=None if platform in ("undefined", "universal", "unknown") else platform,
        installed_on=None if milliseconds is None else day_of(milliseconds // 1000),
        install_date_raw=None if milliseconds is None else str(milliseconds),
        location=_text(_part(entry, "location"), "fsPath") or _text(entry, "relativeLocation"),
        section="extension",
        system_component=True if metadata.get("isBuiltin") is True else None,
    )


def _part(facts: dict[str, Any], name: str) -> dict[str, Any]:
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def _text(facts: dict[str, Any], name: str) -> str | None:
    value = facts.get(name)
    return value.strip() or None if isinstance(value, str) else None


VSCODE_EXTENSIONS = Collector(
    name=SOURCE, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file, deep=True
)
