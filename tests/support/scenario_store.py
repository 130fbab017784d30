"""A scenario through the store: registers and ledger imported, machines received, audited, read back.

What the store cannot be told is left to the scenario alone (`is_for_store`): signs and scans that went wrong, which
documents alone say, and a moment within the day. A transfer that may not be made is refused at import; the ledger
stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from inventories import inventory
from made_once import new_store

from agent.inventory.document import encode
from agent.inventory.host import OperatingSystem
from agent.inventory.software import Software
from auditor.audit.repeat import repeat_run
from auditor.audit.run import Run, make_run
from auditor.core.model import AuditResult, Hardware, Machine, MachineClass
from auditor.intake.receiving import receive
from auditor.intake.register_import import apply_file, read_register_file
from auditor.intake.registers.ledger_yaml import yaml_register
from auditor.intake.registers.licence_words import DISPOSALS
from auditor.intake.registers.licence_writing import HeldRight, plain_rights
from auditor.intake.registers.reading import RegisterFaults
from auditor.scenario.building import Built, facts_of
from auditor.settings import load_settings
from auditor.store.database import Store
from rules.catalogue import Catalogue
from rules.product import Product, Rule

SCOPE = "uninstall_keys:HKLM64"
BEGUN = date(2020, 1, 1)
NOT_IN_STORE = ("reports", "previous", "prices", "as_of_moment", "window_days")
NOT_OF_MACHINES = ("signs", "scopes", "seen")


def is_for_store(file: Mapping[str, Any]) -> bool:
    """Whether the store can hold everything that the scenario states."""
    machines = file.get("machines", ())
    return (
        not any(file.get(section) for section in NOT_IN_STORE)
        and not any(name in machine for machine in machines for name in NOT_OF_MACHINES)
        and not any("class" in item or "first_seen_on" in item for m in machines for item in m.get("installed", ()))
        and not any("until" in person for person in file.get("people", ()))
        and not any(product.get("parts") for product in file["products"])
        and not any(row.get("unlimited") and "quantity" in row for row in file.get("entitlements", ()))
    )


@dataclass(frozen=True)
class Way:
    """One store with a catalogue of the scenario's products."""

    store: Store
    catalogue: Catalogue
    built: Built

    def table(self, register: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Import a register as CSV."""
        if rows:
            heads = list(rows[0])
            lines = [heads, *([str(row[head] if row[head] is not None else "") for head in heads] for row in rows)]
            self.file(register, "\n".join(",".join(line) for line in lines).encode(), "file.csv")

    def file(self, register: str, data: bytes, name: str) -> None:
        """Import one file of a register."""
        with self.store.begin() as connection:
            found = read_register_file(
                connection, register, data, name, on=BEGUN, catalogue=self.catalogue, sealer=self.store.sealer
            )
            apply_file(connection, found, BEGUN, now=f"{BEGUN}T00:00:00Z")

    def machine(self, machine: Machine, installed: Iterable[tuple[str, str | None]]) -> None:
        """Receive the document of a machine."""
        software = [
            Software("uninstall_keys", name, SCOPE, seen_at=f"key{n}", installed_on=day)
            for n, (name, day) in enumerate(installed)
        ]
        day = machine.last_scan_on or self.built.facts.on
        system = OperatingSystem("windows", "Windows", "10.0.19045", installation_id=f"guid-{machine.code}")
        document = inventory(
            software,
            at=f"{day}T01:00:00Z",
            system=system,
            name=f"host-{(machine.code or '').casefold()}",
            serial=serial_of(machine),
            mac_addresses=(),
        )
        host = replace(document.host, board_serial=machine.board_serial)
        document = replace(document, host=host)
        receive(self.store, encode(document), origin="file", now=datetime(day.year, day.month, day.day, 2, tzinfo=UTC))


def serial_of(machine: Machine) -> str:
    """Return the machine's serial number, or one of its own where the scenario has none."""
    return machine.serial or f"ZB{machine.id or 0:08d}"


def through_store(file: Mapping[str, Any], folder: Path) -> tuple[AuditResult, AuditResult]:
    """Return what the run worked out, and what was read back from the store."""
    built = facts_of(file)
    catalogue = _catalogue(file, built)
    store = new_store(folder / "zhengban.db")
    try:
        way = Way(store, catalogue, built)
        _registers(way)
        _ledger(way)
        _access(way)
        _machines(way, file)
        on = built.facts.on
        run, _ = make_run(store, load_settings(), catalogue, on=on, made_at=f"{on}T12:00:00Z", release="test")
        return run.result, _read_back(store, run)
    finally:
        store.close()


def _read_back(store: Store, run: Run) -> AuditResult:
    """Work the run out again from what the store froze; it is what was kept, or nothing comes back."""
    again = repeat_run(store, run.id)
    assert again.is_same
    return again.run.result


def _catalogue(file: Mapping[str, Any], built: Built) -> Catalogue:
    names: dict[str, set[tuple[str | None, str | None]]] = {}
    for machine in file.get("machines", ()):
        for item in machine.get("installed", ()):
            names.setdefault(item["product"], set()).add((item.get("line"), item.get("edition")))
    products = {id: _with_rules(product, names.get(id, set())) for id, product in built.facts.products.items()}
    return Catalogue(f"{hash(json.dumps(file, default=str)):x}", products, {}, {})


def _with_rules(product: Product, told: set[tuple[str | None, str | None]]) -> Product:
    rules = tuple(
        Rule(f"r{n}", name=re.escape(title_of(product.id, line, edition)), line=line, edition=edition)
        for n, (line, edition) in enumerate(sorted(told, key=str))
    )
    return replace(product, rules=rules)


def title_of(product: str, line: str | None, edition: str | None) -> str:
    """Return the name under which a machine shows a copy."""
    return f"zz{product} l{line or 'none'} e{edition or 'none'}".casefold()


def _registers(way: Way) -> None:
    facts = way.built.facts
    kinds = {"legal_entity": "独立法人", "department": "部门"}
    way.table(
        "units",
        [
            {
                "单位编码": u.code,
                "单位名称": u.name,
                "上级单位编码": u.parent,
                "单位性质": kinds[u.kind.value],
                "总人数": u.headcount,
            }
            for u in facts.units
        ],
    )
    named = {m.person: m.unit for m in facts.machines if m.person is not None}
    named |= {person.id: person.unit for person in facts.people}
    way.table("people", [{"工号": id, "姓名": f"员工{id}", "部门编码": unit} for id, unit in sorted(named.items())])
    classes = {MachineClass.PORTABLE: "便携机", MachineClass.SERVER: "服务器", MachineClass.VIRTUAL: "虚拟机"}
    way.table(
        "machines",
        [
            {
                "计算机编号": m.code,
                "部门编码": m.unit,
                "使用人工号": m.person,
                "序列号": serial_of(m),
                "设备类型": classes.get(m.machine_class, "台式机"),
                "状态": m.state.value,
                "地点": m.place,
                **hardware_cells(m.hardware),
            }
            for m in facts.machines
        ],
    )


def hardware_cells(told: Hardware | None) -> dict[str, object]:
    """Return what the register says of processors and hosts."""
    told = told or Hardware()
    return {
        "处理器核数": "、".join(map(str, told.cores)),
        "虚拟处理器数": told.vcpus,
        "宿主机编号": told.host,
        "集群": told.cluster,
        "核心系数": told.factor,
        "每核PVU": told.points,
        "主机承担业务": "是" if told.runs_workload else None,
    }


def _access(way: Way) -> None:
    """What no installation shows."""
    facts = way.built.facts
    way.table(
        "check_outs",
        [
            {
                "软件名称": facts.products[s.product].zh,
                "借出时间": s.starts_at.isoformat(),
                "归还时间": s.ends_at.isoformat() if s.ends_at is not None else None,
                "数量": s.quantity,
                "单位编码": s.unit,
                "使用人工号": s.person,
                "产品编号": s.product,
            }
            for s in facts.sessions
        ],
    )
    way.table(
        "access",
        [
            {
                "软件名称": facts.products[p.product].zh,
                "工号": p.person,
                "终端编号": p.machine,
                "服务器版本": p.line,
                "单位编码": p.unit,
                "产品编号": p.product,
            }
            for p in facts.pairs
        ],
    )
    way.table(
        "quantities",
        [
            {
                "软件名称": facts.products[m.product].zh,
                "数量": m.quantity,
                "单位编码": m.unit,
                "产品编号": m.product,
            }
            for m in facts.measured
        ],
    )


def _ledger(way: Way) -> None:
    facts = way.built.facts
    rows = list(plain_rights(HeldRight(replace(right, paper="凭证"), right.serials) for right in facts.entitlements))
    if rows:
        way.file("licences", yaml_register("licences", rows).encode(), "ledger.yaml")
    owners = {right.id: (right.unit, right.code) for right in facts.entitlements}
    transfers = [
        {
            "划转单号": f"T{t.id}",
            "单位编码": owners[t.entitlement][0],
            "软件编号": owners[t.entitlement][1],
            "数量": t.quantity,
            "转入单位编码": t.to_unit,
            "生效日期": t.effective_on,
            "转出单位编码": t.from_unit,
        }
        for t in facts.transfers
    ]
    with suppress(RegisterFaults):
        way.table("transfers", transfers)
    words = {kind: word for word, kind in DISPOSALS.items()}
    disposals = [
        {
            "处置单号": f"D{d.id}",
            "单位编码": owners[d.entitlement][0],
            "软件编号": owners[d.entitlement][1],
            "数量": d.quantity,
            "处置方式": words[d.kind],
            "处置日期": d.effective_on,
            "持有单位编码": d.unit,
        }
        for d in facts.disposals
    ]
    way.table("disposals", disposals)
    exemptions = [
        {
            "豁免单号": f"E{e.id}",
            "计算机编号": e.machine,
            "软件名称": _title_told(way, e.product) if e.product else None,
            "单位编码": e.unit,
            "豁免理由": e.reason,
            "批准人": e.approver or "x",
            "起始日期": e.starts_on,
            "截止日期": e.ends_on,
        }
        for e in facts.exemptions
    ]
    way.table("exemptions", exemptions)


def _title_told(way: Way, product: str) -> str:
    """Return words by which the catalogue knows a product: those of a copy of it."""
    copy = next(copy for copy in way.built.facts.copies if copy.product == product)
    return title_of(product, copy.line, copy.edition)


def _machines(way: Way, file: Mapping[str, Any]) -> None:
    by_code: dict[str, Sequence[Mapping[str, Any]]] = {}
    for row in file.get("machines", ()):
        count = row.get("count")
        codes = [row["code"]] if count is None else [f"{row['code']}{n:03d}" for n in range(1, count + 1)]
        by_code |= dict.fromkeys(codes, row.get("installed", ()))
    for machine in way.built.facts.machines:
        items = by_code[machine.code or ""]
        told = [
            (
                title_of(item["product"], item.get("line"), item.get("edition")),
                str(item["installed_on"]) if "installed_on" in item else None,
            )
            for item in items
        ]
        way.machine(machine, told)
