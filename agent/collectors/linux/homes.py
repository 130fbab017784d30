"""Home folders of a Linux machine, each with a name that tells nobody who the person is."""

from __future__ import annotations

from dataclasses import dataclass

from agent.discretion import pseudonym
from agent.machine.base import Machine, Unreadable

MAX_HOMES = 1000
_FIRST_PERSON = 1000
_NOBODY = 65534


@dataclass(frozen=True)
class Home:
    """One home folder. `label` stands for `path` in all that leaves the machine: `~1000`, `~root`."""

    path: str
    label: str

    def shown(self, path: str) -> str:
        """Return a path with the home folder replaced by its label."""
        inside = path == self.path or path.startswith(self.path + "/")
        return self.label + path[len(self.path) :] if inside else path


def homes(machine: Machine) -> tuple[Home, ...]:
    """Return root's home and those of people: from /etc/passwd, and the folders of /home that it does not name.

    People of a directory service stand in no passwd file; their label is a digest of the folder's name. At most
    `MAX_HOMES`, ordered by path. An unreadable list of people is an empty one: the folders are still found.
    """
    found = {"/root": Home("/root", "~root")}
    for line in _lines(machine, "/etc/passwd"):
        parts = line.split(":")
        if len(parts) >= 6 and parts[2].isdigit() and parts[5].startswith("/"):
            path = parts[5].rstrip("/")
            if path and _FIRST_PERSON <= int(parts[2]) != _NOBODY:
                found.setdefault(path, Home(path, "~" + parts[2]))
    try:
        members = machine.list_folder("/home") or ()
    except Unreadable as error:
        machine.pass_over(error.where, error.why)
        members = ()
    for member in members:
        if member.is_folder and member.name != "lost+found":
            found.setdefault(member.path, Home(member.path, ""))
    there = [found[path] for path in sorted(found)[:MAX_HOMES] if machine.exists(path)]
    return tuple(home if home.label else Home(home.path, pseudonym(home.path.rpartition("/")[2])) for home in there)


def is_there(machine: Machine, folder: str) -> bool:
    """Return whether a folder is there, or may be: one that we may not look for is a scope that failed, not none."""
    if machine.exists(folder):
        return True
    try:
        machine.list_folder(folder)
    except Unreadable:
        return True
    return False


def _lines(machine: Machine, path: str) -> list[str]:
    try:
        return (machine.read_text(path, 16 * 1024 * 1024) or "").splitlines()
    except Unreadable as error:
        machine.pass_over(error.where, error.why)
        return []
