"""A recorded file as `zhengban-agent read SOURCE FILE` reads it, and the cases of a folder of the corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.collectors.roster import readers
from agent.inventory.document import Inventory
from agent.reading import best_reading


@dataclass(frozen=True)
class Case:
    """One case of a folder of the corpus: its answer and the recorded files that it speaks of."""

    kind: str
    name: str
    files: tuple[Path, ...]
    answer: dict[str, Any]

    @property
    def records(self) -> list[Any]:
        """What the answer expects, empty for an answer that expects nothing."""
        return list(self.answer["expected"] or ())


def cases_of(corpus: Path, folder: str, kinds: Iterable[str]) -> Iterator[Case]:
    """Yield the cases of these kinds, by name; an answer that is a bare list is of another sort and is left out."""
    wanted = frozenset(kinds)
    for path in sorted((corpus / folder / "expected").glob("*.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(answer, dict) and answer.get("kind") in wanted:
            files = tuple(corpus / folder / name for name in answer["files"])
            yield Case(answer["kind"], path.stem, files, answer)


def read(source: str, file: Path) -> Inventory:
    """Return what the command `read` makes of a recorded file."""
    return best_reading(readers(source), file.read_bytes(), str(file))


def joined(*values: object) -> str:
    """Return a record as one line for people: `name|version|…`, nothing for what is not said."""
    return "|".join("" if value is None else str(value) for value in values)
