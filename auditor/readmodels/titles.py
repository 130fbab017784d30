"""Titles of the present with what the catalogue says of them, ranked by machines."""

from __future__ import annotations

from collections import Counter
from typing import Any

from auditor.store.database import Connection
from auditor.store.machines import load_machines
from auditor.store.titles import load_titles
from rules.catalogue import Catalogue
from rules.recognition import Recogniser


def title_rows(connection: Connection, catalogue: Catalogue, *, unknown: bool) -> list[dict[str, Any]]:
    """Return one row a title, most machines first; `unknown` keeps what is in the queue for recognition."""
    bearers = Counter(
        title for machine in load_machines(connection) for title in {item.title for item in machine.installations}
    )
    recogniser = Recogniser(catalogue)
    rows = []
    for id, title in load_titles(connection, bearers).items():
        answer = recogniser.recognise(title)
        if unknown and (answer.product is not None or answer.kind.value not in ("application", "suite", "unknown")):
            continue
        rows.append(
            {
                "machines": bearers[id],
                "name": title.name,
                "version": title.version,
                "publisher": title.publisher,
                "source": title.source,
                "product": answer.product,
                "kind": answer.kind.value,
                "class": answer.licence_class.value,
            }
        )
    return sorted(rows, key=lambda row: (-row["machines"], row["name"], row["version"] or "", row["source"]))
