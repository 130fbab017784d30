"""Version lines of databases made in China, and of those that speak MySQL's or PostgreSQL's language.

They are looked for before MySQL and PostgreSQL, whose version many of them name as well to please old clients.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"(?P<version>[Vv]?\d+(?:\.\w+)*(?:[-_][\w.]+)*)"


@dataclass(frozen=True)
class DomesticVersion:
    """A server that a version line speaks of; `edition` where the line tells it."""

    kind: str
    product: str
    version: str
    edition: str | None = None


_LINES = (
    ("opengauss", "openGauss", re.compile(r"\(?openGauss(?:-lite)?[ -]" + _NUMBER, re.IGNORECASE)),
    ("gaussdb", "GaussDB", re.compile(r"\(?GaussDB(?: Kernel)? " + _NUMBER, re.IGNORECASE)),
    ("vastbase", "Vastbase", re.compile(r"Vastbase G100 " + _NUMBER, re.IGNORECASE)),
    (
        "highgo",
        "瀚高数据库",
        re.compile(r"(?:HighGo Database|瀚高数据库\S*) (?:Enterprise |Standard )?" + _NUMBER, re.I),
    ),
    ("oceanbase", "OceanBase", re.compile(r"OceanBase(?P<edition>_CE)?[ -]" + _NUMBER, re.IGNORECASE)),
    ("tidb", "TiDB", re.compile(r"TiDB-" + _NUMBER)),
    ("tidb", "TiDB", re.compile(r"Release Version:\s*" + _NUMBER + r"[\s\S]{0,400}?(?:TiDB|TiKV|Git Commit Hash)")),
    ("gbase", "GBase 8a", re.compile(r"GBase 8a(?: MPP)?(?: Cluster)?[ -]+" + _NUMBER, re.IGNORECASE)),
    ("gbase", "GBase 8s", re.compile(r"GBase (?:8s|Server) (?:Version )?" + _NUMBER, re.IGNORECASE)),
    (
        "shentong",
        "神通数据库",
        re.compile(r"(?:神通数据库\S*|ShenTong(?: Database| DB)?|OSCAR(?: Database)?) " + _NUMBER, re.I),
    ),
    ("polardb", "PolarDB", re.compile(r"PolarDB(?: V2)?(?:[ -]PG)? " + _NUMBER)),
)


def domestic_version(text: str) -> DomesticVersion | None:
    """Return the server that the first such line names, `None` where there is none."""
    for kind, product, form in _LINES:
        found = form.search(text)
        if found is not None:
            community = found.groupdict().get("edition")
            return DomesticVersion(kind, product, found.group("version"), "Community Edition" if community else None)
    return None
