"""Formulae and casks of Homebrew, on macOS and on Linux.

Source: <prefix>/Cellar/<name>/<version>/ with INSTALL_RECEIPT.json (time, tap, whether somebody asked for it) and
    .brew/<name>.rb (licence), and <prefix>/Caskroom/<token>/<version>/; prefixes /opt/homebrew, /usr/local and
    /home/linuxbrew/.linuxbrew. Name and version are those of the folders. `installed_on` is the day of the receipt's
    time in UTC; a formula that came along as a dependency is `system_component`.
Absent: no prefix has a Cellar or a Caskroom.
Gaps:   a prefix elsewhere is not looked for; the day of a cask, and its publisher, which Homebrew does not record. A
    formula's licence is read where it is one text or one `any_of`/`all_of`; other forms stay unread.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.spdx import spdx_expression
from agent.formats.unix_time import day_of
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

PREFIXES = ("/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew")
CELLAR, CASKROOM = "Cellar", "Caskroom"
PLACES = tuple("%s/%s" % (prefix, kind) for prefix in PREFIXES for kind in (CELLAR, CASKROOM))
MAX_RECEIPT_BYTES = 4 * 1024 * 1024
_PLACE = re.compile(r"(?:^|.*/)(Cellar|Caskroom)/([^/]+)/([^/]+)(?:/.*)?$", re.IGNORECASE)
_LICENCE = re.compile(r"^\s*license[\s(]+(?:(any_of|all_of):\s*\[([^\]]*)\]|[\"']([^\"']+)[\"'])", re.MULTILINE)
_WORD = re.compile(r"[\"']([^\"']+)[\"']")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every version that is in place; each Cellar and Caskroom is a scope. Raises `Absent`."""
    there = [place for place in PLACES if machine.exists(place)]
    if not there:
        raise Absent(PLACES[0])
    for place in there:
        scope = "homebrew:" + place
        yield Scope(scope)
        try:
            for thing in _folders(machine, place):
                for version in _folders(machine, thing.path):
                    yield _installed(machine, version.path, scope)
        except Unreadable as error:
            yield ScopeFailed(scope, "%s: %s" % (error.where, error.why))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the formula or cask that a recorded file belongs to: a receipt, or any file below a version's folder."""
    found = _PLACE.match(name.replace("\\", "/"))
    if found is None:
        yield Problem(name, "expected a place below Cellar/NAME/VERSION or Caskroom/NAME/VERSION")
        return
    text = data.decode("utf-8", "replace") if name.endswith("INSTALL_RECEIPT.json") else None
    yield _software(found.groups(), text, "", name, "homebrew:" + name)


def parse_place(machine: Machine, path: str) -> Iterator[Found]:
    """Yield the same with what its neighbours say."""
    found = _PLACE.match(path)
    if found is None or found.group(1).lower() != "cellar":
        yield from parse_file(b"", path)
    else:
        yield _installed(machine, path[: found.end(3)], "homebrew:" + path)


def _folders(machine: Machine, path: str) -> Iterator[Entry]:
    return (entry for entry in machine.list_folder(path) or () if entry.is_folder and not entry.name.startswith("."))


def _installed(machine: Machine, folder: str, scope: str) -> Software | Problem:
    """Return one version in place; a receipt that cannot be read costs what it would have said."""
    found = _PLACE.match(folder)
    assert found is not None
    kind, name, _version = found.groups()
    if kind.lower() != "cellar":
        return _software(found.groups(), None, "", folder, scope)
    try:
        receipt = machine.read_text(folder + "/INSTALL_RECEIPT.json", MAX_RECEIPT_BYTES)
        formula = machine.read_text("%s/.brew/%s.rb" % (folder, name), MAX_RECEIPT_BYTES) or ""
    except Unreadable as error:
        return Problem(error.where, error.why)
    return _software(found.groups(), receipt, formula, folder, scope)


def _software(
    place: tuple[str, ...], receipt: str | None, formula: str, seen_at: str, scope: str
) -> Software | Problem:
    kind, name, version = place
    facts: Any = {}
    if receipt is not None:
        try:
            facts = json.loads(receipt)
        except (ValueError, RecursionError) as error:
            return Problem(seen_at, "not JSON: %s" % error)
    facts = facts if isinstance(facts, dict) else {}
    seconds, source = facts.get("time"), facts.get("source")
    installed_at = seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else None
    tap = source.get("tap") if isinstance(source, dict) else None
    licence = _licence(formula)
    return Software(
        source="homebrew",
        name=name,
        scope=scope,
        seen_at=seen_at,
        version=version,
        identifier=name,
        architecture=facts.get("arch") if isinstance(facts.get("arch"), str) else None,
        installed_on=day_of(installed_at),
        install_date_raw=None if installed_at is None else str(installed_at),
        location=seen_at if "/" + version in seen_at else None,
        per_user=False,
        origin=tap if isinstance(tap, str) and tap else None,
        section="cask" if kind.lower() == "caskroom" else "formula",
        licence=licence,
        system_component=True if facts.get("installed_on_request") is False else None,
        spdx=None if licence is None else spdx_expression(licence),
    )


def _licence(formula: str) -> str | None:
    """Return the licence that a formula states, several as an expression."""
    found = _LICENCE.search(formula)
    if found is None:
        return None
    words = _WORD.findall(found.group(2) or "")
    if found.group(1) is None:
        return found.group(3)
    return (" OR " if found.group(1) == "any_of" else " AND ").join(words) or None


HOMEBREW = Collector(
    name="homebrew",
    platforms=frozenset({"macos", "linux"}),
    collect=collect,
    parse_file=parse_file,
    parse_place=parse_place,
)
