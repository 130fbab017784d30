"""A scenario's values → the facts that the core counts, and what its reports were merged to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from auditor.core.copies import without_parts
from auditor.core.counting import SHANGHAI
from auditor.core.entitlement import (
    AllowedVersion,
    CountingRule,
    Downgrade,
    Entitlement,
    FreeSoftware,
    MaintenancePeriod,
    PartRole,
    Reservation,
    Sharing,
    SoftwareType,
    SourceType,
    SuiteComposition,
    SuitePart,
    UpgradeBase,
)
from auditor.core.evidence import SignSeen
from auditor.core.identity import Evidence, evidence_of, identify
from auditor.core.ledger_acts import (
    AccessPair,
    Disposal,
    DisposalKind,
    Exemption,
    Measured,
    PriceLine,
    Session,
    Transfer,
)
from auditor.core.model import (
    Copy,
    EvidenceLine,
    Hardware,
    Machine,
    MachineClass,
    MachineId,
    MachineState,
    Person,
    PersonId,
    ProductId,
    ScopeState,
    SoftwareCode,
    Unit,
    UnitCode,
    UnitKind,
)
from auditor.core.organisation import UnitTree
from auditor.core.reconcile import Facts
from rules.product import Category, Edition, Kind, LicenceClass, Licensing, Product, ReleaseLine

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Merged:
    """One machine that reports were merged to."""

    machine: str
    sources: tuple[str, ...]
    because: tuple[str, ...]
    conflicts: tuple[str, ...]
    """What the reports say differently: `serial: A | B`."""


@dataclass(frozen=True)
class Built:
    """The facts of a scenario, and how to speak of them."""

    facts: Facts
    merged: tuple[Merged, ...]
    codes: Mapping[str, str]
    """Machine key → code."""


def facts_of(file: Row) -> Built:
    """Return the facts of a scenario that has no faults."""
    on: date = file["as_of"]
    units = _units(file, on)
    default = units[0].code if units else UnitCode("HQ")
    products = {row["id"]: _product(row) for row in file["products"]}
    people = _people(file, on, default)
    machines, rows, merged = _machines(file, on, default, people)
    tree = UnitTree(units)
    copies = [
        copy for machine, row in zip(machines, rows, strict=True) for copy in _copies(machine, row, products, tree, on)
    ]
    entitlements = [_entitlement(n, row, products, default) for n, row in enumerate(file.get("entitlements", ()), 1)]
    by_code: dict[SoftwareCode, Entitlement] = {}
    for right in entitlements:
        by_code.setdefault(right.code, right)
    moment = file.get("as_of_moment")
    facts = Facts(
        on=on,
        units=units,
        people=people,
        machines=machines,
        titles={},
        recognitions={},
        products=products,
        entitlements=entitlements,
        free_list=[_free(row, products, default) for row in file.get("free_list", ())],
        signs=_signs(machines, rows),
        previous=_previous(file, machines, copies),
        stale_after_days=file.get("stale_after_days", 30),
        seed=file.get("seed", 0),
        transfers=[_transfer(n, row, by_code) for n, row in enumerate(file.get("transfers", ()), 1)],
        disposals=[_disposal(n, row, by_code) for n, row in enumerate(file.get("disposals", ()), 1)],
        exemptions=[_exemption(n, row) for n, row in enumerate(file.get("exemptions", ()), 1)],
        sessions=[_session(row) for row in file.get("sessions", ())],
        pairs=[_pair(row, default) for row in file.get("access", ())],
        measured=[_measured(row, default) for row in file.get("measured", ())],
        prices=[_price(row, products) for row in file.get("prices", ())],
        window_days=file.get("window_days", 30),
        as_of_moment=_aware(moment) if moment is not None else None,
        copies=copies,
    )
    return Built(facts, merged, {machine.key: machine.code or machine.key for machine in machines})


def _holds(row: Row, on: date) -> bool:
    return (row.get("from") or on) <= on <= (row.get("until") or on)


def _units(file: Row, on: date) -> list[Unit]:
    rows = [row for row in file.get("units", ()) if _holds(row, on)]
    return [_unit(row) for row in rows] or [Unit(UnitCode("HQ"), "HQ", None, UnitKind.LEGAL_ENTITY)]


def _unit(row: Row) -> Unit:
    kind = UnitKind.DEPARTMENT if row.get("parent") else UnitKind.LEGAL_ENTITY
    parent = UnitCode(row["parent"]) if row.get("parent") else None
    named = row.get("name") or row["code"]
    return Unit(UnitCode(row["code"]), named, parent, UnitKind(row.get("kind", kind)), row.get("headcount"))


def _people(file: Row, on: date, default: UnitCode) -> list[Person]:
    return [
        Person(PersonId(row["id"]), row["id"], UnitCode(row.get("unit", default)))
        for row in file.get("people", ())
        if _holds(row, on)
    ]


def _product(row: Row) -> Product:
    licence_class = LicenceClass(row.get("class", LicenceClass.COMMERCIAL))
    return Product(
        id=row["id"],
        zh=row.get("name", row["id"]),
        en=row.get("name", row["id"]),
        publisher=row["id"].split("/", maxsplit=1)[0],
        kind=Kind(row.get("kind", Kind.APPLICATION)),
        category=Category(row.get("category", Category.OTHER)),
        licensing=Licensing(licence_class, row.get("metric", "per_device"), row.get("trial_days"), unverified=True),
        rules=(),
        editions=tuple(
            Edition(one["id"], one["id"], one["id"], for_organisations=one.get("for_organisations"))
            for one in row.get("editions", ())
        ),
        lines=tuple(
            ReleaseLine(one["id"], one.get("released_on"), one.get("support_ends_on")) for one in row.get("lines", ())
        ),
        parts=tuple(row.get("parts", ())),
    )


# --- machines --------------------------------------------------------------------------------------------------------


def _machines(
    file: Row, on: date, default: UnitCode, people: Sequence[Person]
) -> tuple[list[Machine], list[Row], tuple[Merged, ...]]:
    """Return the machines with the rows they come from; reports are merged by identity, in the order of the file."""
    present = {person.id for person in people} if file.get("people") else None
    found: list[tuple[str, Row]] = []
    for row in file.get("machines", ()):
        count = row.get("count")
        codes = [row["code"]] if count is None else [f"{row['code']}{n:03d}" for n in range(1, count + 1)]
        found += [(code, row) for code in codes]
    reports, merged = _merged(file.get("reports", ()), [row for _, row in found], [code for code, _ in found])
    found = [(code, _with_installed(row, reports.pop(code, None))) for code, row in found]
    found += sorted(reports.items())
    machines = [_machine(n, code, row, on, default, present) for n, (code, row) in enumerate(found, 1)]
    return machines, [row for _, row in found], merged


def _with_installed(row: Row, report: Row | None) -> Row:
    if report is None:
        return row
    return {**report, **row, "installed": [*row.get("installed", ()), *report.get("installed", ())]}


def _merged(
    reports: Sequence[Row], rows: Sequence[Row], codes: Sequence[str]
) -> tuple[dict[str, Row], tuple[Merged, ...]]:
    """Return code → what all reports of one machine say together, and how they were merged."""
    if not reports:
        return {}, ()
    known: dict[int, Evidence] = {n: _evidence(row) for n, row in enumerate(rows)}
    members: defaultdict[int, list[Row]] = defaultdict(list)
    because: defaultdict[int, list[str]] = defaultdict(list)
    for report in reports:
        evidence = _evidence(report)
        decision = identify(evidence, known)
        number = decision.machine if decision.machine is not None else len(known)
        known[number] = _both(known.get(number), evidence)
        members[number].append(report)
        because[number].append(decision.because)
    names = [*codes, *(f"report{n + 1:03d}" for n in range(len(known) - len(codes)))]
    merged = tuple(
        Merged(names[n], tuple(r["source"] for r in mine), tuple(because[n]), _conflicts(mine))
        for n, mine in sorted(members.items())
    )
    return {names[n]: _together(mine) for n, mine in members.items()}, merged


def _evidence(row: Row) -> Evidence:
    return evidence_of(
        serial=row.get("serial"),
        board_serial=row.get("board_serial"),
        uuid_text=row.get("uuid"),
        macs=row.get("macs", ()),
        host_name=row.get("host_name"),
    )


def _both(one: Evidence | None, other: Evidence) -> Evidence:
    if one is None:
        return other
    clues = {*one.values, *other.values}
    return Evidence({clue: one.of(clue) | other.of(clue) for clue in clues})


def _together(reports: Sequence[Row]) -> Row:
    """The first report that says a thing is believed; what is installed is what any of them saw, once each."""
    told: dict[str, Any] = {}
    seen: dict[tuple[Any, ...], Row] = {}
    for report in reports:
        for name, value in report.items():
            told.setdefault(name, value)
        for item in report.get("installed", ()):
            key = (item["product"], item.get("line"), item.get("edition"), item.get("version"))
            seen.setdefault(key, item)
    return {**told, "installed": list(seen.values())}


def _conflicts(reports: Sequence[Row]) -> tuple[str, ...]:
    found = []
    for name in ("serial", "board_serial", "uuid", "host_name", "unit", "person", "place", "class"):
        told = list(dict.fromkeys(str(report[name]) for report in reports if report.get(name) is not None))
        if len(told) > 1:
            found.append(f"{name}: {' | '.join(told)}")
    return tuple(found)


def _machine(number: int, code: str, row: Row, on: date, default: UnitCode, present: set[PersonId] | None) -> Machine:
    person = PersonId(row["person"]) if row.get("person") else None
    if present is not None and not present:
        person = None
    factor = row.get("core_factor")
    hardware = None
    if any(row.get(name) is not None for name in ("cores", "vcpus", "host")):
        hardware = Hardware(
            tuple(row.get("cores", ())),
            row.get("vcpus"),
            row.get("host"),
            row.get("cluster"),
            Fraction(factor) if factor is not None else None,
            row.get("pvu"),
            row.get("runs_workload", False),
        )
    return Machine(
        id=MachineId(number) if row.get("seen", True) else None,
        code=code,
        unit=UnitCode(row.get("unit", default)),
        person=person,
        serial=row.get("serial"),
        machine_class=MachineClass(row.get("class", MachineClass.DESKTOP)),
        state=MachineState(row.get("state", MachineState.IN_USE)),
        place=row.get("place"),
        host_name=row.get("host_name"),
        os_family=row.get("os_family"),
        board_serial=row.get("board_serial"),
        last_scan_on=row.get("last_scan_on", on) if row.get("seen", True) else None,
        scopes=tuple(ScopeState(s["source"], s["source"], s["outcome"], on) for s in row.get("scopes", ())),
        document="scenario",
        hardware=hardware,
    )


def _copies(machine: Machine, row: Row, products: Mapping[str, Product], tree: UnitTree, on: date) -> list[Copy]:
    """Return what is installed on a machine; the same line of a product again is one more copy."""
    if machine.id is None:
        return []
    seen: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    made = []
    for number, item in enumerate(row.get("installed", ())):
        product = products[item["product"]]
        name = (product.id, item.get("edition"), item.get("line"))
        licence_class = LicenceClass(item.get("class", product.licensing.licence_class))
        made.append(
            Copy(
                machine=machine.key,
                unit=tree.legal_entity_of(machine.unit),
                department=machine.unit,
                person=machine.person,
                product=ProductId(product.id),
                name=product.zh,
                category=product.category,
                kind=product.kind,
                licence_class=licence_class,
                edition=item.get("edition"),
                line=item.get("line"),
                version=item.get("version"),
                installed_on=item.get("installed_on"),
                titles=(),
                record=f"{machine.code}.installed[{number}]",
                metric=product.licensing.metric,
                ordinal=seen[name],
                first_seen_on=item.get("first_seen_on", on),
            )
        )
        seen[name] += 1
    return without_parts(made, products)


def _signs(machines: Sequence[Machine], rows: Sequence[Row]) -> dict[str, tuple[SignSeen, ...]]:
    found = {}
    for machine, row in zip(machines, rows, strict=True):
        signs = [
            SignSeen(
                sign.get("indicator", f"sign {n}"),
                sign["strength"],
                (sign["affects"],),
                EvidenceLine(machine.key, "scenario", f"signs[{n}]", sign.get("indicator", ""), f"sign {n}"),
            )
            for n, sign in enumerate(row.get("signs", ()))
        ]
        if signs:
            found[machine.key] = tuple(signs)
    return found


def _previous(file: Row, machines: Sequence[Machine], copies: Sequence[Copy]) -> dict[str, str]:
    codes = {machine.key: machine.code or "" for machine in machines}
    found = {}
    for row in file.get("previous", ()):
        name, first, last = row["machine"], row.get("from"), row.get("to")
        wanted = {name} if first is None else {f"{name}{n:03d}" for n in range(first, (last or first) + 1)}
        for copy in copies:
            is_line = row.get("line") in (None, copy.line)
            if codes[copy.machine] in wanted and copy.product == row["product"] and is_line:
                found[copy.key] = row["code"]
    return found


# --- the ledger ------------------------------------------------------------------------------------------------------


def _entitlement(number: int, row: Row, products: Mapping[str, Product], default: UnitCode) -> Entitlement:
    product = products[row["product"]]
    is_oem = row.get("software_type") == "oem" or row.get("metric") == "oem"
    amount = row.get("amount")
    return Entitlement(
        id=number,
        unit=UnitCode(row.get("unit", default)),
        code=SoftwareCode(row["code"]),
        name=product.zh,
        product=ProductId(product.id),
        software_type=SoftwareType(row.get("software_type", SoftwareType.OEM if is_oem else SoftwareType.COMMERCIAL)),
        metric=row.get("metric") or ("oem" if is_oem else product.licensing.metric or "per_device"),
        quantity=row.get("quantity", 0),
        unlimited=row.get("unlimited", "quantity" not in row and bool(row.get("places"))),
        version=row.get("version"),
        edition=row.get("edition"),
        line=row.get("line"),
        allowed=tuple(_allowed(one) for one in row.get("allowed", ())),
        starts_on=row.get("starts_on"),
        ends_on=row.get("ends_on"),
        amount=Decimal(amount.numerator) / Decimal(amount.denominator) if amount is not None else None,
        bound_serials=tuple(row.get("serials", ())),
        bound_people=tuple(PersonId(one) for one in row.get("people", ())),
        multi_version=row.get("multi_version", False),
        paper=row.get("paper"),
        source_type=SourceType(row["source_type"]) if "source_type" in row else None,
        rights_per_pack=row.get("rights_per_pack", 1),
        sharing=Sharing(row.get("sharing", Sharing.OWN)),
        shared_with=tuple(UnitCode(one) for one in row.get("shared_with", ())),
        reservations=tuple(Reservation(UnitCode(r["unit"]), r["quantity"]) for r in row.get("reservations", ())),
        bound_machines=tuple(row.get("machines", ())),
        places=tuple(row.get("places", ())),
        maintenance=tuple(MaintenancePeriod(p["starts_on"], p["ends_on"]) for p in row.get("maintenance", ())),
        upgrade_from=tuple(_base(one) for one in row.get("upgrade_from", ())),
        downgrade=_downgrade(row["downgrade"]) if "downgrade" in row else None,
        second_use=row.get("second_use", False),
        suite=_suite(row["suite"]) if "suite" in row else None,
        counting=_counting(row.get("counting", {})),
        true_up=row.get("true_up", False),
        certified_on=row.get("certified_on"),
        transferable=row.get("transferable", True),
        personal_only=row.get("personal_only", False),
    )


def _allowed(row: Row) -> AllowedVersion:
    told = row.get("line") or row.get("versions") or ""
    versions = row.get("versions") or (None if row.get("line") else "*")
    return AllowedVersion(told, versions, row.get("line"), row.get("edition"), row.get("basis"))


def _base(row: Row) -> UpgradeBase:
    product, code = row.get("product"), row.get("code")
    return UpgradeBase(
        ProductId(product) if product else None,
        row.get("edition"),
        row.get("line"),
        SoftwareCode(code) if code else None,
        row.get("on_device", False),
    )


def _downgrade(row: Row) -> Downgrade:
    return Downgrade(row.get("steps"), tuple(row.get("lines", ())), tuple(row.get("editions", ())), row.get("basis"))


def _suite(row: Row) -> SuiteComposition:
    parts = tuple(SuitePart(ProductId(p["product"]), PartRole(p.get("role", PartRole.OPTIONAL))) for p in row["parts"])
    return SuiteComposition(parts, row.get("minimum_percent", 0), row.get("minimum_parts", 0))


def _counting(row: Row) -> CountingRule:
    told = {name: value for name, value in row.items() if name != "tiers"}
    tiers = tuple((bound, str(factor)) for bound, factor in row.get("tiers", ()))
    return replace(CountingRule(**told), tiers=tiers)


def _transfer(number: int, row: Row, rights: Mapping[SoftwareCode, Entitlement]) -> Transfer:
    right = rights.get(SoftwareCode(row["code"]))
    return Transfer(
        number,
        right.id if right is not None else 0,
        UnitCode(row["from"]),
        UnitCode(row["to"]),
        row["quantity"],
        row["effective_on"],
        row.get("document"),
    )


def _disposal(number: int, row: Row, rights: Mapping[SoftwareCode, Entitlement]) -> Disposal:
    right = rights.get(SoftwareCode(row["code"]))
    unit = row.get("unit") or (right.unit if right is not None else "")
    kind = DisposalKind(row.get("kind", DisposalKind.SCRAPPED))
    return Disposal(number, right.id if right else 0, UnitCode(unit), kind, row["quantity"], row["effective_on"])


def _exemption(number: int, row: Row) -> Exemption:
    product, unit = row.get("product"), row.get("unit")
    return Exemption(
        number,
        row["reason"],
        row.get("approver", ""),
        row.get("machine"),
        ProductId(product) if product else None,
        UnitCode(unit) if unit else None,
        row.get("starts_on"),
        row.get("ends_on"),
    )


def _free(row: Row, products: Mapping[str, Product], default: UnitCode) -> FreeSoftware:
    product = products[row["product"]]
    unit = UnitCode(row.get("unit", default))
    return FreeSoftware(unit, SoftwareCode(row["code"]), product.zh, ProductId(product.id), basis=row.get("basis"))


def _price(row: Row, products: Mapping[str, Product]) -> PriceLine:
    price = row["price"]
    return PriceLine(
        ProductId(row["product"]),
        row.get("metric") or products[row["product"]].licensing.metric or "per_device",
        Decimal(price.numerator) / Decimal(price.denominator),
        row.get("from_quantity", 1),
        row.get("edition"),
        row.get("line"),
        supplier=row.get("supplier"),
        starts_on=row.get("starts_on"),
        ends_on=row.get("ends_on"),
    )


# --- access ----------------------------------------------------------------------------------------------------------


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=SHANGHAI)


def _session(row: Row) -> Session:
    end, unit, person = row.get("end"), row.get("unit"), row.get("person")
    return Session(
        ProductId(row["product"]),
        _aware(row["start"]),
        _aware(end) if end is not None else None,
        row.get("quantity", 1),
        UnitCode(unit) if unit else None,
        PersonId(person) if person else None,
    )


def _pair(row: Row, default: UnitCode) -> AccessPair:
    unit = UnitCode(row.get("unit", default))
    return AccessPair(ProductId(row["product"]), PersonId(row["user"]), row["device"], row.get("line"), unit)


def _measured(row: Row, default: UnitCode) -> Measured:
    return Measured(ProductId(row["product"]), Fraction(row["quantity"]), UnitCode(row.get("unit", default)))
