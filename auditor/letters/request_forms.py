"""A request as its forms, of an installation the confirmation too, in one or more formats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.settings import Settings
    from auditor.store.database import Store


def request_files(
    store: Store, settings: Settings, number: str, *, run: str, formats: Sequence[str], language: str
) -> tuple[str, str, list[tuple[str, bytes]]]:
    """Return the run, the unit, and name and content of each form of a request.

    Raises `AuditorError` for an unknown request, and when the run comes out differently.
    """
    from auditor.issuing.run_files import printing_of, repeated, view_of
    from auditor.readmodels.papers.requests import confirmation_paper, demand_paper, installation_paper
    from auditor.store.dossiers import REQUESTS, find_dossier
    from auditor.supervision.requests import INSTALLATION, seen_by_scan
    from reports.roster import format_named
    from reports.to_xlsx import file_name

    with store.read() as connection:
        found = find_dossier(connection, REQUESTS, number)
    printing = printing_of(settings, language=language)
    made, release = repeated(store, run)
    view, content, steps = view_of(store, made, release), found["content"], found["steps"]
    if found["kind"] == INSTALLATION:
        seen = seen_by_scan(found, made)
        papers = [
            installation_paper(view, number, content, steps),
            confirmation_paper(view, number, content, steps, seen_on=seen.on if seen is not None else None),
        ]
    else:
        papers = [demand_paper(view, number, content)]
    files = []
    for paper in papers:
        title = file_name(paper, printing.language, printing.edition).rpartition(".")[0]
        for each in map(format_named, formats):
            files.append((f"{number}-{title}.{each.name}", each.form(paper, printing)))
    return made.id, found["unit"], files
