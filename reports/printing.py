"""How a form is to be printed: language, edition, and what a unit brings of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Printing:
    """`edition`: `official` has exactly the columns of the guide, `internal` adds ours."""

    language: str = "zh_CN"
    edition: str = "official"
    font_folder: str = ""
    """Where the typeface of a PDF lies; empty: where the system keeps typefaces."""
    ground: bytes | None = None
    """A unit's own DOCX, with its letterhead, that a form as DOCX is written into."""
    with_bom: bool = True
    """CSV begins with a byte order mark, by which spreadsheet programs know UTF-8."""
    templates: Mapping[str, bytes] = field(default_factory=dict)
    """A unit's own templates by file name: `summary.docx` … lies over our layout of that form as DOCX."""
