"""Which package a file of the system's menu belongs to, asked of the package manager's own file lists.

Source: /var/lib/dpkg/info/<package>.list, /var/lib/pacman/local/<package>-<version>/files, and for programs below
    /opt/apps the name of the folder there.
    Reading every list of a machine costs more than the rest of a scan. Only the packages that may be meant are asked:
    those whose name begins with the telling word of the entry's name or of its program, or begins or ends like
    these; MAX_LISTS on one machine.
Gaps:   a package with quite another name is not found, nor one of which several architectures can be installed side by
    side (its list is named <package>:<architecture>), as libraries are; rpm keeps its file names inside its headers
    and is not asked. An entry without an owner stands for itself, as it would without a package manager.
"""

from __future__ import annotations

import re

from agent.machine.base import Machine, Unreadable

DPKG_STATUS = "/var/lib/dpkg/status"
DPKG_LISTS = "/var/lib/dpkg/info"
PACMAN_FOLDER = "/var/lib/pacman/local"
SHOP_FOLDER = "/opt/apps/"
MAX_LISTS = 120
MAX_LISTS_OF_ONE_ENTRY = 20
MAX_LIST_BYTES = 4 * 1024 * 1024

_MENU_FILES = re.compile(r"^/?(usr/share/applications/[^\n]*\.desktop)$", re.MULTILINE)
_WORDS = re.compile(r"[-_.]+")
_EVERYBODYS_WORDS = frozenset({"org", "com", "cn", "net", "io", "system", "lib", "app", "the"})


class EntryOwners:
    """Answers for one machine; what it read once it keeps."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._owners: dict[str, str] = {}
        self._read: set[str] = set()
        self._lists: dict[str, str] | None = None

    def owner(self, path: str, program: str | None) -> str | None:
        """Return the package that `path` belongs to, `None` when it is not found or nobody's.

        `program` is what the entry starts.
        """
        if program is not None and program.startswith(SHOP_FOLDER):
            return program[len(SHOP_FOLDER) :].partition("/")[0] or None
        if path not in self._owners:
            for package in self._candidates(path, program):
                self._read_list(package)
                if path in self._owners:
                    break
        return self._owners.get(path)

    def _candidates(self, path: str, program: str | None) -> list[str]:
        """Return the packages that may be meant, the likeliest first."""
        lists = self._known_lists()
        key = path.rpartition("/")[2][: -len(".desktop")].lower()
        names = list(dict.fromkeys([key] + _program_names(program)))
        exact = [name for name in names if name in lists]
        words = tuple({word for word in map(_telling_word, names) if word})
        ends = tuple(name for name in names if len(name) > 1)
        begun = [package for package in lists if package.startswith(words) or package.endswith(ends)]
        begun += [name[:end] for name in names for end in range(len(name), 1, -1) if name[:end] in lists]
        begun.sort(key=lambda package: (len(package), package))
        return list(dict.fromkeys(exact + begun[:MAX_LISTS_OF_ONE_ENTRY]))

    def _read_list(self, package: str) -> None:
        """Note which menu entries a package installs."""
        place = self._known_lists()[package]
        if place in self._read or len(self._read) >= MAX_LISTS:
            return
        self._read.add(place)
        try:
            text = self._machine.read_text(place, MAX_LIST_BYTES)
        except Unreadable:
            return  # then this package answers for nothing
        for line in _MENU_FILES.findall(text or ""):
            self._owners.setdefault("/" + line, package)

    def _known_lists(self) -> dict[str, str]:
        """Return the file list of each package by the package's name."""
        if self._lists is None:
            try:
                self._lists = _dpkg_lists(self._machine) or _pacman_lists(self._machine)
            except Unreadable:
                self._lists = {}
        return self._lists


def _program_names(program: str | None) -> list[str]:
    """Return the program's own name, and below /opt its folder's, which vendors call like the package."""
    if not program:
        return []
    parts = program.lower().split("/")
    return [parts[-1]] + ([parts[2]] if parts[:2] == ["", "opt"] and len(parts) > 3 else [])


def _telling_word(name: str) -> str:
    """Return the first word of a name that is not everybody's: `libreoffice` of `libreoffice-startcenter`."""
    return next((word for word in _WORDS.split(name) if len(word) > 2 and word not in _EVERYBODYS_WORDS), "")


def _dpkg_lists(machine: Machine) -> dict[str, str]:
    text = machine.read_text(DPKG_STATUS) if machine.exists(DPKG_STATUS) else None
    paragraphs = ("\n" + (text or "")).split("\nPackage: ")[1:]
    packages = [paragraph.partition("\n")[0].strip() for paragraph in paragraphs]
    return {package: "%s/%s.list" % (DPKG_LISTS, package) for package in packages}


def _pacman_lists(machine: Machine) -> dict[str, str]:
    found = {}
    for folder in machine.list_folder(PACMAN_FOLDER) or ():
        parts = folder.name.rsplit("-", 2)
        if folder.is_folder and len(parts) == 3:
            found[parts[0]] = folder.path + "/files"
    return found
