"""What a licence server or a licence file tells, whatever its maker: features, check-outs, the end of a term.

Nothing here is a signature or a key: no reader keeps one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.formats.written_day import day_of

MAX_LINES = 2_000_000
"""More lines than any licence server prints."""
MAX_USES = 100_000
"""Check-outs of one feature that are kept; `used` still says how many there are."""
LONGEST_WORD = 500

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(r"(\d{1,2})[-/ ]([A-Za-z]{3})[a-z]*[-/ ](\d{1,4})(?:[ T].*)?")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?")
_NEVER = ("permanent", "never", "perpetual", "unlimited", "no expiration", "none", "永久", "无限期", "永不过期")


@dataclass(frozen=True)
class UseTold:
    """One check-out; `user` is the account as the server names it, and leaves the machine as a pseudonym alone."""

    user: str | None = None
    host: str | None = None
    display: str | None = None
    version: str | None = None
    since: str | None = None
    since_raw: str | None = None
    count: int = 1
    queued: bool = False


@dataclass
class FeatureTold:
    """One feature; the fields mean what those of `LicenceFeature` mean."""

    feature: str
    seen_at: str | None = None
    kind: str | None = None
    vendor: str | None = None
    product: str | None = None
    version: str | None = None
    edition: str | None = None
    server: str | None = None
    port: int | None = None
    server_status: str | None = None
    total: int | None = None
    used: int | None = None
    reserved: int | None = None
    queued: int | None = None
    starts_on: str | None = None
    expires_on: str | None = None
    permanent: bool | None = None
    expires_raw: str | None = None
    issued_on: str | None = None
    host_id: str | None = None
    licensee: str | None = None
    serial_tail: str | None = None
    components: tuple[str, ...] = ()
    uses: list[UseTold] = field(default_factory=list)

    def add_use(self, use: UseTold) -> None:
        """Keep a check-out, unless there are more than anybody reads."""
        if len(self.uses) < MAX_USES:
            self.uses.append(use)

    def expires(self, written: str | None) -> None:
        """Take over the end of the term as it is written: a day, `permanent`, or words that are neither."""
        self.expires_on, self.permanent, self.expires_raw = term_of(written)


@dataclass
class LicencesTold:
    """What one text told: its features, and what in it says that something could not be told."""

    features: list[FeatureTold] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """Where, and what."""
    failure: str | None = None
    """Why the server told nothing at all, in its own words."""
    recognised: bool = False
    """Whether the text is of this maker; False for any other text."""


def term_of(written: str | None) -> tuple[str | None, bool | None, str | None]:
    """Return (last day, permanent, as written) of a term. `1-jan-0`, `01-jan-0000` and `permanent` have no last day."""
    if written is None or not written.strip():
        return None, None, None
    text = clipped(written)
    low = text.lower()
    if any(low.startswith(word) for word in _NEVER):
        return None, True, text
    named = _NAMED.fullmatch(text)
    if named is not None:
        if int(named.group(3)) == 0:
            return None, True, text
        return _named_day(*named.groups()), None, text
    american = _AMERICAN.fullmatch(text)
    if american is not None:
        month, day, year = american.groups()
        return day_of("%s-%s-%s" % (year, month, day)), None, text
    return day_of(text), None, text


def named_day(written: str | None) -> str | None:
    """Return `12-jun-2024` as a day, `None` for anything else."""
    return term_of(written)[0] if written else None


def _named_day(day: str, month: str, year: str) -> str | None:
    low = month.lower()
    if low not in _MONTHS:
        return None
    number = int(year)
    if number < 100:  # two digits are years since 1900, as the makers' own manuals say
        number += 2000 if number < 80 else 1900
    return day_of("%04d-%d-%s" % (number, _MONTHS.index(low) + 1, day))


def month_day_time(month: str, day: str, clock: str) -> str | None:
    """Return `MM-DDTHH:MM` of a moment whose year nobody wrote, `None` when there is no such moment."""
    found = _CLOCK.fullmatch(clock.strip())
    if found is None or day_of("2024-%s-%s" % (month, day)) is None:
        return None
    hours, minutes = int(found.group(1)), int(found.group(2))
    if hours > 23 or minutes > 59:
        return None
    return "%02d-%02dT%02d:%02d" % (int(month), int(day), hours, minutes)


def full_time(written: str | None) -> str | None:
    """Return `YYYY-MM-DDTHH:MM` of `2024-09-17 17:59:34`, `None` for anything else."""
    day, _, clock = (written or "").strip().replace("T", " ").partition(" ")
    plain = day_of(day) if day else None
    time = month_day_time("1", "1", clock.strip()) if plain is not None else None
    return None if time is None else "%s%s" % (plain, time[5:])


def tail_of(number: str | None) -> str | None:
    """Return the last five characters of a number: enough to know it again, too little to use it."""
    text = (number or "").strip().strip('"')
    return text[-5:] or None


def clipped(text: str) -> str:
    """Return a text of at most `LONGEST_WORD` characters, without blanks at its ends."""
    return text.strip()[:LONGEST_WORD]


def server_of(written: str) -> tuple[str | None, int | None]:
    """Return (host, port) of `27000@host`; either may be missing."""
    port, at, host = written.strip().partition("@")
    if not at:
        return port or None, None
    return host or None, port_of(port)


def port_of(written: str | None) -> int | None:
    """Return a port, `None` for what is none."""
    text = (written or "").strip()
    if not text.isdecimal() or len(text) > 5:
        return None
    return int(text) if 0 < int(text) < 65536 else None
