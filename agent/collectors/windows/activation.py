"""How the licences of Windows and Office stand, and which hosts they are activated by.

Source: every row with a key of SoftwareLicensingProduct and, for Office 2010, OfficeSoftwareProtectionProduct (scopes
    `activation:windows`, `activation:office`; `activation:other` for other applications); the key in the firmware
    (`activation:firmware`); hosts set in the registry (`activation:kms_registry`). Recorded files: the text of
    `slmgr /dli`, `/dlv`, `/xpr` and `ospp.vbs /dstatus`, listings of those classes;
    `.reg` exports and SOFTWARE hives, with what `registered_keys` reads in them.
Absent: no licence of Office; no key in the firmware was asked for (wmic); no such registry key; a recorded machine
    that carries no answer. A service that is there and does not answer is failed.
Keys:   the last five characters alone.
Gaps:   Microsoft 365 licences that belong to a signed-in person are not in these services; a licence without a key is
    no row; a digital licence looks like a retail one; an offline disk answers with its registry alone.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.kms_settings import PLATFORMS, Reader, kms_settings
from agent.collectors.windows.licensing_rows import (
    OFFICE_2010,
    PRODUCTS,
    PROPERTIES,
    SERVICE,
    LicensingAnswer,
    activation_of_row,
    ask_licensing,
    firmware_key,
    kind_of,
)
from agent.collectors.windows.registered_keys import registered
from agent.collectors.windows.registry_source import opened
from agent.formats.cim_answer import CimObject, parse_wmic_list
from agent.formats.cim_table import parse_cim_table
from agent.formats.console_text import decode_text
from agent.formats.registry_hive import DamagedHive
from agent.formats.slmgr_text import LicenceText, parse_licence_text
from agent.formats.slmgr_words import STATES
from agent.inventory.traces import Activation
from agent.machine.base import Machine, Unreadable

NAME = "activation"
SLMGR, SLMGR_TERM, OSPP = ("slmgr", "/dlv"), ("slmgr", "/xpr"), ("ospp", "/dstatus")
KMS_SCOPE = NAME + ":kms_registry"

_LISTING = re.compile(r"^[ \t]*(PartialProductKey|LicenseStatus|OA3xOriginalProductKey)[ \t]*(:|=)", re.MULTILINE)
_PAIRS = re.compile(r"^[ \t]*(PartialProductKey|LicenseStatus|OA3xOriginalProductKey)=", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*([A-Za-z0-9]+)[ \t]*:[ \t]?(.*)$", re.MULTILINE)
_NOTHING: CimObject = {}
_REGISTRY_TEXT = ("Windows Registry Editor", "REGEDIT4")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every row of the services, the key in the firmware and the hosts set in the registry."""
    answer = ask_licensing(machine)
    printed = () if answer.answered or not machine.recorded else tuple(_printed(machine))
    if answer.answered or not machine.recorded:
        yield from parse_answer(answer)
    elif printed:
        yield from _in_scopes(printed)
    else:
        yield ScopeAbsent(NAME + ":windows")
        yield ScopeAbsent(NAME + ":office")
    yield from _registry(machine.registry_key, "HKLM\\")


def parse_answer(answer: LicensingAnswer) -> Iterator[Found]:
    """Yield one scope after the other; a class that could not be read fails the scopes that needed it."""
    rows = [(name, row) for name in (PRODUCTS, OFFICE_2010) for row in answer.rows.get(name, [])]
    service = next(iter(answer.rows.get(SERVICE, [])), _NOTHING)
    found = [activation_of_row(row, name, service) for name, row in rows]
    for kind, needed in (("windows", (PRODUCTS,)), ("office", (PRODUCTS, OFFICE_2010)), ("other", ())):
        scope = "%s:%s" % (NAME, kind)
        own = [dataclasses.replace(each, scope=scope) for each in found if each.kind == kind]
        faults = [(name, answer.faults[name]) for name in needed if name in answer.faults]
        if own:
            yield Scope(scope)
            yield from own
            yield from (Problem(name, why) for name, why in faults)
        elif faults:
            yield ScopeFailed(scope, "%s: %s" % faults[0])
        elif kind == "windows" or (kind == "office" and OFFICE_2010 in answer.rows):
            yield Scope(scope)
        elif kind == "office":
            yield ScopeAbsent(scope)
    yield from _firmware(answer, service)


def _firmware(answer: LicensingAnswer, service: CimObject) -> Iterator[Found]:
    """A machine that was asked and has no such key is complete with nothing found."""
    scope = NAME + ":firmware"
    if SERVICE in answer.faults:
        yield ScopeFailed(scope, "%s: %s" % (SERVICE, answer.faults[SERVICE]))
    elif answer.tells_firmware_key:
        yield Scope(scope)
        key = firmware_key(service, SERVICE)
        if key is not None:
            yield dataclasses.replace(key, scope=scope)
    else:
        yield ScopeAbsent(scope)


def _registry(read: Reader, prefix: str) -> Iterator[Found]:
    """Yield the hosts that the registry sets; absent when it has no licensing platform at all."""
    try:
        there = [(prefix + path, kind) for path, kind in PLATFORMS if read(prefix + path) is not None]
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(KMS_SCOPE, str(error))
        return
    if not there:
        yield ScopeAbsent(KMS_SCOPE)
        return
    yield Scope(KMS_SCOPE)
    for path, kind in there:
        yield from kms_settings(read, path, kind, KMS_SCOPE)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded file tells. Raises `Absent` for no licence at all, `Unreadable` for a damaged hive."""
    text = "" if data.startswith(b"regf") else decode_text(data)[0]
    if data.startswith(b"regf") or text.lstrip("\ufeff").startswith(_REGISTRY_TEXT):
        read = opened(data, name).read
        yield from _registry(read, "HKLM\\")
        yield from registered(read)
        return
    found = tuple(parse_text(text, seen_at=name))
    if not found:
        raise Absent("%s: no licence" % name)
    yield from _in_scopes(found)


def _printed(machine: Machine) -> Iterator[Activation]:
    """Yield what the scripts of Windows and Office printed into a recorded folder; they are never started here."""
    for commands in ((SLMGR, SLMGR_TERM), (OSPP,)):
        for command in commands:
            text = machine.run(command)
            found = () if text is None else tuple(parse_text(text, seen_at=" ".join(command)))
            yield from found
            if found:
                break


def _in_scopes(found: tuple[Activation, ...]) -> Iterator[Found]:
    for scope in dict.fromkeys(each.scope for each in found):
        yield Scope(scope)
        yield from (each for each in found if each.scope == scope)


def parse_text(text: str, *, seen_at: str) -> Iterator[Activation]:
    """Yield the licences of a printed text or of a listing of the class, each in the scope of its kind."""
    listed = _listed(text)
    found = [each for row in listed for each in _of_listed(row, listed, seen_at)]
    if not listed:
        found = [activation_of_text(each, seen_at) for each in parse_licence_text(text)]
    for each in found:
        yield dataclasses.replace(each, scope="%s:%s" % (NAME, each.kind))


def _listed(text: str) -> list[CimObject]:
    """Return the objects of a listing in any form; none for a text of `slmgr` or `ospp`, or of another kind."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("[", "{")) and _LISTING.search(text):
        return parse_wmic_list(_LISTED.sub(r"\1=\2", text) if not _PAIRS.search(text) else text)
    return parse_cim_table(text, PROPERTIES)


def _of_listed(row: CimObject, listed: list[CimObject], seen_at: str) -> Iterator[Activation]:
    """Yield what a listed row says; rows without a key are Windows' offers, where the listing tells keys at all."""
    key = firmware_key(row, seen_at)
    if key is not None:
        yield key
    tells_keys = any("PartialProductKey" in each for each in listed)
    if row.get("PartialProductKey") is not None or (not tells_keys and row.get("LicenseStatus") is not None):
        yield activation_of_row(row, seen_at, {})


def activation_of_text(told: LicenceText, seen_at: str) -> Activation:
    """Return the licence that a block of printed text speaks of; without an application id the words tell its kind."""
    words = " ".join(filter(None, (told.product, told.description))).lower()
    kind = kind_of(told.application_id) if told.application_id else "office" if "office" in words else "windows"
    state = STATES.get(told.status_code) if told.status_code is not None else None
    return Activation(kind=kind, scope="", seen_at=seen_at, state=state, **vars(told))


ACTIVATION = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
