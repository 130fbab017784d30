"""Writes the published schema of the contract from its classes: `python tests/support/contract_schema.py`.

A file of a published version is never edited: change the contract, raise its minor version, write the next file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec

from agent.inventory.document import CONTRACT_VERSION, Inventory

FOLDER = Path(__file__).resolve().parents[2] / "agent" / "inventory" / "schema"


def schema_file(version: str = CONTRACT_VERSION) -> Path:
    """Return where the schema of one version of the contract lies."""
    return FOLDER / f"inventory-{version}.json"


def schema_text() -> str:
    """Return the schema of the contract as the classes have it now, keys sorted, one newline at the end."""
    schema = msgspec.json.schema(Inventory)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = f"urn:zhengban:inventory:{CONTRACT_VERSION}"
    schema["title"] = f"Inventory {CONTRACT_VERSION}"
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def main() -> None:
    """Write the schema of the current version; refuse to change one that differs."""
    path = schema_file()
    if path.exists() and path.read_text(encoding="utf-8") != schema_text() and "--unpublished" not in sys.argv:
        sys.exit(f"{path}: published and different; raise CONTRACT_MINOR, or say --unpublished")
    path.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
