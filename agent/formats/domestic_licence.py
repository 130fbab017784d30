"""What domestic systems and WPS say about their licences: texts and small files → values. No key or code is returned.

Answers are judged by their words, the denying ones first, since 未激活 contains 激活 and `not activated` `activated`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from agent.formats.product_key import without_keys

MAX_LINE = 1000
"""Characters of one line that are looked at."""
MAX_LINES = 2000
AUTHORIZATION_STATES = {
    -1: ("unknown", None),
    0: ("未授权", "unlicensed"),
    1: ("已授权", "licensed"),
    2: ("授权失效", "expired"),
    3: ("试用期已授权", "trial"),
    4: ("试用期已过期", "expired"),
}
"""AuthorizationState of UOS: its word, and what it means in the words of the contract."""

_WORDS = (
    ("未激活", "unlicensed"),
    ("未授权", "unlicensed"),
    ("not activated", "unlicensed"),
    ("inactive", "unlicensed"),
    ("已过期", "expired"),
    ("授权失效", "expired"),
    ("expired", "expired"),
    ("试用", "trial"),
    ("trial", "trial"),
    ("已激活", "licensed"),
    ("激活成功", "licensed"),
    ("免费授权", "licensed"),
    ("正式授权", "licensed"),
    ("永久授权", "licensed"),
    ("已授权", "licensed"),
    ("activated", "licensed"),
)
_STATUS_LABEL = re.compile(r"(?:激活|授权)状态\s*[:：=]\s*(?P<value>[^;；\r\n]*)")
_TERM_LABEL = re.compile(r"(?:到期|截止|有效)(?:时间|日期|期)\s*(?:至|到)?\s*[:：=]\s*(?P<value>[^;；\r\n]*)")
_SERVER = re.compile(r"\b(?P<host>kms[A-Za-z0-9.-]{0,200}):(?P<port>\d{1,5})\b", re.IGNORECASE)
_TERM = re.compile(r"\s*(?:\[[A-Za-z]{1,20}\])?(?:to=)?\s*term\s*[:=]\s*(?P<value>\S.*)", re.IGNORECASE)
_LINE = re.compile(r"\s*(?P<name>[A-Za-z_]{1,40})\s*[:=]\s*(?P<value>[^\r\n]*?)\s*$")
_SERIAL = re.compile(r"(?<![A-Z0-9-])(?:[A-Z0-9]{5}-){4}(?P<last5>[A-Z0-9]{5})(?![A-Z0-9-])")


@dataclass(frozen=True)
class DomesticAnswer:
    """A status word as printed, what it means, and the end of the licence as printed."""

    status: Optional[str] = None
    state: Optional[str] = None
    term: Optional[str] = None


def parse_activation_answer(text: str) -> DomesticAnswer:
    """Read what an activation command printed. The labelled state is kept; without a label, the word that decided."""
    head = "\n".join(line[:MAX_LINE] for line in text.splitlines()[:MAX_LINES])
    labelled = _STATUS_LABEL.search(head)
    words = labelled.group("value").strip() if labelled else head
    lower = words.lower()
    found = next(((word, state) for word, state in _WORDS if word in lower), (None, None))
    term = _TERM_LABEL.search(head)
    return DomesticAnswer(
        status=(without_keys(words)[:80] or None) if labelled else found[0],
        state=found[1],
        term=term.group("value").strip()[:80] or None if term else None,
    )


def parse_bus_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers that `busctl get-property` printed, a line each: `i 1` → 1; none for any other answer."""
    lines = [re.fullmatch(r"\s*[ynqiuxt] (-?[0-9]{1,9})\s*", line) for line in text.strip().splitlines()[:MAX_LINES]]
    numbers = tuple(int(found.group(1)) for found in lines if found)
    return numbers if len(numbers) == len(lines) else ()


def parse_kylin_term(text: str) -> str | None:
    """Return `term` of /etc/.kyinfo or TERM of /etc/LICENSE as written. No other line, such as the serial, is read."""
    for line in text.splitlines()[:MAX_LINES]:
        found = _TERM.match(line[:MAX_LINE].strip())
        if found is not None:
            return found.group("value").strip()[:40]
    return None


def parse_activation_server(text: str) -> tuple[str, int] | None:
    """Return the last activation server `kms…:8900` that a log of UOS names."""
    found = [hit for hit in _SERVER.finditer(text) if 0 < int(hit.group("port")) < 65536]
    return (found[-1].group("host").rstrip("."), int(found[-1].group("port"))) if found else None


def parse_wps_settings(text: str) -> tuple[str | None, str | None]:
    """Return ProductDefinition of WPS's oem.ini, and the last five characters of a serial that it carries in clear."""
    edition = None
    for line in text.splitlines()[:MAX_LINES]:
        found = _LINE.match(line[:MAX_LINE].strip())
        if found is not None and found.group("name").lower() == "productdefinition":
            edition = found.group("value")[:80] or None
    serial = _SERIAL.search(text)
    return edition, serial.group("last5") if serial else None
