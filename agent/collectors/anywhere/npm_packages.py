"""Node packages that were installed for everybody (`npm install -g`).

Source: package.json of every package in /usr/local/lib/node_modules, /usr/lib/node_modules,
    /opt/homebrew/lib/node_modules and /opt/*/lib/node_modules: name, version, author, license. Packages with a scope
    (`@angular/cli`) are one folder deeper.
Absent: none of these folders exists.
Gaps:   what a package brought along (its own node_modules) is part of it; packages of a project or a person are not
    looked for; no day of installation is recorded.
"""

from __future__ import annotations

import json
from typing import Any, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.spdx import spdx_expression
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

SOURCE = "npm_packages"
FOLDERS = ("/usr/local/lib/node_modules", "/usr/lib/node_modules", "/opt/homebrew/lib/node_modules")
MAX_BYTES = 8 * 1024 * 1024
_NO_LICENCE = frozenset({"unlicensed", "none", "see license in license", "see license in license.md"})


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the packages of each folder, which is a scope. Raises `Absent`."""
    there = [folder for folder in _places(machine) if machine.exists(folder)]
    if not there:
        raise Absent(FOLDERS[0])
    for folder in there:
        scope = "%s:%s" % (SOURCE, folder)
        yield Scope(scope)
        try:
            for package in _packages(machine, folder):
                yield from _package(machine, package, scope)
        except Unreadable as error:
            yield ScopeFailed(scope, "%s: %s" % (error.where, error.why))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the package of one recorded package.json."""
    yield parse_package(data, seen_at=name, scope="%s:%s" % (SOURCE, name))


def _places(machine: Machine) -> Iterator[str]:
    yield from FOLDERS
    try:
        members = machine.list_folder("/opt") or ()
    except Unreadable:
        members = ()
    for member in members:
        if member.is_folder and member.name != "homebrew":
            yield member.path + "/lib/node_modules"


def _packages(machine: Machine, folder: str) -> Iterator[Entry]:
    for member in machine.list_folder(folder) or ():
        if not member.is_folder or member.name.startswith("."):
            continue
        if member.name.startswith("@"):
            yield from (each for each in machine.list_folder(member.path) or () if each.is_folder)
        else:
            yield member


def _package(machine: Machine, package: Entry, scope: str) -> Iterator[Software | Problem]:
    place = package.path + "/package.json"
    try:
        data = machine.read_bytes(place, MAX_BYTES)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    if data is None:
        yield Problem(place, "a package without package.json")
    else:
        yield parse_package(data, seen_at=place, scope=scope)


def parse_package(data: bytes, *, seen_at: str, scope: str) -> Software | Problem:
    """Return the package that a package.json describes; no JSON object, name or version is a `Problem`."""
    try:
        facts = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        return Problem(seen_at, "not JSON: %s" % error)
    facts = facts if isinstance(facts, dict) else {}
    name, version = _text(facts.get("name")), _text(facts.get("version"))
    if name is None or version is None:
        return Problem(seen_at, "no %s" % ("name" if name is None else "version (%s)" % name))
    licence = _licence(facts)
    return Software(
        source=SOURCE,
        name=name,
        scope=scope,
        seen_at=seen_at,
        version=version,
        publisher=_author(facts.get("author")),
        identifier=name,
        location=seen_at.rpartition("/")[0] or None,
        per_user=False,
        section="npm",
        licence=licence,
        spdx=None if licence is None else spdx_expression(licence),
    )


def _licence(facts: dict[str, Any]) -> str | None:
    """Return the licence; old packages write an object, or a list of objects of which any holds."""
    stated = facts.get("license") or facts.get("licenses")
    several = stated if isinstance(stated, list) else [stated]
    words = [_text(each.get("type")) if isinstance(each, dict) else _text(each) for each in several]
    known = [word for word in words if word is not None and word.lower() not in _NO_LICENCE]
    return " OR ".join(known) or None


def _author(value: Any) -> str | None:
    """Return the name of `Name <address> (page)`, or of an object."""
    text = _text(value.get("name")) if isinstance(value, dict) else _text(value)
    return None if text is None else text.partition("<")[0].partition("(")[0].strip() or None


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


NPM_PACKAGES = Collector(
    name=SOURCE, platforms=frozenset({"linux", "macos"}), collect=collect, parse_file=parse_file, deep=True
)
