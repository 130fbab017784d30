"""Which programs people started lately from their desktops: the month, over all persons together.

Source: `…\\Explorer\\UserAssist\\{…}\\Count` of each person's registry, logged on or not. Recorded files: NTUSER.DAT,
    exports.
Absent: nobody has such a key, or nobody's registry is there.
Gaps:   only the month is kept and no person: the months of all persons become one. Programs under Program Files and
    Windows, and by file name those that people installed for themselves; what Explorer did not start is not noted.
    Nothing is read before the setting `usage_notice` names the notice that staff were given.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.collectors.windows.registry_source import Reader, opened, subkeys, users_of
from agent.formats.registry_hive import DamagedHive
from agent.formats.user_assist import month_of_last_start, program_of
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "user_assist"
BELOW = "\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\UserAssist"
MAX_KINDS = 64
MAX_ENTRIES = 20_000


def collect(machine: Machine) -> Iterator[Found]:
    """Yield one sign of use for each program, the latest month of anybody."""
    months: dict[tuple[str, str | None], str] = {}
    problems: list[Problem] = []
    try:
        told = [_add_person(machine.registry_key, user, months, problems) for user in users_of(machine)]
    except Unreadable as error:
        yield ScopeFailed(NAME, str(error))
        return
    if not any(told):
        if problems:
            yield ScopeFailed(NAME, problems[0].what)
            return
        raise Absent("HKU" + BELOW)
    yield Scope(NAME)
    yield from problems
    yield from _traces(months)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one recorded registry tells. Raises `Unreadable` for none, `Absent` for one without the key."""
    recorded = opened(data, name)
    months: dict[tuple[str, str | None], str] = {}
    try:
        told = [_add(recorded.read, root, months) for root in recorded.users]
    except DamagedHive as damage:
        raise Unreadable(name, str(damage))
    if not any(told):
        raise Absent("%s: no UserAssist" % name)
    yield Scope(NAME)
    yield from _traces(months)


def _add_person(
    read: Reader, user: tuple[str, str, str | None], months: dict[tuple[str, str | None], str], problems: list[Problem]
) -> bool:
    """Note the months of one person, or why they cannot be read, in words that do not say whose they are."""
    _, root, why = user
    try:
        if why is None:
            return _add(read, root, months)
    except (Unreadable, DamagedHive):
        pass
    problems.append(Problem(NAME, "the registry of a person cannot be read"))
    return False


def _add(read: Reader, root: str, months: dict[tuple[str, str | None], str]) -> bool:
    """Note the months of one person, return whether the key is there. Raises `Unreadable`, `DamagedHive`."""
    kinds = subkeys(read, root + BELOW, MAX_KINDS)
    for kind in kinds:
        key = read("%s%s\\%s\\Count" % (root, BELOW, kind))
        for name, value in () if key is None else list(key.values.items())[:MAX_ENTRIES]:
            month = month_of_last_start(value)
            program = None if month is None else program_of(name)
            if program is not None and month is not None:
                months[program] = max(month, months.get(program, ""))
    return bool(kinds)


def _traces(months: dict[tuple[str, str | None], str]) -> Iterator[Trace]:
    for (name, place), month in sorted(months.items(), key=lambda each: (each[0][0], each[0][1] or "")):
        yield Trace(kind="usage", name=name, scope=NAME, seen_at="UserAssist", path=place, day=month)


USER_ASSIST = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file, usage=True)
