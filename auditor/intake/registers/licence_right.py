"""Rows of one purchase and term → one right, names looked up in the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from auditor.core.entitlement import (
    AllowedVersion,
    CountingRule,
    Downgrade,
    Entitlement,
    PartRole,
    Sharing,
    SoftwareType,
    SourceType,
    SuiteComposition,
    SuitePart,
    UpgradeBase,
)
from auditor.core.model import PersonId, ProductId, SoftwareCode, UnitCode
from auditor.errors import both
from auditor.intake.registers.cells import Unreadable
from auditor.intake.registers.reading import Fault, Reading, RegisterRow
from auditor.intake.registers.structures import DowngradeWords, SuiteWords, UpgradeWords
from auditor.intake.registers.terms import allowed_versions, term_of
from rules.catalogue import Catalogue
from rules.ledger_names import LedgerName, LedgerNames, edition_of, line_of
from rules.product import Product
from rules.versions import parse_range

LISTS = ("serials", "bound_serials", "bound_machines", "bound_people")
"""Long lists: of rows of one 序号, each may bear a part."""
_ROLES = (PartRole.MANDATORY, PartRole.PRIMARY, PartRole.OPTIONAL)
_BOUND_TO_MACHINES = (SourceType.OEM,)


@dataclass
class RightReader:
    """Reads rights against a catalogue; adds faults and notes to the reading."""

    reading: Reading
    catalogue: Catalogue
    names: LedgerNames
    _versions: dict[tuple[str, LedgerName | None, str | None], list[AllowedVersion]] = field(default_factory=dict)

    def right(self, rows: Sequence[RegisterRow], unit: UnitCode) -> Entitlement:
        """Return the right that the rows of one purchase and term tell of."""
        first = rows[0]
        values = first.values
        known = self._known(first)
        product = self.catalogue.products.get(known.product) if known is not None else None
        start, end = self._term(first)
        bound = {name: united(rows, name) for name in LISTS}
        unlimited = "quantity" in values and values["quantity"] is None
        return Entitlement(
            id=0,
            unit=unit,
            code=SoftwareCode(values["code"]),
            name=values["name"],
            product=ProductId(known.product) if known is not None else None,
            software_type=values["software_type"],
            metric=values.get("metric") or metric_of(values, product),
            quantity=0 if unlimited else self._count(first, len(bound["bound_serials"])),
            unlimited=unlimited,
            version=values.get("version"),
            edition=known.edition if known is not None else None,
            line=known.line if known is not None else None,
            allowed=self._allowed(rows, product, known),
            licence_type=values.get("licence_type"),
            starts_on=start,
            ends_on=end,
            term=values.get("term") or (end.isoformat() if end is not None else None),
            purchased_on=values.get("purchased_on"),
            amount=values.get("amount"),
            bound_serials=bound["bound_serials"],
            bound_people=tuple(PersonId(person) for person in bound["bound_people"]),
            bound_machines=bound["bound_machines"],
            multi_version=bool(values.get("multi_version")),
            paper=values.get("paper"),
            supplier=values.get("supplier"),
            contract=values.get("contract"),
            remarks=values.get("remarks"),
            source_type=values.get("source_type"),
            rights_per_pack=max(values.get("rights_per_pack", 1), 1),
            sharing=sharing_of(values),
            shared_with=tuple(UnitCode(code) for code in values.get("shared_with", ())),
            reservations=tuple(values.get("reservations", ())),
            places=tuple(values.get("places", ())),
            maintenance=tuple(values.get("maintenance", ())),
            upgrade_from=self._upgrade(first, known),
            downgrade=self._downgrade(first, product),
            second_use=bool(values.get("second_use")),
            suite=self._suite(first),
            counting=values.get("counting") or CountingRule(),
            true_up=bool(values.get("true_up")),
            certified_on=values.get("certified_on"),
            transferable=values.get("transferable", True),
            certificate=values.get("certificate"),
            invoice=values.get("invoice"),
            personal_only=bool(values.get("personal_only")),
        )

    def _known(self, row: RegisterRow) -> LedgerName | None:
        """Return what the row is: the product that it names by id, else the one that its name means."""
        values = row.values
        found = self.names.find(values["name"], values.get("version"))
        named = values.get("product")
        if named is not None:
            if named not in self.catalogue.products:
                what = both(f"软件知识库中没有产品“{named}”", f"the catalogue has no product {named!r}")
                self._fault(row, "product", "产品编号", what)
                return None
            if found is None or found.product != named:
                product = self.catalogue.products[named]
                found = LedgerName(named, edition_of(product, values["name"]), line_of(product, values.get("version")))
        if found is None:
            return None
        product = self.catalogue.products[found.product]
        edition = self._one_of(row, "edition", "版本类型", [one.id for one in product.editions]) or found.edition
        line = self._one_of(row, "line", "版本线", [one.id for one in product.lines]) or found.line
        return LedgerName(found.product, edition, line)

    def _one_of(self, row: RegisterRow, field: str, heading: str, known: list[str]) -> str | None:
        told: str | None = row.values.get(field)
        if told is not None and told not in known:
            listed = "、".join(known) or "—"
            self._fault(row, field, heading, both(f"应为 {listed} 之一，实为“{told}”", f"expected one of {listed}"))
            return None
        return told

    def _allowed(
        self, rows: Sequence[RegisterRow], product: Product | None, known: LedgerName | None
    ) -> tuple[AllowedVersion, ...]:
        found: list[AllowedVersion] = []
        for row in rows:
            for entry in self._allowed_of(row, product, known):
                if entry.line is None and entry.versions is None and entry.text != row.values.get("version"):
                    told = both(
                        f"“{entry.text}”认不出版本，只作记录", f"{entry.text!r} names no known version; kept as text"
                    )
                    self.reading.notes.append(Fault(row.at("allowed"), "可使用版本", told))
                found.append(entry)
        return tuple(dict.fromkeys(found))

    def _allowed_of(self, row: RegisterRow, product: Product | None, known: LedgerName | None) -> list[AllowedVersion]:
        values = row.values
        told, basis = values.get("allowed") or "", values.get("basis")
        if isinstance(told, tuple):  # a file that can say parts
            return [entry for given in told for entry in self._given(row, given, product, known)]
        versions, line, edition = (values.get(f"allowed_{part}") for part in ("versions", "line", "edition"))
        if told and (versions or line or edition):
            return self._given(row, AllowedVersion(told, versions, line, edition, basis), product, known)
        return self._read_versions(told, product, known, basis) if told else []

    def _read_versions(
        self, told: str, product: Product | None, known: LedgerName | None, basis: str | None
    ) -> list[AllowedVersion]:
        """A ledger says few different things, and says them often."""
        key = (told, known, basis)
        if key not in self._versions:
            self._versions[key] = list(allowed_versions(told, product, known, basis))
        return self._versions[key]

    def _given(
        self, row: RegisterRow, given: AllowedVersion, product: Product | None, known: LedgerName | None
    ) -> list[AllowedVersion]:
        """One entry with its parts; one that has none is read from its words."""
        if given.versions is None and given.line is None and given.edition is None:
            return list(allowed_versions(given.text, product, known, given.basis))
        if given.versions not in (None, "*"):
            try:
                parse_range(given.versions or "")
            except ValueError:
                what = both(f"应为版本范围，如 >=12,<13，实为“{given.versions}”", "expected a range such as >=12,<13")
                self._fault(row, "allowed_versions", "可使用版本范围", what)
                return []
        return [given]

    def _upgrade(self, row: RegisterRow, known: LedgerName | None) -> tuple[UpgradeBase, ...]:
        return tuple(
            base
            for given in row.values.get("upgrade_from", ())
            if (base := given if isinstance(given, UpgradeBase) else self._base(row, given, known)) is not None
        )

    def _base(self, row: RegisterRow, words: UpgradeWords, known: LedgerName | None) -> UpgradeBase | None:
        named = words.product or words.bare
        found = self._product(named) if named is not None else None
        code = SoftwareCode(words.code) if words.code else None
        if named is not None and found is None:
            what = both(f"认不出基础产品“{named}”", f"{named!r} is no product that the catalogue knows")
            self._fault(row, "upgrade_from", "升级自", what)
            return None
        own = known is not None and found is not None and found.product == known.product and words.product is None
        product = None if found is None or own else ProductId(found.product)
        edition = words.edition or (found.edition if found is not None and words.bare else None)
        line = words.line or (found.line if found is not None and words.bare else None)
        return UpgradeBase(product, edition, line, code, words.on_device)

    def _downgrade(self, row: RegisterRow, product: Product | None) -> Downgrade | None:
        given, basis = row.values.get("downgrade"), row.values.get("downgrade_basis")
        if isinstance(given, Downgrade):
            return Downgrade(given.steps, given.lines, given.editions, given.basis or basis)
        if not isinstance(given, DowngradeWords):
            return None
        lines = tuple(_line_named(product, told) for told in given.lines)
        editions = tuple(_edition_named(product, told) for told in given.editions)
        return Downgrade(given.steps, tuple(dict.fromkeys(lines)), tuple(dict.fromkeys(editions)), basis)

    def _suite(self, row: RegisterRow) -> SuiteComposition | None:
        given = row.values.get("suite")
        if given is None:
            return None
        if isinstance(given, SuiteComposition):
            parts = [(part.role, part.product) for part in given.parts]
        else:
            assert isinstance(given, SuiteWords)
            parts = [(role, ProductId(name)) for role, name in given.parts]
        found: dict[str, SuitePart] = {}
        for role, name in sorted(parts, key=lambda part: _ROLES.index(part[0])):
            known = self._product(name)
            if known is None:
                what = both(f"认不出组成产品“{name}”", f"{name!r} is no product that the catalogue knows")
                self._fault(row, "suite", "套件组成", what)
            else:
                found.setdefault(known.product, SuitePart(ProductId(known.product), role))
        return SuiteComposition(tuple(found.values()), given.minimum_percent, given.minimum_parts)

    def _product(self, named: str) -> LedgerName | None:
        return LedgerName(named) if named in self.catalogue.products else self.names.find(named)

    def _count(self, row: RegisterRow, bound: int) -> int:
        """Return 许可数量: as told; else the machines that it is bound to; an OEM row as printed tells none."""
        values = row.values
        if "quantity" in values:
            return int(values["quantity"])
        if values["software_type"] is SoftwareType.COMMERCIAL and not bound:
            told = both("为空，应为数字、不限或场地", "is empty; expected a number, 不限 or 场地")
            self._fault(row, "quantity", "许可数量", told)
        elif values["software_type"] is SoftwareType.OEM and not bound:
            zh, en = "OEM 软件未填数量和绑定计算机序列号，按 0 计，待补", "an OEM row without number or machines"
            self.reading.notes.append(Fault(row.at("quantity"), "许可数量", both(zh, f"{en}; counted as 0")))
        return bound

    def _term(self, row: RegisterRow) -> tuple[date | None, date | None]:
        """Return first and last day: own columns first, then 许可期限 (永久, a day, years from start or purchase)."""
        values = row.values
        start, end = values.get("starts_on"), values.get("ends_on")
        if end is None and "term" in values:
            try:
                told_start, end = term_of(values["term"], start or values.get("purchased_on"))
            except Unreadable as error:
                self._fault(row, "term", "许可期限", error.told(values["term"]))
                return start, None
            start = start or (told_start if told_start != values.get("purchased_on") else None)
        if start is not None and end is not None and end < start:
            told = both(f"{end} 早于起始日期 {start}", f"{end} lies before {start}; expected it after the start")
            self._fault(row, "ends_on" if "ends_on" in values else "term", "截止日期", told)
        return start, end

    def _fault(self, row: RegisterRow, field: str, heading: str, what: str) -> None:
        self.reading.faults.append(Fault(row.at(field), heading, what))


def united(rows: Sequence[RegisterRow], name: str) -> tuple[str, ...]:
    """Return the members of a list over all rows; what may be masked alike stays, the rest is once."""
    found = [member for row in rows for member in row.values.get(name, ())]
    return tuple(found) if name == "serials" else tuple(dict.fromkeys(found))


def metric_of(values: dict[str, Any], product: Product | None) -> str:
    """The row's own words first: OEM, 用户许可; then what the catalogue says of the product."""
    if values["software_type"] is SoftwareType.OEM or values.get("source_type") in _BOUND_TO_MACHINES:
        return "oem"
    if "用户" in (values.get("licence_type") or ""):
        return "per_user"
    metric = product.licensing.metric if product is not None else None
    return metric if metric in ("per_device", "per_user") else "per_device"


def sharing_of(values: dict[str, Any]) -> Sharing:
    """Return who may use it: as told; units that are named make it 指定单位."""
    told: Sharing | None = values.get("sharing")
    return told or (Sharing.NAMED if values.get("shared_with") else Sharing.OWN)


def _line_named(product: Product | None, told: str) -> str:
    if product is None or any(line.id == told for line in product.lines):
        return told
    return line_of(product, told) or told


def _edition_named(product: Product | None, told: str) -> str:
    if product is None or any(edition.id == told for edition in product.editions):
        return told
    return edition_of(product, told) or told
