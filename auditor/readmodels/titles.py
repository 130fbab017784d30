"""Titles of the present with what the catalogue says of them, ranked by machines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from auditor.core.described import described_titles, is_unknown
from auditor.core.model import TitleId
from auditor.store.database import Connection
from auditor.store.machines import load_machines
from auditor.store.titles import load_titles
from rules.catalogue import Catalogue
from rules.recognised import Recognition
from rules.recognition import Recogniser
from rules.title import Title

MOST_VERSIONS = 5


def title_rows(connection: Connection, catalogue: Catalogue, *, unknown: bool) -> list[dict[str, Any]]:
    """Return one row a title, most machines first; `unknown` keeps the queue for recognition, one row a group.

    A group is one piece of unknown software in all its versions and spellings; what only describes another title of
    its machine is not in the queue.
    """
    machines = {machine.key: {item.title for item in machine.installations} for machine in load_machines(connection)}
    titles = load_titles(connection, set().union(*machines.values()))
    recogniser = Recogniser(catalogue)
    answers = {id: recogniser.recognise(title) for id, title in titles.items()}
    if unknown:
        machines = {key: held - described_titles(held, titles, answers) for key, held in machines.items()}
        answers = {id: answer for id, answer in answers.items() if is_unknown(answer)}
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    members: defaultdict[str, set[TitleId]] = defaultdict(set)
    for key, held in machines.items():
        for id in held & answers.keys():
            row = answers[id].group if unknown else str(id)
            bearers[row].add(key)
            members[row].add(id)
    rows = [_row(len(bearers[row]), sorted(ids), titles, answers) for row, ids in members.items()]
    return sorted(rows, key=lambda row: (-row["machines"], row["name"], row["version"] or "", row["source"]))


def _row(
    machines: int, ids: list[TitleId], titles: Mapping[TitleId, Title], answers: Mapping[TitleId, Recognition]
) -> dict[str, Any]:
    """Return one row: the words of the first title, and every version when several titles are one thing."""
    first, answer = titles[ids[0]], answers[ids[0]]
    versions = sorted({version for id in ids if (version := titles[id].version) is not None})
    more = [f"+{len(versions) - MOST_VERSIONS}"] if len(versions) > MOST_VERSIONS else []
    return {
        "machines": machines,
        "name": first.name if len(ids) == 1 else answer.name,
        "version": ", ".join(versions[:MOST_VERSIONS] + more) or None,
        "publisher": first.publisher,
        "source": ", ".join(sorted({titles[id].source for id in ids})),
        "product": answer.product,
        "kind": answer.kind.value,
        "class": answer.licence_class.value,
    }
