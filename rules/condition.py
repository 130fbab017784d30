"""Condition: what one field of a fact has to say for a sign to hold.

`test` is an RE2 pattern on the whole text, without case, or one of the words that no pattern can say:

`@loopback`            an address of the machine itself: 127.0.0.0/8, ::1, 0.0.0.0, localhost; `port@host` as well
`@sink`                an address that leads nowhere: loopback, 0.0.0.0, ::
`@private`             an address of a private network
`@gvlk`                last five characters of a key that Microsoft publishes for clients of a KMS
`@generic`             last five characters of a key that set-up puts in by default
`@absent`              the fact does not say it
`@not PATTERN`         the fact says it, and something else than this
`@unless PATTERN`      the fact does not say this: it says something else, or nothing
`>NUMBER`              more than this whole number
`@place PLACE`         a path below a place of the watchlist: `%ProgramFiles%\\KMSpico\\*.exe`
`@host NAME`           a host name; `*` stands for any beginning or end of it
`@word WORD`           this very word

Of the last three several may stand, one a line; one of them is enough.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from rules.key_tails import GENERIC_TAILS, GVLK_TAILS
from rules.matching import Pattern, pattern_fault

_LITERAL = re.compile(r"[\w -]+")
"""A pattern that means only itself."""
Test = Callable[[str | None], bool]
LISTS = ("@place ", "@host ", "@word ")
WORDS = ("@loopback", "@sink", "@private", "@gvlk", "@generic", "@absent")
_PLACE_PATTERNS = {
    "%ProgramFiles%": r"[A-Z]:\\Program Files(?: \(x86\))?",
    "%ProgramData%": r"[A-Z]:\\(?:ProgramData|Documents and Settings\\All Users\\Application Data)",
    "%SystemRoot%": r"[A-Z]:\\(?:Windows|WINNT)",
    "%SystemDrive%": r"[A-Z]:",
    "%AppData%": r"(?:[A-Z]:\\(?:Users|Documents and Settings)\\[^\\]+|~[^\\]*)\\(?:AppData\\Roaming|Application Data)",
    "%LocalAppData%": r"(?:[A-Z]:\\(?:Users|Documents and Settings)\\[^\\]+|~[^\\]*)"
    r"\\(?:AppData\\Local|Local Settings\\Application Data)",
    "~": r"(?:/home/[^/]+|/root|/Users/[^/]+|~[^/]*)",
}


@dataclass(frozen=True)
class Condition:
    """One field and its test."""

    field: str
    test: str


def condition_fault(test: str) -> str | None:
    """Return why a test cannot be used, `None` when it can."""
    if test in WORDS:
        return None
    if test.startswith(">"):
        return None if test[1:].isdecimal() and len(test) < 17 else "expected a whole number after >"
    if test.startswith(LISTS):
        return None
    if test.startswith(("@not ", "@unless ")):
        return pattern_fault(test.partition(" ")[2])
    return f"no such word: {test.split(maxsplit=1)[0]}" if test.startswith("@") else pattern_fault(test)


@cache
def compiled_test(test: str) -> Test:
    """Return the function that tells whether a field passes; `None` is a field that the fact does not have."""
    if test in _TESTS:
        return _TESTS[test]
    if test.startswith(">"):
        least = int(test[1:])
        return lambda said: said is not None and said.isdecimal() and len(said) < 17 and int(said) > least
    if test.startswith(("@not ", "@unless ")):
        other, may_be_silent = Pattern(test.partition(" ")[2]), test.startswith("@unless ")
        return lambda said: may_be_silent if said is None else other.groups_of(said) is None
    if _LITERAL.fullmatch(test):
        plain = test.lower()
        return lambda said: said is not None and said.lower() == plain
    patterns = [Pattern(source) for source in _sources(test)]
    return lambda said: said is not None and any(pattern.groups_of(said) is not None for pattern in patterns)


def listed(test: str) -> tuple[str, ...]:
    """Return the places, host names or words of a test that lists them, else nothing."""
    return tuple(test.split(" ", 1)[1].split("\n")) if test.startswith(LISTS) else ()


def _sources(test: str) -> list[str]:
    if test.startswith("@place "):
        return [place_pattern(place) for place in listed(test)]
    if test.startswith("@host "):
        return [re.escape(name).replace(r"\*", ".*") for name in listed(test)]
    return [re.escape(word) for word in listed(test)] if test.startswith("@word ") else [test]


def holds(conditions: tuple[Condition, ...], said: Mapping[str, str]) -> bool:
    """Tell whether a fact passes every condition."""
    return passes(prepared(conditions), said)


def prepared(conditions: tuple[Condition, ...]) -> tuple[tuple[str, Test], ...]:
    """Return the conditions made ready for many facts, plain words first: they are the quickest to fail."""
    ordered = sorted(conditions, key=lambda condition: _LITERAL.fullmatch(condition.test) is None)
    return tuple((condition.field, compiled_test(condition.test)) for condition in ordered)


def passes(tests: tuple[tuple[str, Test], ...], said: Mapping[str, str]) -> bool:
    """Tell whether a fact passes every test."""
    return all(test(said.get(field)) for field, test in tests)


def place_pattern(place: str) -> str:
    """Return the pattern for the paths that a place of the watchlist means."""
    for start, pattern in _PLACE_PATTERNS.items():
        if place.lower().startswith(start.lower()):
            return pattern + _globbed(place[len(start) :])
    return _globbed(place)


def _globbed(text: str) -> str:
    separator = "\\\\" if "\\" in text else "/"
    words = {"*": f"[^{separator}]*", "?": f"[^{separator}]"}
    return "".join(words.get(letter) or re.escape(letter) for letter in text)


def _host_of(said: str) -> str:
    """`27000@localhost` names the host after the sign; brackets and a port behind it are taken off."""
    host = said.rsplit("@", 1)[-1].strip().strip("[]").lower()
    return host.split(":")[0] if host.count(":") == 1 else host


def _address(said: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(_host_of(said))
    except ValueError:
        return None


def _is_loopback(said: str | None) -> bool:
    if said is None:
        return False
    for part in re.split(r"[;,]", said):
        address = _address(part)
        if _host_of(part) in ("localhost", "localhost.localdomain"):
            return True
        if address is not None and (address.is_loopback or address.is_unspecified):
            return True
    return False


def _is_private(said: str | None) -> bool:
    address = _address(said) if said is not None else None
    return address is not None and address.is_private and not _is_loopback(said)


_TESTS: dict[str, Test] = {
    "@loopback": _is_loopback,
    "@sink": _is_loopback,
    "@private": _is_private,
    "@gvlk": lambda said: said in GVLK_TAILS,
    "@generic": lambda said: said in GENERIC_TAILS,
    "@absent": lambda said: said is None,
}
