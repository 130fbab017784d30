"""Lines of the hosts file that name a host of the watchlist, and no other line.

Source: `%SystemRoot%\\System32\\drivers\\etc\\hosts`, elsewhere /etc/hosts; scope `hosts_file`. Recorded files: a
    hosts file.
Absent: there is no such file, or no watchlist that asks for a host name.
Gaps:   entries of a name server or of a program that filters names; `hosts.ics`; a file that `DataBasePath` of the
    registry puts elsewhere.
"""

from __future__ import annotations

import fnmatch
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Scope
from agent.formats.console_text import decode_text
from agent.inventory.traces import Trace
from agent.inventory.watchlist import Watchlist
from agent.machine.base import Machine

NAME = "hosts_file"
MAX_BYTES = 32 << 20
MAX_LINES = 2_000_000
MAX_MATCHES = 5000
PLACES = {"windows": "C:\\Windows\\System32\\drivers\\etc\\hosts"}


def hosts_file(watchlist: Watchlist) -> Collector:
    """Return the collector for this watchlist."""

    def collect(machine: Machine) -> Iterator[Found]:
        """Yield the lines that are asked for. Raises `Absent`."""
        if not watchlist.hosts:
            raise Absent("watchlist")
        path = _place(machine)
        data = machine.read_bytes(path, MAX_BYTES)
        if data is None:
            raise Absent(path)
        yield Scope(NAME)
        yield from parse_hosts(decode_text(data)[0], watchlist, path)

    def parse_file(data: bytes, name: str) -> Iterator[Found]:
        """Yield the lines of a recorded file that are asked for. Raises `Absent` without a watchlist."""
        if not watchlist.hosts:
            raise Absent("watchlist")
        yield Scope(NAME)
        yield from parse_hosts(decode_text(data)[0], watchlist, name)

    platforms = frozenset({"linux", "macos", "windows", "other"})
    made = Collector(name=NAME, platforms=platforms, collect=collect, parse_file=parse_file)
    return made


def parse_hosts(text: str, watchlist: Watchlist, seen_at: str) -> Iterator[Trace]:
    """Yield one trace a watched name: address, name, place; comments and all other names are passed over."""
    exact = {watched.name: watched.id for watched in reversed(watchlist.hosts) if "*" not in watched.name}
    patterns = [watched for watched in watchlist.hosts if "*" in watched.name]
    found = 0
    for number, line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        address, *names = line.partition("#")[0].split()[:200] or [""]
        for name in dict.fromkeys(word.lower().rstrip(".") for word in names):
            watch = exact.get(name) or next((w.id for w in patterns if fnmatch.fnmatchcase(name, w.name)), None)
            if watch is not None and found < MAX_MATCHES:
                found += 1
                where = "%s line %d" % (seen_at, number)
                yield Trace("hosts_line", name[:253], NAME, where, value=address[:64], watch=watch)


def _place(machine: Machine) -> str:
    if machine.family != "windows":
        return "/etc/hosts"
    root = None if machine.recorded else machine.environment("SystemRoot")
    return root + "\\System32\\drivers\\etc\\hosts" if root else PLACES["windows"]


HOSTS_FILE = hosts_file(Watchlist())
