"""Homebrew casks (github.com/Homebrew/homebrew-cask): Casks/<letter>/<token>.rb.

A cask is a Ruby program; it is read by its stanzas, never run. A name that is computed (`#{version}`) is left out.
"""

from __future__ import annotations

import re

from rules.imports.draft import Collection, Draft, draft_id

_STANZA = re.compile(r'^\s*(cask|name|homepage|app|desc)\s+"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_BUNDLE = re.compile(r'"((?:com|org|net|io|cn|de|me|app|dev)\.[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"')


def read(path: str, data: bytes) -> Draft | None:
    """Return what one cask says."""
    text = data.decode("utf-8", "replace")
    found: dict[str, list[str]] = {}
    for noun, words in _STANZA.findall(text):
        if "#{" not in words:
            found.setdefault(noun, []).append(words.replace('\\"', '"'))
    if "cask" not in found or "name" not in found:
        return None
    token, name = found["cask"][0], found["name"][0]
    quit_ids = re.findall(r"quit:\s*(\[[^\]]*\]|\"[^\"]*\")", text)
    identifiers = {hit for words in quit_ids for hit in _BUNDLE.findall(words)}
    return Draft(
        draft_id(_vendor(found.get("homepage", [""])[0]) or token, token),
        name,
        "",
        f"homebrew {path}",
        homepage=found.get("homepage", [None])[0],
        platform="macos",
        names={app.rpartition("/")[2] for app in found.get("app", ())},
        identifiers={identifier for identifier in identifiers if len(identifier) < 100},
    )


def _vendor(homepage: str) -> str:
    host = re.sub(r"^https?://(?:www\.)?", "", homepage).partition("/")[0].split(".")
    return host[-2] if len(host) > 1 and host[-2] not in ("github", "co", "com") else ""


HOMEBREW = Collection("homebrew", "*.rb", read)
