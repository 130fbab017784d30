"""Requests as console and interface see them: who may see which, and the installation that the journal has of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from auditor.errors import AuditorError
from auditor.server.console_state import NotThere
from auditor.store.database import Connection
from auditor.store.dossiers import REQUESTS, Dossier, find_dossier, list_dossiers
from auditor.store.journal import list_changes
from auditor.store.run_index import machine_of_code
from auditor.store.titles import load_titles
from auditor.supervision.bulk_acts import Sees
from auditor.supervision.requests import INSTALLATION, JOURNAL_OF, fits_request
from rules.catalogue import Catalogue
from rules.recognition import Recogniser


@dataclass(frozen=True)
class SeenChange:
    """The line of the journal that a request is tied to: when, which product, by which document, on which machine."""

    on: date
    kind: str
    product: str
    name: str
    document: str
    machine: str


def request_seen(connection: Connection, number: str, sees: Sees) -> Dossier:
    """Return a request of a unit that may be seen. Raises `NotThere`: whether it is there is not told."""
    try:
        found = find_dossier(connection, REQUESTS, number)
    except AuditorError as error:
        raise NotThere(number) from error
    if not sees(found["unit"]):
        raise NotThere(number)
    return found


def requests_seen(connection: Connection, sees: Sees, *, kind: str = "", state: str = "") -> list[Dossier]:
    """Return the requests of units that may be seen, the newest first. `state`: `open` for what is not settled."""
    wanted = {name: value for name, value in (("kind", kind), ("state", state)) if value and value != "open"}
    found = [row for row in reversed(list_dossiers(connection, REQUESTS, **wanted)) if sees(row["unit"])]
    settled = ("rejected", "entered", "confirmed")
    return [row for row in found if row["state"] not in settled] if state == "open" else found


def seen_in_journal(connection: Connection, request: Dossier, catalogue: Catalogue, run: str) -> SeenChange | None:
    """Return the line of the journal that shows a request carried out: what its confirmation is tied to."""
    content = request["content"]
    approved = [step for step in request["steps"] if step["step"] == "it"]
    if request["kind"] != INSTALLATION or not approved:
        return None
    entry = machine_of_code(connection, run, str(content["computer"]))
    if entry is None or entry.machine is None:
        return None
    kinds = JOURNAL_OF[str(content["kind"])]
    first = date.fromisoformat(approved[-1]["on"])
    lines = [line for line in list_changes(connection, machine=entry.machine, first=first) if line.kind in kinds]
    titles, recogniser = load_titles(connection, {line.title for line in lines}), Recogniser(catalogue)
    for line in lines:
        title = titles.get(line.title)
        product = catalogue.products.get(recogniser.recognise(title).product or "") if title is not None else None
        if product is not None and fits_request(request, (product.zh, product.en, product.id), line.happened_on):
            return SeenChange(line.happened_on, line.kind.value, product.id, product.zh, line.document, entry.key)
    return None
