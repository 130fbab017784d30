"""What `lmxendutil -licstat` of X-Formation's LM-X prints: features with terms, counts and check-outs."""

from __future__ import annotations

import re

from agent.formats.licence_told import (
    MAX_LINES,
    FeatureTold,
    LicencesTold,
    UseTold,
    clipped,
    full_time,
    named_day,
    port_of,
)
from agent.formats.whole_number import whole_number

_MARKS = re.compile(
    r"^\s*LM-X (?:End-user Utility|License Server)|^Feature: .+ Version: .+ Vendor: |^\d+ of \d+ license\(s\) used",
    re.MULTILINE,
)
_SERVER = re.compile(r"LM-X License Server on (?P<port>\d+)@(?P<host>[^\s:]+)")
_FEATURE = re.compile(r"Feature: (?P<name>\S.*?) Version: (?P<version>\S+) Vendor: (?P<vendor>.+)")
_TERM = re.compile(r"Start date: (?P<start>.+?) Expire date: (?P<end>.+)")
_TYPE = re.compile(r"Key type: (?P<type>\S+)")
_COUNT = re.compile(r"(?P<used>\d+) of (?P<total>\d+|unlimited) license\(s\) used")
_USE = re.compile(r"(?P<count>\d+) license\(s\) used by (?P<user>[^@]*)@(?P<host>\S+)")
_TIMES = re.compile(r"Login time: .+?Checkout time: (?P<since>\d{4}-\d{2}-\d{2} \d{2}:\d{2})")
_FAILURE = re.compile(
    r"There (?:are|is) no license server|unable to connect|could not connect|Network error", re.IGNORECASE
)


def parse_lmxendutil(text: str) -> LicencesTold:
    """Return the features in their order; `0 of 2147483647` is a count that the maker uses for without limit."""
    told = LicencesTold(recognised=_MARKS.search(text[: 1 << 20]) is not None)
    if not told.recognised:
        return told
    server: tuple[str | None, int | None] = (None, None)
    for number, whole_line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        line = whole_line[:2000].strip()
        found, feature = _SERVER.search(line), _FEATURE.fullmatch(line)
        if found is not None:
            server = (found.group("host"), port_of(found.group("port")))
        elif feature is not None:
            told.features.append(_begun(feature, server, number))
        elif _FAILURE.search(line):
            told.failure = clipped(line)
        elif told.features:
            _take(told.features[-1], line)
    if told.features:
        told.failure = None
    return told


def _begun(found: re.Match[str], server: tuple[str | None, int | None], number: int) -> FeatureTold:
    feature = FeatureTold(clipped(found.group("name")), "line %d" % number, version=found.group("version"))
    feature.vendor = clipped(found.group("vendor"))
    feature.server, feature.port = server
    feature.server_status = "up"
    return feature


def _take(feature: FeatureTold, line: str) -> None:
    term, kind, count = _TERM.search(line), _TYPE.search(line), _COUNT.match(line)
    use, times = _USE.match(line), _TIMES.search(line)
    if term is not None:
        feature.starts_on = named_day(term.group("start"))
        feature.expires(term.group("end"))
    elif kind is not None:
        feature.kind = "floating"
    elif count is not None:
        feature.used, feature.total = whole_number(count.group("used")), whole_number(count.group("total"))
        feature.kind = "floating" if feature.total is not None else "uncounted"
    elif use is not None:
        feature.add_use(
            UseTold(use.group("user") or None, use.group("host"), count=whole_number(use.group("count")) or 0)
        )
    elif times is not None and feature.uses:
        last = feature.uses[-1]
        since = full_time(times.group("since"))
        feature.uses[-1] = UseTold(last.user, last.host, since=since, since_raw=times.group("since"), count=last.count)
