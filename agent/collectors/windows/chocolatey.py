"""Packages of Chocolatey, each by the nuspec file in its folder.

Source: `lib\\<package>\\<package>.nuspec` below the folder that the variable ChocolateyInstall names, else
    `C:\\ProgramData\\chocolatey` (scope `chocolatey:lib`). Recorded files: a nuspec.
Absent: no such folder.
Names:  the package's id, as `choco list` shows it; what the program calls itself stands below Uninstall.
Gaps:   a package that only downloads leaves its nuspec when the program is removed by other means; the licence is an
    address, not a name.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.safe_xml import Element, XmlFault, read_xml
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "chocolatey"
SCOPE = SOURCE + ":lib"
FOLDER = "C:\\ProgramData\\chocolatey"
MAX_PACKAGES = 5000
MAX_NUSPEC_BYTES = 4 * 1024 * 1024


def collect(machine: Machine) -> Iterator[Found]:
    """Yield one record for each package folder with a nuspec."""
    top = (machine.environment("ChocolateyInstall") or FOLDER).rstrip("\\") + "\\lib"
    try:
        members = machine.list_folder(top)
    except Unreadable as error:
        yield ScopeFailed(SCOPE, str(error))
        return
    if members is None:
        raise Absent(top)
    yield Scope(SCOPE)
    for member in [each for each in members if each.is_folder][:MAX_PACKAGES]:
        path = "%s\\%s.nuspec" % (member.path, member.name)
        try:
            data = machine.read_bytes(path, MAX_NUSPEC_BYTES)
            if data is not None:
                yield from parse_file(data, path)
        except Unreadable as error:
            yield Problem(error.where, error.why)


def parse_file(data: bytes, name: str) -> Iterator[Software | Problem]:
    """Yield the package of one nuspec; one without an id is a Problem. Raises `Unreadable` for what is no nuspec."""
    try:
        root = read_xml(data.lstrip(b"\xef\xbb\xbf \t\r\n"))
    except XmlFault as fault:
        raise Unreadable(name, str(fault))
    metadata = root.first("metadata")
    if metadata is None:
        raise Unreadable(name, "no metadata")
    identifier = _text(metadata, "id")
    if identifier is None:
        yield Problem(name, "a package without an id")
        return
    yield Software(
        source=SOURCE,
        name=identifier,
        scope=SCOPE,
        seen_at=name,
        version=_text(metadata, "version"),
        publisher=_text(metadata, "authors"),
        identifier=identifier,
        per_user=False,
        origin="chocolatey",
        licence=_text(metadata, "licenseUrl") or _text(metadata, "license"),
    )


def _text(element: Element, name: str) -> str | None:
    found = element.first(name)
    return None if found is None else found.text.strip() or None


CHOCOLATEY = Collector(name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
