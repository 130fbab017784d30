"""Desktop entries (freedesktop.org), the files that put a program into the menu.

https://specifications.freedesktop.org/desktop-entry-spec/latest/
"""

from __future__ import annotations

import re

MAX_LINES = 100_000
_GROUP = "[Desktop Entry]"
_ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class EntryFault(ValueError):
    """The text has no group `[Desktop Entry]`."""


def entry_keys(text: str) -> dict[str, str]:
    """Return the keys of the group `[Desktop Entry]`, `Name[zh_CN]` and the like included; the first of two counts.

    Values are unescaped. Raises `EntryFault`.
    """
    keys: dict[str, str] = {}
    inside = seen = False
    for line in (raw.strip() for raw in text.lstrip("\ufeff").splitlines()[:MAX_LINES]):
        if line.startswith("["):
            inside = line == _GROUP and not seen
            seen = seen or inside
        elif inside and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            keys.setdefault(key.strip(), _unescaped(value.strip()))
    if not seen:
        raise EntryFault("no group [Desktop Entry]")
    return keys


def localised(keys: dict[str, str], key: str, language: str | None) -> str | None:
    """Return a value in a language such as `zh_CN`, else in `zh`, else untranslated; `None` when it is empty."""
    words = (language or "").partition(".")[0].partition("@")[0]
    for choice in (words, words.partition("_")[0]):
        if choice and keys.get("%s[%s]" % (key, choice)):
            return keys["%s[%s]" % (key, choice)]
    return keys.get(key) or None


def is_true(keys: dict[str, str], key: str) -> bool:
    """Return whether a key says yes."""
    return keys.get(key, "").lower() in ("true", "1")


def program_of(command: str) -> str | None:
    """Return the program that an Exec line starts, without arguments: those may name files or people.

    `env NAME=value …` and assignments before the program are passed over.
    """
    rest = command.strip()
    while rest:
        word, rest = _first_word(rest)
        if word in ("env", "/usr/bin/env") or _ASSIGNMENT.match(word):
            continue
        return None if word.startswith(("-", "%")) else word or None
    return None


def _first_word(text: str) -> tuple[str, str]:
    """Return the first word, its quotes taken off, and what follows it."""
    match = _QUOTED.match(text)
    if match:
        return re.sub(r"\\(.)", r"\1", match.group(1)), text[match.end() :].lstrip()
    word, _, rest = text.partition(" ")
    return word, rest.lstrip()


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match.group(1), match.group(0)), value)
