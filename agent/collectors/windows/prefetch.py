"""Which programs started lately, from the files that Windows keeps to start them faster.

Source: the heads of `C:\\Windows\\Prefetch\\*.pf`: the program's name and the month of its last start. Recorded
    files: a Prefetch file.
Absent: no such folder or an empty one: servers and systems where an administrator switched it off.
Gaps:   only the month is kept, and no person: the file names none. Windows keeps the latest 128 programs (1,024 from
    version 8 on) and cuts names to 29 characters; the folder of the program is not read; an ordinary user may not
    open the folder. Nothing is read before the setting `usage_notice` names the notice that staff were given.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.prefetch import MAX_PACKED_BYTES, DamagedPrefetch, parse_prefetch
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "prefetch"
FOLDER = "C:\\Windows\\Prefetch"
MAX_FILES = 4096


def collect(machine: Machine) -> Iterator[Found]:
    """Yield one sign of use for each program, the latest month of its files."""
    files = [
        each for each in machine.list_folder(FOLDER) or () if not each.is_folder and each.name.lower().endswith(".pf")
    ]
    if not files:
        raise Absent(FOLDER)
    yield Scope(NAME)
    months: dict[str, str] = {}
    for file in files[:MAX_FILES]:
        try:
            found = parse_prefetch(machine.read_part(file.path, 0, MAX_PACKED_BYTES) or b"")
        except (Unreadable, DamagedPrefetch) as fault:
            yield Problem(file.path, str(fault))
            continue
        if found.month is not None:
            months[found.name] = max(found.month, months.get(found.name, ""))
    if len(files) > MAX_FILES:
        yield Problem(FOLDER, "more than %d files" % MAX_FILES)
    for name, month in sorted(months.items()):
        yield _trace(name, month, FOLDER)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one Prefetch file tells. Raises `Unreadable` for another file."""
    try:
        found = parse_prefetch(data)
    except DamagedPrefetch as damage:
        raise Unreadable(name, str(damage))
    yield Scope(NAME)
    if found.month is not None:
        yield _trace(found.name, found.month, name)


def _trace(name: str, month: str, seen_at: str) -> Trace:
    return Trace(kind="usage", name=name, scope=NAME, seen_at=seen_at, day=month)


PREFETCH = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file, usage=True)
