"""What `olixtool -sv` of Optimum's OLicense prints: a block for each licence, its modules, and who holds floats."""

from __future__ import annotations

import re

from agent.formats.licence_told import MAX_LINES, FeatureTold, LicencesTold, UseTold, clipped, port_of, tail_of
from agent.formats.whole_number import whole_number

_MARKS = re.compile(r"^\s*olixtool \d|OLicense XML Status", re.MULTILINE)
_SERVER = re.compile(r"Server: <(?P<host>[^:>]*):(?P<port>\d+)(?::\d+)?>")
_FIELD = re.compile(r"(?P<name>Application|VersionRange|Licenser|Licensee|License-ID):\s*(?P<value>.*)")
_MODULE = re.compile(r"\s+(?P<name>[^;]+?);\s*(?P<type>[^;]+);\s*(?P<count>\d+|unlimited|-);\s*(?P<end>[^;]+);.*")
_USE = re.compile(r"\s+(?P<user>[^@\s]+)@(?P<host>\S+) #(?P<count>\d+)\s*")
_LOCKED = re.compile(r"\s+(?P<count>\d+) FloatsLockedBy:")
_FAILURE = re.compile(r"\s*OlComm \d+ .*|.*cannot connect.*", re.IGNORECASE)
_KINDS = {"freefloating": "floating", "floating": "floating", "nodelocked": "node_locked", "singleuser": "node_locked"}


def parse_olixtool(text: str) -> LicencesTold:
    """Return each module of each licence block; the same module of two licences is told twice."""
    told = LicencesTold(recognised=_MARKS.search(text[: 1 << 20]) is not None)
    if not told.recognised:
        return told
    server: tuple[str | None, int | None] = (None, None)
    block: dict[str, str] = {}
    for number, whole_line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        line = whole_line[:2000].rstrip()
        named, value, module = _SERVER.match(line), _FIELD.match(line), _MODULE.fullmatch(line)
        use, locked = _USE.fullmatch(line), _LOCKED.match(line)
        if named is not None:
            server = (named.group("host") or None, port_of(named.group("port")))
        elif value is not None:
            block = {} if value.group("name") == "Application" else block
            block[value.group("name")] = clipped(value.group("value"))
        elif module is not None and module.group("name").strip() != "Name":
            told.features.append(_module(module, block, server, number))
        elif use is not None and told.features:
            count = whole_number(use.group("count")) or 0
            told.features[-1].add_use(UseTold(use.group("user"), use.group("host"), count=count))
        elif locked is not None and told.features:
            told.features[-1].used = whole_number(locked.group("count"))
        elif _FAILURE.fullmatch(line):
            told.failure = clipped(line)
    return told


def _module(
    found: re.Match[str], block: dict[str, str], server: tuple[str | None, int | None], number: int
) -> FeatureTold:
    """Return one module. `Licensee` is often a person, and is never kept: the contract has organisations alone."""
    feature = FeatureTold(clipped(found.group("name")), "line %d" % number)
    feature.kind = _KINDS.get(found.group("type").strip().lower())
    feature.total, feature.used = whole_number(found.group("count")), 0
    feature.product, feature.vendor = block.get("Application"), block.get("Licenser")
    feature.version = block.get("VersionRange")
    feature.serial_tail = tail_of(block.get("License-ID"))
    feature.server, feature.port = server
    feature.server_status = "up"
    day, _, _ = found.group("end").strip().partition(" ")
    feature.expires(day)
    return feature
