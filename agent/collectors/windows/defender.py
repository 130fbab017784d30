"""What Microsoft Defender is told to pass over, and what it called what it found.

Source: names of the values below `Windows Defender\\Exclusions\\{Paths,Processes,Extensions}` and the same below
    `Policies` (scope `defender:exclusions`); threat names in the files of `Scans\\History\\Service\\DetectionHistory`
    (`defender:detections`), which an administrator alone may read. Recorded files: exports, hives, such a file.
Absent: no key: another program protects the machine, or Defender was never set; no such folder.
Kept:   of a detection its name and the day of the file; neither the file that was found nor whose it was.
Gaps:   the history is kept for some 30 days; exclusions of other programs; Defender of Windows 7.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import NOT_READ, Absent, Collector, Found, Problem, Scope, members_or_outcome
from agent.collectors.windows.registry_source import Reader, keys_or_outcome, opened
from agent.formats.registry_export import DamagedExport
from agent.formats.registry_hive import DamagedHive
from agent.inventory.traces import Trace
from agent.machine.base import Entry, Machine, Unreadable

NAME = "defender"
EXCLUSIONS = NAME + ":exclusions"
DETECTIONS = NAME + ":detections"
KEYS = (
    "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Exclusions",
    "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\Exclusions",
)
HISTORY = "C:\\ProgramData\\Microsoft\\Windows Defender\\Scans\\History\\Service\\DetectionHistory"
MAX_EXCLUSIONS = 2000
MAX_FILES = 2000
MAX_FILE_BYTES = 1024 * 1024

_GROUPS = ("Paths", "Processes", "Extensions")
_CATEGORY = (
    "Adware|Backdoor|Behavior|BrowserModifier|Constructor|DDoS|Exploit|HackTool|Joke|Misleading|MonitoringTool|Program|"
    "PUA|PUAAdvertising|PWS|Ransom|RemoteAccess|Rogue|SettingsModifier|SoftwareBundler|Spammer|Spoofer|Spyware|Tool|Trojan|"
    "TrojanClicker|TrojanDownloader|TrojanDropper|TrojanNotifier|TrojanProxy|TrojanSpy|VirTool|Virus|Worm"
)
_THREAT = re.compile(r"(?<![A-Za-z])(?:%s):[A-Za-z0-9_]{1,20}/[A-Za-z0-9_.!+-]{1,80}" % _CATEGORY)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the exclusions, then the detections."""
    yield from exclusions(machine.registry_key)
    yield from _history(machine)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the exclusions of a hive or an export, else the threats that a file of the history names."""
    try:
        read = opened(data, name).read
    except (Unreadable, DamagedHive, DamagedExport):
        found = list(parse_detections(data, seen_at=name, day=None))
        if not found:
            raise Absent("%s: no threat is named" % name)
        yield Scope(DETECTIONS)
        yield from found
        return
    yield from exclusions(read)


def exclusions(read: Reader) -> Iterator[Found]:
    """Yield one trace for each thing that is passed over."""
    there = keys_or_outcome(read, KEYS, EXCLUSIONS)
    if isinstance(there, NOT_READ):
        yield there
        return
    yield Scope(EXCLUSIONS)
    for path, _ in there:
        for group in _GROUPS:
            where = path + "\\" + group
            try:
                key = read(where)
            except (Unreadable, DamagedHive) as error:
                yield Problem(where, error.why)
                continue
            for name in () if key is None else list(key.values)[:MAX_EXCLUSIONS]:
                if name:
                    yield Trace(kind="exclusion", name=name, scope=EXCLUSIONS, seen_at=where, value=group.lower())


def parse_detections(data: bytes, *, seen_at: str, day: str | None) -> Iterator[Trace]:
    """Yield the names of threats in a file of the history, each once. The file holds them as UTF-16."""
    names = set()
    for start in (0, 1):
        names.update(_THREAT.findall(data[start:].decode("utf-16-le", "ignore")))
    for name in sorted(names):
        yield Trace(kind="detection", name=name, scope=DETECTIONS, seen_at=seen_at, publisher="Microsoft", day=day)


def _history(machine: Machine) -> Iterator[Found]:
    members = members_or_outcome(machine, HISTORY, DETECTIONS)
    if isinstance(members, NOT_READ):
        yield members
        return
    yield Scope(DETECTIONS)
    done = set()
    for entry in _files(machine, members):
        try:
            data = machine.read_bytes(entry.path, MAX_FILE_BYTES)
        except Unreadable as error:
            yield Problem(HISTORY, error.why)
            continue
        for found in parse_detections(data or b"", seen_at=HISTORY, day=machine.modified_on(entry.path)):
            if (found.name, found.day) not in done:
                done.add((found.name, found.day))
                yield found


def _files(machine: Machine, members: tuple[Entry, ...]) -> Iterator[Entry]:
    """Yield the files of the folder and of the folders in it; one that cannot be listed is passed over."""
    count = 0
    for member in members:
        below: tuple[Entry, ...] = (member,)
        if member.is_folder:
            try:
                below = machine.list_folder(member.path) or ()
            except Unreadable:
                below = ()
        for entry in below:
            count += 1
            if entry.is_file and count <= MAX_FILES:
                yield entry


DEFENDER = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
