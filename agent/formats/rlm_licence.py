"""Licence files of Reprise's RLM: HOST, ISV and LICENSE lines. The signature is skipped."""

from __future__ import annotations

import re

from agent.formats.flexnet_licence import LicenceFile, ServerLine, VendorLine
from agent.formats.licence_told import MAX_LINES, FeatureTold, clipped, named_day, port_of, tail_of
from agent.formats.whole_number import whole_number

_LICENCE = re.compile(r"^[ \t]*LICENSE[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+\S+", re.MULTILINE | re.IGNORECASE)
_OPTION = re.compile(r"(?P<name>[A-Za-z_]+)=(?P<value>\"[^\"]*\"?|\S+)")


def looks_like_rlm(text: str) -> bool:
    """Tell whether a text holds a LICENSE line of RLM."""
    return _LICENCE.search(text[: 1 << 20]) is not None


def parse_rlm_licence(text: str) -> LicenceFile:
    """Return what an RLM licence file grants. A line that breaks off is a problem."""
    found = LicenceFile()
    found.told.recognised = looks_like_rlm(text)
    if not found.told.recognised:
        return found
    for number, line in enumerate(text.replace("\\\n", " ").splitlines()[:MAX_LINES], start=1):
        words = line.split()
        kind = words[0].upper() if words else ""
        if kind in ("HOST", "SERVER") and len(words) >= 3:
            found.servers.append(
                ServerLine(clipped(words[1]), clipped(words[2]), port_of(words[3]) if len(words) > 3 else None)
            )
        elif kind == "ISV" and len(words) >= 2:
            found.vendors.append(
                VendorLine(clipped(words[1]), words[2] if len(words) > 2 and "=" not in words[2] else None)
            )
        elif kind == "LICENSE":
            _licence(words, line, number, found)
    for feature in found.told.features:
        if found.servers and feature.kind == "floating":
            feature.server, feature.port = found.servers[0].host, found.servers[0].port
            feature.host_id = feature.host_id or found.servers[0].host_id
    return found


def _licence(words: list[str], line: str, number: int, found: LicenceFile) -> None:
    if len(words) < 6:
        found.told.problems.append(("line %d" % number, "a statement LICENSE that breaks off"))
        return
    feature = FeatureTold(clipped(words[2]), "LICENSE line %d" % number, vendor=clipped(words[1]), version=words[3])
    feature.expires(words[4])
    count = words[5].lower()
    feature.total = whole_number(count) or None
    feature.kind = "floating" if feature.total else "node_locked" if count == "single" else "uncounted"
    for option in _OPTION.finditer(line):
        name, value = option.group("name").lower(), option.group("value").strip('"')
        if name == "hostid":
            feature.host_id = clipped(value)
        elif name == "start":
            feature.starts_on = named_day(value)
        elif name == "issued":
            feature.issued_on = named_day(value)
        elif name == "customer":
            feature.licensee = clipped(value)
        elif name == "contract":
            feature.serial_tail = tail_of(value)
    found.told.features.append(feature)
