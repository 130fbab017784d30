"""Extensions of Chrome and Chromium that were put on the machine for everybody.

Source: /opt/google/chrome/extensions, /usr/share/google-chrome/extensions, /usr/share/chromium/extensions and, on
    macOS, /Library/Application Support/Google/Chrome/External Extensions: one <id>.json each (developer.chrome.com,
    "Alternative installation methods"). `read` also takes a manifest.json, with the names of _locales beside it.
Absent: none of these folders exists.
Gaps:   extensions in the profile of a person are that person's affair: a scan does not open profiles. What is declared
    for everybody need not have been fetched by anybody yet.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "chrome_extensions"
FOLDERS = (
    "/opt/google/chrome/extensions",
    "/usr/share/google-chrome/extensions",
    "/usr/share/chromium/extensions",
    "/Library/Application Support/Google/Chrome/External Extensions",
)
MAX_BYTES = 4 * 1024 * 1024
_ID = re.compile(r"[a-p]{32}|[a-z]{32}")
_MESSAGE = re.compile(r"__MSG_([A-Za-z0-9_@]+)__")
_MESSAGES = ("messages.json", "message.json")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the extensions that are declared for everybody. Raises `Absent`."""
    there = [folder for folder in FOLDERS if machine.exists(folder)]
    if not there:
        raise Absent(FOLDERS[0])
    for folder in there:
        scope = "%s:%s" % (SOURCE, folder)
        yield Scope(scope)
        try:
            for member in machine.list_folder(folder) or ():
                if not member.is_folder and member.name.endswith(".json"):
                    yield _declared(machine, member.path, scope)
        except Unreadable as error:
            yield ScopeFailed(scope, error.why)


def _declared(machine: Machine, path: str, scope: str) -> Software | Problem:
    try:
        facts = _object(machine.read_bytes(path, MAX_BYTES) or b"")
    except (Unreadable, ValueError) as error:
        return Problem(path, getattr(error, "why", str(error)))
    identifier = path.rpartition("/")[2][: -len(".json")]
    return Software(
        source=SOURCE, name=identifier, scope=scope, seen_at=path, version=_text(facts, "external_version"),
        identifier=identifier, per_user=False, origin=_text(facts, "external_update_url"),
    )  # fmt: skip


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the extension of one recorded manifest whose name needs no translation."""
    yield parse_manifest(data, name, lambda _place: None)


def parse_place(machine: Machine, path: str) -> Iterator[Found]:
    """Yield the extension of a manifest, its name in the extension's default language. Raises `Unreadable`."""

    def beside(place: str) -> bytes | None:
        return machine.read_bytes(path.rpartition("/")[0] + "/" + place, MAX_BYTES)

    yield parse_manifest(machine.read_bytes(path, MAX_BYTES) or b"", path, beside)


def parse_manifest(data: bytes, seen_at: str, beside: Any) -> Software | Problem:
    """Return the extension that a manifest describes.

    `beside` gives the bytes of a file by its place below the manifest's folder. No name or version, or a translated
    name whose translation is not there, is a `Problem`.
    """
    try:
        manifest = _object(data)
        name = _translated(_text(manifest, "name") or "", _text(manifest, "default_locale"), beside)
    except ValueError as error:
        return Problem(seen_at, str(error))
    version = _text(manifest, "version")
    if not name or version is None:
        return Problem(seen_at, "no %s" % ("version (%s)" % name if name else "name"))
    folders = seen_at.replace("\\", "/").split("/")[:-1]
    identifier = next((folder for folder in reversed(folders) if _ID.fullmatch(folder)), None)
    author = manifest.get("author")
    return Software(
        source=SOURCE,
        name=name,
        scope="%s:%s" % (SOURCE, seen_at),
        seen_at=seen_at,
        version=version,
        publisher=author.strip() if isinstance(author, str) and author.strip() and "@" not in author else None,
        identifier=identifier,
        origin=_text(manifest, "update_url"),
        section="theme" if "theme" in manifest else "extension",
    )


def _translated(name: str, locale: str | None, beside: Any) -> str:
    """Return a name with its message filled in. Raises `ValueError` when the message cannot be found."""
    wanted = _MESSAGE.fullmatch(name)
    if wanted is None:
        return name
    if locale is None or not re.fullmatch(r"[A-Za-z0-9_-]+", locale):
        raise ValueError("a translated name and no default_locale")
    found = (beside("_locales/%s/%s" % (locale, file_name)) for file_name in _MESSAGES)
    messages = _object(next((data for data in found if data is not None), b"{}"))
    entry = {key.lower(): value for key, value in messages.items()}.get(wanted.group(1).lower())
    text = _text(entry, "message") if isinstance(entry, dict) else None
    if text is None:
        raise ValueError("no message %s in _locales/%s" % (wanted.group(1), locale))
    return text


def _object(data: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises `ValueError`."""
    try:
        value = json.loads(data.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise ValueError("nested too deeply")
    except ValueError as error:
        raise ValueError("not JSON: %s" % error)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _text(facts: dict[str, Any], name: str) -> str | None:
    value = facts.get(name)
    return value.strip() or None if isinstance(value, str) else None


CHROME_EXTENSIONS = Collector(
    name=SOURCE, platforms=frozenset({"linux", "macos"}), collect=collect, parse_file=parse_file,
    deep=True, parse_place=parse_place,
)  # fmt: skip
