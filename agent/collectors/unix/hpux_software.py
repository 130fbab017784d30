"""Bundles and products of HP-UX, as `swlist` lists them.

Source: `swlist`: tag, revision and title in columns, bundles first, then products of no bundle; comments begin with
    `#`. Patches (PHCO_, PHKL_, PHNE_, PHSS_ and a number) are marked as updates.
Absent: the machine has no /var/adm/sw or no such command.
Gaps:   no publisher and no day, which `swlist -v` would say; the title is not carried; filesets are parts of products.
"""

from __future__ import annotations

import re
from typing import Iterator, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.console_text import decode_text
from agent.inventory.software import Software
from agent.machine.base import Machine

SOURCE = "hpux_software"
MARK = "/var/adm/sw"
COMMAND = ("swlist",)
_MOST_LINES = 500_000
_PATCH = re.compile(r"PH[A-Z]{2}_\d+(?:\.\S+)?")
_ATTRIBUTES = re.compile(r"^(?:bundle|product)[ \t]*\n[ \t]*tag\s", re.MULTILINE)

Record = Union[Software, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every bundle and product. Raises `Absent`, `Unreadable` when the command fails."""
    printed = machine.run(COMMAND) if machine.exists(MARK) else None
    if printed is None:
        raise Absent(MARK)
    yield Scope(SOURCE)
    yield from parse_listing(printed, seen_at=" ".join(COMMAND))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded listing holds."""
    yield from parse_listing(decode_text(data)[0], seen_at=name)


def parse_listing(text: str, *, seen_at: str) -> Iterator[Record]:
    """Yield bundles and products in order; a line without a revision is a `Problem`."""
    if _ATTRIBUTES.search(text):
        yield from _attributes(text, seen_at)
        return
    for number, line in enumerate(text.lstrip("\ufeff").splitlines()[:_MOST_LINES], start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        where = "%s line %d" % (seen_at, number)
        words = line.split(None, 2)
        if len(words) < 2 or not any(character.isdigit() for character in words[1]):
            yield Problem(where, "expected tag, revision and title")
            continue
        yield Software(
            source=SOURCE,
            name=words[0],
            scope=SOURCE,
            seen_at=where,
            version=words[1],
            identifier=words[0],
            per_user=False,
            update=True if _PATCH.fullmatch(words[0]) else None,
        )


def _attributes(text: str, seen_at: str) -> Iterator[Record]:
    """Yield the bundles and products of `swlist -v`: attributes one a line below the kind of object."""
    said: dict[str, str] = {}
    for number, line in enumerate([*text.splitlines()[:_MOST_LINES], "product"], start=1):
        word, _, value = line.strip().partition(" ")
        if word in ("bundle", "product", "fileset", "subproduct", "vendor", "category") and not value.strip():
            if said.get("object") in ("bundle", "product") and said.get("tag") and said.get("revision"):
                yield Software(
                    source=SOURCE, name=said["tag"], scope=SOURCE, seen_at="%s line %d" % (seen_at, number),
                    version=said["revision"], publisher=said.get("vendor_tag"), identifier=said["tag"], per_user=False,
                    update=True if _PATCH.fullmatch(said["tag"]) else None,
                )  # fmt: skip
            said = {"object": word}
        elif value.strip():
            said.setdefault(word, value.strip().strip('"'))


HPUX_SOFTWARE = Collector(name=SOURCE, platforms=frozenset({"other"}), collect=collect, parse_file=parse_file)
