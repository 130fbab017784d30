"""Rules of the Windows firewall that block a program.

Source: the values of `FirewallRules` below `SharedAccess\\Parameters\\FirewallPolicy`, set by hand or by programs,
    and the same below `Policies\\Microsoft\\WindowsFirewall`. Recorded files: SYSTEM and SOFTWARE hives, exports.
Absent: no such key; XP, whose firewall blocks nothing that goes out.
Kept:   rules with `Action=Block` that name a program; `state` is `block`, `start` is `disabled` for a rule that is off.
Left out: rules for a port or address alone, and all that allow.
Gaps:   rules of other firewalls; blocks by address; in which direction is told, for which network is not.
"""

from __future__ import annotations

from typing import Dict, Iterator

from agent.collectors.base import Collector, Found, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.registry_source import Reader, opened
from agent.formats.registry_hive import DamagedHive
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

NAME = "firewall_blocks"
SCOPE = NAME + ":registry"
KEYS = (
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules",
    "HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules",
)
MAX_BLOCKS = 2000


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the rules that block a program."""
    yield from blocks(machine.registry_key)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the rules of a hive or an export. Raises `Unreadable` when it is neither."""
    yield from blocks(opened(data, name).read)


def blocks(read: Reader) -> Iterator[Found]:
    """Yield one trace for each rule, at most `MAX_BLOCKS`."""
    there = False
    count = 0
    for path in KEYS:
        try:
            key = read(path)
        except (Unreadable, DamagedHive) as error:
            yield ScopeFailed(SCOPE, str(error))
            return
        if key is None:
            continue
        if not there:
            yield Scope(SCOPE)
        there = True
        for value in key.values.values():
            found = parse_rule(value, path) if isinstance(value, str) else None
            if found is not None and count < MAX_BLOCKS:
                count += 1
                yield found
    if not there:
        yield ScopeAbsent(SCOPE)


def parse_rule(text: str, seen_at: str) -> Trace | None:
    """Return the rule `v2.30|Action=Block|Active=TRUE|Dir=Out|App=C:\\…|Name=…|` if it blocks a program."""
    fields: Dict[str, str] = {}
    for part in text.split("|"):
        name, is_pair, value = part.partition("=")
        if is_pair:
            fields.setdefault(name.strip().upper(), value.strip())
    program = fields.get("APP", "")
    if fields.get("ACTION", "").upper() != "BLOCK" or not program or program.upper() == "SYSTEM":
        return None
    return Trace(
        kind="firewall_rule",
        name=fields.get("NAME") or program.rpartition("\\")[2],
        scope=SCOPE,
        seen_at=seen_at,
        path=program,
        value={"OUT": "out", "IN": "in"}.get(fields.get("DIR", "").upper()),
        state="block",
        start="disabled" if fields.get("ACTIVE", "").upper() == "FALSE" else None,
    )


FIREWALL_BLOCKS = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
