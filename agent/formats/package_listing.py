"""Lists of packages as the package managers of Linux print them for people: what one hands over from a closed network.

Read by form and not by words, so that every language is read: `dpkg -l`, `dpkg-query -W`, `apt list`; `rpm -qa` with or
without `--last`, `rpm -qi`, `dnf list installed` and `yum list installed`; `pacman -Q`. Headings and prose are passed
over; a line that should be a package and is none is told apart by having no version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Iterator

MAX_LINES = 1_000_000
MAX_LINE = 400
"""Characters of one line that are looked at."""
_ARCHITECTURES = (
    r"(?:x86_64|noarch|i[3-6]86|aarch64|loongarch64|loong64|mips64el?|sw_64|ppc64le|ppc64|s390x|armv7hn?l|riscv64|src)"
)
_DPKG_LINE = re.compile(
    r"(?P<state>[uihrp][ncuUFHWti]?[R ]?)\s+(?P<name>[a-z0-9][a-z0-9.+-]+)(?::(?P<of>\w+))?\s+(?P<version>\d\S*)"
    r"(?:\s+(?P<architecture>[a-z0-9-]+))?(?:\s.*)?"
)
_DPKG_RULER = re.compile(r"^\+\+\+-=+-=+", re.MULTILINE)
_DPKG_QUERY = re.compile(r"(?P<name>[a-z0-9][a-z0-9.+-]+)(?::(?P<architecture>\w+))?\t(?P<version>\d\S*)")
_APT = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.+-]+)/(?P<suites>\S+) (?P<version>\d\S*) (?P<architecture>\S+)"
    r"(?: \[(?P<state>[^\]]*)\])?"
)
_NEVRA = re.compile(
    r"(?P<name>[A-Za-z0-9_][\w.+-]*?)-(?P<version>(?:\d+:)?[^\s-]+-[^\s-]+?)"
    r"(?:\.(?P<architecture>" + _ARCHITECTURES + r"))?(?:\s{2,}(?P<day>\S.*))?"
)
_DNF = re.compile(
    r"(?P<name>[A-Za-z0-9_][\w.+-]*)\.(?P<architecture>" + _ARCHITECTURES + r")\s+(?P<version>\d\S*)\s+(?P<origin>\S+)"
)
_PACMAN = re.compile(r"(?P<name>[a-z0-9@_+][\w@.+-]*) (?P<version>(?:\d+:)?\w[\w.+]*-\d[\d.]*)(?: \[.*\])?")
_INFO_PAIR = re.compile(
    r"(?P<label>[A-Z][A-Za-z]*(?: [A-Za-z]+){0,2})\s*: (?P<value>.*?)(?=\s{2,}[A-Z][A-Za-z]*(?: [A-Za-z]+){0,2}\s*: |$)"
)


@dataclass(frozen=True)
class PackageRow:
    """One package of a list; `None` = the list does not say. `installed` is False for what is known, not there."""

    line: int
    name: str
    version: str
    architecture: str | None = None
    installed: bool = True
    installed_raw: str | None = None
    origin: str | None = None
    publisher: str | None = None
    size_bytes: int | None = None
    group: str | None = None
    licence: str | None = None


def rows_of_dpkg(text: str) -> list[PackageRow]:
    """Return the packages of `dpkg -l`, `dpkg-query -W` or `apt list`; none for a text of another form."""
    if _DPKG_RULER.search(text):
        return list(_rows(text, _of_dpkg_list))
    return _only(text, _of_dpkg_query) or _most(text, _of_apt)


def rows_of_rpm(text: str) -> list[PackageRow]:
    """Return the packages of `rpm -qa`, `rpm -qi` or `dnf list`; none for a text of another form."""
    if re.match(r"\s*Name\s*: ", text):
        return list(_of_rpm_info(text))
    return _most(text, _of_dnf) or _only(text, _of_nevra)


def rows_of_pacman(text: str) -> list[PackageRow]:
    """Return the packages of `pacman -Q`; none for a text of another form."""
    return _only(text, _of_pacman)


Reader = Callable[[int, str], "PackageRow | None"]


def _rows(text: str, read: Reader) -> Iterator[PackageRow]:
    for number, line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        found = read(number, line.rstrip()[:MAX_LINE])
        if found is not None:
            yield found


def _only(text: str, read: Reader) -> list[PackageRow]:
    """Return the rows of a text whose first line with words is one."""
    first = next((line.rstrip() for line in text.splitlines()[:MAX_LINES] if line.strip()), "")
    return list(_rows(text, read)) if read(1, first[:MAX_LINE]) is not None else []


def _most(text: str, read: Reader) -> list[PackageRow]:
    """Return the rows of a text with headings before them: one of its first ten lines has to be a row."""
    head = [line for line in text.splitlines()[:200] if line.strip()][:10]
    return list(_rows(text, read)) if any(read(1, line.rstrip()[:MAX_LINE]) for line in head) else []


def _of_dpkg_list(number: int, line: str) -> PackageRow | None:
    found = _DPKG_LINE.fullmatch(line)
    if found is None:
        return None
    state, architecture = found.group("state"), found.group("of") or found.group("architecture")
    told = architecture if architecture and re.fullmatch(r"all|any|[a-z]+\d[\w-]*|[a-z]+64\w*", architecture) else None
    return PackageRow(number, found.group("name"), found.group("version"), told, state[1:2] == "i")


def _of_dpkg_query(number: int, line: str) -> PackageRow | None:
    found = _DPKG_QUERY.fullmatch(line)
    if found is None:
        return None
    return PackageRow(number, found.group("name"), found.group("version"), found.group("architecture"))


def _of_apt(number: int, line: str) -> PackageRow | None:
    found = _APT.fullmatch(line)
    if found is None:
        return None
    here = found.group("state") is not None and "now" in found.group("suites").split(",")
    suite = found.group("suites").split(",")[0]
    return PackageRow(
        number,
        found.group("name"),
        found.group("version"),
        found.group("architecture"),
        installed=here,
        origin=None if suite == "now" else suite,
    )


def _of_nevra(number: int, line: str) -> PackageRow | None:
    found = _NEVRA.fullmatch(line)
    if found is None or not any(letter.isdigit() for letter in found.group("version")):
        return None
    name, version, architecture, day = found.group("name", "version", "architecture", "day")
    return PackageRow(number, name, version, architecture, installed_raw=day)


def _of_dnf(number: int, line: str) -> PackageRow | None:
    found = _DNF.fullmatch(line)
    if found is None:
        return None
    name, version, architecture = found.group("name", "version", "architecture")
    return PackageRow(number, name, version, architecture, origin=found.group("origin").lstrip("@"))


def _of_pacman(number: int, line: str) -> PackageRow | None:
    found = _PACMAN.fullmatch(line)
    return None if found is None else PackageRow(number, found.group("name"), found.group("version"))


def _of_rpm_info(text: str) -> Iterator[PackageRow]:
    """Yield the packages of `rpm -qi`: fields one a line, in old releases two; the prose of a description is none."""
    fields: dict[str, str] = {}
    began = 1
    for number, line in enumerate([*text.splitlines()[:MAX_LINES], "Name : "], start=1):
        for pair in _INFO_PAIR.finditer(line[:MAX_LINE]):
            label, value = pair.group("label").lower(), pair.group("value").strip()
            if label == "name" and pair.start() == 0:
                yield from _of_info(fields, began)
                fields, began = {}, number
            fields.setdefault(label, value)


def _of_info(said: dict[str, str], line: int) -> Iterator[PackageRow]:
    name, version, release = said.get("name"), said.get("version"), said.get("release")
    if not name or not version:
        return
    epoch = said.get("epoch", "(none)")
    whole = "-".join(filter(None, (version, release)))
    size = said.get("size", "")
    yield PackageRow(
        line, name, whole if epoch in ("", "(none)", "0") else "%s:%s" % (epoch, whole), said.get("architecture"),
        installed_raw=said.get("install date"), publisher=_told(said.get("vendor")), group=_told(said.get("group")),
        size_bytes=int(size) if size.isdecimal() and len(size) < 20 else None, licence=_told(said.get("license")),
    )  # fmt: skip


def _told(word: str | None) -> str | None:
    return None if word in (None, "", "(none)", "(not relocatable)", "Unspecified") else word
