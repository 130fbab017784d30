"""What `rlmutil rlmstat -a` of Reprise's licence manager prints: pools (`count`, `inuse`, `exp`) and check-outs."""

from __future__ import annotations

import re

from agent.formats.licence_told import (
    MAX_LINES,
    FeatureTold,
    LicencesTold,
    UseTold,
    clipped,
    month_day_time,
    port_of,
    server_of,
)
from agent.formats.whole_number import whole_number

_MARKS = re.compile(
    r"^\s*rlmutil v\d|^\s+count: \S+, # reservations: \d+, inuse: |^\s*rlmstat\b|license pool status on"
    r"|^\s*rlm status on ",
    re.MULTILINE,
)
_SERVER = re.compile(r"Setting license file path to (?P<path>\S+)")
_STATUS = re.compile(
    r"\s*(?P<isv>\S+) (?:license pool|license usage|ISV server|) ?status on (?P<host>\S+) \(port (?P<port>\d+)\)"
)
_POOL = re.compile(r"\s+(?P<name>\S+) v(?P<version>\S+)(?:, pool: (?P<pool>\d+))?\s*")
_COUNT = re.compile(
    r"\s+count:\s*(?P<count>\d+|uncounted),\s*# reservations:\s*(?P<reserved>\d+),"
    r"\s*inuse:\s*(?P<used>\d+),\s*exp:\s*(?P<end>[^,]+)"
)
_USE = re.compile(
    r"\s+(?P<name>\S+) v(?P<version>[^\s:]+):\s*(?P<user>[^@]*)@(?P<host>\S+) (?P<count>\d+)/\d+"
    r" at (?P<month>\d{1,2})/(?P<day>\d{1,2}) (?P<clock>\d{1,2}:\d{2})"
)
_FAILURE = re.compile(
    r"\s*(Error connecting to \"?rlm\"? server.*|.*(?:Communications error|Network \(connect\) error|No such host).*)",
    re.IGNORECASE,
)


def parse_rlmstat(text: str) -> LicencesTold:
    """Return the pools with their check-outs, by ISV. A pool that stands twice for one version is told twice."""
    reader = _Reader()
    reader.told.recognised = _MARKS.search(text[: 1 << 20]) is not None
    if reader.told.recognised:
        for number, line in enumerate(text.splitlines()[:MAX_LINES], start=1):
            reader.take(line[:2000], number)
        if not reader.told.features and reader.failure:
            reader.told.failure = reader.failure
    return reader.told


class _Reader:
    def __init__(self) -> None:
        self.told = LicencesTold()
        self.server: tuple[str | None, int | None] = (None, None)
        self.isv: str | None = None
        self.open: tuple[str, str, int] | None = None
        self.pools: dict[tuple[str | None, str, str], list[FeatureTold]] = {}
        self.failure: str | None = None

    def take(self, line: str, number: int) -> None:
        path, status, failure = _SERVER.search(line), _STATUS.match(line), _FAILURE.fullmatch(line)
        if path is not None:
            self.server = server_of(re.split(r"[:;]", path.group("path"))[0])
        elif status is not None:
            self._begin_isv(status)
        elif failure is not None:
            self.failure = clipped(line)
        else:
            self._take_pool_or_use(line, number)

    def _begin_isv(self, status: re.Match[str]) -> None:
        self.isv = None if status.group("isv") == "rlm" else status.group("isv")
        self.server = (status.group("host"), port_of(status.group("port")))

    def _take_pool_or_use(self, line: str, number: int) -> None:
        use, counts, pool = _USE.match(line), _COUNT.match(line), _POOL.fullmatch(line)
        if use is not None:
            self._take_use(use, line, number)
        elif counts is not None and self.open is not None:
            self._take_counts(counts)
        elif pool is not None:
            self.open = (pool.group("name"), pool.group("version"), number)

    def _take_counts(self, counts: re.Match[str]) -> None:
        assert self.open is not None
        name, version, number = self.open
        self.open = None
        count = whole_number(counts.group("count"))
        feature = FeatureTold(clipped(name), "line %d" % number, "floating" if count else "uncounted")
        feature.version, feature.vendor = version, self.isv
        feature.server, feature.port = self.server
        feature.server_status = "up"
        feature.total, feature.used = count or None, whole_number(counts.group("used"))
        feature.reserved = whole_number(counts.group("reserved"))
        feature.expires(counts.group("end"))
        self.told.features.append(feature)
        self.pools.setdefault((self.isv, name, version), []).append(feature)

    def _take_use(self, use: re.Match[str], line: str, number: int) -> None:
        name, version = use.group("name"), use.group("version")
        pools = self.pools.get((self.isv, name, version))
        if pools is None:
            of_any = [found for key, found in self.pools.items() if key[1:] == (name, version)]
            pools = of_any[0] if of_any else None
        if not pools:
            self.told.problems.append(("line %d" % number, "a check-out of %s, which no pool holds" % name))
            return
        month, day, clock = use.group("month"), use.group("day"), use.group("clock")
        pools[0].add_use(
            UseTold(
                user=use.group("user") or None,
                host=use.group("host"),
                version=version,
                since=month_day_time(month, day, clock),
                since_raw="%s/%s %s" % (month, day, clock),
                count=whole_number(use.group("count")) or 0,
            )
        )
