"""Editions of Visual Studio: its entry below Uninstall does not always say which.

Source: `state.json` of every instance below `C:\\ProgramData\\Microsoft\\VisualStudio\\Packages\\_Instances` (2017
    and later); keys below `DevDiv\\vs\\Servicing\\<version>` in both views (2010 to 2015). Recorded files: a
    state.json, hives, exports.
Absent: neither.
Shown:  nowhere: people see the entry below Uninstall; a record here is marked as a system component and carries the
    edition.
Gaps:   who is signed in and by which subscription; the store of licences below `HKCR\\Licenses` is encrypted and not
    read.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, Iterator

from agent.collectors.base import (
    NOT_READ,
    Absent,
    Collector,
    Found,
    Problem,
    Scope,
    ScopeAbsent,
    ScopeFailed,
    members_or_outcome,
)
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Reader, Values, opened, quiet, subkeys
from agent.formats.registry_hive import DamagedHive
from agent.formats.written_day import day_of
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

NAME = "visual_studio"
INSTANCES = NAME + ":instances"
SERVICING = NAME + ":servicing"
FOLDER = "C:\\ProgramData\\Microsoft\\VisualStudio\\Packages\\_Instances"
MAX_INSTANCES = 100
MAX_STATE_BYTES = 64 * 1024 * 1024
YEARS = {
    "10.0": "2010",
    "11.0": "2012",
    "12.0": "2013",
    "14.0": "2015",
    "15": "2017",
    "16": "2019",
    "17": "2022",
    "18": "2026",
}

_SERVICING = "Microsoft\\DevDiv\\vs\\Servicing"
_EDITIONS = ("enterprise", "ultimate", "premium", "professional", "pro", "community", "testprofessional", "express")
_PRODUCT = re.compile(r"Microsoft\.VisualStudio\.Product\.(?P<edition>\w+)")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the instances, then what older ones registered."""
    yield from _instances(machine)
    yield from servicing(machine.registry_key)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a state.json, a hive or an export tells. Raises `Absent` for a JSON file of something else."""
    if data.lstrip()[:1] == b"{":
        found = parse_state(data, seen_at=name)
        if found is None:
            raise Absent("%s: no product of Visual Studio" % name)
        yield Scope(INSTANCES)
        yield found
        return
    yield from servicing(opened(data, name).read)


def parse_state(data: bytes, *, seen_at: str) -> Software | None:
    """Return the product of one state.json, `None` when it names none."""
    try:
        state: Any = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(state, dict):
        return None
    selected, catalogue = _object(state.get("product")), _object(state.get("catalogInfo"))
    identity = _word(selected.get("id")) or _word(state.get("productId"))
    version = _word(state.get("installationVersion")) or _word(selected.get("version"))
    if identity is None or version is None:
        return None
    product = _PRODUCT.fullmatch(identity)
    year = _word(catalogue.get("productLineVersion")) or YEARS.get(version.split(".")[0])
    edition = product.group("edition") if product is not None else None
    day = _word(state.get("installDate"))
    return Software(
        source=NAME,
        name=" ".join(filter(None, ("Visual Studio", edition or identity, year))),
        scope=INSTANCES,
        seen_at=seen_at,
        version=version,
        publisher="Microsoft Corporation",
        identifier=identity,
        installed_on=None if day is None else day_of(day),
        location=_word(state.get("installationPath")),
        per_user=False,
        system_component=True,
        origin=_word(state.get("channelId")),
        edition=edition,
    )


def servicing(read: Reader) -> Iterator[Found]:
    """Yield the editions that set-ups up to 2015 registered."""
    found: list[Software] = []
    there = False
    try:
        for view in SOFTWARE_VIEWS:
            for version in subkeys(read, view + _SERVICING):
                there = True
                found.extend(_editions(read, "%s%s\\%s" % (view, _SERVICING, version), version))
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(SERVICING, str(error))
        return
    if not there:
        yield ScopeAbsent(SERVICING)
        return
    yield Scope(SERVICING)
    yield from dict.fromkeys(found)


def _editions(read: Reader, path: str, version: str) -> Iterator[Software]:
    for name in subkeys(read, path):
        if name.lower() not in _EDITIONS:
            continue
        places = (path + "\\" + name, *(path + "\\" + name + "\\" + lcid for lcid in subkeys(read, path + "\\" + name)))
        for where in places:
            values = Values(quiet(read, where))
            if values.number("Install") == 1:
                edition = "Professional" if name.lower() == "pro" else name.capitalize()
                yield Software(
                    source=NAME,
                    name=" ".join(filter(None, ("Visual Studio", edition, YEARS.get(version)))),
                    scope=SERVICING,
                    seen_at=path + "\\" + name,
                    version=values.text("Version") or version,
                    publisher="Microsoft Corporation",
                    identifier="%s %s" % (name, version),
                    per_user=False,
                    system_component=True,
                    edition=edition,
                )
                break


def _instances(machine: Machine) -> Iterator[Found]:
    members = members_or_outcome(machine, FOLDER, INSTANCES)
    if isinstance(members, NOT_READ):
        yield members
        return
    yield Scope(INSTANCES)
    for member in [each for each in members if each.is_folder][:MAX_INSTANCES]:
        path = member.path + "\\state.json"
        try:
            data = machine.read_bytes(path, MAX_STATE_BYTES)
        except Unreadable as error:
            yield Problem(path, error.why)
            continue
        found = None if data is None else parse_state(data, seen_at=path)
        if found is not None:
            yield found
        elif data is not None:
            yield Problem(path, "names no product")


def _object(value: object) -> Dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _word(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


VISUAL_STUDIO = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
