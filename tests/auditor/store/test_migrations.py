"""A store of the first release, with rows in it, brought up to date: nothing that it says is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from auditor.core.entitlement import Sharing
from auditor.store import database
from auditor.store.batches import list_batches
from auditor.store.database import open_store
from auditor.store.dated_rows import LICENCES, preview, take_back
from auditor.store.entitlements import list_entitlements

DAY = date(2026, 3, 1)
SHARED = (
    '{"allowed":[{"basis":null,"edition":null,"line":"2016","text":"2016","versions":null}],"amount":"9600.00",'
    '"bound_people":["1004"],"metric":"per_device","name":"WPS Office 专业版","product":"kingsoft/wps",'
    '"purchased_on":"2019-03-12","quantity":8,"shared":true,"software_type":"commercial","term":"永久"}'
)
OWN = '{"metric":"per_device","name":"WinRAR","quantity":0,"software_type":"commercial"}'


@pytest.fixture
def old_store(tmp_path: Path) -> str:
    """A database as release 0001 left it: a batch, two rows in force and one that ended."""
    url = f"sqlite:///{tmp_path}/old.db"
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO import_batches (id, register, file_name, file_digest, valid_from, applied_at, counts)"
                " VALUES (1, 'licences', 'ledger.xlsx', 'd', '2026-01-01', '2026-01-01T00:00:00Z', '{\"new\": 3}')"
            )
        )
        insert = text(
            "INSERT INTO entitlements (row, unit, code, line, facts, valid_from, valid_to, batch)"
            " VALUES (:row, 'JT', :code, 1, :facts, '2026-01-01', :valid_to, 1)"
        )
        connection.execute(insert, {"row": 1, "code": "A-1", "facts": SHARED, "valid_to": None})
        connection.execute(insert, {"row": 2, "code": "A-2", "facts": OWN, "valid_to": None})
        connection.execute(insert, {"row": 3, "code": "A-3", "facts": SHARED, "valid_to": "2026-02-01"})
    engine.dispose()
    return url


def test_the_ledger_of_the_first_release_means_what_it_meant(old_store: str) -> None:
    store = open_store(old_store)
    with store.read() as connection:
        first, second = list_entitlements(connection, DAY)
        kept = [row.facts for row in connection.execute(text("SELECT facts FROM entitlements ORDER BY row"))]

    assert (first.code, first.reach, first.sharing, first.shared) == ("A-1", Sharing.DESCENDANTS,
                                                                      Sharing.DESCENDANTS, True)  # fmt: skip
    assert (first.quantity, first.allowed[0].line, first.bound_people) == (8, "2016", ("1004",))
    assert (second.reach, second.shared, second.product, second.rights_per_pack) == (Sharing.OWN, False, None, 1)
    assert ['"sharing":"descendants"' in facts for facts in kept] == [True, False, True]
    assert kept[1] == OWN
    store.close()


def test_an_import_of_the_first_release_is_listed_and_can_be_taken_back(old_store: str) -> None:
    store = open_store(old_store)
    with store.begin() as connection:
        (batch,) = list_batches(connection, "licences")
        assert (batch.made_by, batch.reason, batch.counts) == (None, None, {"new": 3})
        take_back(connection, 1, now="2026-03-01T00:00:00Z", by="李芳")
        assert list_entitlements(connection, DAY) == []
        assert list_batches(connection, "licences")[0].taken_back_by == "李芳"
    store.close()


def test_a_row_of_the_first_release_is_unchanged_when_the_same_is_imported(old_store: str) -> None:
    """The facts are written as before: what has the default value is not written down."""
    from auditor.store.entitlements import entitlement_row

    store = open_store(old_store)
    with store.read() as connection:
        rows = [
            entitlement_row(right, line=1, serials=(), sealer=store.sealer)
            for right in list_entitlements(connection, DAY)
        ]
        shown = preview(connection, LICENCES, rows, DAY)
        tables = set(inspect(connection).get_table_names())
    assert (len(shown.unchanged), shown.changed, shown.new) == (2, (), ())
    assert {"papers", "paper_links", "transfers", "disposals", "exemptions", "prices"} <= tables
    store.close()
