"""A store with the registers of a small organisation, and files read into it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from made_once import new_store, shipped

from auditor.core.entitlement import Entitlement
from auditor.core.model import UnitCode
from auditor.intake.register_import import RegisterFile, apply_file, read_register_file
from auditor.store.database import Store
from auditor.store.entitlements import list_entitlements
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerNames

DAY = date(2026, 3, 1)
NOW = "2026-03-01T02:00:00Z"
UNITS = (
    "单位编码,单位名称,上级单位编码,单位性质,总人数\nJT,示例集团,,独立法人,20\nCW,财务处,JT,部门,\nGH,规划处,JT,部门,\n"
)
PEOPLE = "工号,姓名,部门编码\n001,李芳,CW\n002,王敏,GH\n"


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue, loaded once."""
    return shipped()


@cache
def ledger_names() -> LedgerNames:
    """The names of the shipped catalogue, made ready once."""
    return LedgerNames(catalogue())


@contextmanager
def small_store(folder: Path) -> Iterator[Store]:
    """An open store with three units and two people."""
    store = new_store(folder / "zhengban.db")
    try:
        apply(store, "units", UNITS)
        apply(store, "people", PEOPLE)
        yield store
    finally:
        store.close()


def read(store: Store, register: str, data: bytes | str, name: str = "file.csv", **more: Any) -> RegisterFile:
    """Read a file against the store; text is the text of a CSV file."""
    content = data.encode("utf-8") if isinstance(data, str) else data
    with store.read() as connection:
        return read_register_file(
            connection,
            register,
            content,
            name,
            on=DAY,
            catalogue=catalogue(),
            names=ledger_names(),
            sealer=store.sealer,
            **more,
        )


def apply(store: Store, register: str, data: bytes | str, name: str = "file.csv", **more: Any) -> RegisterFile:
    """Read a file and apply it."""
    found = read(store, register, data, name, **more)
    with store.begin() as connection:
        apply_file(connection, found, DAY, now=NOW)
    return found


def rights(store: Store) -> list[Entitlement]:
    """The ledger as it stands."""
    with store.read() as connection:
        return list_entitlements(connection, DAY)


def right_of(store: Store, rows: str, unit: str | None = "JT") -> Entitlement:
    """The one right that a ledger of these lines makes."""
    apply(store, "licences", rows, unit=UnitCode(unit) if unit else None)
    (right,) = rights(store)
    return right


def workbook(rows: Sequence[Sequence[object]], *, sheet: str = "台账", merged: Sequence[str] = ()) -> bytes:
    """An XLSX of one sheet."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for cells in merged:
        page.merge_cells(cells)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
