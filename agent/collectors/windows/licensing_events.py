"""Hosts that this computer asked for activation, as the Application log has them.

Source: `wevtutil qe`, which is Windows' own and reads, with a filter for event 12288 of the licensing service of at
    most the last 180 days, the term of such an activation (scope `licensing_events:application`). Recorded files: what
    it printed as XML.
Absent: no such tool (Windows XP), or no such event: the computer never asked, or the log was cleared.
Kept:   each host, port and licence once, the newest first; result, time and client are not kept. `description` is
    `Security-SPP 12288`.
Gaps:   what the log overwrote or somebody cleared; event 12289, which names no host; `.evtx` files themselves, so an
    offline disk tells nothing. Written after Microsoft's description; never ran on Windows by us.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Scope, ScopeFailed
from agent.formats.console_text import decode_text
from agent.formats.licensing_events import PROVIDERS, REQUEST, ActivationRequest, parse_licensing_events
from agent.inventory.traces import Activation
from agent.machine.base import Machine, Unreadable

NAME = "licensing_events"
SCOPE = NAME + ":application"
DAYS = 180
MAX_EVENTS = 300
DESCRIPTION = "Security-SPP " + REQUEST
QUERY = "*[System[Provider[%s] and (EventID=%s) and TimeCreated[timediff(@SystemTime) <= %d]]]" % (
    " or ".join("@Name='%s'" % each for each in PROVIDERS),
    REQUEST,
    DAYS * 86_400_000,
)
WEVTUTIL = ("wevtutil", "qe", "Application", "/rd:true", "/f:xml", "/c:%d" % MAX_EVENTS, "/q:" + QUERY)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the hosts. Raises `Absent`."""
    try:
        text = machine.run(WEVTUTIL)
    except Unreadable as error:
        yield ScopeFailed(SCOPE, str(error))
        return
    found = list(_hosts(text or "", "Application log"))
    if not found:
        raise Absent("event %s in the Application log" % REQUEST)
    yield Scope(SCOPE)
    yield from found


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the hosts in a recorded print of events. Raises `Absent` when it names none."""
    found = list(_hosts(decode_text(data)[0], name))
    if not found:
        raise Absent("%s: no request for activation" % name)
    yield Scope(SCOPE)
    yield from found


def _hosts(text: str, seen_at: str) -> Iterator[Activation]:
    for asked in dict.fromkeys(_without_result(each) for each in parse_licensing_events(text)):
        yield Activation(
            kind="other",
            scope=SCOPE,
            seen_at=seen_at,
            description=DESCRIPTION,
            activation_id=asked.activation_id,
            kms_host=asked.host,
            kms_port=asked.port,
        )


def _without_result(asked: ActivationRequest) -> ActivationRequest:
    return ActivationRequest(asked.host, asked.port, "", asked.activation_id)


LICENSING_EVENTS = Collector(
    name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file, deep=True
)
