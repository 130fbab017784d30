"""Names as machines write them: one normal form for patterns, and a clean form without version, architecture, channel.

The normal form is what every pattern of the catalogue is matched against. The clean form and its key give unknown
software a stable identity: the thousandth copy, another version or architecture is the same line.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_MARKS = re.compile("[\u2122\u00ae\u00a9\u2120]|\\((?:r|tm|c)\\)", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f]")
_BLANKS = re.compile(r"\s+")
_NO_PART_OF_KEY = re.compile(r"[^\w+#]|_")
LONGEST_NAME = 500
"""Characters of a name that are looked at."""


def normal_name(text: str) -> str:
    """Return the form that patterns see: NFKC, single blanks, no trademark signs or invisible characters."""
    if text.isascii() and "(" not in text and "  " not in text and text.isprintable():
        return text.strip()[:LONGEST_NAME]
    bare = _INVISIBLE.sub("", _MARKS.sub("", text[: LONGEST_NAME * 2]))
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", bare)).strip()[:LONGEST_NAME]


@dataclass(frozen=True)
class CleanName:
    """A name taken apart."""

    name: str
    """What is left, in its own spelling; never empty."""
    version: str | None = None
    """The version that stood in the name."""


_PRERELEASE = r"alpha|beta|rc|preview|pre|dev|nightly|release|final|build|sp"
_VERSION = rf"\d+(?:[._]\d+)+(?:[a-z]\b|[-_. ]?(?:{_PRERELEASE})(?:[-. ]?\d+)*\b)?"
_LANGUAGES = r"[a-z]{2,3}[-_](?:[a-z]{4}[-_])?[a-z]{2}"
_LANGUAGE_WORDS = (
    "multi-?lingual|multilanguage|mui|english|chinese|simplified chinese|chinese \\(simplified\\)|简体中文|繁体中文|"
    "中文\\(简体\\)|中文|英文|多国语言|国际版|german|deutsch|french|français|japanese|日本語"
)
_ARCHITECTURE = (
    r"x64|x86|x86[-_]64|amd64|arm64|aarch64|loongarch64|mips64el|sw_?64|win64|win32|i[3-6]86|"
    r"(?:64|32)[- ]?bit|(?:64|32)[- ]?位|64x|32x"
)
_INSIDE = re.compile(
    rf"\s*[\(\[](?:[^()\[\]]*\b(?:{_ARCHITECTURE})(?:\b|$)[^()\[\]]*|v?{_VERSION}[^()\[\]]*|"
    rf"(?:build|git|rev|版本)[ .:]?[^()\[\]]*|user|(?:only )?current user|all users|per[- ]user|machine[- ]wide|"
    rf"用户|当前用户|remove only|仅移除|self contained|"
    rf"{_LANGUAGES}|{_LANGUAGE_WORDS}|r\d+|sp ?\d|[0-9a-f]{{7,40}})[\)\]]",
    re.IGNORECASE,
)
_AT_END = re.compile(
    rf"(?:[\s,_-]+|(?<=[^\x00-\x7f]))(?:-\s*)?(?:(?:version|ver\.?|v|版本|release|build)[ :.]*\d[\w.+~-]*|"
    rf"v?{_VERSION}[\w+~.-]*|"
    rf"(?:{_ARCHITECTURE})(?: edition)?|{_LANGUAGES}|\(?(?:{_LANGUAGE_WORDS})\)?|"
    r"user installation|version|版本|build)$",
    re.IGNORECASE,
)
_VERSION_GLUED = re.compile(rf"[vV]?{_VERSION}$")
_WITHIN = re.compile(rf"(?<= )v?{_VERSION}(?= )", re.IGNORECASE)
_FOUND_VERSION = re.compile(r"\d+(?:[._]\d+)+|\d+")


def clean_name(text: str, version: str | None = None) -> CleanName:
    """Return `text` without version, architecture, language, channel and "(User)".

    `version` is what the source gives beside the name; a lone number at the end goes only when it is its beginning.
    A name that would vanish is kept whole.
    """
    name = normal_name(text)
    if name.lower().endswith(".app") and len(name) > 4:
        name = name[:-4]
    found: str | None = None
    before = None
    while before != name:
        before = name
        name, taken = _shorter(name, version)
        found = _better(found, taken)
    return CleanName(name, found)


def _shorter(name: str, version: str | None) -> tuple[str, str | None]:
    for pattern in (_INSIDE, _AT_END, _VERSION_GLUED, _WITHIN):
        hit = pattern.search(name)
        if hit is None:
            continue
        left = (name[: hit.start()] + " " + name[hit.end() :]).strip(" \t-_,;:+·–")
        left = _BLANKS.sub(" ", left)
        if _says_something(left):
            return left, _version_in(hit.group())
    lone = re.search(r"[ -]v?(\d{1,4})$", name)
    if lone and version and _begins(version, lone.group(1)) and _says_something(name[: lone.start()]):
        return name[: lone.start()].rstrip(" -_,"), lone.group(1)
    return name, None


def _says_something(text: str) -> bool:
    return sum(c.isalpha() for c in text) >= 1 and len(text) >= 2


def _version_in(text: str) -> str | None:
    if re.search(_ARCHITECTURE, text, re.IGNORECASE) and not re.search(r"\d\.\d", text):
        return None
    hit = _FOUND_VERSION.search(text)
    return hit.group().replace("_", ".") if hit else None


def _better(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda text: text.count("."))


def _begins(version: str, number: str) -> bool:
    numbers = _FOUND_VERSION.search(version)
    return numbers is not None and numbers.group().split(".")[0] == number


def name_key(text: str) -> str:
    """Return the letters and digits of a name, case folded: what two spellings of it share. `+` and `#` are kept."""
    folded = normal_name(text).casefold()
    return _NO_PART_OF_KEY.sub("", folded) or folded
