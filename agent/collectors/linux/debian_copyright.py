"""What the copyright files of Debian packages say of licences, for the packages that dpkg has.

Source: /usr/share/doc/<package>/copyright, where it is machine readable (DEP-5). `licence` is every short name that it
    has, `spdx` the expression of all its files where each of them has an SPDX identifier; `parent` is the package.
Absent: dpkg has no status file, or the folder /usr/share/doc does not exist.
Gaps:   of a copyright file in prose nothing is claimed, and it yields no record; names without an SPDX identifier (PD,
    `permissive`) leave `spdx` open. The file speaks of the source package, parts of which may not be in this one.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.debian_copyright import read_copyright
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "debian_copyright"
STATUS = "/var/lib/dpkg/status"
DOC = "/usr/share/doc"
SCOPE = "%s:%s" % (SOURCE, DOC)
MAX_COPYRIGHT_BYTES = 4 * 1024 * 1024
_INSTALLED = re.compile(
    r"^Package:[ \t]*(\S+)[ \t]*\n(?:(?!\n).*\n)*?Status:[ \t]*\S+ \S+ installed[ \t]*$", re.MULTILINE
)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield a record for every package whose copyright file is machine readable. Raises `Absent`, `Unreadable`."""
    status = machine.read_text(STATUS)
    if status is None or not machine.exists(DOC):
        raise Absent(DOC)
    yield Scope(SCOPE)
    for package in dict.fromkeys(_INSTALLED.findall(status)):
        path = "%s/%s/copyright" % (DOC, package)
        try:
            data = machine.read_bytes(path, MAX_COPYRIGHT_BYTES)
        except Unreadable as error:
            yield Problem(error.where, error.why)
            continue
        found = None if data is None or b"ormat" not in data[:4096] else parse_copyright(data, package, seen_at=path)
        if found is not None:
            yield found


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded copyright file says; nothing where it is not machine readable."""
    parts = name.replace("\\", "/").split("/")
    package = parts[-2] if parts[-1] == "copyright" and len(parts) > 1 else parts[-1]
    found = parse_copyright(data, package, seen_at=name)
    if found is not None:
        yield found


def parse_copyright(data: bytes, package: str, *, seen_at: str) -> Software | None:
    """Return the licences of a package, `None` when the file is prose or names none."""
    licences = read_copyright(data.decode("utf-8", "replace"))
    if licences is None or not licences.names:
        return None
    return Software(
        source=SOURCE,
        name=package,
        scope=SCOPE,
        seen_at=seen_at,
        identifier=package,
        per_user=False,
        licence=", ".join(licences.names),
        parent=package,
        spdx=licences.spdx,
    )


DEBIAN_COPYRIGHT = Collector(
    name=SOURCE, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file, deep=True
)
