"""The whole way of the data, from a recorded machine to a printed workbook, in one process and with fixed days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from made_once import new_store, shipped

from agent.collectors.roster import collectors_for
from agent.inventory.document import Scanner, encode
from agent.limits import Limits
from agent.machine.offline import OfflineMachine
from agent.scan import scan
from auditor.audit.run import Run, make_run
from auditor.core.model import UnitCode
from auditor.intake.arrival import Receipt
from auditor.intake.receiving import receive
from auditor.intake.register_import import apply_file, read_register_file
from auditor.issuing.run_files import files_of, view_of
from auditor.readmodels.context import RunView
from auditor.settings import load_settings
from auditor.store.database import Store
from reports.printing import Printing
from rules.catalogue import Catalogue

RELEASE = "test"
REGISTERS = (
    ("units", "units.csv"),
    ("people", "people.csv"),
    ("machines", "machines.csv"),
    ("licences", "ledger.csv"),
    ("free_list", "free-software.csv"),
)


def scan_folder(root: Path, now: datetime) -> bytes:
    """Return the document of a recorded machine, scanned by every collector of its family at that moment."""
    machine = OfflineMachine(str(root))
    scanner = Scanner(name="zhengban-agent", version="0.1.0")
    return encode(scan(machine, collectors_for(machine.family), scanner=scanner, now=now, limits=Limits()))


@dataclass(frozen=True)
class Checker:
    """A store of its own with the shipped catalogue."""

    store: Store
    catalogue: Catalogue

    def take(self, document: bytes, now: datetime) -> Receipt:
        """Receive a document as from a file."""
        return receive(self.store, document, origin="file", now=now)

    def fill(self, folder: Path, valid_from: date, unit: str) -> None:
        """Import every register file of the folder, each as one applied batch."""
        for register, name in REGISTERS:
            with self.store.begin() as connection:
                found = read_register_file(
                    connection,
                    register,
                    (folder / name).read_bytes(),
                    name,
                    on=valid_from,
                    catalogue=self.catalogue,
                    sealer=self.store.sealer,
                    unit=UnitCode(unit),
                )
                apply_file(connection, found, valid_from, now=f"{valid_from.isoformat()}T00:00:00Z")

    def audit(self, on: date) -> tuple[Run, RunView]:
        """Make the run of a day."""
        run, _ = make_run(
            self.store, load_settings(), self.catalogue, on=on, made_at=f"{on}T12:00:00Z", release=RELEASE
        )
        return run, view_of(self.store, run, RELEASE)


def open_checker(folder: Path) -> Checker:
    """Return a checker with an empty store."""
    return Checker(new_store(folder / "zhengban.db"), shipped())


FORMS = ("summary", "detail", "journal", "free_software")


def printed(view: RunView, unit: str, *, edition: str = "official", language: str = "zh_CN") -> dict[str, bytes]:
    """Return the bytes of the four workbooks of one legal entity, by the name of the form."""
    files = files_of(view, UnitCode(unit), FORMS, Printing(language, edition))
    return {form: content for form, (_, content) in zip(FORMS, files, strict=True)}
