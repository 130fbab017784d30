"""Packages of Container-Optimized OS, read from the list that the image carries.

Source: /etc/cos-package-info.json, its `installedPackages`: category, name, version, ebuild_version.
Absent: the file does not exist.
Gaps:   no publisher, no day; `buildTimePackages` were not installed and are left out. An entry without name or version
    is a problem.
"""

from __future__ import annotations

import json
from typing import Any, Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.inventory.software import Software
from agent.machine.base import Machine

FILE = "/etc/cos-package-info.json"
SCOPE = "cos:" + FILE
MAX_BYTES = 64 * 1024 * 1024

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every package of the image. Raises `Absent`, `Unreadable`."""
    text = machine.read_text(FILE, MAX_BYTES)
    if text is None:
        raise Absent(FILE)
    yield Scope(SCOPE)
    yield from parse_list(text, seen_at=FILE)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded list holds."""
    yield from parse_list(data.decode("utf-8", "replace"), seen_at=name)


def parse_list(text: str, *, seen_at: str) -> Iterator[Record]:
    """Yield the packages in order; text that is no JSON object with a list of packages is a `Problem`."""
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        yield Problem(seen_at, "not JSON: %s" % error)
        return
    packages = document.get("installedPackages") if isinstance(document, dict) else document
    if packages is None:
        packages = []
    if not isinstance(document, dict) or not isinstance(packages, list):
        yield Problem(seen_at, "expected an object with a list installedPackages")
        return
    for number, package in enumerate(packages, start=1):
        yield _package(package, "%s package %d" % (seen_at, number))


def _package(package: Any, where: str) -> Record:
    facts = package if isinstance(package, dict) else {}
    name, category = _text(facts.get("name")), _text(facts.get("category"))
    version = _text(facts.get("version")) or _text(facts.get("ebuild_version"))
    if name is None or version is None:
        return Problem(where, "no %s" % ("name" if name is None else "version (%s)" % name))
    return Software(
        source="cos",
        name=name,
        scope=SCOPE,
        seen_at=where,
        version=version,
        identifier="%s/%s" % (category, name) if category else name,
        per_user=False,
        section=category,
    )


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


COS = Collector(name="cos", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
