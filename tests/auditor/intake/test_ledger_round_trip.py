"""What is exported and imported again changes nothing: any ledger, each format, serial numbers masked or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from registers import DAY, NOW, catalogue, ledger_names, small_store

from auditor.commands.ledger_files import LedgerFormat, held_rights, written
from auditor.core.entitlement import Entitlement
from auditor.intake.register_import import apply_file, preview_file, read_register_file, read_register_rows
from auditor.intake.registers.licence_fields import FIELDS
from auditor.intake.registers.reading import Reading, read_row
from auditor.intake.tables import Place
from auditor.store.database import Connection, Store
from auditor.store.entitlements import list_entitlements, unsealed_serials


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store in which nothing but three units and two people is ever committed."""
    with small_store(tmp_path_factory.mktemp("round")) as opened:
        yield opened


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing ledger is read as it is: making it smaller takes minutes."""


class Undone(Exception):
    """Ends a transaction without a trace."""


WORDS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@'\"、，；;,\n\r\t|版 *＊-"), max_size=30
)
CODES = st.from_regex(r"[A-Z]{1,2}-[0-9]{1,2}", fullmatch=True)
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
SERIALS = st.text("ABCXYZ0189-*", min_size=1, max_size=14).map(lambda s: s.strip("- ") or "A1")
VERSIONS = st.sampled_from(
    [
        "2016、2013",
        "2019及以下",
        "2016",
        "专业版2013及以下",
        "不限",
        "12.8",
        "随新",
        "2016/2010",
        "标准版2016、2013",
        "V5及以上",
    ]
)
NAMES = st.sampled_from(
    ["WPS Office 专业版", "Microsoft Office 专业增强版", "WinRAR", "AutoCAD", "Windows 10 专业版", "本单位自研系统"]
)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "code": CODES,
    "name": NAMES | WORDS,
    "software_type": st.sampled_from(["商业软件", "OEM软件", "免费软件"]),
    "number": st.integers(1, 5).map(str),
    "unit": st.sampled_from(["JT", "CW", "GH"]),
    "version": st.sampled_from(["2016", "2019", "10", "6.10", "V10"]) | WORDS,
    "purchased_on": DAYS,
    "amount": st.decimals(0, 10**12, places=2),
    "licence_type": st.sampled_from(["数量许可", "场地许可", "用户许可", "订阅"]) | WORDS,
    "quantity": st.integers(0, 10**9) | st.sampled_from(["不限", "场地"]),
    "rights_per_pack": st.integers(1, 5),
    "allowed": VERSIONS | WORDS,
    "basis": st.sampled_from(["合同", "降级权"]) | WORDS,
    "allowed_versions": st.sampled_from([">=12,<13", "*"]),
    "allowed_line": st.sampled_from(["2016", "X"]),
    "allowed_edition": st.sampled_from(["pro", "standard"]),
    "term": st.sampled_from(["永久", "3年", "2030-12-31", "2020-01-01至2029-12-31", "长期有效"]),
    "starts_on": st.dates(date(1990, 1, 1), date(2010, 1, 1)),
    "ends_on": st.dates(date(2011, 1, 1), date(2100, 1, 1)),
    "serials": st.lists(SERIALS, min_size=1, max_size=4).map("、".join),
    "source_type": st.sampled_from(["零售", "批量许可", "国内合法化", "场地授权", "上级配发", "试用"]),
    "metric": st.sampled_from(["按设备", "按用户"]),
    "counting": st.sampled_from(["每处理器最少=8；每服务器最少=16", "按虚拟机", "阶梯=2500:1.0、10000:0.8"]),
    "bound_serials": st.lists(SERIALS, min_size=1, max_size=3).map("、".join),
    "bound_machines": st.lists(CODES, min_size=1, max_size=3).map("、".join),
    "bound_people": st.sampled_from(["001", "001、002", "999"]),
    "sharing": st.sampled_from(["本单位", "本单位及下级"]),
    "shared_with": st.sampled_from(["CW", "CW、GH"]),
    "reservations": st.sampled_from(["CW=5", "CW=1；GH 2", "GH：3"]),
    "places": st.sampled_from(["一号楼", "一号楼、二号楼"]) | WORDS,
    "maintenance": st.sampled_from(["2023-01-01至2024-12-31", "2025-01-01至2025-12-31；2023-01-01至2024-12-31"]),
    "upgrade_from": st.sampled_from(["Microsoft Office 2013", "产品=microsoft/office，版本线=2013，本机", "编号=A-1",
                                     "本机", "同产品", "版本线=2010；版本线=2007"]),
    "downgrade": st.sampled_from(["是", "2级", "版本=2016、2013", "步数=3；版本类型=standard", "2010"]),
    "downgrade_basis": st.sampled_from(["合同第 5 条"]) | WORDS,
    "suite": st.sampled_from(["必含=Microsoft Access；可选=Microsoft Word、Microsoft Excel；比例=75",
                              "主要=AutoCAD；可选=WinRAR；个数=2"]),
    "certified_on": DAYS,
    "product": st.sampled_from(["kingsoft/wps-office", "microsoft/office", "rarlab/winrar"]),
    **dict.fromkeys(("second_use", "multi_version", "true_up", "transferable", "personal_only"),
                    st.sampled_from(["是", "否"])),
    **dict.fromkeys(("paper", "certificate", "contract", "invoice", "supplier", "remarks"), WORDS),
}  # fmt: skip
NEEDED = ("code", "name", "software_type", "unit", "quantity")
ROWS = st.lists(
    st.fixed_dictionaries({n: CELLS[n] for n in NEEDED}, optional={n: s for n, s in CELLS.items() if n not in NEEDED}),
    min_size=1,
    max_size=5,
)


def entered(store: Store, connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Enter those rows that a ledger takes; what contradicts itself is left out as an import would."""
    reading = Reading()
    for number, cells in enumerate(rows, start=1):
        read_row(Place("rows", number), cells, {}, FIELDS, reading)
    reading.faults.clear()
    found = read_register_rows(
        connection,
        "licences",
        reading,
        "rows",
        on=DAY,
        catalogue=catalogue(),
        names=ledger_names(),
        sealer=store.sealer,
        skip_bad_rows=True,
    )
    assume(found.rows)
    apply_file(connection, found, DAY, now=NOW)


def told(store: Store, connection: Connection) -> list[tuple[Entitlement, tuple[str, ...]]]:
    """The ledger without the numbers of its rows, with the full serial numbers."""
    return [
        (dataclasses.replace(right, id=0), unsealed_serials(connection, right.id, store.sealer))
        for right in list_entitlements(connection, DAY)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("form", list(LedgerFormat))
@pytest.mark.parametrize("with_serials", [True, False])
@given(rows=ROWS)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
def test_an_exported_ledger_imported_again_changes_nothing(
    store: Store, form: LedgerFormat, with_serials: bool, rows: list[dict[str, Any]]
) -> None:
    with pytest.raises(Undone), store.begin() as connection:
        entered(store, connection, rows)
        before = told(store, connection)
        held = held_rights(connection, store.sealer, DAY, None, with_serials=with_serials)
        data = written(held, form, catalogue(), DAY, "zh_CN")
        found = read_register_file(
            connection,
            "licences",
            data,
            f"ledger.{form}",
            on=DAY,
            catalogue=catalogue(),
            names=ledger_names(),
            sealer=store.sealer,
        )
        shown = preview_file(connection, found, DAY)
        assert shown.counts == {"new": 0, "changed": 0, "unchanged": len(before), "missing": 0}, [
            (change.before["facts"], change.after["facts"]) for change in shown.changed
        ]
        raise Undone


@pytest.mark.parametrize("form", list(LedgerFormat))
@given(rows=ROWS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
def test_an_exported_ledger_is_the_same_ledger_in_an_empty_store(
    store: Store, tmp_path_factory: pytest.TempPathFactory, form: LedgerFormat, rows: list[dict[str, Any]]
) -> None:
    """In full: what a colleague gets who imports the file into a store of their own."""
    with pytest.raises(Undone), store.begin() as connection:
        entered(store, connection, rows)
        before = told(store, connection)
        held = held_rights(connection, store.sealer, DAY, None, with_serials=True)
        data = written(held, form, catalogue(), DAY, "en")
        connection.exec_driver_sql("DELETE FROM entitlements")
        found = read_register_file(
            connection,
            "licences",
            data,
            f"ledger.{form}",
            on=DAY,
            catalogue=catalogue(),
            names=ledger_names(),
            sealer=store.sealer,
        )
        apply_file(connection, found, DAY, now=NOW)
        assert told(store, connection) == before
        raise Undone
