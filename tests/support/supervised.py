"""A small organisation under supervision: registers, signed scans of a few Windows machines, audits that are followed.

JT 示例集团 above SY 实业公司 above SC 生产厂; each a legal entity. What machines bear is the tests to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from inventories import inventory
from made_once import new_store, shipped

from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import encode
from agent.inventory.host import OperatingSystem
from agent.inventory.software import Software
from agent.inventory.traces import Trace
from auditor.audit.run import Run, make_run
from auditor.core.model import UnitCode
from auditor.intake.receiving import receive
from auditor.intake.register_import import apply_file, read_register_file
from auditor.settings import Settings, Value, load_settings
from auditor.store.cases import Case, Filter, list_cases
from auditor.store.database import Store, open_store
from auditor.supervision.following import Followed
from auditor.supervision.jobs import follow_audit
from rules.catalogue import Catalogue

UNINSTALL = "uninstall_keys:HKLM64"
FILES = "watched_files:windows"
REGISTERED_ON = date(2026, 1, 1)
UNITS = (
    "单位编码,单位名称,上级单位编码,单位性质\nJT,示例集团,,独立法人\nSY,实业公司,JT,独立法人\nSC,生产厂,SY,独立法人\n"
)
AUTOKMS = Trace("file", "AutoKMS.exe", FILES, path=r"C:\Windows\AutoKMS\AutoKMS.exe")
TASK = Trace("scheduled_task", r"\AutoKMS", "scheduled_tasks:system", path=r"C:\Windows\AutoKMS\AutoKMS.exe",
             state="enabled")  # fmt: skip
SCOPES = (UNINSTALL, FILES, "scheduled_tasks:system", "activation:windows", "processes")


PRODUCTS = ("microsoft/office", "microsoft/windows", "rarlab/winrar", "scooter/beyond-compare")
INDICATORS = ("autokms", "kmsauto")


@cache
def the_catalogue() -> Catalogue:
    """What these tests need of the shipped catalogue: freezing all of it takes longer than all the rest."""
    whole = shipped()
    return replace(
        whole,
        products={id: whole.products[id] for id in PRODUCTS},
        indicators={id: whole.indicators[id] for id in INDICATORS},
    )


def moment(day: str) -> datetime:
    """Nine in the morning in Beijing."""
    return datetime.fromisoformat(f"{day}T01:00:00+00:00").astimezone(UTC)


@dataclass
class Supervised:
    """One store and its settings."""

    store: Store
    settings: Settings = field(default_factory=load_settings)
    hosts: dict[str, str] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """The shipped catalogue."""
        return the_catalogue()

    def with_settings(self, **values: Value) -> Supervised:
        """The same store under other settings."""
        return Supervised(self.store, load_settings(flags=values), self.hosts)

    def register(self, register: str, text: str, *, on: date = REGISTERED_ON, unit: str | None = None) -> None:
        """Import a register as CSV."""
        with self.store.begin() as connection:
            found = read_register_file(
                connection, register, text.encode(), "file.csv", on=on, catalogue=self.catalogue,
                sealer=self.store.sealer, unit=UnitCode(unit) if unit else None,
            )  # fmt: skip
            apply_file(connection, found, on, now=f"{on}T00:00:00Z")

    def machines(
        self, units: Mapping[str, str], *, on: date = REGISTERED_ON, classes: Mapping[str, str] | None = None
    ) -> None:
        """Register machines: 计算机编号 → unit."""
        rows = ["计算机编号,部门编码,设备类型,状态,序列号"]
        rows += [f"{c},{u},{(classes or {}).get(c, '台式机')},在用,SER-{c}" for c, u in units.items()]
        self.register("machines", "\n".join(rows) + "\n", on=on)

    def scan(
        self,
        code: str,
        day: str,
        software: Iterable[str] = ("7-Zip 23.01 (x64)",),
        *,
        traces: Iterable[Trace] = (),
        outcomes: Mapping[str, Outcome] | None = None,
        read_at: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> None:
        """Receive a scan of a machine; every scope is complete unless `outcomes` says otherwise."""
        at = moment(day)
        items = [
            Software("uninstall_keys", name, UNINSTALL, seen_at=f"key-{name}", installed_on="2026-01-05")
            for name in software
        ]
        coverage = [
            ScopeRun(scope.partition(":")[0], scope, (outcomes or {}).get(scope, Outcome.COMPLETE),
                     read_at=(read_at or {}).get(scope))
            for scope in SCOPES
        ]  # fmt: skip
        system = OperatingSystem("windows", "Windows 10 专业版", "10.0.19045", installation_id=f"guid-{code}")
        made = inventory(items, at=at.strftime("%Y-%m-%dT%H:%M:%SZ"), coverage=coverage, system=system,
                         name=f"host-{code.casefold()}", serial=f"SER-{code}", mac_addresses=())  # fmt: skip
        document = encode(replace(made, traces=tuple(traces)))
        if signed:
            receive(self.store, document, origin="agent", agent=f"agent-{code}", now=at)
        else:
            receive(self.store, document, origin="file", now=at)

    def audit(self, day: str) -> tuple[Run, Followed]:
        """Audit and follow."""
        on = date.fromisoformat(day)
        run, _ = make_run(self.store, self.settings, self.catalogue, on=on, made_at=f"{day}T04:00:00Z", release="test")
        return run, follow_audit(self.store, self.settings, run, at=f"{day}T04:00:00Z")

    def cases(self, wanted: Filter = Filter()) -> list[Case]:  # noqa: B008 - frozen
        """The cases as they stand."""
        with self.store.read() as connection:
            return list_cases(connection, wanted)

    def case(self, code: str, product: str | None = None) -> Case:
        """The one case of a code."""
        (found,) = [case for case in self.cases(Filter(code=code)) if product in (None, case.product)]
        return found


def organisation(folder: Path, url: str | None = None, **settings: Value) -> Supervised:
    """Three tiers, no machine yet; a store in the folder, or at an address."""
    store = new_store(folder / "zhengban.db") if url is None or url.startswith("sqlite") else open_store(url)
    found = Supervised(store, load_settings(flags=settings))
    found.register("units", UNITS)
    return found
