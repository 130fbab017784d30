"""What UnionTech OS, Kylin and WPS Office say of their activation → records; loaded where one of them is."""

from __future__ import annotations

from typing import Iterable, Iterator

from agent.collectors.base import Found, Problem, Scope, ScopeAbsent
from agent.collectors.linux.domestic_activation import KYLIN_INFO, MAX_BYTES, NAME
from agent.formats.domestic_licence import (
    AUTHORIZATION_STATES,
    parse_activation_answer,
    parse_activation_server,
    parse_bus_numbers,
    parse_kylin_term,
    parse_wps_settings,
)
from agent.formats.written_day import day_of
from agent.inventory.traces import Activation
from agent.machine.base import Machine, Unreadable

UOS_SCOPE = NAME + ":uos"
KYLIN_SCOPE = NAME + ":kylin"
WPS_SCOPE = NAME + ":wps"
TIMEOUT_SECONDS = 10.0

UOS_COMMAND = ("uos-activator-cmd", "-q")
UOS_LOG = "/var/log/uos/uos-activator-kms/uos-activator-kms.log"
_BUS = ("busctl", "--auto-start=no", "get-property", "com.deepin.license", "/com/deepin/license/Info")
BUS_STATE = (*_BUS, "com.deepin.license.Info", "AuthorizationState")
BUS_BOTH = (*BUS_STATE, "AuthorizationProperty")
KYLIN_COMMAND = ("kylin_activation_check",)
KYLIN_LICENCE = "/etc/LICENSE"
KYLIN_ACTIVATION = "/etc/.kyactivation"
WPS_SETTINGS = "/office6/cfgs/oem.ini"


def uos(machine: Machine) -> Iterator[Found]:
    """A system whose sources tell nothing (deepin without activator, a disk that does not run) is absent."""
    found = [*_uos_command(machine), *_uos_bus(machine), *_uos_log(machine)]
    if not found:
        yield ScopeAbsent(UOS_SCOPE)
        return
    yield Scope(UOS_SCOPE)
    yield from found


def _uos_command(machine: Machine) -> Iterator[Activation | Problem]:
    try:
        text = machine.run(UOS_COMMAND, TIMEOUT_SECONDS)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    if text is not None:
        yield from parse_answer(text, "uos", UOS_SCOPE, " ".join(UOS_COMMAND))


def _uos_bus(machine: Machine) -> Iterator[Activation | Problem]:
    """A service that is not there or does not run is no fault: the command tells the same."""
    numbers = _bus_numbers(machine, BUS_BOTH) or _bus_numbers(machine, BUS_STATE)
    if not numbers:
        return
    if numbers[0] not in AUTHORIZATION_STATES:
        yield Problem("AuthorizationState", "unknown state %d" % numbers[0])
    word, state = AUTHORIZATION_STATES.get(numbers[0], (None, None))
    yield Activation(
        kind="uos",
        scope=UOS_SCOPE,
        seen_at="com.deepin.license.Info AuthorizationState",
        licence_family=str(numbers[1]) if len(numbers) > 1 else None,
        status_code=numbers[0],
        status=word,
        state=state,
    )


def _bus_numbers(machine: Machine, question: tuple[str, ...]) -> tuple[int, ...]:
    try:
        return parse_bus_numbers(machine.run(question, TIMEOUT_SECONDS) or "")
    except Unreadable:
        return ()


def _uos_log(machine: Machine) -> Iterator[Activation | Problem]:
    """The log is large and not meant for us: it is read where somebody recorded it."""
    if not machine.recorded:
        return
    try:
        server = parse_activation_server(machine.read_text(UOS_LOG, MAX_BYTES) or "")
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    if server is not None:
        yield Activation(kind="uos", scope=UOS_SCOPE, seen_at=UOS_LOG, kms_host=server[0], kms_port=server[1])


def kylin(machine: Machine) -> Iterator[Found]:
    yield Scope(KYLIN_SCOPE)
    texts = {}
    for path in (KYLIN_INFO, KYLIN_LICENCE):
        try:
            texts[path] = machine.read_text(path, MAX_BYTES)
        except Unreadable as error:
            yield Problem(error.where, error.why)
    term, preset = (parse_kylin_term(texts.get(path) or "") for path in (KYLIN_INFO, KYLIN_LICENCE))
    if term is not None or preset is not None:
        yield _kylin_term(term, preset)
    try:
        if _has_content(machine, KYLIN_ACTIVATION):
            yield Activation(kind="kylin", scope=KYLIN_SCOPE, seen_at=KYLIN_ACTIVATION, state="licensed")
        text = machine.run(KYLIN_COMMAND, TIMEOUT_SECONDS)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    if text is not None:
        yield from parse_answer(text, "kylin", KYLIN_SCOPE, KYLIN_COMMAND[0])


def _kylin_term(term: str | None, preset: str | None) -> Activation:
    """Compare the two terms as older desktops do; one alone tells when the service ends, and no state."""
    both = term is not None and preset is not None
    day, raw = _end(term or preset)
    return Activation(
        kind="kylin",
        scope=KYLIN_SCOPE,
        seen_at=KYLIN_INFO if term is not None else KYLIN_LICENCE,
        description="term %s, TERM %s" % (term, preset) if both else None,
        state=("unlicensed" if term == preset else "licensed") if both else None,
        expires_at=day,
        expires_raw=raw,
    )


def _has_content(machine: Machine, path: str) -> bool:
    """Tell whether a file is there and not empty, without opening it."""
    folder, _, name = path.rpartition("/")
    members = machine.list_folder(folder) or ()
    return any(each.name == name and each.is_file and bool(each.size_bytes) for each in members)


def wps_office(machine: Machine, folders: Iterable[str]) -> Iterator[Found]:
    """Yield what each folder of WPS Office says."""
    yield Scope(WPS_SCOPE)
    for folder in folders:
        yield from _wps(machine, folder + WPS_SETTINGS)


def _wps(machine: Machine, settings: str) -> Iterator[Activation | Problem]:
    try:
        edition, last5 = parse_wps_settings(machine.read_text(settings, MAX_BYTES) or "")
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    if edition is not None or last5 is not None:
        yield Activation(kind="wps", scope=WPS_SCOPE, seen_at=settings, licence_family=edition, key_last5=last5)


def parse_answer(text: str, kind: str, scope: str, seen_at: str) -> Iterator[Activation | Problem]:
    """Yield what an activation command answered; an empty answer, or one without a word that we know, is a Problem."""
    told = parse_activation_answer(text)
    if told.state is None:
        yield Problem(seen_at, "no state in its answer" if text.strip() else "an empty answer: no right to ask?")
    if told.status is not None or told.term is not None:
        day, raw = _end(told.term)
        yield Activation(
            kind=kind,
            scope=scope,
            seen_at=seen_at,
            status=told.status,
            state=told.state,
            expires_at=day,
            expires_raw=raw,
        )


def parse_record(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded file tells: .kyinfo or LICENSE, the answer of a command (`uos…`, `kylin…`), oem.ini."""
    text = data.decode("utf-8", "replace")
    base = name.replace("\\", "/").rpartition("/")[2].lower()
    if base == "oem.ini":
        edition, last5 = parse_wps_settings(text)
        yield Scope(WPS_SCOPE)
        yield Activation(kind="wps", scope=WPS_SCOPE, seen_at=name, licence_family=edition, key_last5=last5)
    elif base in (".kyinfo", "license"):
        yield Scope(KYLIN_SCOPE)
        term = parse_kylin_term(text)
        if term is not None:
            day, raw = _end(term)
            yield Activation(kind="kylin", scope=KYLIN_SCOPE, seen_at=name, expires_at=day, expires_raw=raw)
    else:
        kind = "kylin" if base.startswith("kylin") else "uos"
        scope = "%s:%s" % (NAME, kind)
        yield Scope(scope)
        yield from parse_answer(text, kind, scope, name)


def _end(written: str | None) -> tuple[str | None, str | None]:
    """Return the end of a licence as a day, else as it is written."""
    day = day_of(written) if written else None
    return day, written if day is None else None
