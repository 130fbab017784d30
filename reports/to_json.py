"""Forms and reports as JSON: the read-model itself, keys sorted, days as `YYYY-MM-DD`, money as text."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from reports.clean_text import clean
from reports.forms.roster import Form, form_entry
from reports.model import AuditReport


def render_json(model: Form | AuditReport) -> bytes:
    """Return the model as one JSON object, UTF-8; `kind` says which form it is, or `report`."""
    kind = "report" if isinstance(model, AuditReport) else form_entry(model).key
    told = {"kind": kind, **asdict(model)}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, indent=2, default=_plain)
    return (clean(text) + "\n").encode("utf-8")


def _plain(value: object) -> str:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
