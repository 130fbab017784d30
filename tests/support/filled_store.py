"""A store as the console meets it: two legal entities, people, ledger, inventories, an audit; names as hostile as names
can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from inventories import inventory
from made_once import place_store

from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import encode
from agent.inventory.host import OperatingSystem
from agent.inventory.software import Software
from auditor.audit.catalogue_in_force import catalogue_in_force
from auditor.audit.run import Run, make_run
from auditor.core.model import UnitCode
from auditor.intake.receiving import receive
from auditor.intake.register_import import apply_file, read_register_file
from auditor.issuing.run_files import view_of
from auditor.readmodels.run_index import index_run
from auditor.settings import Settings, load_settings
from auditor.store.database import Store, open_store
from auditor.supervision.jobs import follow_audit
from rules.catalogue import Catalogue

DAY = date(2026, 6, 30)
BEGUN = date(2026, 1, 1)
KEYS = "uninstall_keys:HKLM64"
KNOWN = ("rarlab/winrar", "igor-pavlov/7-zip", "kingsoft/wps-office", "autodesk/autocad", "microsoft/windows")
HOSTILE = '<script>alert("x")</script>\u202egnp.exe\x07'
"""HTML, a mark that turns the line around, a control character."""
UNITS = """单位编码,单位名称,上级单位编码,单位性质,总人数
JT,示例集团有限公司,,独立法人,20
JT-CW,财务部,JT,部门,
SJ,示例设计院<b>有限公司,JT,独立法人,9
SJ-SJ,设计部,SJ,部门,
WB,未报单位有限公司,JT,独立法人,3
"""
PEOPLE = """工号,姓名,部门编码
1001,张三丰,JT-CW
2001,李四光,SJ-SJ
"""
MACHINES = """计算机编号,部门编码,使用人工号,计算机品牌,序列号,主机名,设备类型,状态,地点
JT-001,JT-CW,1001,联想 启天,SN-JT-0001,zhangsanfeng-pc,台式机,在用,主楼 1
JT-002,JT-CW,,联想 启天,SN-JT-0002,,台式机,在用,主楼 2
SJ-001,SJ-SJ,2001,戴尔,SN-SJ-0001,lisiguang-nb,便携机,在用,
WB-001,WB,,戴尔,SN-WB-0001,,台式机,在用,
"""
LICENCES = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限,授权凭证编号
JT-S-001,WinRAR,商业软件,JT,2020-01-01,1,永久,PZ-1
JT-S-002,WPS Office 2019 专业增强版,商业软件,JT,2020-01-01,5,至2026-07-31,
SJ-S-001,本院自研<i>系统,商业软件,SJ,2020-01-01,1,永久,
"""
FREE = "软件编号,软件名称,单位编码,授权依据\nJT-M-001,7-Zip,JT,LGPL\n"
REGISTERS = (
    ("units", UNITS),
    ("people", PEOPLE),
    ("machines", MACHINES),
    ("licences", LICENCES),
    ("free_list", FREE),
)


@dataclass(frozen=True)
class Filled:
    """The store, its settings, and its run."""

    store: Store
    settings: Settings
    run: Run

    def audit(self, on: date) -> Run:
        """Make a further run."""
        return _audited(self.store, self.settings, on)


def empty_store(folder: Path, url: str | None = None) -> tuple[Store, Settings]:
    """Return a store in which nothing is."""
    url = url or place_store(folder / "zhengban.db")
    return open_store(url), load_settings(flags={"database": url})


def filled_store(folder: Path, url: str | None = None) -> Filled:
    """Return a store in a folder, or at an address, filled and audited."""
    store, settings = empty_store(folder, url)
    catalogue = catalogue_in_force(settings)
    for register, text in REGISTERS:
        with store.begin() as connection:
            found = read_register_file(
                connection, register, text.encode(), f"{register}.csv", on=BEGUN, catalogue=catalogue,
                sealer=store.sealer, unit=UnitCode("JT"),
            )  # fmt: skip
            apply_file(connection, found, BEGUN, now=f"{BEGUN}T00:00:00Z", made_by="管理员")
    for name, serial, software, outcome in (
        ("zhangsanfeng-pc", "SN-JT-0001", ["WinRAR 6.24 (64-bit)", "7-Zip 23.01 (x64)", HOSTILE], Outcome.COMPLETE),
        ("jt-2", "SN-JT-0002", ["WinRAR 6.24 (64-bit)", "物资条码打印 V2.3"], Outcome.PARTIAL),
        (
            "lisiguang-nb",
            "SN-SJ-0001",
            ["WinRAR 5.91", "物资条码打印 V2.3", "AutoCAD 2024 - English"],
            Outcome.COMPLETE,
        ),
        ("stray<b>", None, ["7-Zip 23.01 (x64)"], Outcome.COMPLETE),
    ):
        document = windows_document(name, serial, software, outcome)
        receive(store, document, origin="file", now=datetime(2026, 6, 30, 3, tzinfo=UTC), unit="JT-CW")
    return Filled(store, settings, _audited(store, settings, DAY))


def _audited(store: Store, settings: Settings, on: date) -> Run:
    run, _ = make_run(store, settings, _small(settings), on=on, made_at=f"{on}T12:00:00Z", release="test")
    index_run(store, view_of(store, run, "test"))
    follow_audit(store, settings, run, at=f"{on}T12:00:00Z")
    return run


def _small(settings: Settings) -> Catalogue:
    """The catalogue in force with what the machines bear alone: freezing the whole takes seconds."""
    whole = catalogue_in_force(settings)
    products = {id: whole.products[id] for id in KNOWN if id in whole.products}
    return replace(whole, products=products, indicators={})


def windows_document(
    name: str, serial: str | None, programs: list[str], outcome: Outcome, at: str = "2026-06-30T02:00:00Z"
) -> bytes:
    """Return what a Windows machine with these programs says of itself."""
    software = [
        Software(
            "uninstall_keys",
            program,
            KEYS,
            seen_at=f"C:\\Users\\{name}\\key{n}",
            version="1.0",
            publisher='Evil "Publisher" & Co' if program == HOSTILE else None,
            installed_on="2026-02-03",
        )
        for n, program in enumerate(programs)
    ]
    system = OperatingSystem("windows", "Windows 10", "10.0.19045", installation_id=f"guid-{name}")
    return encode(
        inventory(
            software,
            at=at,
            system=system,
            name=name,
            serial=serial,
            mac_addresses=(),
            coverage=(ScopeRun("uninstall_keys", KEYS, outcome),),
        )
    )
