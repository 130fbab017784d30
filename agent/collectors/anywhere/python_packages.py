"""Python packages that were installed for everybody, read from what pip leaves.

Source: METADATA of `*.dist-info` and PKG-INFO of `*.egg-info` in the package folders of every Python below /usr/lib,
    /usr/local/lib, /usr/local/lib64, /usr/lib64, /opt/*/lib and, on macOS, the framework Pythons: Name, Version,
    Author, License-Expression or License. INSTALLER says who put it there; what dpkg or rpm put there is theirs and
    left out, and so is what has no INSTALLER in a folder of the distribution.
Absent: no such folder has a package of anybody but the distribution.
Gaps:   no day of installation; environments in home folders and projects are not looked for. The classifiers of a
    licence are no expression and are not read as one.
"""

from __future__ import annotations

import re
from typing import Iterator, Mapping

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.formats.spdx import spdx_expression
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

SOURCE = "python_packages"
LIBRARIES = ("/usr/local/lib", "/usr/local/lib64", "/usr/lib", "/usr/lib64")
FRAMEWORKS = "/Library/Frameworks/Python.framework/Versions"
OPT = "/opt"
MAX_METADATA_BYTES = 2 * 1024 * 1024
MAX_PACKAGES_OF_ONE_FOLDER = 5000
_PYTHON = re.compile(r"(?:python|pypy)\d(?:\.\d+)?")
_OF_THE_SYSTEM = ("/usr/lib/", "/usr/lib64/")
_FIELDS = ("name", "version", "author", "maintainer", "author-email", "license", "license-expression", "home-page")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the packages of each folder that has any, which is a scope. Raises `Absent`."""
    any_folder = False
    for folder in _folders(machine):
        scope = "%s:%s" % (SOURCE, folder)
        try:
            members = machine.list_folder(folder) or ()
        except Unreadable as error:
            any_folder = True
            yield ScopeFailed(scope, error.why)
            continue
        packages = [each for each in members if each.name.endswith((".dist-info", ".egg-info"))]
        if packages:
            any_folder = True
            yield Scope(scope)
            for package in packages[:MAX_PACKAGES_OF_ONE_FOLDER]:
                yield from _package(machine, package, scope)
            if len(packages) > MAX_PACKAGES_OF_ONE_FOLDER:
                yield Problem(folder, "more than %d packages; the rest was left out" % MAX_PACKAGES_OF_ONE_FOLDER)
    if not any_folder:
        raise Absent(LIBRARIES[0])


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the package of one recorded METADATA or PKG-INFO."""
    yield parse_metadata(data.decode("utf-8", "replace"), seen_at=name, scope="%s:%s" % (SOURCE, name))


def _folders(machine: Machine) -> Iterator[str]:
    """Yield the folders of packages for everybody."""
    libraries = list(LIBRARIES)
    libraries += [each.path + "/lib" for each in _listed(machine, OPT)]
    libraries += [each.path + "/lib" for each in _listed(machine, FRAMEWORKS) if each.name != "Current"]
    for library in libraries:
        for python in _listed(machine, library):
            if _PYTHON.fullmatch(python.name):
                yield python.path + "/site-packages"
                yield python.path + "/dist-packages"


def _listed(machine: Machine, path: str) -> tuple[Entry, ...]:
    """Return the folders in a folder; one that cannot be listed has none that we could tell."""
    try:
        return tuple(each for each in machine.list_folder(path) or () if each.is_folder)
    except Unreadable:
        return ()


def _package(machine: Machine, package: Entry, scope: str) -> Iterator[Software | Problem]:
    dist = package.name.endswith(".dist-info")
    place = package.path + "/METADATA" if dist else package.path + "/PKG-INFO" if package.is_folder else package.path
    try:
        installer = (machine.read_text(package.path + "/INSTALLER", 4096) or "").strip() if dist else ""
        if installer in ("debian", "rpm") or not installer and package.path.startswith(_OF_THE_SYSTEM):
            return
        text = machine.read_text(place, MAX_METADATA_BYTES)
    except Unreadable as error:
        yield Problem(error.where, error.why)
        return
    if text is None:
        yield Problem(place, "a package without metadata")
    else:
        yield parse_metadata(text, seen_at=place, scope=scope, installer=installer or None)


def parse_metadata(text: str, *, seen_at: str, scope: str, installer: str | None = None) -> Software | Problem:
    """Return the package that core metadata describe (packaging.python.org); without name or version a `Problem`."""
    fields = _fields(text)
    name, version = fields.get("name"), fields.get("version")
    if name is None or version is None:
        return Problem(seen_at, "no %s" % ("Name" if name is None else "Version (%s)" % name))
    licence = fields.get("license-expression") or fields.get("license")
    return Software(
        source=SOURCE,
        name=name,
        scope=scope,
        seen_at=seen_at,
        version=version,
        publisher=fields.get("author") or fields.get("maintainer"),
        identifier=re.sub(r"[-_.]+", "-", name).lower(),
        location=seen_at.rpartition("/")[0].rpartition("/")[0] or None,
        per_user=False,
        origin=installer,
        section="python",
        licence=licence,
        spdx=None if licence is None else spdx_expression(licence),
    )


def _fields(text: str) -> Mapping[str, str]:
    """Return the fields of the head, which ends at the first empty line; `UNKNOWN` is how old tools write nothing."""
    found: dict[str, str] = {}
    head = text.lstrip("\ufeff").replace("\r\n", "\n").partition("\n\n")[0]
    for line in head.split("\n"):
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        if colon and key in _FIELDS and not line[:1].isspace() and value.strip() not in ("", "UNKNOWN"):
            found.setdefault(key, value.strip())
    return found


PYTHON_PACKAGES = Collector(
    name=SOURCE, platforms=frozenset({"linux", "macos"}), collect=collect, parse_file=parse_file, deep=True
)
