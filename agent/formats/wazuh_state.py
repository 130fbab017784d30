"""The inventory message that an agent of Wazuh sends first: JSON, one item for each package and update.

Items name their index (`wazuh-states-inventory-packages`, `…-hotfixes`) and carry the record below `data.package`,
as the published field list of that product has it.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator

MAX_ITEMS = 200_000

_PACKAGES, _HOTFIXES = "wazuh-states-inventory-packages", "wazuh-states-inventory-hotfixes"


def is_wazuh_state(data: bytes) -> bool:
    """Tell whether bytes look like such a message."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b"wazuh-states-inventory-" in data


def packages_of(data: bytes) -> Iterator[Dict[str, Any]]:
    """Yield the records of installed packages; nothing for bytes that are no such message."""
    yield from _records(data, _PACKAGES)


def hotfixes_of(data: bytes) -> Iterator[str]:
    """Yield the names of installed updates."""
    for record in _records(data, _HOTFIXES):
        hotfix = record.get("hotfix")
        name = hotfix.get("name") if isinstance(hotfix, dict) else None
        if isinstance(name, str) and name.strip():
            yield name.strip()


def _records(data: bytes, index: str) -> Iterator[Dict[str, Any]]:
    try:
        message = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return
    items = message.get("items") if isinstance(message, dict) else None
    for item in items[:MAX_ITEMS] if isinstance(items, list) else ():
        content = item.get("data") if isinstance(item, dict) and item.get("index") == index else None
        record = content.get("package") if isinstance(content, dict) else None
        if isinstance(record, dict) and item.get("operation") != "Delete":
            yield record
