"""The clean form of a name: without version, architecture, language, system, user, installer and trial words.

It and its key give unknown software a stable identity: the thousandth copy, another version or architecture is the same
line. A word goes only where it stands as an installer would write it: in brackets of its own, or behind the name. What
tells products apart stays: edition words (Lite, Pro, Free, Community), channels (Beta, Nightly), years of a release
that is bought as such, "for Windows" (part of the name as often as not).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rules.names import normal_name


@dataclass(frozen=True)
class CleanName:
    """A name taken apart."""

    name: str
    """What is left, in its own spelling; never empty."""
    version: str | None = None
    """The version that stood in the name."""
    trial: bool = False
    """The name says that this is a trial or a demonstration."""
    channel: str = ""
    """The word of a version that is not the release (`20.02 alpha`): another thing in a list than the release."""


_PRERELEASE = r"alpha|beta|rc|preview|pre|dev|nightly|release|final|build|sp"
_VERSION = rf"\d+(?:[._]\d+)+(?:[a-z]\b|[-_. ]?(?:{_PRERELEASE})(?:[-. ]?\d+)*\b)?"
_LANGUAGES = r"[a-z]{2,3}[-_](?:[a-z]{4}[-_])?[a-z]{2}"
_LANGUAGE_WORDS = (
    "multi-?lingual|multilanguage|mui|english|simplified chinese|traditional chinese|chinese simplified|"
    "chinese traditional|chinese \\(simplified\\)|chinese|简体中文版?|繁体中文版?|繁體中文版?|中文\\(简体\\)|中文版?|"
    "英文版?|czech|čeština|dutch|nederlands|polish|polski|swedish|svenska|turkish|türkçe|"
    "多国语言版?|国际版|german|deutsch|french|français|spanish|español|italian|italiano|japanese|日本語版?|korean|한국어|"
    "russian|русский|portuguese|português"
)
_ARCHITECTURE = (
    r"x64|x86|x86[-_]64|amd64|arm64|aarch64|loongarch64|mips64el|sw_?64|win64|win32|i[3-6]86|"
    r"(?:64|32)[- ]?bits?|(?:64|32)[- ]?位|64x|32x"
)
_THREE_LETTERS = r"enu|chs|cht|deu|fra|jpn|kor|esn|esp|ita|rus|ptb|ptg|csy|plk|trk|nld|sve"
"""Languages as Microsoft's installers shorten them."""
_TOOLCHAINS = r"gnu|msvc|gcc|mingw"
_SYSTEM = r"mac ?os(?: ?x)?|mac|darwin|osx|win(?:dows)?|linux|universal"
_TRIAL = (
    r"(?:free )?trial(?: version| edition)?|demo(?: version)?|evaluation(?: version| copy)?|"
    r"试用版|演示版|демо(?:версия)?"
)
_INSTALLER = r"application msi|msi|uninstall only|remove only|卸载程序"
"""No "Setup", "Installer" or "Uninstaller": Inno Setup and Geek Uninstaller are programs."""
_MARKERS = r"正式版|官方版|最新版|最终版"
_VERSION_WORD = r"version|ver\.?|版本|версия|バージョン|wersja|versión|versione|release|build|rev\.?|v"

_INSIDE = re.compile(
    rf"\s*[\(\[](?:[^()\[\]]*\b(?:{_ARCHITECTURE})(?:\b|$)[^()\[\]]*|v?{_VERSION}[^()\[\]]*|"
    rf"(?:{_VERSION_WORD})[ .:]*\d[^()\[\]]*|(?:build|git|rev)[ .:]?[^()\[\]]*|"
    rf"user|(?:only )?current user|all users|per[- ]user|machine[- ]wide|用户|当前用户|仅移除|self contained|"
    rf"{_INSTALLER}|(?P<trial>{_TRIAL})|{_SYSTEM}|\d{{4}}-\d\d-\d\d|"
    rf"{_LANGUAGES}|{_LANGUAGE_WORDS}|{_THREE_LETTERS}|{_TOOLCHAINS}|r\d+|sp ?\d|[0-9a-f]{{7,40}})[\)\]]",
    re.IGNORECASE,
)
_AT_END = re.compile(
    # "MUI" stays here: a part that speaks many languages is no copy of what it is a part of.
    rf"(?:[\s,_-]+|(?<=[^\x00-\x7f]))(?:-\s*)?(?:(?:{_VERSION_WORD})[ :.]*\d[\w.+~-]*|(?<=- )(?:{_THREE_LETTERS})|"
    rf"v?{_VERSION}[\w+~.-]*|"
    rf"(?:{_ARCHITECTURE})(?: edition)?|{_LANGUAGES}|(?!mui)(?:{_LANGUAGE_WORDS})|{_MARKERS}|"
    rf"user installation|version|版本|build|(?P<trial>{_TRIAL})|(?:{_INSTALLER})|for mac(?: ?os(?: x)?)?)$",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"\d (alpha|beta|nightly)(?: ?\d+)?(?= \(|$)", re.IGNORECASE)
_CUT_OFF = re.compile(r"\s*[(\[][^()\[\]]*\.\.\.$")
"""What stands in brackets that a list cut off: `Total Commander 64-bit (Remove or Rep…`."""
_SYSTEM_AT_END = re.compile(rf"[-_](?:{_SYSTEM})$", re.IGNORECASE)
_VERSION_GLUED = re.compile(rf"[vV]?{_VERSION}$")
_WITHIN = re.compile(rf"(?<= )v?{_VERSION}(?:-\d+)*(?= )|(?<= )v(?= )", re.IGNORECASE)
_CODE_NAME = re.compile(rf"(?<= ){_VERSION} '[\w ]{{2,30}}'$")
_DIGIT = re.compile(r"\d")
_LAST_WORDS = frozenset(re.findall(r"[a-zà-ÿ]+", f"{_LANGUAGE_WORDS}|{_TRIAL}|{_INSTALLER}|{_THREE_LETTERS}")) | {
    "multi-lingual",
    "version",
    "build",
    "installation",
    "mac",
    "macos",
    "os",
    "x",
    "bit",
    "bits",
    "edition",
}
"""Last words of a name behind which a word that goes may stand."""
_LONGEST_END = 64
"""Characters at the end in which a word or version that goes must begin."""
_LONE_NUMBER = re.compile(r"(?:[ -]v?|(?<=[a-z])v?)(?P<at_end>\d{1,4})$| (?P<inside>\d{1,4})(?= \D)", re.IGNORECASE)
_PART_OF_A_WORD = re.compile(r"(?<![a-z])(?:mp|h|x|win|base|utf|md|i|web|es|id)(?=\d+$)", re.IGNORECASE)
"""Words that a number belongs to: MP3, H264, Win32."""
_MAC_WORDS = re.compile(r"(?<=\w)[ _-](?:for )?mac(?:os)?$|(?<= )mac(?= |$)", re.IGNORECASE)
_FOUND_VERSION = re.compile(r"\d+(?:[._]\d+)+|\d+")
_SHOP_PREFIX = re.compile(r"^(?:[0-9A-F]{8}|\d{4,6}[A-Z][A-Za-z0-9]{3,})\.(?=[A-Z][A-Za-z]{2})")
_FAMILY_SUFFIX = re.compile(r"_[0-9a-hjkmnp-tv-z]{13}$")
"""The Windows shop's number of a publisher before a package's name, and its hash behind it."""
_BLANKS = re.compile(r"\s+")
_BARE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+){0,5}")
_WORD_TO_LOOK_AT = re.compile(
    rf"\b(?:{_TRIAL}|{_INSTALLER}|{_LANGUAGE_WORDS}|version|build|mac(?:os)?)$", re.IGNORECASE
)


def clean_name(text: str, version: str | None = None, *, bundle: bool = False) -> CleanName:
    """Return `text` without version, architecture, language, user, installer and trial words.

    `version` is what the source gives beside the name; a lone number goes only when it is its beginning (Zoom 5,
    Ableton Live 11 Suite). `bundle`: the name is a macOS bundle's, whose "for Mac" says nothing. A name that would
    vanish is kept whole.
    """
    first = _FOUND_VERSION.search(version) if version is not None and _DIGIT.search(text) is not None else None
    return _cleaned(text, None if first is None else first.group().split(".")[0], bundle)


@lru_cache(maxsize=32_768)
def _cleaned(text: str, version: str | None, bundle: bool) -> CleanName:
    """The same, `version` being its first number: nothing more of it is looked at."""
    name = normal_name(text)
    if name.lower().endswith(".app") and len(name) > 4:
        name, bundle = name[:-4].rstrip(), True
    if name.endswith("..."):
        name = _CUT_OFF.sub("", name) or name
    if not name:
        return CleanName(name)
    if "." in name or "_" in name:
        name = _SHOP_PREFIX.sub("", _FAMILY_SUFFIX.sub("", name)) or name
    if _BARE.fullmatch(name) is not None and _WORD_TO_LOOK_AT.search(name) is None and not bundle:
        return CleanName(name)
    found: str | None = None
    trial = False
    before = None
    said = _CHANNEL.search(name) if _DIGIT.search(name) is not None else None
    while before != name:
        before = name
        name, taken, says_trial = _shorter(name, version, bundle)
        found, trial = _better(found, taken), trial or says_trial
    return CleanName(name, found, trial, "" if said is None else said[1].casefold())


def _shorter(name: str, version: str | None, bundle: bool) -> tuple[str, str | None, bool]:
    for hit in _hits(name):
        left = _without(name, hit)
        if _says_something(left):
            return left, _version_in(hit.group()), hit.groupdict().get("trial") is not None
    if version is not None and _DIGIT.search(name) is not None:
        for lone in _LONE_NUMBER.finditer(name):
            number = lone["at_end"] or lone["inside"]
            left = _without(name, lone)
            if _begins(version, number) and _says_something(left) and not _PART_OF_A_WORD.search(name[: lone.end()]):
                return left, number, False
    if bundle:
        word = _MAC_WORDS.search(name)
        if word is not None and _says_something(_without(name, word)):
            return _without(name, word), None, False
    return name, None, False


def _hits(name: str) -> Iterator[re.Match[str]]:
    """Yield what may go, one pattern after the other; a pattern is asked only where a sign of it stands."""
    tail = max(0, len(name) - _LONGEST_END)
    digit = _DIGIT.search(name) is not None
    if "(" in name or "[" in name:
        yield from _found(_INSIDE.search(name))
    if digit and name[-1] == "'":
        yield from _found(_CODE_NAME.search(name))
    if _may_end(name, tail, digit=digit):
        yield from _found(_AT_END.search(name, tail))
    if "-" in name or "_" in name:
        yield from _found(_SYSTEM_AT_END.search(name, tail))
    if digit:
        yield from _found(_VERSION_GLUED.search(name, tail))
    if digit or " v " in name:
        yield from _found(_WITHIN.search(name))


def _found(hit: re.Match[str] | None) -> tuple[re.Match[str], ...]:
    return () if hit is None else (hit,)


def _may_end(name: str, tail: int, *, digit: bool) -> bool:
    """Whether a sign stands at the end that a word or version there may go."""
    if digit and _DIGIT.search(name, tail) is not None:
        return True
    last = name[-1]
    if not last.isascii() or last in ")]+" or name[-3:-2] in "-_" or name[-6:-5] in "-_":
        return True
    return name.rpartition(" ")[2].rpartition("-")[2].casefold() in _LAST_WORDS


def _without(name: str, hit: re.Match[str]) -> str:
    left = (name[: hit.start()] + " " + name[hit.end() :]).strip(" \t-_,;:+·–" if name[-1:] != "+" else " \t-_,;:·–")
    return _BLANKS.sub(" ", left)


def _says_something(text: str) -> bool:
    return sum(c.isalpha() for c in text) >= 1 and len(text) >= 2


def _version_in(text: str) -> str | None:
    if re.search(_ARCHITECTURE, text, re.IGNORECASE) and not re.search(r"\d\.\d", text):
        return None
    if re.search(r"\d{4}-\d\d-\d\d", text):
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
