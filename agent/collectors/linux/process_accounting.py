"""Which programs were used lately, from the process accounting of the kernel, where somebody has switched it on.

Source: /var/log/account/pacct, /var/account/pacct and /var/log/pacct, and the newest rotated one of each (.1, .0): the
    command of each process and when it began, as in acct(5), version 3.
Absent: none of these files: accounting is off, as it is by default.
Gaps:   only the month is kept and no person: the file's user and group are not read. The kernel cuts names to 15
    characters; older rotations, which are packed, are not read. Nothing is read before the setting `usage_notice`
    names the notice that staff were given.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.process_accounting import is_accounting, months_of_use
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "process_accounting"
FILES = ("/var/log/account/pacct", "/var/account/pacct", "/var/log/pacct")
_ROTATED = ("", ".1", ".0")
LIMIT_BYTES = 64 * 1024 * 1024


def collect(machine: Machine) -> Iterator[Found]:
    """Yield one sign of use for each program of each file's place."""
    present = [file for file in FILES if any(machine.exists(file + ending) for ending in _ROTATED)]
    if not present:
        raise Absent(FILES[0])
    for file in present:
        scope = "%s:%s" % (NAME, file)
        yield Scope(scope)
        yield from _of_place(machine, file, scope)


def _of_place(machine: Machine, file: str, scope: str) -> Iterator[Found]:
    months: dict[str, str] = {}
    for path in (file + ending for ending in _ROTATED):
        try:
            data = machine.read_bytes(path, LIMIT_BYTES)
        except Unreadable as unreadable:
            yield Problem(unreadable.where, unreadable.why)
            continue
        if data and not is_accounting(data):
            yield Problem(path, "expected process accounting of version 3")
            continue
        for name, month in months_of_use(data or b"").items():
            months[name] = max(month, months.get(name, ""))
    yield from _traces(months, file, scope)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded file tells."""
    if not is_accounting(data):
        yield Problem(name, "expected process accounting of version 3")
    else:
        yield from _traces(months_of_use(data), name, NAME)


def _traces(months: dict[str, str], seen_at: str, scope: str) -> Iterator[Trace]:
    for name, month in sorted(months.items()):
        yield Trace(kind="usage", name=name, scope=scope, seen_at=seen_at, day=month)


PROCESS_ACCOUNTING = Collector(
    name=NAME, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file, usage=True
)
