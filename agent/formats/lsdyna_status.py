"""What `lstc_qrun` of the LS-DYNA licence manager prints.

With `-r` programs with a term, what is used, free and the most; without it who runs which program on how many
processors, which says nothing of how many there are.
"""

from __future__ import annotations

import re

from agent.formats.licence_told import MAX_LINES, FeatureTold, LicencesTold, UseTold, clipped, server_of
from agent.formats.whole_number import whole_number

_MARKS = re.compile(
    r"^\s*Using (?:user specified|default) server|^PROGRAM\s+EXPIRATION\s+CPUS|^\s*LICENSE GROUP\s+\d", re.MULTILINE
)
_SERVER = re.compile(r"Using .*?server (?P<server>\S+)")
_PROGRAM = re.compile(
    r"(?P<name>\S+)\s+(?P<end>\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}|never|NEVER|permanent)\s+"
    r"(?P<used>\d+|-)\s+(?P<free>\d+)\s+(?P<most>\d+)\s*\|\s*(?P<queue>\d+)\s*"
)
_RUNNING = re.compile(
    r"\s+(?P<user>\S+)\s+(?P<process>\d+)@(?P<host>\S+)\s+(?P<name>\S+)\s+(?P<since>\w{3} \w{3} [ \d]\d \d\d:\d\d)"
    r"\s+(?P<count>\d+)\s*"
)
_USE = re.compile(r"\s+(?P<user>\S+)\s+(?P<process>\d+)@(?P<host>\S+)\s+(?P<count>\d+)\s*")
_GROUP = re.compile(r"\s+LICENSE GROUP\s+(?P<used>\d+)\s+(?P<free>\d+)\s+(?P<most>\d+)\s*\|\s*(?P<queue>\d+)\s*")
_FAILURE = re.compile(r"\s*\*\*\* ERROR (?P<why>.*)|.*(?:cannot|failed to) (?:open|connect).*", re.IGNORECASE)


def parse_lstc_qrun(text: str) -> LicencesTold:
    """Return the programs in their order. Those of one LICENSE GROUP draw on the same seats: each tells the group's."""
    told = LicencesTold(recognised=_MARKS.search(text[: 1 << 20]) is not None)
    if not told.recognised:
        return told
    server: tuple[str | None, int | None] = (None, None)
    group: list[FeatureTold] = []
    for number, whole_line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        line = whole_line[:2000].rstrip()
        named, program, use = _SERVER.match(line), _PROGRAM.fullmatch(line), _USE.fullmatch(line)
        runs = _RUNNING.fullmatch(line)
        whole, failure = _GROUP.fullmatch(line), _FAILURE.fullmatch(line)
        if named is not None:
            host, port = server_of(named.group("server"))
            server = (host, port)
        elif program is not None:
            group.append(_begun(program, server, number))
            told.features.append(group[-1])
        elif runs is not None:
            _run(runs, told, server, number)
        elif use is not None and group:
            group[-1].add_use(_use(use))
        elif whole is not None:
            _close(group, whole)
            group = []
        elif failure is not None:
            told.failure = clipped(failure.group("why") or line)
    return told


def _begun(found: re.Match[str], server: tuple[str | None, int | None], number: int) -> FeatureTold:
    feature = FeatureTold(clipped(found.group("name")), "line %d" % number, kind="floating")
    feature.server, feature.port = server
    feature.server_status = "up"
    feature.expires(found.group("end"))
    feature.total = whole_number(found.group("most"))
    feature.used = whole_number(found.group("used"))
    feature.queued = whole_number(found.group("queue"))
    return feature


def _run(found: re.Match[str], told: LicencesTold, server: tuple[str | None, int | None], number: int) -> None:
    """Add who runs a program to that program's one record."""
    name = clipped(found.group("name"))
    feature = next((each for each in told.features if each.feature == name), None)
    if feature is None:
        feature = FeatureTold(name, "line %d" % number, kind="floating", used=0, server_status="up")
        feature.server, feature.port = server
        told.features.append(feature)
    count = whole_number(found.group("count")) or 0
    feature.used = (feature.used or 0) + count
    feature.add_use(UseTold(found.group("user"), found.group("host"), since_raw=found.group("since"), count=count))


def _use(found: re.Match[str]) -> UseTold:
    return UseTold(found.group("user"), found.group("host"), count=whole_number(found.group("count")) or 0)


def _close(group: list[FeatureTold], whole: re.Match[str]) -> None:
    """The group's line says what all its programs together use."""
    for feature in group:
        feature.used = whole_number(whole.group("used"))
        feature.total = whole_number(whole.group("most"))
