"""What the console keeps between requests: the store, the catalogue in force, and work that takes longer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from auditor.audit.catalogue_in_force import catalogue_in_force, layer_folder
from auditor.audit.repeat import repeat_run
from auditor.console.frame import Frame
from auditor.console.viewer import EVERYWHERE, Viewer, sees_person, visible_units
from auditor.errors import AuditorError, both
from auditor.issuing.run_files import view_of
from auditor.readmodels.run_index import index_run
from auditor.readmodels.screens.scope import Scope, scope_of
from auditor.release import release
from auditor.settings import Settings
from auditor.store.database import Connection, Store
from auditor.store.run_index import is_indexed
from auditor.store.runs import RunRow, get_run, newest_run
from auditor.store.units import list_units
from rules.catalogue import Catalogue
from rules.overlay import Revision, in_force


@dataclass(frozen=True)
class Look:
    """One reader's look at the store: one state throughout."""

    console: Console
    connection: Connection
    frame: Frame
    catalogue: Catalogue

    @property
    def scope(self) -> Scope:
        """The unit looked at. Raises `NothingYet` before the first audit, or for who may see no unit."""
        if self.frame.scope is None:
            told = both("还没有核查结果，或没有可查看的单位", "there is no audit yet, or no unit that you may see")
            raise NothingYet(told)
        return self.frame.scope

    @property
    def visible(self) -> frozenset[str]:
        """Units that the reader may see: of the run looked at, before the first one those of the register."""
        if self.frame.scope is not None:
            return self.frame.scope.visible
        units = list_units(self.connection)
        return visible_units(self.frame.viewer, {unit.code: unit.parent for unit in units})

    @property
    def sees_all(self) -> bool:
        """Whether the reader may see everything."""
        return EVERYWHERE in self.frame.viewer.units


class NothingYet(AuditorError):
    """The page needs an audit, and there is none that the reader may see."""


class NotThere(AuditorError):
    """What was asked for is not there, or may not be seen: which of both is not told."""


class Console:
    """Shared by all requests of a process."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self._lock = threading.Lock()
        self._catalogue: tuple[Revision | None, Catalogue] | None = None

    def today(self) -> date:
        """The day it is in the setting `time_zone`."""
        return datetime.now(self.settings.zone).date()

    def now(self) -> str:
        """The moment as the store writes it."""
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def layer_folder(self) -> Path:
        """Where the rules of the house lie."""
        return layer_folder(self.settings)

    def catalogue(self) -> Catalogue:
        """Return the catalogue in force; read anew when the rules of the house changed."""
        revision = in_force(self.layer_folder)
        with self._lock:
            if self._catalogue is None or self._catalogue[0] != revision:
                self._catalogue = (revision, catalogue_in_force(self.settings))
            return self._catalogue[1]

    @contextmanager
    def look(
        self,
        viewer: Viewer,
        *,
        language: str,
        path: str,
        query: Mapping[str, str],
        notice: tuple[str, str] | None = None,
    ) -> Iterator[Look]:
        """Open a look at the run that the query names, the newest by default."""
        catalogue = self.catalogue()
        run = self._run(query.get("run"))
        with self.store.read() as connection:
            scope = None
            if run is not None:
                scope = scope_of(
                    connection,
                    run,
                    unit=query.get("unit") or None,
                    zone=self.settings.zone,
                    roots=lambda parents: _roots(viewer, parents),
                )
            frame = Frame(viewer, language, path, query, scope, notice)
            yield Look(self, connection, frame, catalogue)

    def _run(self, named: str | None) -> RunRow | None:
        """Return the run to look at, made readable for screens when it is not yet. Raises `AuditorError`."""
        with self.store.read() as connection:
            run = get_run(connection, named) if named else newest_run(connection)
            if run is None or is_indexed(connection, run.id):
                return run
        with self._lock:
            self.index(run.id)
        return run

    def index(self, run: str) -> None:
        """Make a run readable for screens. Raises `AuditorError` when it comes out differently now."""
        with self.store.read() as connection:
            if is_indexed(connection, run):
                return
        repetition = repeat_run(self.store, run)
        if not repetition.is_same:
            told = both("重做结果与留存的不一致", f"came out differently from what {repetition.row.release} kept")
            raise AuditorError(f"run {run[:16]}: {told}")
        index_run(self.store, view_of(self.store, repetition.run, release()))


def _roots(viewer: Viewer, parents: Mapping[str, str | None]) -> tuple[frozenset[str], frozenset[str], bool]:
    visible = visible_units(viewer, parents)
    personal = frozenset(unit for unit in visible if sees_person(viewer, unit, parents))
    return visible, personal, EVERYWHERE in viewer.units
