"""The templates' door: everything escaped, no undefined name, no character that hides or turns the line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from auditor.console.frame import Frame
from reports.clean_text import clean
from reports.model import Name
from reports.wording import share, wording

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC: Final = {"console.css": "text/css", "console.js": "text/javascript", "mark.svg": "image/svg+xml"}
"""What a page loads besides itself, all of it ours."""
_SHORT: Final = 12


def render(template: str, frame: Frame, **values: Any) -> str:
    """Return a page in the reader's language. Raises `UndefinedError` for a name that the model does not have."""
    return _environment(frame.language).get_template(template).render(frame=frame, **values)


@cache
def static_file(name: str) -> tuple[bytes, str]:
    """Return a static file and the digest that its address carries. Raises `KeyError` for another name."""
    if name not in STATIC:
        raise KeyError(name)
    content = files("auditor.console").joinpath("static", name).read_bytes()
    return content, sha256(content).hexdigest()[:_SHORT]


@cache
def _environment(language: str) -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    words = wording(language)
    environment = Environment(
        loader=FunctionLoader(_template_text),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    chinese = language == "zh_CN"

    def t(zh: str, en: str) -> str:
        return zh if chinese else en

    def named(name: str | Name | None) -> str:
        return words.name(name)

    def day(value: date | str | None) -> str:
        """A day as figures, the same in both languages and in columns: 2026-11-27."""
        return str(value)[:10] if value else ""

    def moment(value: str | None) -> str:
        return f"{value[:10]} {value[11:16]} UTC" if value else ""

    environment.globals |= {
        "t": t,
        "named": named,
        "word": words.word,
        "closing": words.text("closing"),
        "static": lambda name: f"/static/{name}?{static_file(name)[1]}",
    }
    filters: dict[str, Callable[[Any], Any]] = {
        "day": day,
        "moment": moment,
        "number": _number,
        "short": lambda text: str(text)[:_SHORT],
        "share": lambda rate: share(rate.numerator, rate.denominator),
        "coverage": lambda of: share(of["numerator"], of["denominator"]),
        "finding": lambda row: words.finding(row.code, row.facts),
        "finding_title": words.finding_title,
    }
    environment.filters |= filters
    return environment


def _number(value: Any) -> str:
    """A figure with its thousands parted; a fraction as it stands."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def _shown(value: Any) -> Any:
    """What an expression prints: nothing for `None`, text made visible, the rest as it is."""
    if value is None:
        return ""
    return clean(value) if type(value) is str else value


def _template_text(name: str) -> str:
    return files("auditor.console").joinpath("templates", name).read_text(encoding="utf-8")
