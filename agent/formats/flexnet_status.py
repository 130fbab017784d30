"""What `lmstat` of FlexNet prints: servers, vendor daemons, features and who holds them; `-a`, `-A`, `-f` and `-i`.

The words are those of the End User Guide of FlexNet Publisher and of recorded outputs from 2004 to 2026.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.formats.licence_told import (
    MAX_LINES,
    FeatureTold,
    LicencesTold,
    UseTold,
    clipped,
    month_day_time,
    port_of,
    server_of,
    term_of,
)
from agent.formats.whole_number import whole_number

MAX_LINE = 2000
"""Characters of one line that are looked at."""

_MARKS = re.compile(
    r"^\s*(?:lmstat|lmutil) - Copyright|Flexible License Manager status on|^\s*Users of .+:\s+\("
    r"|^NOTE: lmstat -i does not|^\s*lmstat v\d|^Error getting status:",
    re.MULTILINE,
)
_SERVERS = re.compile(r"License server status:\s*(.+)")
_UP = re.compile(r"\s*(?P<host>[^\s:][^:]*): license server (?P<state>UP|DOWN)\b(?P<rest>.*)")
_DOWN = re.compile(
    r"\s*(?P<host>[^\s:\"][^:\"]*): ((?:Cannot connect|Can't connect|cannot find|No such).*)", re.IGNORECASE
)
_DAEMON = re.compile(r"\s+(?P<name>[^\s:]+): (?P<state>UP|DOWN)\b")
_DAEMON_DOWN = re.compile(r"\s+(?P<name>[^\s:]+): ((?:The desired vendor daemon|No socket|Cannot|Vendor daemon).*)")
_FEATURE = re.compile(r"\s*Users of (?P<name>.+?):\s+\((?P<told>.*)\)\s*")
_TOTALS = re.compile(
    r"Total of (?P<total>\d+) licenses? issued;\s+Total of (?P<used>\d+) licenses? in use", re.IGNORECASE
)
_ERROR = re.compile(r"Error:\s*(?:(?P<total>\d+) licenses?,\s*)?(?P<why>.+)", re.IGNORECASE)
_GRANT = re.compile(
    r"\s*\"(?P<name>[^\"]+)\" v(?P<version>[^,\s]+), vendor: (?P<vendor>[^,\s]+)(?:, expiry: (?P<end>.+))?"
)
_LOCK = re.compile(r"(?:locked to )(?:NOTHING )?\(?\"?(?P<id>[^\"()]+)\"?\)?")
_RESERVED = re.compile(r"\s*(?P<count>\d+) RESERVATIONs? for ", re.IGNORECASE)
_USE = re.compile(
    r"\s+(?P<who>\S.*?) \(v?(?P<version>[^()\s]*)\)"
    r" \((?P<server>[^()]+)/(?P<port>[^()/]+?) (?P<handle>[\w.]+)\)(?P<rest>.*)"
)
_START = re.compile(
    r",\s*start (?P<raw>(?:\w{3} )?(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:/\d{2,4})? (?P<clock>\d{1,2}:\d{2}))"
)
_COUNT = re.compile(r",\s*(?P<count>\d+) licenses?\b")
_QUEUED = re.compile(r"\bqueued(?: for (?P<count>\d+) licenses?)?", re.IGNORECASE)
_TABLE = re.compile(
    r"(?P<name>\S+)\s+(?P<version>\S+)\s+(?P<count>\d+|uncounted)\s+(?P<end>\S+(?: \S+)*?)\s+(?P<vendor>\S+)\s*"
)


def looks_like_lmstat(text: str) -> bool:
    """Tell whether a text was printed by `lmstat`."""
    return _MARKS.search(text[: 1 << 20]) is not None


def parse_lmstat(text: str) -> LicencesTold:
    """Return what one or several outputs tell, in their order. A server that is down is a problem, not a silence."""
    reader = _Reader()
    if not looks_like_lmstat(text):
        return reader.told
    reader.told.recognised = True
    for number, line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        reader.take(line[:MAX_LINE].rstrip(), number)
    reader.end_feature()
    return reader.told


class _Reader:
    """Walks the lines; a feature is open until the next begins."""

    def __init__(self) -> None:
        self.told = LicencesTold()
        self.server: str | None = None
        self.port: int | None = None
        self.ports: dict[str, int | None] = {}
        self.daemons: dict[str, str] = {}
        self.open: FeatureTold | None = None
        self.grants: list[tuple[str, str, str | None]] = []
        self.in_table = False

    def take(self, line: str, number: int) -> None:
        """Take one line; one that says nothing we know is passed over, as all the makers' prose is."""
        if not line.strip():
            return
        feature = _FEATURE.fullmatch(line)
        if feature is not None:
            self.begin_feature(feature.group("name"), feature.group("told"), number)
        elif self.open is not None and self.take_of_feature(line):
            return
        else:
            self.take_of_server(line, number)

    def begin_feature(self, name: str, told: str, number: int) -> None:
        self.end_feature()
        found = FeatureTold(clipped(name), seen_at="line %d" % number, server=self.server, port=self.port)
        totals, error = _TOTALS.search(told), _ERROR.match(told)
        if totals is not None:
            found.total, found.used = whole_number(totals.group("total")), whole_number(totals.group("used"))
            found.reserved = found.queued = 0
            found.kind = "floating"
        elif error is not None:
            found.total = whole_number(error.group("total"))
            found.server_status = clipped(error.group("why"))
        elif "uncounted" in told.lower():
            found.kind = "uncounted"
        else:
            found.server_status = clipped(told)
        self.open, self.grants, self.in_table = found, [], False

    def end_feature(self) -> None:
        """Close the open feature: what all its grants say alike is the feature's own."""
        found, self.open = self.open, None
        if found is None:
            return
        versions = {version for version, _, _ in self.grants}
        vendors = {vendor for _, vendor, _ in self.grants}
        ends = {end for _, _, end in self.grants if end is not None}
        found.version = versions.pop() if len(versions) == 1 else None
        found.vendor = vendors.pop() if len(vendors) == 1 else self._only_daemon()
        if len(ends) == 1:
            found.expires(ends.pop())
        elif ends:
            terms = [term_of(end) for end in ends]
            days = [day for day, _, _ in terms if day is not None]
            found.permanent = True if any(never for _, never, _ in terms) and not days else None
            found.expires_on = max(days) if days else None
            found.expires_raw = clipped("; ".join(sorted(ends)))
        if found.server_status is None:
            found.server_status = self._state_of(found.vendor)
        self.told.features.append(found)

    def _only_daemon(self) -> str | None:
        return next(iter(self.daemons)) if len(self.daemons) == 1 else None

    def _state_of(self, vendor: str | None) -> str | None:
        return self.daemons.get(vendor or "") or ("up" if self.server is not None else None)

    def take_of_feature(self, line: str) -> bool:
        """Take a line of the open feature; False for one that is not of it."""
        found = self.open
        assert found is not None
        grant = _GRANT.fullmatch(line)
        if grant is not None:
            end = grant.group("end")
            self.grants.append((grant.group("version"), grant.group("vendor"), clipped(end) if end else None))
            return True
        reserved = _RESERVED.match(line)
        if reserved is not None:
            found.reserved = (found.reserved or 0) + (whole_number(reserved.group("count")) or 0)
            return True
        use = _USE.fullmatch(line)
        if use is not None:
            self._take_use(found, use)
            return True
        return self._take_words(found, line)

    def _take_words(self, found: FeatureTold, line: str) -> bool:
        low = line.strip().lower()
        if low.startswith("vendor_string:"):
            return True
        if "locked" in low and ("license" in low or "nodelocked" in low):
            lock = _LOCK.search(line)
            if lock is not None:
                found.host_id = clipped(lock.group("id"))
            if low.startswith("uncounted"):
                found.kind = "uncounted"
            return True
        return low.startswith("floating license")

    def _take_use(self, found: FeatureTold, use: re.Match[str]) -> None:
        user, host, display = _who(use.group("who"))
        rest = use.group("rest")
        queued, start, count = _QUEUED.search(rest), _START.search(rest), _COUNT.search(rest)
        number = whole_number((queued or count).group("count")) if queued or count else None  # type: ignore[union-attr]
        seats = number if number is not None else 1
        if queued is not None:
            found.queued = (found.queued or 0) + seats
        found.add_use(
            UseTold(
                user=user,
                host=host,
                display=display,
                version=use.group("version") or None,
                since=month_day_time(start.group("month"), start.group("day"), start.group("clock")) if start else None,
                since_raw=start.group("raw") if start else None,
                count=seats,
                queued=queued is not None,
            )
        )
        if found.server is None:
            found.server, found.port = clipped(use.group("server")), port_of(use.group("port"))

    def take_of_server(self, line: str, number: int) -> None:
        """Take a line about servers and daemons, or of the table of `-i`."""
        if line.startswith("Error getting status:"):
            self.told.failure = clipped(line.partition(":")[2])
            return
        servers = _SERVERS.search(line)
        if servers is not None:
            self._begin_servers(servers.group(1))
            return
        up, down = _UP.fullmatch(line), _DOWN.fullmatch(line)
        if up is not None:
            self._note_server(clipped(up.group("host")), up.group("state") == "UP", "MASTER" in up.group("rest"), line)
        elif down is not None:
            self._note_server(clipped(down.group("host")), False, False, line)
        else:
            self._take_daemon_or_row(line, number)

    def _begin_servers(self, written: str) -> None:
        self.end_feature()
        self.daemons = {}
        self.ports = {}
        self.server = self.port = None
        for word in re.split(r"[,\s;]+", written.strip()):
            host, port = server_of(word)
            if host is not None:
                self.ports[host] = port
        if len(self.ports) == 1:
            self.server, self.port = next(iter(self.ports.items()))

    def _note_server(self, host: str, is_up: bool, is_master: bool, line: str) -> None:
        if not is_up:
            self.told.problems.append((host, clipped(line.strip())))
        elif is_master or self.server is None or self.server not in self.ports:
            self.server, self.port = host, self.ports.get(host, self.port)

    def _take_daemon_or_row(self, line: str, number: int) -> None:
        daemon, down = _DAEMON.match(line), _DAEMON_DOWN.fullmatch(line)
        if daemon is not None:
            self.daemons[daemon.group("name")] = daemon.group("state").lower()
        elif down is not None:
            self.daemons[down.group("name")] = "down"
            self.told.problems.append((down.group("name"), clipped(line.strip())))
        elif re.match(r"Feature\s+Version\s+#licenses", line):
            self.in_table = True
        elif self.in_table and not line.startswith("_"):
            self.told.features.extend(_row(line, number))


def _row(line: str, number: int) -> Iterator[FeatureTold]:
    """Yield the feature of one row of `lmstat -i`."""
    row = _TABLE.fullmatch(line.strip())
    if row is None:
        return
    count = whole_number(row.group("count"))
    found = FeatureTold(clipped(row.group("name")), seen_at="line %d" % number, version=row.group("version"))
    found.vendor, found.total = row.group("vendor"), count or None
    found.kind = "uncounted" if not count else None
    found.expires(row.group("end"))
    yield found


def _who(words: str) -> tuple[str | None, str | None, str | None]:
    """Return (account, host, display) of the words before the version; accounts of Windows may hold blanks."""
    parts = words.split()
    if len(parts) < 3:
        return parts[0], parts[1] if len(parts) == 2 else None, None
    for place in range(1, len(parts) - 1):
        following = parts[place + 1]
        if following.startswith("/dev/") or following == parts[place] or re.fullmatch(r"\S*:\d+(\.\d+)?", following):
            return " ".join(parts[:place]), parts[place], following
    return parts[0], parts[1], parts[2]
