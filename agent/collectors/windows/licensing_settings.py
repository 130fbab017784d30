"""Settings that change how the licensing services of Windows and Office work.

Source: `VerifierDlls`, `Debugger`, `GlobalFlag` and `MonitorProcess` that Image File Execution Options and
    SilentProcessExit set for the programs of these services (scope `licensing_settings:machine`); the policies
    `NoGenTicket`, `NoAcquireGT` and `SkipRearm`; per person `TimeOfLastHeartbeatFailure` of Office
    (`licensing_settings:user:<SID>`).
Absent: none of these is set, which is how it should be: the scope is complete and empty where the keys above them are
    there; absent on a recorded machine without them.
Gaps:   the host for activation is told by the collector `activation`; a setting by itself says not who made it, and
    `NoGenTicket` is a policy that Microsoft documents.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.registry_source import Key, Reader, Values, opened, user_scopes
from agent.formats.registry_hive import DamagedHive
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "licensing_settings"
MACHINE = NAME + ":machine"
WINDOWS_NT = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
PROGRAMS = ("SppExtComObj.exe", "sppsvc.exe", "osppsvc.exe", "slui.exe", "SLsvc.exe", "ClipRenew.exe")
MAX_TEXT = 400

_IFEO = WINDOWS_NT + "\\Image File Execution Options"
_IFEO_32 = "HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options"
_EXIT = WINDOWS_NT + "\\SilentProcessExit"
_PLACES = tuple(
    (above + "\\" + program, ("VerifierDlls", "Debugger", "GlobalFlag", "MonitorProcess", "UseFilter"))
    for above in (_IFEO, _IFEO_32, _EXIT)
    for program in PROGRAMS
) + (
    (
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\CurrentVersion\\Software Protection Platform",
        ("NoGenTicket", "NoAcquireGT", "AllowWindowsEntitlementReactivation"),
    ),
    (WINDOWS_NT + "\\SoftwareProtectionPlatform", ("SkipRearm", "UserOperations", "NoGenTicket")),
)
_OF_USERS = tuple(
    ("Software\\Microsoft\\Office\\%s\\Common\\Licensing\\Resiliency" % version, ("TimeOfLastHeartbeatFailure",))
    for version in ("15.0", "16.0")
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield what is set for the machine, then for each person."""
    yield from of_machine(machine.registry_key)
    for user in user_scopes(machine, NAME):
        if isinstance(user, ScopeFailed):
            yield user
        else:
            scope, root = user
            yield Scope(scope)
            for below, names in _OF_USERS:
                yield from _settings(machine.registry_key, root + "\\" + below, names, scope)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the settings of a hive or an export. Raises `Unreadable` when it is neither."""
    file = opened(data, name)
    yield from of_machine(file.read)
    for root in file.users:
        scope = "%s:user:%s" % (NAME, root.rpartition("\\")[2])
        yield Scope(scope)
        for below, names in _OF_USERS:
            yield from _settings(file.read, root + "\\" + below, names, scope)


def of_machine(read: Reader) -> Iterator[Found]:
    """Yield the settings of the machine; absent when its registry holds none of the keys above them."""
    try:
        if read(WINDOWS_NT) is None and read(_IFEO_32) is None:
            yield ScopeAbsent(MACHINE)
            return
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(MACHINE, str(error))
        return
    yield Scope(MACHINE)
    for path, names in _PLACES:
        yield from _settings(read, path, names, MACHINE)


def _settings(read: Reader, path: str, names: tuple[str, ...], scope: str) -> Iterator[Found]:
    try:
        key: Key | None = read(path)
    except (Unreadable, DamagedHive) as error:
        yield Problem(path, error.why)
        return
    values = Values(key)
    for name in names:
        value = values.raw(name)
        if value is not None:
            yield Trace(kind="setting", name=name, scope=scope, seen_at=path, path=path, value=_written(value))


def _written(value: object) -> str:
    """Return a value as text: numbers in decimal, lists with semicolons, bytes in hexadecimal digits."""
    if isinstance(value, tuple):
        value = ";".join(str(each) for each in value)
    elif isinstance(value, bytes):
        value = value[:32].hex()
    return str(value)[:MAX_TEXT]


LICENSING_SETTINGS = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
