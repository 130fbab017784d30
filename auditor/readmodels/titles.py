"""Titles of the present with what the catalogue says of them, ranked by machines."""

from __future__ import annotations

from collections import Counter
from typing import Any

from auditor.core.described import described_titles, is_unknown
from auditor.store.database import Connection
from auditor.store.machines import load_machines
from auditor.store.titles import load_titles
from rules.catalogue import Catalogue
from rules.recognition import Recogniser


def title_rows(connection: Connection, catalogue: Catalogue, *, unknown: bool) -> list[dict[str, Any]]:
    """Return one row a title, most machines first; `unknown` keeps what is in the queue for recognition."""
    machines = [{item.title for item in machine.installations} for machine in load_machines(connection)]
    titles = load_titles(connection, set().union(*machines))
    recogniser = Recogniser(catalogue)
    answers = {id: recogniser.recognise(title) for id, title in titles.items()}
    if unknown:
        machines = [present - described_titles(present, titles, answers) for present in machines]
        answers = {id: answer for id, answer in answers.items() if is_unknown(answer)}
    bearers = Counter(id for present in machines for id in present if id in answers)
    rows = []
    for id in bearers:
        title, answer = titles[id], answers[id]
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
