"""Scheduled tasks that run programs.

Source: the task files of `C:\\Windows\\System32\\Tasks` (XML) and `C:\\Windows\\Tasks` (`.job` of XP) in scope
    `scheduled_tasks:files`; names and actions of `Schedule\\TaskCache` in the registry (`scheduled_tasks:registry`),
    for tasks whose file is not there or may not be read. Recorded files: a task file, `schtasks /query /fo csv /v`,
    exports, hives.
Absent: no such folder; no such key.
Kept:   the program and, of a program that runs scripts, the script; no other argument, no account, no author.
Left out: tasks below `\\Microsoft\\` whose program is one of Windows' own folder; tasks that start no program.
Gaps:   a task that only its owner may see; when it last ran.
"""

from __future__ import annotations

import csv
import re
from typing import Dict, Iterator, List

from agent.collectors.base import NOT_READ, Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.registry_source import Reader, Values, key_or_outcome, opened, quiet
from agent.formats.command_line import program_of, script_of
from agent.formats.console_text import decode_text
from agent.formats.registry_hive import DamagedHive
from agent.formats.task_file import Task, TaskAction, parse_actions, parse_task
from agent.inventory.traces import Trace
from agent.machine.base import Entry, Machine, Unreadable

NAME = "scheduled_tasks"
FILES = NAME + ":files"
REGISTRY = NAME + ":registry"
FOLDER = "C:\\Windows\\System32\\Tasks"
JOBS = "C:\\Windows\\Tasks"
CACHE = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache"
SCHTASKS = ("schtasks", "/query", "/fo", "csv", "/v")
"""Only read from a recorded folder; on a running system the files say more."""
MAX_TASKS = 10_000
MAX_DEPTH = 10
MAX_FILE_BYTES = 1024 * 1024

_OWN_FOLDER = re.compile(
    r"^\"?(?:[A-Z]:\\Windows\\|%(?:windir|SystemRoot)%\\)(?:System32|SysWOW64|servicing)\\", re.IGNORECASE
)
_SID = re.compile(r"S-1-(?:5-21|12-1)-[0-9-]+")
"""Some programs name a person's task after that person's number; it is nobody's business here."""
_NAME_COLUMN, _PROGRAM_COLUMN = 1, 8
"""Columns of `schtasks /query /fo csv /v`, in every language and since XP."""


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the tasks of the files, then those that the registry alone knows."""
    done: Dict[str, bool] = {}
    listed = machine.run(SCHTASKS) if machine.recorded else None
    if listed is not None:
        yield Scope(FILES)
        yield from parse_csv(listed, seen_at=SCHTASKS[0])
        return
    for found in _files(machine):
        if isinstance(found, Trace):
            done[found.name.upper()] = True
        yield found
    yield from _registry(machine.registry_key, done)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the tasks of one recorded file. Raises `Absent` when it starts no program."""
    text = "" if data.startswith(b"regf") else decode_text(data)[0].lstrip("\ufeff")
    if data.startswith(b"regf") or text.startswith(("Windows Registry Editor", "REGEDIT4")):
        yield from _registry(opened(data, name).read, {})
        return
    task = parse_task(data)
    if task is not None:
        found = list(_traces(task.uri or name.replace("/", "\\").rpartition("\\")[2], task, FILES, name))
    else:
        found = list(parse_csv(text, seen_at=name))
    if not found:
        raise Absent("%s: no task that starts a program" % name)
    yield Scope(FILES)
    yield from found


def parse_csv(text: str, *, seen_at: str) -> Iterator[Trace]:
    """Yield the tasks of `schtasks /query /fo csv /v`; headings, in any language, come again between folders."""
    done = set()
    for row in _rows(text):
        if len(row) <= _PROGRAM_COLUMN or (row[_NAME_COLUMN], row[_PROGRAM_COLUMN]) in done:
            continue
        done.add((row[_NAME_COLUMN], row[_PROGRAM_COLUMN]))
        name, command = row[_NAME_COLUMN].strip(), row[_PROGRAM_COLUMN].strip()
        program = program_of(command)
        if not re.search(r"\.[A-Za-z0-9]{2,4}$|\\", program):
            continue  # a heading, `COM handler` in any language, or nothing at all
        name = name if name.startswith("\\") else "\\" + name
        if not _is_of_windows(name, program):
            arguments = command[command.find(program) + len(program) :]
            yield _trace(name, TaskAction(program, arguments), None, FILES, seen_at)


def _rows(text: str) -> Iterator[List[str]]:
    """Yield the cells of each line; a comment that goes on over several lines only loses its end."""
    for line in re.split(r"[\r\n]+", text.replace("\0", "")):
        try:
            yield from csv.reader([line])
        except csv.Error:
            continue


def _files(machine: Machine) -> Iterator[Found]:
    there = False
    for folder in (FOLDER, JOBS):
        try:
            members = machine.list_folder(folder)
        except Unreadable as error:
            there = True
            yield ScopeFailed(FILES, str(error))
            continue
        if members is None:
            continue
        if not there:
            yield Scope(FILES)
        there = True
        yield from _folder(machine, folder, members)
    if not there:
        yield ScopeAbsent(FILES)


def _folder(machine: Machine, top: str, members: tuple[Entry, ...]) -> Iterator[Found]:
    todo: List[tuple[Entry, int]] = [(entry, 1) for entry in reversed(members)]
    count = 0
    while todo and count < MAX_TASKS:
        entry, depth = todo.pop()
        try:
            if entry.is_folder and depth < MAX_DEPTH:
                below = machine.list_folder(entry.path) or ()
                todo.extend((each, depth + 1) for each in reversed(below))
            elif entry.is_file:
                count += 1
                task = parse_task(machine.read_bytes(entry.path, MAX_FILE_BYTES) or b"")
                if task is not None:
                    yield from _traces(entry.path[len(top) :], task, FILES, entry.path)
                elif top == FOLDER or entry.name.lower().endswith(".job"):
                    yield Problem(entry.path, "no task")
        except Unreadable as error:
            yield Problem(entry.path, error.why)


def _registry(read: Reader, done: Dict[str, bool]) -> Iterator[Found]:
    tree = key_or_outcome(read, CACHE + "\\Tree", REGISTRY)
    if isinstance(tree, NOT_READ):
        yield tree
        return
    yield Scope(REGISTRY)
    todo = [("\\" + name, 1) for name in reversed(tree.subkeys)]
    count = 0
    while todo and count < MAX_TASKS:
        name, depth = todo.pop()
        count += 1
        try:
            key = read(CACHE + "\\Tree" + name)
        except (Unreadable, DamagedHive) as error:
            yield Problem(CACHE + "\\Tree" + name, error.why)
            continue
        if key is None:
            continue
        if depth < MAX_DEPTH:
            todo.extend((name + "\\" + below, depth + 1) for below in reversed(key.subkeys))
        identifier = Values(key).text("Id")
        if identifier is not None and name.upper() not in done:
            actions = Values(quiet(read, "%s\\Tasks\\%s" % (CACHE, identifier))).raw("Actions")
            task = Task(tuple(parse_actions(actions)) if isinstance(actions, bytes) else ())
            yield from _traces(name, task, REGISTRY, CACHE + "\\Tree" + name)


def _traces(name: str, task: Task, scope: str, seen_at: str) -> Iterator[Trace]:
    name = name if name.startswith("\\") else "\\" + name
    for action in task.actions:
        if action.command.strip() and not _is_of_windows(name, action.command):
            yield _trace(name, action, task.enabled, scope, seen_at)


def _trace(name: str, action: TaskAction, enabled: bool | None, scope: str, seen_at: str) -> Trace:
    program = program_of(action.command)
    return Trace(
        kind="scheduled_task",
        name=_SID.sub("S-1-…", name),
        scope=scope,
        seen_at=seen_at,
        path=program,
        value=script_of(program, action.arguments),
        state=None if enabled is None else "enabled" if enabled else "disabled",
    )


def _is_of_windows(name: str, command: str) -> bool:
    if not name.upper().startswith("\\MICROSOFT\\"):
        return False
    return _OWN_FOLDER.match(command.strip()) is not None or "\\" not in command


SCHEDULED_TASKS = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
