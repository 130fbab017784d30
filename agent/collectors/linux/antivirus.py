"""Antivirus programs of Linux that say how they stand: Microsoft Defender, Bitdefender, SentinelOne, Cortex XDR, and of
Kaspersky, Dr.Web, CrowdStrike and ClamAV.

Source: `mdatp health --output json`; `/opt/bitdefender-security-tools/bin/bduitool get ps`; `sentinelctl`, `cytool`,
    `kesl-control`, `drweb-ctl` and `falconctl` below /opt with their status commands; `clamscan --version`. One record
    each: whether protection is on, whether its definitions are up to date, the version, and the day of the definitions.
Absent: none of them is on the machine, or the machine does not run and none was recorded.
Gaps:   of those only Defender and Bitdefender say whether they are up to date. Chinese products are found as packages
    and programs, since none of them has a documented command that tells its state; site keys, ids of the device and
    addresses of consoles are not read. A program below /opt that others may change is not asked. Recorded only: never
    run beside one of them.
"""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, Sequence, Union

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.console_text import decode_text
from agent.formats.handed_file import bounded_lines
from agent.formats.unix_time import day_of as day_of_seconds
from agent.formats.whole_number import whole_number
from agent.formats.written_day import day_of
from agent.inventory.traces import Trace
from agent.machine.base import Machine, Unreadable

SOURCE = "antivirus"
TIMEOUT_SECONDS = 15.0
COMMANDS = {
    "/opt/microsoft/mdatp": (("mdatp", "health", "--output", "json"),),
    "/opt/bitdefender-security-tools": (("/opt/bitdefender-security-tools/bin/bduitool", "get", "ps"),),
    "/opt/sentinelone": tuple(
        ("/opt/sentinelone/bin/sentinelctl", *words)
        for words in (("version",), ("engines", "status"), ("control", "status"))
    ),
    "/opt/traps": tuple(
        ("/opt/traps/bin/cytool", *words) for words in (("info",), ("info", "query"), ("runtime", "query"))
    ),
    "/opt/kaspersky/kesl": (("/opt/kaspersky/kesl/bin/kesl-control", "--app-info"),),
    "/opt/drweb.com": (("/opt/drweb.com/bin/drweb-ctl", "baseinfo"),),
    "/opt/CrowdStrike": (("/opt/CrowdStrike/falconctl", "-g", "--version", "--rfm-state"),),
    "/usr/bin/clamscan": (("clamscan", "--version"),),
}
"""Folder of the program → what it is asked."""
_CORTEX = re.compile(r"^Cortex XDR.*?([0-9]+(?:\.[0-9]+)+)\s*$|^Content Version:", re.MULTILINE | re.IGNORECASE)
_CORTEX_DAEMON = re.compile(r"^\s*pmd\s+\S+\s+\S+\s+(\S+)", re.MULTILINE | re.IGNORECASE)
_FIELD = re.compile(r"^\s*-?\s*([^:\n]+?)(?::[ \t]+|[ \t]{2,})(\S.*?)\s*$", re.MULTILINE)

Record = Union[Trace, Problem]


def collect(machine: Machine) -> Iterator[Found]:
    """Yield one record for each program that is there. Raises `Absent`."""
    answered = False
    for folder, commands in COMMANDS.items():
        if not machine.exists(folder) and not machine.recorded:
            continue
        try:
            answers = [_answer(machine, command) for command in commands]
        except Unreadable as error:
            answered = True
            yield Problem(error.where, error.why)
            continue
        text = "\n".join(answer for answer in answers if answer is not None)
        if text.strip():
            answered = True
            yield Scope(SOURCE)
            yield from parse_answer(text, seen_at=" ".join(commands[0]))
    if not answered:
        raise Absent(next(iter(COMMANDS)))


def _answer(machine: Machine, command: Sequence[str]) -> str | None:
    """Return what a program says; one below /opt that others than the administrator may change is not run."""
    if command[0].startswith("/") and not machine.may_be_run(command[0]):
        return None
    return machine.run(command, TIMEOUT_SECONDS)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded answer of any of the programs says."""
    yield from parse_answer(decode_text(data)[0], seen_at=name)


def parse_answer(text: str, *, seen_at: str) -> Iterator[Record]:
    """Yield the state that an answer tells, a `Problem` for an answer of another form."""
    text = text if text.lstrip("\ufeff \r\n").startswith("{") else bounded_lines(text, 500)
    if text.lstrip("\ufeff \r\n").startswith("{"):
        yield _defender(text, seen_at)
        return
    if _CORTEX.search(text) or _CORTEX_DAEMON.search(text):
        yield _cortex(text, seen_at)
        return
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall(text):
        fields.setdefault(name.strip().lower(), value)
    if "engines version" in fields or "product version" in fields:
        yield _bitdefender(fields, seen_at)
    elif "agent version" in fields or "sentinelctl version" in fields:
        yield _sentinel(fields, seen_at)
    else:
        yield _printed(text, seen_at)


def _printed(text: str, seen_at: str) -> Record:
    from agent.formats.antivirus_text import parse_antivirus_text  # few machines have one of these

    told = parse_antivirus_text(text)
    if told is None:
        return Problem(seen_at, "no answer of an antivirus program that is known")
    return _trace(told.name, told.publisher, told.version, seen_at, on=told.on, current=told.current, day=told.day)


def _defender(text: str, seen_at: str) -> Record:
    try:
        facts = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        return Problem(seen_at, "not JSON: %s" % error)
    version = facts.get("appVersion")
    if not isinstance(version, str):
        return Problem(seen_at, "no appVersion")
    enabled = _plain(facts.get("realTimeProtectionEnabled"))
    current = _plain(facts.get("definitionsStatus"))
    updated = whole_number(str(facts.get("definitionsUpdated")))
    return _trace(
        "Microsoft Defender",
        "Microsoft",
        version,
        seen_at,
        on=enabled if isinstance(enabled, bool) else None,
        current=None if not isinstance(current, str) else current == "upToDate",
        day=None if updated is None else day_of_seconds(updated // 1000),
    )


def _plain(value: Any) -> Any:
    """Return what stands in `{"value": …}` or `{"$type": …}`, and other values as they are."""
    return value.get("value", value.get("$type")) if isinstance(value, dict) else value


def _bitdefender(fields: dict[str, str], seen_at: str) -> Record:
    newer = fields.get("new security content available")
    status = fields.get("antimalware status")
    return _trace(
        "Bitdefender Endpoint Security Tools (BEST) for Linux",
        "Bitdefender",
        fields.get("product version"),
        seen_at,
        on=None if status is None else status.lower() == "on",
        current=None if newer is None else newer.lower() == "no",
        day=day_of(fields.get("last security content update", "").partition(" ")[0]),
    )


def _sentinel(fields: dict[str, str], seen_at: str) -> Record:
    state = fields.get("agent state")
    return _trace(
        "SentinelAgent",
        "SentinelOne",
        fields.get("agent version"),
        seen_at,
        on=None if state is None else state.lower() == "enabled",
        current=None,
        day=None,
    )


def _cortex(text: str, seen_at: str) -> Record:
    version, daemon = _CORTEX.search(text), _CORTEX_DAEMON.search(text)
    return _trace(
        "Cortex XDR",
        "Palo Alto Networks",
        None if version is None else version.group(1),
        seen_at,
        on=None if daemon is None else daemon.group(1).lower() == "running",
        current=None,
        day=None,
    )


def _trace(
    name: str,
    publisher: str,
    version: str | None,
    seen_at: str,
    *,
    on: bool | None,
    current: bool | None,
    day: str | None,
) -> Trace:
    return Trace(
        kind="antivirus",
        name=name,
        scope=SOURCE,
        seen_at=seen_at,
        value=None if current is None else "up_to_date" if current else "out_of_date",
        state=None if on is None else "on" if on else "off",
        version=version,
        publisher=publisher,
        day=day,
    )


ANTIVIRUS = Collector(name=SOURCE, platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
