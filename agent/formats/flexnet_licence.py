"""FlexNet licence files: SERVER, VENDOR, USE_SERVER, FEATURE, INCREMENT, PACKAGE, UPGRADE as the makers' manuals have
them, and the lines of keys that a server's log says it rejected. The word that is the key, and every signature, is
skipped.

A statement goes on after a backslash; one whose quotation mark or brace is still open goes on as well, since mail
programs eat backslashes, but never past a line that begins a statement of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator

from agent.formats.licence_told import (
    MAX_LINES,
    FeatureTold,
    LicencesTold,
    clipped,
    named_day,
    port_of,
    tail_of,
)
from agent.formats.whole_number import whole_number

STATEMENTS = ("SERVER", "VENDOR", "DAEMON", "USE_SERVER", "FEATURE", "INCREMENT", "PACKAGE", "UPGRADE", "FEATURESET")
MAX_JOINED = 4000
"""Lines of one statement."""

_BEGIN = re.compile(r"\s*(%s)\b" % "|".join(STATEMENTS))
_STATEMENT_LINE = re.compile(
    r"^[ \t]*(?:SERVER[ \t]+\S+[ \t]+\S|(?:VENDOR|DAEMON)[ \t]+\S+|USE_SERVER[ \t]*$"
    r"|(?:INCREMENT|FEATURE|UPGRADE)[ \t]+\S+[ \t]+\S+[ \t]+\S+|PACKAGE[ \t]+\S+[ \t]+\S+)",
    re.MULTILINE,
)
_WORD = re.compile(r"(?:[^\s\"{}=]+=)?\"[^\"]*(?:\"|$)|(?:[^\s\"{}=]+=)?\{|[^\s{}]+|[{}]", re.DOTALL)
_LOG = re.compile(r"^\s*(?P<clock>\d{1,2}:\d{2}:\d{2}) \((?P<daemon>[^)]+)\) (?P<words>.*)")
_REJECTED = re.compile(r"==>\s*((?:INCREMENT|FEATURE|UPGRADE|PACKAGE)\b.*)")
_STARTED = re.compile(r"Started (?P<daemon>\S+) \(internet tcp_port (?P<port>\d+)")
_LICENSED_TO = re.compile(r"Licen[sc]ed to[:\s]+(?P<who>[^\[\]\";]+)", re.IGNORECASE)


@dataclass(frozen=True)
class ServerLine:
    """One SERVER line."""

    host: str
    host_id: str
    port: int | None = None


@dataclass(frozen=True)
class VendorLine:
    """One VENDOR or DAEMON line."""

    name: str
    daemon_path: str | None = None
    port: int | None = None


@dataclass
class LicenceFile:
    """What one file grants."""

    servers: list[ServerLine] = field(default_factory=list)
    vendors: list[VendorLine] = field(default_factory=list)
    told: LicencesTold = field(default_factory=LicencesTold)


def looks_like_a_licence(text: str) -> bool:
    """Tell whether a text holds statements of a FlexNet licence file or a log with rejected ones."""
    head = text[: 1 << 20]
    return _STATEMENT_LINE.search(head) is not None or _REJECTED.search(head) is not None


def parse_licence_file(text: str) -> LicenceFile:
    """Return what a licence file, or a server's log of rejected keys, says. A damaged statement is a problem."""
    found = LicenceFile()
    if not looks_like_a_licence(text):
        return found
    found.told.recognised = True
    lines = text.splitlines()[:MAX_LINES]
    if _REJECTED.search(text):
        _read_log(lines, found)
        return found
    for number, statement in _statements(lines):
        _take(statement, number, found)
        if statement.count('"') % 2 == 1 or statement.count("{") > statement.count("}"):
            found.told.problems.append(("line %d" % number, "a statement that breaks off inside quotation marks"))
    for feature in found.told.features:
        _place(feature, found)
    return found


def _statements(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield each statement in one line, with the number of its first."""
    place = 0
    while place < len(lines):
        line = lines[place]
        number = place + 1
        place += 1
        if _BEGIN.match(line) is None:
            continue
        joined = _Joined(line)
        while place < len(lines) and joined.goes_on(lines[place]):
            joined.add(lines[place])
            place += 1
        yield number, joined.text()


class _Joined:
    """The lines of one statement, and what in them is still open."""

    def __init__(self, line: str) -> None:
        self.parts: list[str] = []
        self.quotes = self.braces = 0
        self.add(line)

    def add(self, line: str) -> None:
        """Append a line."""
        self.is_marked = line.rstrip().endswith("\\")
        self.parts.append(line.rstrip().rstrip("\\") if self.is_marked else line)
        self.quotes += line.count('"')
        self.braces += line.count("{") - line.count("}")

    def goes_on(self, following: str) -> bool:
        """Tell whether the line after belongs to the statement."""
        if len(self.parts) >= MAX_JOINED or _BEGIN.match(following) is not None:
            return False
        if self.is_marked:
            return True
        return not following.lstrip().startswith("#") and (self.quotes % 2 == 1 or self.braces > 0)

    def text(self) -> str:
        """Return the statement in one line."""
        return " ".join(self.parts)


def _take(statement: str, number: int, found: LicenceFile) -> None:
    words = [word for word in _WORD.findall(statement) if word.strip()]
    kind = words[0].upper()
    where = "line %d" % number
    if kind == "SERVER" and len(words) >= 3:
        found.servers.append(ServerLine(clipped(words[1]), clipped(words[2]), _port_in(words[3:])))
    elif kind in ("VENDOR", "DAEMON") and len(words) >= 2:
        path = words[2].strip('"') if len(words) > 2 and "=" not in words[2] else None
        found.vendors.append(VendorLine(clipped(words[1]), path, _port_in(words[2:])))
    elif kind in ("FEATURE", "INCREMENT", "UPGRADE"):
        feature = _grant(words, where)
        if feature is None:
            found.told.problems.append((where, "a statement %s that breaks off" % kind))
        else:
            found.told.features.append(feature)
            _check_days(feature, found.told)
    elif kind == "PACKAGE" and len(words) >= 4:
        found.told.features.append(_package(words, where))
    elif kind not in ("FEATURESET", "USE_SERVER"):
        found.told.problems.append((where, "a statement %s that breaks off" % kind))


def _port_in(words: list[str]) -> int | None:
    for word in words:
        name, sign, value = word.partition("=")
        port = port_of(value if sign and name.lower() == "port" else word)
        if port is not None:
            return port
    return None


def _grant(words: list[str], where: str) -> FeatureTold | None:
    """Return the grant of FEATURE, INCREMENT or UPGRADE: name vendor version [to-version] expiry count key options."""
    kind, rest = words[0].upper(), words[1:]
    if kind == "UPGRADE" and len(rest) >= 6:
        rest = rest[:2] + rest[3:]  # from-version is no longer granted
    if len(rest) < 5:
        return None
    feature = FeatureTold(clipped(rest[0]), seen_at="%s %s" % (kind, where), vendor=clipped(rest[1]), version=rest[2])
    feature.expires(rest[3])
    count = rest[4].lower()
    if count in ("uncounted", "0"):
        feature.kind = "uncounted"
    elif count.isdecimal():
        feature.total, feature.kind = whole_number(count), "floating"
    else:
        return None
    _options(feature, rest[5:])
    if feature.host_id is not None and feature.kind == "floating":
        feature.kind = "node_locked"
    return feature


def _package(words: list[str], where: str) -> FeatureTold:
    feature = FeatureTold(clipped(words[1]), seen_at="PACKAGE %s" % where, vendor=clipped(words[2]), version=words[3])
    feature.kind = "package"
    _options(feature, words[4:])
    return feature


def _options(feature: FeatureTold, words: list[str]) -> None:
    """Take the options that say something of the right; of all others not even the value is kept."""
    depth = 0
    for word in words:
        if word in ("{", "}") or word.endswith("={"):
            depth += 1 if word != "}" else -1
            continue
        if depth > 0:
            continue
        name, sign, value = word.partition("=")
        if sign:
            _option(feature, name.strip().upper(), value.strip().strip('"'))
        elif name.upper() == "USER_BASED":
            feature.kind = "named_user"


def _option(feature: FeatureTold, name: str, value: str) -> None:
    if name == "HOSTID":
        feature.host_id = clipped(value)
    elif name == "SN":
        feature.serial_tail = tail_of(value)
    elif name == "START":
        feature.starts_on = named_day(value)
    elif name == "ISSUED":
        feature.issued_on = named_day(value)
    elif name == "USER_BASED":
        feature.kind = "named_user"
    elif name == "COMPONENTS":
        feature.components = tuple(clipped(word.split(":")[0]) for word in value.replace("\\", " ").split())[:5000]
    elif name == "NOTICE":
        named = _LICENSED_TO.search(value)
        feature.licensee = clipped(" ".join(named.group("who").replace("\\", " ").split())) if named else None


def _check_days(feature: FeatureTold, told: LicencesTold) -> None:
    if feature.starts_on and feature.expires_on and feature.starts_on > feature.expires_on:
        words = "%s starts on %s, after its end %s" % (feature.feature, feature.starts_on, feature.expires_on)
        told.problems.append((feature.seen_at or "", words))


def _place(feature: FeatureTold, found: LicenceFile) -> None:
    """Say by which server the grant is handed out, when the file names one."""
    if found.servers:
        first = found.servers[0]
        feature.server, feature.port = first.host, first.port
        if feature.host_id is None:
            feature.host_id = first.host_id


def _read_log(lines: list[str], found: LicenceFile) -> None:
    """Read the keys that a server's log says were rejected; the reason is the state of the server for each."""
    reasons: dict[str, str] = {}
    ports: dict[str, int | None] = {}
    for number, line in enumerate(lines, start=1):
        log = _LOG.match(line)
        daemon, words = (log.group("daemon"), log.group("words")) if log else ("", line)
        started, rejected = _STARTED.search(words), _REJECTED.search(words)
        if started is not None:
            ports[started.group("daemon")] = port_of(started.group("port"))
            found.vendors.append(VendorLine(started.group("daemon"), None, port_of(started.group("port"))))
        elif rejected is not None:
            feature = _grant([word for word in _WORD.findall(rejected.group(1)) if word.strip()], "line %d" % number)
            if feature is None:
                found.told.problems.append(("line %d" % number, "a rejected statement that breaks off"))
                continue
            feature.server_status = "rejected: %s" % reasons.get(daemon, "?")
            feature.port = ports.get(daemon)
            found.told.features.append(feature)
        elif words.strip():
            reasons[daemon] = clipped(words)
