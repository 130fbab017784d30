"""Finding code and facts → a sentence; numbers, days, plurals, shares, in each language of `texts/`."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final

from reports.model import Facts, Name

LANGUAGES: Final = ("zh_CN", "en")
NO_SHARE: Final = "—"
"""What stands for a share whose denominator is 0."""

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_WORD_FACTS: Final = frozenset({"metric", "reason", "why"})
"""Facts whose value is a code of the table of the same name under `words`."""
_OPTIONAL_FACTS: Final = frozenset({"metric", "why", "since", "name", "titles"})
"""Facts that a finding may lack; the sentence then leaves out what hangs on them."""


@dataclass(frozen=True)
class FindingText:
    """One finding in words. `basis` is `None` where no sourced one exists."""

    title: str
    text: str
    action: str | None
    basis: str | None


class UnknownText(KeyError):
    """No such text in the language: a bug of ours, never of the data."""


class Wording:
    """The texts of one language."""

    def __init__(self, language: str, texts: Mapping[str, Any]) -> None:
        self.language = language
        self._texts = texts
        self._formatter = _Plain()

    @property
    def html_language(self) -> str:
        """The language as HTML and mail name it: `zh-CN`."""
        return self.language.replace("_", "-")

    def text(self, key: str, **facts: str | int) -> str:
        """Return the text under a dotted key, facts filled in. Raises `UnknownText`."""
        found: Any = self._texts
        for step in key.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        if not isinstance(found, str):
            raise UnknownText(f"{self.language}: {key}")
        return self._formatter.vformat(found, (), facts)

    def word(self, table: str, code: str | None) -> str:
        """Return the word for a code of a vocabulary; the code itself when the vocabulary does not have it."""
        if code is None:
            return ""
        found = self._texts["words"][table].get(code)
        return found if isinstance(found, str) else code

    def name(self, name: str | Name | None) -> str:
        """Return a name in this language; a text as it stands, nothing for `None`."""
        if isinstance(name, Name):
            return name.zh if self.language == "zh_CN" else name.en
        return name or ""

    def finding(self, code: str, facts: Facts, *, strict: bool = False) -> FindingText:
        """Return a finding in words.

        A code without texts, or a text whose facts are not there, is shown as code and facts, so that nothing is
        lost in print; with `strict` it raises `UnknownText` (tests).
        """
        entry = self._texts["findings"].get(code)
        try:
            if entry is None:
                raise UnknownText(f"{self.language}: findings: {code}")
            plain = {name: self.name(value) if isinstance(value, Name) else value for name, value in facts}
            text = self._formatter.vformat(entry["text"], (), self._told(plain))
        except KeyError as error:
            if strict:
                raise UnknownText(f"{self.language}: {code}: {error}") from error
            return FindingText(title=code, text=self._bare(code, facts), action=None, basis=None)
        return FindingText(entry["title"], text, entry["action"], entry["basis"])

    def finding_title(self, code: str) -> str:
        """Return what a finding is called; the code itself when there are no words for it."""
        entry = self._texts["findings"].get(code)
        return str(entry["title"]) if entry is not None else code

    def number(self, number: int) -> str:
        """Return a whole number with its thousands parted."""
        return f"{number:,}"

    def day(self, day: date | None) -> str:
        """Return a day in words, `2026年11月23日` or `23 November 2026`; nothing for `None`."""
        if day is None:
            return ""
        if self.language == "zh_CN":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def listing(self, words: Iterable[str]) -> str:
        """Join words of one kind."""
        return str(self._texts["list_separator"]).join(words)

    def clauses(self, words: Iterable[str]) -> str:
        """Join parts of a sentence."""
        return str(self._texts["clause_separator"]).join(words)

    def counted(self, noun: str, count: int) -> str:
        """Return `3 台计算机`, `3 computers`; nouns stand under `counted`."""
        return self.text(f"counted.{noun}", count=count)

    def _told(self, facts: dict[str, str | int]) -> dict[str, str | int]:
        """Facts as a sentence wants them: codes in words, days in words, many machines in the place of one."""
        if "machine" not in facts and isinstance(machines := facts.get("machines"), int):
            facts["machine"] = self.counted("machines", machines)
        for name, value in facts.items():
            if not isinstance(value, str):
                continue
            if not value:
                facts[name] = "" if name in _OPTIONAL_FACTS else self.text("not_stated")
            elif name in _WORD_FACTS:
                facts[name] = self.word(name, value)
            elif (name.endswith("_on") or name == "since") and _DAY.match(value):
                facts[name] = self._day_fact(value)
        return dict.fromkeys(_OPTIONAL_FACTS, "") | facts

    def _day_fact(self, value: str) -> str:
        """A day of the calendar in words; anything else as it stands."""
        try:
            return self.day(date.fromisoformat(value))
        except ValueError:
            return value

    def _bare(self, code: str, facts: Facts) -> str:
        named = [(name, self.name(value) if isinstance(value, Name) else value) for name, value in facts]
        told = self.listing(f"{name}={value}" for name, value in named if not name.startswith("which"))
        return self.text("unknown_finding", code=code, facts=told)


def share(numerator: int, denominator: int) -> str:
    """Return a share in per cent, two decimals, half up: `98.33%`; `—` when there is nothing to share.

    `100.00%` stands for all and `0.00%` for none, never for nearly so.
    """
    if denominator <= 0:
        return NO_SHARE
    hundredths = (numerator * 20_000 + denominator) // (2 * denominator)
    if numerator < denominator:
        hundredths = min(hundredths, 9_999)
    if numerator > 0:
        hundredths = max(hundredths, 1)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


@cache
def wording(language: str) -> Wording:
    """Return the texts of a language, one of `LANGUAGES`. Raises `ValueError` for another."""
    return Wording(language, load_texts(language))


def load_texts(language: str) -> dict[str, Any]:
    """Read the texts of one language as they stand in the file. Raises `ValueError` for an unknown language."""
    import yaml

    if language not in LANGUAGES:
        raise ValueError(f"language: expected one of {', '.join(LANGUAGES)}, got {language!r}")
    source = files("reports").joinpath("texts", f"{language}.yaml").read_text(encoding="utf-8")
    texts: dict[str, Any] = yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return texts


class _Plain(string.Formatter):
    """Fills `{name}`, `{name:one|many}` and `{name:?before * after}`; no attribute, no index, no conversion.

    A fact that is not there is an empty text: the second kind then prints nothing, and so does the third.
    """

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        told = f"{value:,}" if isinstance(value, int) else str(value)
        if not format_spec:
            return told
        if not told:
            return ""
        if format_spec.startswith("?"):
            return told.join(format_spec[1:].split("*", maxsplit=1))
        one, many = format_spec.split("|")
        return one if told == "1" else many
