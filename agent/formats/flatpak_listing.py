"""What `flatpak list` printed, columns with tabs between them with or without headings, and what `flatpak info` did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator

_IDENTIFIER = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_0-9][\w-]*){2,}")
_HEADINGS = {
    "application id": "identifier",
    "应用程序 id": "identifier",
    "应用 id": "identifier",
    "name": "name",
    "名称": "name",
    "version": "version",
    "版本": "version",
    "branch": "branch",
    "分支": "branch",
    "arch": "architecture",
    "架构": "architecture",
    "origin": "origin",
    "来源": "origin",
    "installation": "installation",
    "安装": "installation",
}
_INFO = re.compile(r"^[ \t]*(ID|Ref|Arch|Branch|Version|Origin|Installation):[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_INSTALLATIONS = frozenset({"system", "user"})


@dataclass(frozen=True)
class FlatpakRow:
    """One line of the listing; `None` = it has no such column."""

    line: int
    identifier: str | None = None
    name: str | None = None
    version: str | None = None
    branch: str | None = None
    architecture: str | None = None
    origin: str | None = None
    installation: str | None = None
    """`system`, `user`, or the name of another installation."""


def is_listing(text: str) -> bool:
    """Tell whether a text is a listing: its first line has columns and an id, or the headings; or what `info` says."""
    if {"ID", "Ref"} <= {name for name, _ in _INFO.findall(text[:65536])}:
        return True
    first = text.lstrip("\ufeff\r\n ").partition("\n")[0]
    if first.startswith("<"):
        return False
    words = _columns(first)
    return len(words) > 1 and (_headings(words) is not None or any(_IDENTIFIER.fullmatch(word) for word in words))


def read_listing(text: str) -> Iterator[FlatpakRow]:
    """Yield the lines in order. Without headings a column is known by what it is, the rest by where it stands."""
    about = dict(_INFO.findall(text[:65536]))
    if {"ID", "Ref"} <= set(about):
        yield _row_of_info(about, text)
        return
    heads: list[str] | None = None
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        words = _columns(line)
        if not any(words):
            continue
        found = _headings(words) if heads is None else None
        if found is not None:
            heads = found
            continue
        facts = dict(zip(heads, words)) if heads is not None else _guessed(words)
        yield FlatpakRow(number, **{name: value for name, value in facts.items() if name and value})


def _row_of_info(about: dict[str, str], text: str) -> FlatpakRow:
    """Return what `flatpak info` says of one application, whose name stands before all, with a dash behind it."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    name = first.partition(" - ")[0].strip()
    return FlatpakRow(
        line=1,
        identifier=about["ID"],
        name=None if ":" in name else name or None,
        version=about.get("Version"),
        branch=about.get("Branch"),
        architecture=about.get("Arch"),
        origin=about.get("Origin"),
        installation=about.get("Installation"),
    )


def _columns(line: str) -> list[str]:
    """Tabs divide columns, in what a terminal showed two blanks and more."""
    words = line.split("\t") if "\t" in line else re.split(r"\s{2,}", line.strip())
    return [word.strip() for word in words]


def _headings(words: list[str]) -> list[str] | None:
    known = [_HEADINGS.get(word.lower(), "") for word in words]
    return known if "identifier" in known else None


def _guessed(words: list[str]) -> dict[str, str]:
    """`Name, id, version, branch, installation` is the usual order, `id, branch, installation, name` another."""
    facts: dict[str, str] = {}
    rest: list[str] = []
    for word in words:
        if "identifier" not in facts and _IDENTIFIER.fullmatch(word):
            facts["identifier"] = word
            if rest:
                facts["name"] = " ".join(rest)
                rest = []
        elif word in _INSTALLATIONS and "installation" not in facts:
            facts["installation"] = word
        else:
            rest.append(word)
    if "name" not in facts and rest:
        facts["name"] = rest.pop()
    if rest:
        facts["branch"] = rest.pop()
    if rest:
        facts["version"] = rest.pop(0)
    return facts
