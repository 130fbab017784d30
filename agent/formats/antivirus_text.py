"""What antivirus programs of Linux print of themselves as lines: Kaspersky, Dr.Web, CrowdStrike, ClamAV, Defender.

Each form is told by words of its own maker. A program that does not say whether its definitions are up to date claims
nothing: a day of the definitions is no claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.formats.written_day import day_of

MAX_CHARACTERS = 1 << 20
_FIELD = re.compile(
    r"^[ \t]*(?P<name>[A-Za-z][\w /-]*?)[ \t]*[:=][ \t]*\"?(?P<value>[^\"\n]*?)\"?[,.]?[ \t]*$", re.MULTILINE
)
_CROWDSTRIKE = re.compile(r"^[ \t]*version = (?P<version>\d+(?:\.\d+)+)", re.MULTILINE)
_RFM = re.compile(r"rfm-state\s*=\s*(?P<state>true|false)")
_CLAMAV = re.compile(
    r"ClamAV (?P<version>\d+(?:\.\d+)+)/(?P<base>\d+)/(?P<day>[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ [\d:]+ \d{4})"
)
_DAY_FIRST = re.compile(r"(?P<day>\d{4}-(?:\d\d|[A-Z][a-z]{2})-\d\d)")


@dataclass(frozen=True)
class AntivirusTold:
    """What one program says; `None` = it does not say."""

    name: str
    publisher: str
    version: str | None = None
    on: bool | None = None
    current: bool | None = None
    day: str | None = None


def parse_antivirus_text(text: str) -> AntivirusTold | None:
    """Return what one of these programs says, `None` for a text of another."""
    text = text[:MAX_CHARACTERS]
    said: dict[str, str] = {}
    for found in _FIELD.finditer(text):
        said.setdefault(found.group("name").strip().lower(), found.group("value").strip())
    for read in (_defender, _kaspersky, _drweb):
        told = read(said)
        if told is not None:
            return told
    return _clamav(text) or _crowdstrike(text)


def _defender(said: dict[str, str]) -> AntivirusTold | None:
    """`mdatp health` without `--output json`."""
    if "app_version" not in said or "real_time_protection_enabled" not in said:
        return None
    updated = re.match(r"[A-Z][a-z]{2} \d{1,2}, \d{4}", said.get("definitions_updated", ""))
    status = said.get("definitions_status")
    return AntivirusTold(
        "Microsoft Defender",
        "Microsoft",
        said["app_version"],
        said["real_time_protection_enabled"].partition(" ")[0] == "true",
        None if status is None else status == "up_to_date",
        None if updated is None else day_of(updated.group()),
    )


def _kaspersky(said: dict[str, str]) -> AntivirusTold | None:
    """`kesl-control --app-info`."""
    if not said.get("name", "").startswith("Kaspersky"):
        return None
    protection = said.get("file threat protection") or said.get("file monitoring")
    loaded = said.get("anti-virus databases loaded") or said.get("application databases loaded")
    return AntivirusTold(
        said["name"],
        "Kaspersky Lab",
        said.get("version"),
        None if protection is None else "running" in protection.lower() and "not running" not in protection.lower(),
        False if loaded is not None and loaded.lower() == "no" else None,
        _day(said.get("last release date of databases") or said.get("databases release date")),
    )


def _drweb(said: dict[str, str]) -> AntivirusTold | None:
    """`drweb-ctl baseinfo`."""
    if "core engine version" not in said or "virus database timestamp" not in said:
        return None
    return AntivirusTold(
        "Dr.Web", "Doctor Web", said["core engine version"], day=_day(said["virus database timestamp"])
    )


def _clamav(text: str) -> AntivirusTold | None:
    """`clamscan --version`: a scanner that is started by hand or by others, so that nothing says it is on."""
    found = _CLAMAV.search(text)
    return (
        None
        if found is None
        else AntivirusTold("ClamAV", "ClamAV", found.group("version"), day=_day(found.group("day")))
    )


def _crowdstrike(text: str) -> AntivirusTold | None:
    """`falconctl -g --version --rfm-state`: reduced functionality means that the kernel is not watched."""
    version, reduced = _CROWDSTRIKE.search(text), _RFM.search(text)
    if version is None or reduced is None:
        return None
    return AntivirusTold(
        "CrowdStrike Falcon Sensor", "CrowdStrike", version.group("version"), reduced.group("state") == "false"
    )


def _day(written: str | None) -> str | None:
    """`2023-01-10 16:51:00`, `2023-Jun-23 08:54:00`, `Tue Apr 11 15:20:00 2023`."""
    if written is None:
        return None
    found = _DAY_FIRST.match(written)
    if found is None:
        return day_of(written)
    year, month, day = found.group("day").split("-")
    return day_of("%s-%s-%s" % (year, month, day) if month.isdigit() else "%s-%s-%s" % (day, month, year))
