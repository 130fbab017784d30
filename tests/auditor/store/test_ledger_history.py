"""What became of a 软件编号: who, when, why; what was taken back is not forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from registers import read, small_store

from auditor.core.model import UnitCode
from auditor.intake.register_import import apply_file
from auditor.store.database import Store
from auditor.store.dated_rows import take_back
from auditor.store.ledger_history import HistoryEvent, history_of

HEAD = "软件编号,软件名称,软件类型,许可数量,序列号,备注\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with three units and two people."""
    with small_store(tmp_path) as opened:
        yield opened


def put(store: Store, register: str, text: str, *, at: str, by: str, why: str | None = None) -> int:
    more: dict[str, Any] = {"unit": UnitCode("JT")} if register == "licences" else {}
    found = read(store, register, text, **more)
    with store.begin() as connection:
        return apply_file(connection, found, date(2026, 3, 1), now=at, made_by=by, reason=why).id


def told(store: Store, code: str, unit: str | None = None) -> list[tuple[str, str, str | None, str]]:
    with store.read() as connection:
        return [_told(event) for event in history_of(connection, code, unit)]


def _told(event: HistoryEvent) -> tuple[str, str, str | None, str]:
    changed = "; ".join(f"{name} {before} → {after}" for name, before, after in event.changes)
    return event.at[8:10], event.act, event.by, " ".join(part for part in (event.what, changed) if part)


def test_every_change_of_a_right_with_who_when_and_why(store: Store) -> None:
    put(store, "licences", HEAD + "A-1,WinRAR,商业软件,10,SN-0001,\nB-1,AutoCAD,商业软件,1,,\n",
        at="2026-03-01T00:00:00Z", by="李芳", why="年度登记")  # fmt: skip
    wrong = put(store, "licences", HEAD + "A-1,WinRAR,商业软件,99,SN-0001,\n", at="2026-03-02T00:00:00Z", by="王敏")
    with store.begin() as connection:
        take_back(connection, wrong, now="2026-03-03T00:00:00Z", by="李芳")
    more = HEAD + "A-1,WinRAR,商业软件,12,SN-0001、SN-0002,增购\n"
    put(store, "licences", more, at="2026-03-04T00:00:00Z", by="李芳", why="增购 2 套")
    head = "划转单号,单位编码,软件编号,数量,转入单位编码,生效日期,文件编号\n"
    put(store, "transfers", head + "T1,JT,A-1,3,CW,2026-06-01,划字1号\n", at="2026-03-05T00:00:00Z", by="王敏")

    assert told(store, "A-1") == [
        ("01", "entered", "李芳", "metric None → per_device; name None → WinRAR; product None → rarlab/winrar; "
         "quantity None → 10; serials None → ['*****01']; software_type None → commercial"),
        ("02", "entered", "王敏", "metric None → per_device; name None → WinRAR; product None → rarlab/winrar; "
         "quantity None → 99; serials None → ['*****01']; software_type None → commercial"),
        ("03", "taken_back", "李芳", "批次 4"),
        ("04", "changed", "李芳", "quantity 10 → 12; remarks None → 增购; serials ['*****01'] → "
         "['*****01', '*****02']"),
        ("05", "transferred", "王敏", "T1 3 JT → CW 2026-06-01 划字1号"),
    ]  # fmt: skip
    with store.read() as connection:
        events = history_of(connection, "A-1", "JT")
        assert [event.why for event in events if event.act in ("entered", "changed")] == [
            "年度登记（批次 3 file.csv）", "批次 4 file.csv", "增购 2 套（批次 5 file.csv）"]  # fmt: skip
        assert [event.holds for event in events if event.act in ("entered", "changed")] == [
            None, None, "2026-03-01 –"]  # fmt: skip
        assert history_of(connection, "A-1", "CW") == [event for event in events if event.act == "transferred"]
        assert history_of(connection, "C-1") == []
