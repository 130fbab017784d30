"""What rooms of the server ask of an account and a row: which units are in sight, whether a row is as it was seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from litestar.exceptions import HTTPException, NotFoundException

from auditor.console.viewer import Viewer, sees_unit
from auditor.errors import AuditorError, both
from auditor.server.console_state import NotThere
from auditor.server.public_api import parents_of, units_seen
from auditor.store.database import Connection
from auditor.store.dossiers import Dossier
from auditor.supervision.acting import ACTED_SINCE
from auditor.supervision.bulk_acts import Sees


def seen_by(connection: Connection, viewer: Viewer) -> frozenset[str] | None:
    """Return the units that an account sees, `None` for all."""
    return units_seen(viewer, parents_of(connection))


def sees_of(connection: Connection, viewer: Viewer) -> Sees:
    """Return what tells whether an account sees a unit."""
    parents = parents_of(connection)
    return lambda unit: sees_unit(viewer, unit or None, parents)


@contextmanager
def there(zh: str = "没有，或不在范围内", en: str = "not there, or not yours") -> Iterator[None]:
    """Answer a programme with 404 for what is not there, or not for its account."""
    try:
        yield
    except NotThere as error:
        raise NotFoundException(both(zh, en)) from error


def must_be_as_seen(row: Dossier, version: int) -> None:
    """Answer a programme with 409 when somebody acted on a row since."""
    if row["version"] != version:
        raise HTTPException(status_code=409, detail=ACTED_SINCE)


def as_seen(row: Dossier, version: str, number: str) -> Dossier:
    """Return a row as the reader of a page saw it. Raises `AuditorError` when somebody acted on it since."""
    if version != str(row["version"]):
        raise AuditorError(f"{number}: {ACTED_SINCE}")
    return row
