"""What tests begin with and what takes long to make: a store as migrations leave it, the shipped catalogue compiled."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from auditor.store.database import Store, open_store
from rules.catalogue import Catalogue
from rules.compiled import shipped_catalogue

CACHE_HOME = Path(__file__).resolve().parents[2] / ".pytest_cache" / "cache"
"""`XDG_CACHE_HOME` of programs that tests start; the compiled catalogue in it is named by its sources' digest."""


@cache
def shipped() -> Catalogue:
    """Return the catalogue that comes with the program, without its rules' examples."""
    return shipped_catalogue(CACHE_HOME / "zhengban")


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        open_store(f"sqlite:///{folder}/new.db").close()
        return Path(folder, "new.db").read_bytes()


def place_store(file: Path) -> str:
    """Put a new store with nothing in it at `file`, where none is, and return its address."""
    if not file.exists():
        file.write_bytes(_migrated())
    return f"sqlite:///{file}"


def new_store(file: Path) -> Store:
    """Open the store at `file`, a new one where none is."""
    return open_store(place_store(file))
