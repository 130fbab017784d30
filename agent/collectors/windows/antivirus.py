"""Protection programs that Windows Security Center knows, and whether they are on and up to date.

Source: AntiVirusProduct of `root\\SecurityCenter2` (Vista and later) and of `root\\SecurityCenter` (XP), asked of
    the management interface. Recorded files: a listing of the class.
Absent: Windows Server, which has no Security Center; a recorded machine without an answer.
State:  bits 12 to 15 of `productState`: 1 on, 2 snoozed, else off (3 means that its term has ended); bits 4 to 7: 0
    up to date. The bits are described by wscapi.h alone and only in part; a program that never reports stands as off.
Gaps:   a program that does not register here; on servers nothing is told; which edition it is stands in its name.
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Absent, Collector, Found, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.cim_questions import Question, ask
from agent.formats.cim_answer import CimObject, is_true, number_of, parse_printed_list, text_of
from agent.formats.cim_table import parse_cim_table
from agent.formats.console_text import decode_text
from agent.inventory.traces import Trace
from agent.machine.base import Machine

NAME = "antivirus"
SCOPE = NAME + ":security_center"
PRODUCTS = Question(
    "AntiVirusProduct", ("displayName", "productState", "pathToSignedProductExe"), "root\\SecurityCenter2"
)
XP_PRODUCTS = Question(
    "AntiVirusProduct",
    ("displayName", "companyName", "versionNumber", "onAccessScanningEnabled", "productUptoDate"),
    "root\\SecurityCenter",
)
_STATES = {1: "on", 2: "snoozed"}

_PROPERTIES = frozenset(("displayName", "productState", "pathToSignedProductExe", "versionNumber", "companyName"))


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the registered programs. The place of XP, on which no agent runs, is looked up in recordings alone."""
    for question in (PRODUCTS, XP_PRODUCTS) if machine.recorded else (PRODUCTS,):
        answers = ask(machine, "antivirus" if question is PRODUCTS else "antivirus-xp", (question,))
        rows = answers.rows.get(question.name)
        if rows:
            yield Scope(SCOPE)
            yield from parse_rows(rows, seen_at="%s:%s" % (question.namespace, question.name))
            return
        if question.name in answers.faults:
            yield ScopeFailed(SCOPE, answers.faults[question.name])
            return
    yield ScopeAbsent(SCOPE)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the programs that a listing of the class names. Raises `Absent` when it names none."""
    text = decode_text(data)[0]
    rows = parse_cim_table(text, _PROPERTIES) or parse_printed_list(text)
    found = list(parse_rows(rows, seen_at=name))
    if not found:
        raise Absent("%s: no displayName" % name)
    yield Scope(SCOPE)
    yield from found


def parse_rows(rows: list[CimObject], *, seen_at: str) -> Iterator[Trace]:
    """Yield one trace for each row that has a name."""
    for row in rows:
        name = text_of(row.get("displayName"))
        if name is not None:
            yield Trace(
                kind="antivirus",
                name=name,
                scope=SCOPE,
                seen_at=seen_at,
                path=text_of(row.get("pathToSignedProductExe")),
                value=_currency(row),
                state=_state(row),
                version=text_of(row.get("versionNumber")),
                publisher=text_of(row.get("companyName")),
            )


def _state(row: CimObject) -> str | None:
    state = number_of(row.get("productState"))
    if state is not None:
        return _STATES.get(state >> 12 & 0xF, "off")
    scans = is_true(row.get("onAccessScanningEnabled"))
    return None if scans is None else "on" if scans else "off"


def _currency(row: CimObject) -> str | None:
    state = number_of(row.get("productState"))
    current = state >> 4 & 0xF == 0 if state is not None else is_true(row.get("productUptoDate"))
    return None if current is None else "up_to_date" if current else "out_of_date"


ANTIVIRUS = Collector(name=NAME, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
