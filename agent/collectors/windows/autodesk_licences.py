"""How Autodesk products on this machine are licensed: serial tail, standalone or network or named user.

Source: values `SerialNumber` anywhere below `Autodesk` of both views, at most five keys deep (scope
    `autodesk_licences:registry`); `LGS.data` of every product below `C:\\ProgramData\\Autodesk\\CLM\\LGS`
    (`autodesk_licences:choice`), in which the product writes which kind of licence was chosen. Recorded files:
    hives, exports, an LGS.data, the JSON that `AdskLicensingInstHelper list` prints.
Absent: no such key; no such folder.
Keys:   the last five characters of a serial, and a mark where the whole one is published (see `autodesk_signs`).
Gaps:   who is signed in; whether a licence was really got: that is with the licensing service and its server. The
    helper is a program of the vendor and is not started by a scan.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, List

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
from agent.collectors.windows.autodesk_signs import genuine_service, mark
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Reader, Values, opened, quiet
from agent.formats.console_text import decode_text
from agent.formats.registry_hive import DamagedHive
from agent.inventory.licence_servers import LicenceFeature
from agent.machine.base import Machine, Unreadable

NAME = "autodesk_licences"
REGISTRY = NAME + ":registry"
CHOICE = NAME + ":choice"
LISTED = NAME + ":helper"
CHOICES = "C:\\ProgramData\\Autodesk\\CLM\\LGS"
HELPER = ("AdskLicensingInstHelper", "list")
MAX_KEYS = 5000
MAX_DEPTH = 5
MAX_PRODUCTS = 500
KINDS = {"STANDALONE": "node_locked", "NETWORK": "floating", "USER": "named_user", "MTSTANDALONE": "node_locked"}

_SERIAL = re.compile(r"\d{3}-\d{8}|\d{11,12}")
_CHOICE = re.compile(r"_?(?P<kind>MTSTANDALONE|STANDALONE|NETWORK|USER)")
_FOLDER = re.compile(r"(?P<key>[0-9A-Z]{5})_(?P<version>\d{4}[0-9.A-Z]*)")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield serials, choices, the missing Genuine Service, then what a recorded folder says that the helper listed."""
    yield from serials(machine.registry_key)
    yield from _choices(machine)
    yield from genuine_service(machine)
    if machine.recorded:
        text = machine.run(HELPER)
        if text is not None:
            yield Scope(LISTED)
            yield from parse_helper(text, seen_at=HELPER[0])


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded file tells. Raises `Absent` when it tells of no licence."""
    text = "" if data.startswith(b"regf") else decode_text(data)[0].lstrip("\ufeff")
    if data.startswith(b"regf") or text.startswith(("Windows Registry Editor", "REGEDIT4")):
        yield from serials(opened(data, name).read)
        return
    if text.lstrip().startswith(("[", "{")):
        found = list(parse_helper(text, seen_at=name))
        scope = LISTED
    else:
        parts = name.replace("/", "\\").split("\\")
        found = [each for each in (parse_choice(text, parts[-2] if len(parts) > 1 else "", name),) if each is not None]
        scope = CHOICE
    if not found:
        raise Absent("%s: no licence" % name)
    yield Scope(scope)
    yield from found


def serials(read: Reader) -> Iterator[Found]:
    """Yield one record for each key that holds a serial number of Autodesk's form, and a mark for a published one."""
    found: List[Found] = []
    there = False
    try:
        for view in SOFTWARE_VIEWS:
            top = read(view + "Autodesk")
            if top is not None:
                there = True
                found.extend(_below(read, view + "Autodesk", top.subkeys))
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(REGISTRY, str(error))
        return
    if not there:
        yield ScopeAbsent(REGISTRY)
        return
    yield Scope(REGISTRY)
    yield from dict.fromkeys(found)


def parse_choice(text: str, folder: str, seen_at: str) -> LicenceFeature | None:
    """Return the choice of one LGS.data; the folder is named by product key and version (`001L1_2020.0.0.F`)."""
    chosen, named = _CHOICE.search(text[:1000].upper()), _FOLDER.fullmatch(folder)
    if chosen is None:
        return None
    return LicenceFeature(
        technology="autodesk",
        feature=named.group("key") if named is not None else folder or "unknown",
        scope=CHOICE,
        seen_at=seen_at,
        kind=KINDS[chosen.group("kind")],
        vendor="Autodesk",
        version=named.group("version") if named is not None else None,
    )


def parse_helper(text: str, *, seen_at: str) -> Iterator[Found]:
    """Yield the products that the vendor's helper lists as JSON; keys are told by how their names end."""
    try:
        listed: Any = json.loads(text[max(0, min((text + "[").find("["), (text + "{").find("{"))) :])
    except (ValueError, RecursionError):
        return
    for item in (listed if isinstance(listed, list) else [listed])[:MAX_PRODUCTS]:
        if not isinstance(item, dict):
            continue
        feature = _of_item(item, "feature_id")
        if feature is None:
            continue
        servers = next((item[name] for name in item if name.endswith("lic_servers") and item[name]), None)
        server = servers[0] if isinstance(servers, list) and servers else servers
        serial = _of_item(item, "serial_number")
        yield LicenceFeature(
            technology="autodesk",
            feature=feature,
            scope=LISTED,
            seen_at=seen_at,
            kind=KINDS.get((_of_item(item, "lic_method") or "").upper()),
            vendor="Autodesk",
            product=_of_item(item, "prod_key"),
            version=_of_item(item, "prod_ver"),
            server=str(server).lstrip("@")[:200] if isinstance(server, str) else None,
            serial_tail=None if serial is None else serial[-5:],
        )
        yield from mark(serial or "", scope=LISTED, seen_at=seen_at, product=_of_item(item, "prod_key"))


def _of_item(item: dict[str, Any], ending: str) -> str | None:
    """Return the chosen value of a key (`sel_…`), else the default one (`def_…`)."""
    names = sorted(
        (name for name in item if name.endswith(ending)), key=lambda name: (not name.startswith("sel"), name)
    )
    return next((item[name].strip() for name in names if isinstance(item[name], str) and item[name].strip()), None)


def _below(read: Reader, top: str, names: tuple[str, ...]) -> Iterator[Found]:
    todo = [(top + "\\" + name, 1) for name in reversed(names)]
    count = 0
    while todo and count < MAX_KEYS:
        path, depth = todo.pop()
        count += 1
        key = quiet(read, path)
        if key is None:
            continue
        if depth < MAX_DEPTH:
            todo.extend((path + "\\" + name, depth + 1) for name in reversed(key.subkeys))
        values = Values(key)
        serial = values.text("SerialNumber") or values.text("Serial Number")
        if serial is not None and _SERIAL.fullmatch(serial):
            product = values.text("ProductName") or values.text("ProductNameGlob")
            yield LicenceFeature(
                technology="autodesk",
                feature=path[len(top) + 1 :],
                scope=REGISTRY,
                seen_at=path,
                vendor="Autodesk",
                product=product,
                version=values.text("Release"),
                serial_tail=serial[-5:],
            )
            yield from mark(serial, scope=REGISTRY, seen_at=path, product=product)


def _choices(machine: Machine) -> Iterator[Found]:
    members = members_or_outcome(machine, CHOICES, CHOICE)
    if isinstance(members, NOT_READ):
        yield members
        return
    yield Scope(CHOICE)
    for member in [each for each in members if each.is_folder][:MAX_PRODUCTS]:
        path = member.path + "\\LGS.data"
        try:
            text = machine.read_text(path, 65536)
        except Unreadable as error:
            yield Problem(path, error.why)
            continue
        found = None if text is None else parse_choice(text.replace("\0", ""), member.name, path)
        if found is not None:
            yield found


AUTODESK_LICENCES = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
