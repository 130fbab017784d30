"""Variables that name licence servers and licence files: for the whole machine, for each user, and FlexNet's own.

Source: the environment of the machine and of each profile in the registry, `FLEXlm License Manager` below SOFTWARE
    (its values and the licence, log and server of its services), /etc/environment, /etc/profile, /etc/profile.d,
    `.flexlmrc` of each home, our own process's environment for names that are known; DSLicSrv.txt of Dassault. Scopes
    `licence_variables:machine`, `licence_variables:users`. Recorded files: a `.reg` export, a profile script,
    DSLicSrv.txt.
Shown:  only variables whose name says that they name licences (`*_LICENSE_FILE`, `LM_LICENSE_FILE`, `*_LIC_FILE`,
    `*_LICENSE_SERVER`, `LSTC_LICENSE` …) or options of a JetBrains program (`*_VM_OPTIONS`); of no other even the name.
Absent: no profile of a user, no registry.
Gaps:   what a script works out; variables that a program's own start script sets; those of a job system.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Callable, Iterator, Mapping, Union

from agent.collectors.anywhere.named_places import expand
from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.linux.homes import homes
from agent.formats.console_text import decode_text
from agent.inventory.traces import Trace
from agent.machine.base import Machine, RegistryKey, Unreadable

if TYPE_CHECKING:
    from agent.formats.registry_value import HiveKey

NAME = "licence_variables"
MACHINE_SCOPE = NAME + ":machine"
USERS_SCOPE = NAME + ":users"
MAX_BYTES = 1 << 20
MAX_VALUE = 4000

SYSTEM_ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
FLEXLM_KEYS = (r"HKLM\SOFTWARE\FLEXlm License Manager", r"HKLM\SOFTWARE\WOW6432Node\FLEXlm License Manager")
PROFILES = ("/etc/environment", "/etc/profile", "/etc/bashrc", "/etc/bash.bashrc", "/etc/csh.cshrc", "/etc/profile.d/*")
DSLS_FILES = (
    r"C:\ProgramData\DassaultSystemes\Licenses\DSLicSrv.txt",
    "/var/DassaultSystemes/Licenses/DSLicSrv.txt",
)
KNOWN = (
    "LM_LICENSE_FILE",
    "ADSKFLEX_LICENSE_FILE",
    "ANSYSLMD_LICENSE_FILE",
    "CDS_LIC_FILE",
    "LSTC_LICENSE",
    "LSTC_LICENSE_SERVER",
    "MGLS_LICENSE_FILE",
    "MLM_LICENSE_FILE",
    "PTC_D_LICENSE_FILE",
    "RLM_LICENSE",
    "SALT_LICENSE_SERVER",
    "SNPSLMD_LICENSE_FILE",
    "SPLM_LICENSE_SERVER",
    "SW_D_LICENSE_FILE",
    "UGS_LICENSE_SERVER",
)
"""Asked of our own process, whose environment may be the machine's where no file says it."""

_ENDINGS = tuple(
    word + ending
    for word in ("LICENSE", "LICENCE")
    for ending in ("FILE", "_FILE", "_SERVER", "_SERVERS", "_PATH", "_LOCATION")
) + ("LIC_FILE", "_LICENSE", "_LICENCE", "_VM_OPTIONS")
_SECRETS = ("KEY", "CODE", "PASS", "TOKEN", "SERIAL", "SECRET")
_ASSIGNED = re.compile(
    r"^\s*(?:export\s+|set\s+|setenv\s+|declare\s+-x\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:=|\s+)(?P<value>\"[^\"]*\"|'[^']*'|[^\s#;]+)"
)
_OF_SERVICE = ("License", "Lmgrd", "LMGRD_LOG_FILE", "Service")
_Read = Callable[[str], Union[RegistryKey, "HiveKey", None]]


def names_licences(name: str) -> bool:
    """Tell whether a variable of this name says where licences are; one that holds a key itself does not."""
    upper = name.upper()
    is_name = all(each.isalnum() and each.isascii() or each == "_" for each in name)
    return is_name and upper.endswith(_ENDINGS) and not any(word in upper for word in _SECRETS)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the machine's variables, then those of its users."""
    yield Scope(MACHINE_SCOPE)
    if machine.family == "windows":
        yield from _once(_of_registry(machine.registry_key))
    else:
        yield from _once(_of_profiles(machine))
    yield from _of_dsls(machine)
    yield from _of_users(machine)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the variables of a `.reg` export, a profile script or DSLicSrv.txt."""
    text = decode_text(data)[0]
    yield Scope(MACHINE_SCOPE)
    if text.lstrip("\ufeff").startswith(("Windows Registry Editor", "REGEDIT4")):
        from agent.formats.registry_export import DamagedExport, RegistryExport  # no other system needs it

        try:
            export = RegistryExport(data)
        except DamagedExport as damage:
            raise Unreadable(name, str(damage))
        yield from _of_registry(export.key)
    elif re.split(r"[\\/]", name)[-1].lower() == "dslicsrv.txt":
        yield from parse_dsls_servers(text, name)
    else:
        yield from parse_profile(text, name, MACHINE_SCOPE)


def parse_profile(text: str, seen_at: str, scope: str) -> Iterator[Trace]:
    """Yield the variables that a profile script, /etc/environment or `.flexlmrc` sets."""
    for line in text.splitlines():
        found = _ASSIGNED.match(line[:MAX_VALUE])
        if found is not None and names_licences(found.group("name")):
            yield _variable(found.group("name"), found.group("value").strip("\"'"), seen_at, scope)


def parse_dsls_servers(text: str, seen_at: str) -> Iterator[Trace]:
    """Yield the servers of DSLicSrv.txt, one `host:port` a line."""
    for number, line in enumerate(text.splitlines()[:1000], start=1):
        server = line.strip()
        if server and not server.startswith("#"):
            where = "%s line %d" % (seen_at, number)
            yield Trace("variable", "DSLicSrv.txt", MACHINE_SCOPE, where, seen_at, server[:MAX_VALUE])


def values_of(machine: Machine) -> tuple[Trace, ...]:
    """Return every variable of the machine and its users, for those who look for the files that they name."""
    return tuple(found for found in collect(machine) if isinstance(found, Trace))


def _variable(name: str, value: str, seen_at: str, scope: str) -> Trace:
    return Trace(kind="variable", name=name, scope=scope, seen_at=seen_at, value=value.strip()[:MAX_VALUE])


def _once(found: Iterator[Found]) -> Iterator[Found]:
    """Pass over a variable that says the same again."""
    seen = set()
    for each in found:
        key = (each.name, each.value, each.path) if isinstance(each, Trace) else None
        if key is None or key not in seen:
            seen.add(key)
            yield each


def _of_registry(read: _Read) -> Iterator[Found]:
    yield from _of_environment(read, SYSTEM_ENVIRONMENT, MACHINE_SCOPE)
    for path in FLEXLM_KEYS:
        yield from _of_flexlm(read, path)


def _of_environment(read: _Read, path: str, scope: str) -> Iterator[Found]:
    try:
        key = read(path)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    for name, value in _texts(key):
        if names_licences(name):
            yield _variable(name, value, path, scope)


def _of_flexlm(read: _Read, path: str) -> Iterator[Found]:
    """Values of FlexNet's own key are variables; a service below it says which licence file its server reads."""
    yield from _of_environment(read, path, MACHINE_SCOPE)
    try:
        key = read(path)
        for service in () if key is None else tuple(key.subkeys)[:200]:
            below = read("%s\\%s" % (path, service))
            values = dict(_texts(below))
            for name in _OF_SERVICE:
                if values.get(name):
                    where = "%s\\%s" % (path, service)
                    yield Trace("setting", name, MACHINE_SCOPE, where, where, values[name][:MAX_VALUE])
    except Unreadable as error:
        yield Problem(error.where, error.why)


def _texts(key: RegistryKey | HiveKey | None) -> Iterator[tuple[str, str]]:
    values: Mapping[str, object] = {} if key is None else key.values
    for name, value in values.items():
        if isinstance(value, str) and value.strip():
            yield name, value


def _of_profiles(machine: Machine) -> Iterator[Found]:
    for pattern in PROFILES:
        for entry in expand(machine, pattern):
            if entry.is_file:
                yield from _of_file(machine, entry.path, entry.path, MACHINE_SCOPE)
    for name in KNOWN:
        value = None if machine.recorded else machine.environment(name)
        if value:
            yield _variable(name, value, "environment", MACHINE_SCOPE)


def _of_file(machine: Machine, path: str, shown: str, scope: str) -> Iterator[Found]:
    try:
        text = machine.read_text(path, MAX_BYTES)
    except Unreadable as error:
        yield Problem(shown, error.why)
        return
    if text is not None:
        yield from parse_profile(text, shown, scope)


def _of_dsls(machine: Machine) -> Iterator[Found]:
    for path in DSLS_FILES:
        if path.startswith("/") == (machine.family == "windows"):
            continue
        try:
            text = machine.read_text(path, MAX_BYTES)
        except Unreadable as error:
            yield Problem(path, error.why)
            continue
        yield from parse_dsls_servers(text or "", path)


def _of_users(machine: Machine) -> Iterator[Found]:
    if machine.family == "windows":
        yield from _of_hives(machine)
        return
    there = homes(machine)
    if not there:
        yield ScopeAbsent(USERS_SCOPE)
        return
    yield Scope(USERS_SCOPE)
    for home in there:
        yield from _of_file(machine, home.path + "/.flexlmrc", home.shown(home.path + "/.flexlmrc"), USERS_SCOPE)


def _of_hives(machine: Machine) -> Iterator[Found]:
    try:
        hives = machine.user_hives()
    except Unreadable as error:
        yield ScopeFailed(USERS_SCOPE, str(error))
        return
    if not hives:
        yield ScopeAbsent(USERS_SCOPE)
        return
    yield Scope(USERS_SCOPE)
    for hive in hives:
        if hive.unreadable is not None:
            yield Problem(hive.root, hive.unreadable)
            continue
        yield from _of_environment(machine.registry_key, hive.root + "\\Environment", USERS_SCOPE)
        path = hive.root + r"\Software\FLEXlm License Manager"
        yield from _of_environment(machine.registry_key, path, USERS_SCOPE)


LICENCE_VARIABLES = Collector(
    name=NAME, platforms=frozenset({"linux", "macos", "windows", "other"}), collect=collect, parse_file=parse_file
)
