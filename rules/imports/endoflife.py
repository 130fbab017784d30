"""endoflife.date (github.com/endoflife-date/endoflife.date): products/<name>.md, facts in the YAML at the top."""

from __future__ import annotations

from rules.imports.draft import Collection, Draft, draft_id
from rules.yaml_file import YamlFaults, YamlValue, parse_yaml


def read(path: str, data: bytes) -> Draft | None:
    """Return the release lines of one page: the day of general availability and the last day of support."""
    parts = data.split(b"\n---\n", 1) if data.startswith(b"---\n") else []
    if len(parts) != 2:
        return None
    try:
        whole = parse_yaml(parts[0][4:] + b"\n")
    except YamlFaults as error:
        raise ValueError(str(error)) from error
    title = _text(whole, "title")
    releases = whole.value.get("releases") if isinstance(whole.value, dict) else None
    if title is None or releases is None or not isinstance(releases.value, tuple):
        return None
    token = path.rpartition("/")[2].removesuffix(".md")
    lines = [
        (name, _day(row, "releaseDate"), _day(row, "eol"))
        for row in releases.value
        if (name := _text(row, "releaseCycle"))
    ]
    return Draft(
        draft_id("endoflife", token),
        title,
        "",
        f"endoflife.date {path}",
        homepage=f"https://endoflife.date/{token}",
        lines=lines,
    )


def _text(value: YamlValue, key: str) -> str | None:
    found = value.value.get(key) if isinstance(value.value, dict) else None
    return found.words if found is not None and found.words and found.value is not None else None


def _day(value: YamlValue, key: str) -> str | None:
    """A day as written; `eol: true` says that it ended, not when."""
    words = _text(value, key) or ""
    return words if len(words) == 10 and words[4] == words[7] == "-" else None


ENDOFLIFE = Collection("endoflife", "*.md", read)
