"""The log of a checker that serves: one line an event on standard error, as text or as JSON, without personal data.

A line says when, how grave, which part, what, and facts that are counts, kinds and ids. The text of a fault stands with
its traceback, since a bug cannot be mended without; the parts that log never put a name, a login or a key into one.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "told": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, and its traceback below."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        facts = "".join(f" {name}={value}" for name, value in getattr(record, "facts", {}).items())
        text = f"{at} {record.levelname.lower()} {record.name}: {record.getMessage()}{facts}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def begin_log(form: str) -> None:
    """Send what our own parts log to standard error. As text, single answers are left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    ours = logging.getLogger("zhengban")
    ours.handlers[:] = [handler]
    ours.propagate = False
    ours.setLevel(logging.INFO)
    if form != "json":
        logging.getLogger("zhengban.access").setLevel(logging.WARNING)
