"""Every public collection that drafts can be made of."""

from __future__ import annotations

from pathlib import Path

from rules.imports.draft import Collection, Draft, found_files, together, yaml_text
from rules.imports.endoflife import ENDOFLIFE
from rules.imports.homebrew import HOMEBREW
from rules.imports.scoop import SCOOP
from rules.imports.winget import WINGET

IMPORTS: dict[str, Collection] = {one.name: one for one in (WINGET, HOMEBREW, SCOOP, ENDOFLIFE)}


def write_drafts(collection: Collection, clone: Path, output: Path) -> tuple[int, list[str]]:
    """Write one product file a program under `output`; return how many, and what could not be read, by file.

    Files that are there already are not overwritten: a person may have worked on them.
    """
    drafts: dict[str, Draft] = {}
    problems: list[str] = []
    for path, data in found_files(collection, clone):
        try:
            draft = collection.read(path, data)
        except (ValueError, RecursionError) as error:
            problems.append(f"{path}: {str(error)[:200]}")
            continue
        if draft is not None:
            drafts[draft.id] = together(drafts[draft.id], draft) if draft.id in drafts else draft
    written = 0
    for draft in drafts.values():
        file = output / "products" / f"{draft.id}.yaml"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(yaml_text(draft), encoding="utf-8")
            written += 1
    return written, problems
