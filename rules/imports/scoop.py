"""Scoop buckets (github.com/ScoopInstaller/Extras and others): bucket/<name>.json."""

from __future__ import annotations

import json
from typing import Any

from rules.imports.draft import Collection, Draft, draft_id


def read(path: str, data: bytes) -> Draft | None:
    """Return what one manifest says."""
    whole: Any = json.loads(data.decode("utf-8-sig"))
    if not isinstance(whole, dict) or "version" not in whole or "/bucket/" not in f"/{path}":
        return None
    token = path.rpartition("/")[2].removesuffix(".json")
    shortcuts = whole.get("shortcuts")
    shown = (
        [row[1] for row in shortcuts if isinstance(row, list) and len(row) > 1] if isinstance(shortcuts, list) else []
    )
    names = {str(name).rpartition("\\")[2] for name in shown if isinstance(name, str)}
    licence = whole.get("license")
    stated = licence.get("identifier") if isinstance(licence, dict) else licence
    homepage = whole.get("homepage")
    return Draft(
        draft_id("scoop", token),
        min(names, key=len, default=token),
        "",
        f"scoop {path}",
        licence=stated if isinstance(stated, str) else None,
        homepage=homepage if isinstance(homepage, str) else None,
        names=names or {token},
    )


SCOOP = Collection("scoop", "*.json", read)
