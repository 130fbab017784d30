"""Packages of Gentoo and its relatives, read from Portage's database of what is merged.

Source: /var/db/pkg/<category>/<name>-<version>/: PF (name and version in one), repository, LICENSE, SIZE in bytes. Name
    and version are told apart by the rules of the Package Manager Specification (projects.gentoo.org/pms, versions).
Absent: the folder does not exist.
Gaps:   no day of installation (the times recorded are those of the build); LICENSE has a form of its own (`|| ( A B
    )`), of which only what is an SPDX expression as it stands is read as one. A package without PF, or with one that
    has no version, is a problem.
"""

from __future__ import annotations

import re
from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.spdx import spdx_expression
from agent.formats.whole_number import whole_number
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

FOLDER = "/var/db/pkg"
SCOPE = "portage:" + FOLDER
MAX_FACT_BYTES = 64 * 1024
_FACTS = ("LICENSE", "SIZE", "repository")
_LISTED = re.compile(r"^(?:\[[^\]]*\]\s*)*(?:\*\s+)?([a-z0-9]+(?:-[a-z0-9]+)*)/(\S+?)(?::\S+)?\s*$")
_NAME_AND_VERSION = re.compile(
    r"(?P<name>[A-Za-z0-9+_][A-Za-z0-9+_-]*?)-"
    r"(?P<version>\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?)"
)

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every merged package. Raises `Absent`, `Unreadable` when the folder cannot be listed."""
    categories = machine.list_folder(FOLDER)
    if categories is None:
        raise Absent(FOLDER)
    yield Scope(SCOPE)
    for category in categories:
        if not category.is_folder or category.name.startswith("."):
            continue
        try:
            for package in machine.list_folder(category.path) or ():
                if package.is_folder and not package.name.startswith("-MERGING-"):
                    yield _merged(machine, category.name, package)
        except Unreadable as error:
            yield Problem(error.where, error.why)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the package of one recorded PF file, or the packages of a listing by `equery list` or `qlist -Iv`."""
    text = data.decode("utf-8", "replace")
    listed = [_LISTED.search(line) for line in text.splitlines()]
    if not any(listed):
        yield parse_pf(text, {}, seen_at=name)
        return
    for number, line in enumerate(listed, start=1):
        if line is not None:
            yield parse_pf(line.group(2), {"CATEGORY": line.group(1)}, seen_at="%s line %d" % (name, number))


def _merged(machine: Machine, category: str, package: Entry) -> Record:
    path = package.path + "/PF"
    try:
        text = machine.read_text(path, MAX_FACT_BYTES)
        facts = {name: (machine.read_text(package.path + "/" + name, MAX_FACT_BYTES) or "").strip() for name in _FACTS}
    except Unreadable as error:
        return Problem(error.where, error.why)
    if text is None:
        return Problem(path, "a package without PF")
    return parse_pf(text, {**facts, "CATEGORY": category}, seen_at=path)


def parse_pf(text: str, facts: dict[str, str], *, seen_at: str) -> Record:
    """Return the package that a PF file names, with the other facts of its folder; a `Problem` for any other text."""
    found = _NAME_AND_VERSION.fullmatch(text.strip())
    if found is None:
        return Problem(seen_at, "expected NAME-VERSION")
    name, licence = found.group("name"), facts.get("LICENSE")
    return Software(
        source="portage",
        name=name,
        scope=SCOPE,
        seen_at=seen_at,
        version=found.group("version"),
        identifier="%s/%s" % (facts["CATEGORY"], name) if facts.get("CATEGORY") else name,
        size_bytes=whole_number(facts.get("SIZE")),
        per_user=False,
        origin=facts.get("repository") or None,
        section=facts.get("CATEGORY") or None,
        licence=licence or None,
        spdx=spdx_expression(licence) if licence else None,
    )


PORTAGE = Collector(name="portage", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
