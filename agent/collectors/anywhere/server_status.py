"""Asking a licence server that runs on this very machine, with the status tool that lies beside it.

A tool is run only when a server's program runs here, when the tool lies in that program's folder or in a named
place, and when nobody but the administrator can have put it there. It is asked for this machine's server alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator

from agent.collectors.anywhere.licence_records import records_of
from agent.collectors.anywhere.named_places import expand
from agent.collectors.base import Absent, Found, ScopeFailed
from agent.formats.console_text import decode_text
from agent.formats.licence_told import LicencesTold
from agent.machine.base import Machine, Unreadable

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class ServerKind:
    """One maker's licence server. `programs` and `tools` are file names in lower case, without `.exe`."""

    technology: str
    programs: tuple[str, ...]
    tools: tuple[tuple[str, tuple[str, ...]], ...]
    """Name of the tool, and the arguments that ask this machine's own server."""
    places: tuple[str, ...]
    """Patterns of folders where the tool lies when it does not lie beside the server."""
    parse: Callable[[str], LicencesTold]


def ask_server(machine: Machine, kind: ServerKind, scope: str) -> Iterator[Found]:
    """Yield what the server tells. Raises `Absent` when none runs here; a server without a tool is a failed scope."""
    folders = _folders_of_servers(machine, kind)
    if folders is None:
        raise Absent(kind.technology)
    refused: str | None = None
    for path, arguments in _tools(machine, kind, folders):
        if not machine.may_be_run(path):
            refused = refused or path
            continue
        text = machine.run([path, *arguments], TIMEOUT_SECONDS)
        if text is not None:
            yield from records_of(kind.parse(text), kind.technology, scope, path)
            return
    if refused is not None:
        yield ScopeFailed(scope, "%s: not run, since others than the administrator can change it" % refused)
    else:
        yield ScopeFailed(scope, "a server runs here, its status tool was not found")


def parse_recorded(data: bytes, name: str, kind: ServerKind, scope: str) -> Iterator[Found]:
    """Yield what a recorded output tells. Raises `Unreadable` for a text of something else."""
    told = kind.parse(decode_text(data)[0])
    if not told.recognised:
        raise Unreadable(name, "not the words of a %s server" % kind.technology)
    yield from records_of(told, kind.technology, scope, name)


def _folders_of_servers(machine: Machine, kind: ServerKind) -> list[str] | None:
    """Return the folders of the server's programs that run, `None` when none does."""
    running = machine.running()
    runs = False
    folders: list[str] = []
    for process in running or ():
        name = process.name.lower()
        name = name[:-4] if name.endswith(".exe") else name
        if name in kind.programs:
            runs = True
            folder = _folder_of(process.path)
            if folder and folder not in folders:
                folders.append(folder)
    return sorted(folders) if runs else None


def _folder_of(path: str | None) -> str:
    if not path:
        return ""
    place = max(path.rfind("/"), path.rfind("\\"))
    return path[:place] if place > 0 else ""


def _tools(machine: Machine, kind: ServerKind, folders: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the tools that are there, those beside the server first."""
    ending = ".exe" if machine.family == "windows" else ""
    for folder in folders:
        separator = "/" if folder.startswith("/") else "\\"
        for tool, arguments in kind.tools:
            path = folder + separator + tool + ending
            if machine.exists(path):
                yield path, arguments
    for pattern in kind.places:
        if pattern.startswith("/") != (machine.family != "windows"):
            continue
        separator = "/" if pattern.startswith("/") else "\\"
        for tool, arguments in kind.tools:
            for entry in expand(machine, pattern + separator + tool + ending):
                if entry.is_file:
                    yield entry.path, arguments
