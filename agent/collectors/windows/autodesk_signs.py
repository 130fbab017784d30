"""Two facts about Autodesk's licences that only the machine itself can compare: a published serial, a missing service.

Serials: a serial number is compared, whole, with those that generators tell people to type in, and is cut to its last
    five characters afterwards: what leaves the machine is a mark, and only where the two agree. The list is kept as
    SHA-256 of the digits, so no serial stands here either.
Service: Autodesk Genuine Service comes with products of 2021 and later. Where their licensing service is and the
    Genuine Service is nowhere, that is told as `missing` (scope `autodesk_licences:genuine_service`).
Absent: no licensing service of Autodesk.
Gaps:   serials that no public list names; a Genuine Service that is there but does not run; whether somebody removed it
    or a set-up left it out. Where a place cannot be looked into, nothing is called missing. Recorded only.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import Found, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.registry_source import SOFTWARE_VIEWS, Values, users_of
from agent.formats.registry_hive import DamagedHive
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

SCOPE = "autodesk_licences:genuine_service"
SERVICE = "Autodesk Genuine Service"
LICENSING = tuple(
    "C:\\%s\\Common Files\\Autodesk Shared\\AdskLicensing" % each for each in ("Program Files (x86)", "Program Files")
)
FOLDERS = ("C:\\Program Files\\Autodesk\\Genuine Service", "C:\\ProgramData\\Autodesk\\Genuine Service")
IN_PROFILES = "\\AppData\\Local\\Programs\\Autodesk\\Genuine Service"
MAX_ENTRIES = 20_000
MAX_PROFILES = 200

_PUBLISHED = frozenset(
    (
        "25969ddfebad751d5658e81d637fda4fd84f442819dcc5aee80ad2be8b5caef0",
        "45e3d9f9074f63a3719f2afe08c25bcc74d3ee9743f5b652304389e527dfff95",
        "03e659659e63a6c7b6170c1431f8404b6c9967d2ec89de0fdf97eaa7f9c51032",
        "ba0b0b7b042585237d2cc8e997e0b7555c7865c60763bcb315eec19c808b3662",
    )
)
_NOBODYS = frozenset(("all users", "default", "default user", "public"))
_NAME = re.compile(r"Autodesk Genuine Service|Genuine Service", re.IGNORECASE)
_UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall"


def is_published(serial: str) -> bool:
    """Tell whether a whole serial number is one of those that circulate; separators do not matter."""
    import hashlib  # only where a product of Autodesk is

    digits = re.sub(r"\D", "", serial)
    return hashlib.sha256(digits.encode("ascii", "replace")).hexdigest() in _PUBLISHED


def mark(serial: str, *, scope: str, seen_at: str, product: str | None) -> Iterator[Trace]:
    """Yield one mark for a published serial; the serial itself is in no field of it."""
    if is_published(serial):
        yield Trace("setting", "SerialNumber", scope, seen_at=seen_at, path=seen_at, state="published", product=product)


def genuine_service(machine: Machine) -> Iterator[Found]:
    """Yield that the Genuine Service is missing, where it ought to be."""
    if not any(machine.exists(folder) for folder in LICENSING):
        yield ScopeAbsent(SCOPE)
        return
    try:
        is_here = _has_folder(machine) or _is_registered(machine)
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(SCOPE, str(error))
        return
    yield Scope(SCOPE)
    if not is_here:
        yield Trace("service", SERVICE, SCOPE, seen_at=FOLDERS[0], state="missing")


def _has_folder(machine: Machine) -> bool:
    members = [each for each in machine.list_folder("C:\\Users") or () if each.is_folder]
    profiles = [each.path for each in members if each.name.lower() not in _NOBODYS][:MAX_PROFILES]
    for profile in profiles:
        machine.list_folder(profile + "\\AppData\\Local")  # raises for a profile that we may not look into
    return any(machine.exists(place) for place in (*FOLDERS, *(profile + IN_PROFILES for profile in profiles)))


def _is_registered(machine: Machine) -> bool:
    roots = [view + _UNINSTALL for view in SOFTWARE_VIEWS]
    for _, root, why in users_of(machine):
        if why is not None:
            raise Unreadable(root, why)
        roots.append("%s\\Software\\%s" % (root, _UNINSTALL))
    return any(_NAME.fullmatch(name) for root in roots for name in _names(machine, root))


def _names(machine: Machine, root: str) -> Iterator[str]:
    above = machine.registry_key(root)
    for name in () if above is None else above.subkeys[:MAX_ENTRIES]:
        yield Values(machine.registry_key(root + "\\" + name)).text("DisplayName") or ""
