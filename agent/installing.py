"""The commands install and uninstall: a timer of the system in, and everything of ours out again."""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
from typing import Iterator, Sequence

from agent.configured import state_folder, tell
from agent.enrolment import load_enrolment
from agent.machine.base import Unreadable
from agent.machine.commands import run_bounded
from agent.settings import SettingsError
from agent.state import AgentError, make_private_folder, write_durably
from agent.texts import say
from agent.timers.base import File, Job, Timer
from agent.timers.roster import TIMERS, timer_here, timer_named
from agent.timetable import quiet_spans

STATE_FILES = ("enrolment.json", "scan.lock", "deep.json", "timetable.json", "watchlist.json", "not-before", "task.xml")
STATE_FOLDERS = ("spool", "refused", "exported")
_OUR_ENDINGS = (".json.gz", ".reason.json", "dropped.json")
_DRAFT = ".draft-"
_SECONDS = 60.0
_SPARE_MINUTES = 30


def install_command(options: argparse.Namespace) -> int:
    """Write the files of the timer and switch it on; with `--dry-run` show both."""
    timer = _chosen(options)
    quiet_spans(str(options.values["quiet_hours"]))
    plan = timer.plan(_job(options))
    if options.dry_run:
        for file in plan.files:
            print(say(options.language, "install.file", path=file.path))
            print(_readable(file))
        for command in plan.start:
            print(say(options.language, "install.command", command=" ".join(command)))
        return 0
    make_private_folder(state_folder(options))
    if any(os.path.exists(file.path) for file in plan.files):  # installed anew: a job that runs is not taken twice
        for command in plan.stop:
            with contextlib.suppress(AgentError):
                _run(command)
    fresh = [file.path for file in plan.files if not os.path.exists(file.path)]
    try:
        for file in plan.files:
            _write(file)
        for command in plan.start:
            _run(command)
    except (AgentError, OSError):  # what could not be switched on is not left lying about
        for path in fresh:
            _remove(options, path)
        raise
    paths = ", ".join(file.path for file in plan.files)
    tell(options, "install.done", scheduler=timer.name, paths=paths)
    if load_enrolment(state_folder(options)) is None:
        tell(options, "install.not_enrolled")
    return 0


def uninstall_command(options: argparse.Namespace) -> int:
    """Take out every timer of ours that is there, then everything in our folder; the checker is not asked."""
    job = _job(options)
    ours = list(_our_files(state_folder(options)))
    for timer in TIMERS:
        plan = timer.plan(job)
        present = [file.path for file in plan.files if os.path.exists(file.path)]
        if not present:
            continue
        for command in plan.stop:
            _attempt(options, command)
        for path in present:
            _remove(options, path)
        for command in plan.after:
            _attempt(options, command)
    for path in ours:
        _remove(options, path)
    left = [] if options.dry_run else _left(state_folder(options))
    for path in left:
        tell(options, "uninstall.left", path=path)
    if not options.dry_run:
        tell(options, "uninstall.done")
    return 0


def launch_command() -> list[str]:
    """Return how this very agent is started again: a frozen program, a zipapp or installed tree, or a script.

    On Linux neither the site packages nor the environment are wanted (`-I -S`): a third less time to start.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    place = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.isfile(place) or os.path.exists(os.path.join(place, "__main__.py")):
        return [sys.executable, "-I", *(["-S"] if sys.platform == "linux" else []), place]
    script = os.path.join(os.path.dirname(sys.executable), "zhengban-agent" + (".exe" if os.name == "nt" else ""))
    if not os.path.exists(script):
        raise AgentError("%s: expected the program zhengban-agent there; install the package first" % script)
    return [script]


def _job(options: argparse.Namespace) -> Job:
    """Return what the timer calls: this agent, with the files and the folder that were named now."""
    command = launch_command() + ["run", "--scheduled"]
    if options.config:
        command += ["--config", os.path.abspath(options.config)]
    if options.state:
        command += ["--state", os.path.abspath(options.state)]
    for each in options.set:  # what was said at the installation holds for the timer
        if "@" in each:
            raise SettingsError("--set: %s: a name and password belong into the settings file" % each.partition("=")[0])
        command += ["--set", each]
    values = options.values
    minutes = int(values["scan_seconds"] + values["send_attempts"] * values["longest_pause_seconds"] * 10) // 60
    return Job(
        command=command,
        minute=random.randrange(60),
        state_folder=state_folder(options),
        longest_minutes=minutes + _SPARE_MINUTES,
        max_memory_bytes=int(values["max_memory_bytes"]),
    )


def _chosen(options: argparse.Namespace) -> Timer:
    """Return the timer that was named, else that of this system. Raises `SettingsError`."""
    if options.scheduler is None:
        return timer_here()
    timer = timer_named(options.scheduler)
    if timer is None:
        raise SettingsError(
            "--with: expected one of %s, got %r" % (", ".join(t.name for t in TIMERS), options.scheduler)
        )
    return timer


def _readable(file: File) -> str:
    encoding = "utf-16" if file.data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return file.data.decode(encoding).replace("\r\n", "\n")


def _write(file: File) -> None:
    """Write one file for all to read, as units are. Raises `OSError`."""
    os.makedirs(os.path.dirname(file.path), exist_ok=True)
    write_durably(file.path, file.data)
    os.chmod(file.path, 0o644)


def _run(command: Sequence[str]) -> None:
    """Run one command of the system. Raises `AgentError`."""
    try:
        if run_bounded(command, _SECONDS) is None:
            raise AgentError("%s: no such command" % command[0])
    except Unreadable as unreadable:
        raise AgentError("%s: %s" % (" ".join(command), unreadable.why))


def _attempt(options: argparse.Namespace, command: Sequence[str]) -> None:
    """Run a command that may fail: what it would switch off may be off already."""
    if options.dry_run:
        print(say(options.language, "install.command", command=" ".join(command)))
        return
    try:
        _run(command)
    except AgentError as error:
        tell(options, "install.failed", command=" ".join(command), why=error)


def _remove(options: argparse.Namespace, path: str) -> None:
    """Remove a file, or a folder that is empty by now. Raises `OSError`."""
    if options.dry_run:
        print(say(options.language, "uninstall.file", path=path))
    elif os.path.isdir(path) and not os.path.islink(path):
        with contextlib.suppress(OSError):  # not empty: what is in it is not ours, and is named
            os.rmdir(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _our_files(folder: str) -> Iterator[str]:
    """Yield what we write into our folder, members before the folders that hold them."""
    for name in STATE_FOLDERS:
        inner = os.path.join(folder, name)
        for member in sorted(os.listdir(inner)) if os.path.isdir(inner) and not os.path.islink(inner) else ():
            if member.endswith(_OUR_ENDINGS) or member.startswith(_DRAFT):
                yield os.path.join(inner, member)
        if os.path.isdir(inner):
            yield inner
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if name in STATE_FILES or name.startswith(_DRAFT):
            yield os.path.join(folder, name)
    if os.path.isdir(folder):
        yield folder


def _left(folder: str) -> list[str]:
    """Return what is still in our folder; with nothing left the folder is gone."""
    return [os.path.join(above, name) for above, _, names in os.walk(folder) for name in names]
