"""The licences that a machine-readable Debian copyright file names (DEP-5).

Source of the rules: debian.org/doc/packaging-manuals/copyright-format/1.0. Only a file whose first paragraph has a
Format (or Format-Specification) of that kind is machine readable; of any other nothing is claimed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.formats.spdx import spdx_expression, together

MAX_PARAGRAPHS = 20_000
_FORMAT = re.compile(r"^Format(?:-Specification)?:[ \t]*(?:\n[ \t]+)?(\S*)", re.MULTILINE | re.IGNORECASE)
_KIND = re.compile(r"copyright-format|dep[-/]?5|dep/web/deps/dep5|MachineReadable|CopyrightFormat", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n(?:[ \t]*\n)+")
_FIELD = re.compile(r"^(Files|License):[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)
_TEXT_OF = re.compile(r"/usr/share/common-licenses/([0-9A-Za-z_.+-]+)")
_BETWEEN = re.compile(r"(?:\s*,\s*|\s+)(?:and|or|and/or)\s+|\s*[,|]\s*", re.IGNORECASE)
_NOTHING = frozenset({"", "none", "n/a"})


@dataclass(frozen=True)
class NamedLicences:
    """What a copyright file says of licences."""

    names: tuple[str, ...]
    """Every short name, sorted, with the common licences whose text the file points at."""
    spdx: str | None
    """The licences of all files together; `None` when one of them has no SPDX identifier."""


def read_copyright(text: str) -> NamedLicences | None:
    """Return the licences of a machine-readable copyright file, `None` for any other text."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").strip("\n")
    paragraphs = _PARAGRAPHS.split(text)[:MAX_PARAGRAPHS]
    declared = _FORMAT.search(paragraphs[0])
    if declared is None or not _KIND.search(declared.group(1)):
        return None
    names: set[str] = set()
    of_files: list[str] = []
    for paragraph in paragraphs:
        fields = {name.lower(): value.strip() for name, value in _FIELD.findall(paragraph)}
        if "license" not in fields:
            continue
        names.update(_short_names(fields["license"]))
        names.update(name.rstrip(".") for name in _TEXT_OF.findall(paragraph))
        if "files" in fields:
            of_files.append(fields["license"])
    return NamedLicences(tuple(sorted(names)), _expression(of_files))


def _short_names(words: str) -> list[str]:
    """Return the short names of one License line: `GPL-2+ or MPL-1.1` are two; an exception belongs to its licence."""
    parts = (part.strip().strip("()") for part in _BETWEEN.split(words))
    return [part for part in parts if part.lower() not in _NOTHING]


def _expression(of_files: list[str]) -> str | None:
    """Return the expression of all Files paragraphs, `None` when one cannot be read or there is none."""
    found = [spdx_expression(_spdx_words(words)) for words in of_files if words.lower() not in _NOTHING]
    known = [each for each in found if each is not None]
    return together(known) if known and len(known) == len(of_files) else None


def _spdx_words(words: str) -> str:
    """Return DEP-5 words without their comma, which binds more loosely: `A or B, and C` is `(A or B) and C`."""
    left, comma, right = words.rpartition(", and ")
    return "(%s) and %s" % (_spdx_words(left), right) if comma else words
