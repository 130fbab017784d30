"""Small worlds for tests: machines, titles, products and rights, with only what the case names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from auditor.core.entitlement import Entitlement, FreeSoftware, SoftwareType
from auditor.core.model import (
    AuditResult,
    Installation,
    Machine,
    MachineClass,
    MachineId,
    PersonId,
    Position,
    ProductId,
    SoftwareCode,
    TitleId,
    Unit,
    UnitCode,
    UnitKind,
)
from auditor.core.reconcile import Facts, reconcile
from rules.product import Category, Edition, Kind, LicenceClass, Licensing, Product, ReleaseLine
from rules.recognised import Recognition
from rules.title import Title

DAY = date(2026, 6, 30)
HEAD_OFFICE = UnitCode("HQ")


def product(
    id: str = "maker/tool",
    *,
    licence_class: LicenceClass = LicenceClass.COMMERCIAL,
    metric: str | None = "per_device",
    lines: Iterable[str] = (),
    editions: Iterable[Edition] = (),
    category: Category = Category.UTILITY,
    kind: Kind = Kind.APPLICATION,
    parts: Iterable[str] = (),
    trial_days: int | None = None,
) -> Product:
    """Return a product without rules: tests give the recognition themselves."""
    name = id.split("/")[1]
    return Product(
        id=id,
        zh=name,
        en=name,
        publisher=id.split("/", maxsplit=1)[0],
        kind=kind,
        category=category,
        licensing=Licensing(licence_class, metric, trial_days=trial_days, unverified=True),
        rules=(),
        editions=tuple(editions),
        lines=tuple(ReleaseLine(line) for line in lines),
        parts=tuple(parts),
    )


@dataclass
class World:
    """Collects machines, titles and rights, and reconciles them."""

    on: date = DAY
    units: list[Unit] = field(default_factory=lambda: [Unit(HEAD_OFFICE, "总部", None, UnitKind.LEGAL_ENTITY)])
    machines: list[Machine] = field(default_factory=list)
    products: dict[str, Product] = field(default_factory=dict)
    titles: dict[TitleId, Title] = field(default_factory=dict)
    recognitions: dict[TitleId, Recognition] = field(default_factory=dict)
    rights: list[Entitlement] = field(default_factory=list)
    free_list: list[FreeSoftware] = field(default_factory=list)
    previous: dict[str, str] = field(default_factory=dict)

    def title(
        self,
        of: Product,
        *,
        line: str | None = None,
        edition: str | None = None,
        version: str | None = None,
        source: str = "uninstall_keys",
        licence_class: LicenceClass | None = None,
        kind: Kind | None = None,
    ) -> TitleId:
        """Add a title that is recognised as the product, and return its id."""
        self.products[of.id] = of
        id = TitleId(len(self.titles) + 1)
        name = " ".join(word for word in (of.zh, line, edition) if word)
        self.titles[id] = Title("windows", source, name, version=version)
        self.recognitions[id] = Recognition(
            group=of.id,
            name=of.zh,
            kind=kind or of.kind,
            licence_class=licence_class or of.licensing.licence_class,
            category=of.category,
            confidence=0.95,
            product=of.id,
            edition=edition,
            line=line,
        )
        return id

    def machine(
        self,
        *titles: TitleId,
        code: str | None = None,
        unit: UnitCode | None = HEAD_OFFICE,
        person: str | None = None,
        serial: str | None = None,
        installed_on: date | None = date(2026, 1, 5),
        **facts: object,
    ) -> Machine:
        """Add a machine with these titles, and return it."""
        number = len(self.machines) + 1
        base = Machine(
            id=MachineId(number),
            code=code or f"PC{number:03d}",
            unit=unit,
            person=PersonId(person) if person else None,
            serial=serial,
            machine_class=MachineClass.DESKTOP,
            os_family="windows",
            last_scan_on=self.on,
            installations=tuple(
                Installation(title, "uninstall_keys:HKLM64", installed_on, date(2026, 1, 5), self.on, f"software[{n}]")
                for n, title in enumerate(titles)
            ),
        )
        made = replace(base, **facts)  # type: ignore[arg-type]
        self.machines.append(made)
        return made

    def right(self, of: Product | None, quantity: int, code: str | None = None, **facts: object) -> Entitlement:
        """Add a row of the ledger, and return it."""
        if of is not None:
            self.products[of.id] = of
        number = len(self.rights) + 1
        base = Entitlement(
            id=number,
            unit=HEAD_OFFICE,
            code=SoftwareCode(code or f"S{number:03d}"),
            name=of.zh if of is not None else "?",
            product=ProductId(of.id) if of is not None else None,
            software_type=SoftwareType.COMMERCIAL,
            metric="per_device",
            quantity=quantity,
            paper="凭证",
        )
        made = replace(base, **facts)  # type: ignore[arg-type]
        self.rights.append(made)
        return made

    def facts(self, **more: object) -> Facts:
        """Return the facts as the core takes them."""
        base = Facts(
            on=self.on,
            units=self.units,
            people=(),
            machines=self.machines,
            titles=self.titles,
            recognitions=self.recognitions,
            products=self.products,
            entitlements=self.rights,
            free_list=self.free_list,
            previous=self.previous,
        )
        return replace(base, **more)  # type: ignore[arg-type]

    def reconcile(self, **more: object) -> AuditResult:
        """Return the result of the day."""
        return reconcile(self.facts(**more))

    def position(self, of: Product, unit: UnitCode = HEAD_OFFICE) -> Position:
        """Return the position of one product in one unit."""
        found = [p for p in self.reconcile().positions if p.product == of.id and p.unit == unit]
        assert len(found) == 1, found
        return found[0]
