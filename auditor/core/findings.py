"""Positions, assignments, coverage and signs → findings: a code, facts and evidence; the words come later.

One fact is one finding: a shortage names its product and unit once, a suspicion its copy, a class of copies
(personal-free, unregistered) its product and how many machines. Evidence lists at most `MAX_EVIDENCE` lines;
`machines` says how many there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from auditor.core.bearing import Part, Standings
from auditor.core.copies import Bearing
from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.evidence import SignSeen
from auditor.core.model import (
    Assignment,
    Copy,
    EvidenceLine,
    Failing,
    Finding,
    LeftOut,
    Machine,
    Person,
    Position,
    Right,
    Severity,
    UnitCode,
    Unrecognised,
    Verdict,
)
from auditor.core.organisation import UnitTree
from auditor.core.position import GONE, NOT_SCANNED, dead_serials, live_serials
from auditor.core.trial import last_day_of_trial
from rules.product import Category, Kind, LicenceClass, Product

MAX_EVIDENCE = 20
TOLD_AS_REASON = (Failing.EDITION_UNKNOWN, Failing.VERSION_UNKNOWN, Failing.PLACE_UNKNOWN, Failing.NO_DATA)
"""Conditions that somebody must look up: each copy is a finding of its own."""
Facts = tuple[tuple[str, str | int], ...]


def findings_of(
    assignments: Sequence[Assignment],
    positions: Sequence[Position],
    machines: Mapping[str, Machine],
    entitlements: Sequence[Entitlement],
    unknown: Sequence[Unrecognised],
    signs: Mapping[str, Sequence[SignSeen]],
    products: Mapping[str, Product],
    tree: UnitTree,
    *,
    on: date,
    stale_after_days: int,
    expiring_within_days: int,
    left_out: Sequence[LeftOut] = (),
    people: Sequence[Person] = (),
) -> tuple[Finding, ...]:
    """Return every finding, gravest first, then by code, unit, product, machine."""
    found = [
        *_of_positions(positions, assignments, machines),
        *_of_rights(entitlements, machines, products, tree, on=on, within=expiring_within_days),
        *_of_copies(assignments, entitlements, products, machines),
        *_of_machines(machines, assignments, tree, on=on, stale_after_days=stale_after_days),
        *_of_lone_signs(assignments, signs, machines, tree),
        *_of_unknown(unknown, machines, tree),
        *_of_left_out(left_out),
        *_of_contention(assignments, entitlements, tree),
        *_of_people(machines, people, assignments, tree),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: (order.index(finding.severity), finding.code, finding.key)))


def name_of(machine: Machine) -> str:
    """Return the word for a machine in a sentence: 计算机编号, else host name, else its key."""
    return machine.code or machine.host_name or machine.key


def _line(copy: Copy, machine: Machine, rule: str) -> EvidenceLine:
    return EvidenceLine(copy.machine, machine.document, copy.record, f"{copy.name} {copy.version or ''}".strip(), rule)


def _of_positions(
    positions: Sequence[Position], assignments: Sequence[Assignment], machines: Mapping[str, Machine]
) -> Iterator[Finding]:
    """Shortage and surplus of each product and unit."""
    told = Standings(assignments)
    short: defaultdict[tuple[str, str], list[Assignment | Part]] = defaultdict(list)
    for assignment in told.single:
        if assignment.right is Right.SHORT:
            short[(assignment.copy.unit, assignment.copy.product)].append(assignment)
    for part in told.parts:
        if part.like.right is Right.SHORT:
            short[(part.like.copy.unit, part.like.copy.product)].append(part)

    def line(one: Assignment, rule: str) -> EvidenceLine:
        return _line(one.copy, machines[one.copy.machine], rule)

    for position in positions:
        if position.shortage > 0:
            lines = short[(position.unit, position.product)]
            facts: Facts = (
                ("product", position.name),
                ("required", int(position.required)),
                ("covered", int(position.covered)),
                ("shortage", int(position.shortage)),
                ("metric", position.metric),
            )
            evidence = told.lines(lines, MAX_EVIDENCE, line, lambda one: str(one.failing or ""))
            yield Finding(
                "licence.shortfall", Severity.HIGH, position.unit, position.product, facts=facts, evidence=evidence
            )
        if position.surplus > 0:
            facts = (("product", position.name), ("surplus", int(position.surplus)))
            yield Finding("licence.surplus", Severity.NOTE, position.unit, position.product, facts=facts)


def _of_rights(
    entitlements: Sequence[Entitlement],
    machines: Mapping[str, Machine],
    products: Mapping[str, Product],
    tree: UnitTree,
    *,
    on: date,
    within: int,
) -> Iterator[Finding]:
    """Terms, papers, dead OEM rights and unknown products of the ledger."""
    live = live_serials(machines.values())
    for right in sorted(entitlements, key=lambda right: right.id):
        unit = tree.legal_entity_of(right.unit)
        base: Facts = (("product", right.name), ("which_code", right.code), ("code", right.code))
        told = right.product

        def finding(code: str, severity: Severity, *more: tuple[str, str | int]) -> Finding:
            return Finding(code, severity, unit, told, facts=(*base, *more))  # noqa: B023 - used at once

        if right.product is None and right.software_type is not SoftwareType.FREE:
            yield Finding(
                "licence.unknown_product",
                Severity.MEDIUM,
                unit,
                facts=(("name", right.name), ("which_code", right.code), ("code", right.code)),
            )
        if right.ends_on is not None and right.ends_on < on:
            yield finding("licence.expired", Severity.MEDIUM, ("ended_on", right.ends_on.isoformat()))
        elif right.ends_on is not None and right.ends_on <= on + timedelta(days=within):
            days = (right.ends_on - on).days
            yield finding("licence.expiring", Severity.MEDIUM, ("ends_on", right.ends_on.isoformat()), ("days", days))
        if right.starts_on is not None and right.starts_on > on:
            yield finding("licence.not_yet_valid", Severity.NOTE, ("starts_on", right.starts_on.isoformat()))
        if right.bound_serials and (dead := dead_serials(right, live)):
            yield finding("licence.dead_oem", Severity.LOW, ("count", dead))
        if right.lacks_paper:
            yield finding("licence.no_paper", Severity.LOW)


def _of_copies(
    assignments: Sequence[Assignment],
    entitlements: Sequence[Entitlement],
    products: Mapping[str, Product],
    machines: Mapping[str, Machine],
) -> Iterator[Finding]:
    """Suspicions one by one; classes of copies together by unit and product."""
    rights = {right.id: right for right in entitlements}
    told = Standings(assignments)
    classes: defaultdict[tuple[str, Severity, str, str, str], list[Assignment | Part]] = defaultdict(list)

    def sort_in(one: Assignment, entry: Assignment | Part) -> None:
        copy = one.copy
        for code, severity in _classes(one):
            which = _edition_name(copy, products) if code == "copy.not_for_organisations" else ""
            classes[(code, severity, copy.unit, copy.product, which)].append(entry)

    for assignment in told.single:
        yield from _of_copy(assignment, machines[assignment.copy.machine], rights, products)
        sort_in(assignment, assignment)
    for part in told.parts:
        if _is_told_singly(part.like, rights):
            for assignment in told.each(part):
                yield from _of_copy(assignment, machines[assignment.copy.machine], rights, products)
        sort_in(part.like, part)
    for (code, severity, _, _, which), members in classes.items():
        first = members[0].copy if isinstance(members[0], Assignment) else members[0].like.copy
        facts: tuple[tuple[str, str | int], ...] = (("product", first.name), ("machines", _bearing(told, members)))
        if which:
            facts += (("edition", which), ("which_edition", which))

        def line(one: Assignment, rule: str) -> EvidenceLine:
            return _line(one.copy, machines[one.copy.machine], rule)

        evidence = told.lines(members, MAX_EVIDENCE, line, lambda _: code)  # noqa: B023 - used at once
        yield Finding(code, severity, first.unit, first.product, facts=facts, evidence=evidence)


def _is_told_singly(like: Assignment, rights: Mapping[int, Entitlement]) -> bool:
    """Whether each copy that stands like this one is a finding of its own."""
    right = rights.get(like.entitlement or -1)
    return (
        like.verdict in (Verdict.SUSPECTED, Verdict.SUSPECTED_THOUGH_COVERED)
        or (like.verdict is Verdict.TO_VERIFY and bool(like.signs))
        or like.failing in TOLD_AS_REASON
        or (right is not None and (like.basis_missing or like.failing in (Failing.VERSION, Failing.EDITION)))
        or like.copy.licence_class is LicenceClass.TRIAL
    )


def _bearing(told: Standings, members: Sequence[Assignment | Part]) -> int:
    """Return on how many machines the copies stand."""
    if len(members) == 1 and isinstance(members[0], Part):
        return len(members[0].members)
    keys: set[str] = set()
    for one in members:
        keys.update(told.machines(one) if isinstance(one, Part) else (one.copy.machine,))
    return len(keys)


def _edition_name(copy: Copy, products: Mapping[str, Product]) -> str:
    names = {edition.id: edition.zh for edition in products[copy.product].editions}
    return names.get(copy.edition or "", copy.edition or "")


def _classes(assignment: Assignment) -> Iterator[tuple[str, Severity]]:
    """The classes that a copy belongs to, each told once for all its machines."""
    if assignment.failing is Failing.PERSONAL_ONLY:
        yield "copy.personal_free", Severity.MEDIUM
    if assignment.failing is Failing.CLASS_UNKNOWN and assignment.copy.category is not Category.ACTIVATION_TOOL:
        yield "copy.class_unknown", Severity.LOW
    if assignment.failing is Failing.TRIAL:
        yield "copy.trial", Severity.LOW
    if assignment.failing is Failing.NOT_FOR_ORGANISATIONS:
        yield "copy.not_for_organisations", Severity.MEDIUM
    if assignment.code is None and assignment.right is Right.SHORT:
        yield "copy.unregistered", Severity.LOW


def _of_copy(
    assignment: Assignment, machine: Machine, rights: Mapping[int, Entitlement], products: Mapping[str, Product]
) -> Iterator[Finding]:
    copy, right = assignment.copy, rights.get(assignment.entitlement or -1)
    name = ("product", copy.name)
    where = ("machine", name_of(machine))
    which = ("which_copy", copy.key)
    sign = ("sign", assignment.signs[0].words if assignment.signs else "")

    def finding(code: str, severity: Severity, *facts: tuple[str, str | int]) -> Finding:
        lines = (*assignment.signs, _line(copy, machine, code))[:MAX_EVIDENCE]
        return Finding(code, severity, copy.unit, copy.product, copy.machine, (name, where, which, *facts), lines)

    match assignment.verdict:
        case Verdict.SUSPECTED:
            yield finding("copy.suspected", Severity.HIGH, sign)
        case Verdict.SUSPECTED_THOUGH_COVERED:
            yield finding("copy.suspected_though_covered", Severity.HIGH, sign)
        case Verdict.TO_VERIFY if assignment.signs:
            yield finding("copy.to_verify", Severity.MEDIUM, ("reason", assignment.signs[0].words))
        case _:
            pass
    if assignment.failing in TOLD_AS_REASON:
        yield finding("copy.to_verify", Severity.MEDIUM, ("reason", assignment.failing.value))
    if assignment.basis_missing and right is not None:
        version = copy.line or copy.version or ""
        yield finding("licence.basis_missing", Severity.MEDIUM, ("version", version), ("code", right.code))
    if assignment.failing is Failing.VERSION and right is not None:
        version = copy.line or copy.version or ""
        yield finding("licence.version_not_allowed", Severity.MEDIUM, ("version", version), ("code", right.code))
    if assignment.failing is Failing.EDITION and right is not None:
        names = {edition.id: edition.zh for edition in products[copy.product].editions}
        installed = names.get(copy.edition or "", copy.edition or "")
        licensed = names.get(right.edition or "", right.edition or "")
        yield finding(
            "copy.edition_mismatch",
            Severity.HIGH,
            ("installed", installed),
            ("licensed", licensed),
            ("code", right.code),
        )
    last = last_day_of_trial(copy, machine, products[copy.product])
    if last is not None and assignment.right is Right.SHORT:
        yield finding("copy.trial_over", Severity.HIGH, ("since", last.isoformat()))


def _of_machines(
    machines: Mapping[str, Machine],
    assignments: Sequence[Assignment],
    tree: UnitTree,
    *,
    on: date,
    stale_after_days: int,
) -> Iterator[Finding]:
    """Register and coverage of each machine; what every office computer must have."""
    told_all = Standings(assignments)
    mine: defaultdict[str, list[Assignment]] = defaultdict(list)
    for assignment in told_all.single:
        mine[assignment.copy.machine].append(assignment)
    for part in told_all.parts:
        if part.kind.kind is Kind.OPERATING_SYSTEM or part.kind.category in (Category.ANTIVIRUS, Category.OFFICE):
            for key in told_all.machines(part):
                mine[key].append(part.like)
    for machine in machines.values():
        if machine.state in GONE or machine.state in NOT_SCANNED:
            continue
        unit = tree.legal_entity_of(machine.unit)
        where: Facts = (("machine", name_of(machine)),)

        def finding(code: str, severity: Severity, *facts: tuple[str, str | int]) -> Finding:
            return Finding(code, severity, unit, machine=machine.key, facts=(*where, *facts))  # noqa: B023 - used at once

        if machine.id is None:
            yield finding("machine.never_seen", Severity.MEDIUM)
            continue
        if machine.code is None:
            yield finding("machine.not_registered", Severity.MEDIUM)
        if machine.last_scan_on is not None and (on - machine.last_scan_on).days > stale_after_days:
            yield finding("machine.stale", Severity.MEDIUM, ("last_scan_on", machine.last_scan_on.isoformat()))
        for scope in machine.scopes:
            if scope.outcome == "failed":
                which = ("which_scope", scope.scope)
                told = ("source", scope.scope), ("why", scope.why or "?")
                yield finding("machine.source_failed", Severity.MEDIUM, *told, which)
            if scope.held_since is not None:
                told = ("scope", scope.scope), ("held_on", scope.held_since.isoformat())
                yield finding("machine.held_loss", Severity.MEDIUM, *told, ("which_scope", scope.scope))
        yield from _of_office_computer(machine, mine[machine.key], finding)


def _of_office_computer(machine: Machine, copies: Sequence[Assignment], finding: object) -> Iterator[Finding]:
    """A desktop or portable without antivirus; several office suites side by side (DOMAIN 2.6)."""
    assert callable(finding)
    if machine.os_family not in {"windows", "linux"}:
        return
    is_server = machine.machine_class.value in ("server", "virtual") or any(
        "server" in (a.copy.product + (a.copy.edition or "")) for a in copies if a.copy.kind is Kind.OPERATING_SYSTEM
    )
    has_office_system = any(a.copy.kind is Kind.OPERATING_SYSTEM for a in copies)
    if has_office_system and not is_server and not any(a.copy.category is Category.ANTIVIRUS for a in copies):
        yield finding("machine.no_antivirus", Severity.MEDIUM)
    suites = sorted({a.copy.name for a in copies if a.copy.category is Category.OFFICE and a.copy.kind is Kind.SUITE})
    if len(suites) > 1:
        yield finding("machine.several_office_suites", Severity.LOW, ("products", "、".join(suites)))


def _of_lone_signs(
    assignments: Sequence[Assignment],
    signs: Mapping[str, Sequence[SignSeen]],
    machines: Mapping[str, Machine],
    tree: UnitTree,
) -> Iterator[Finding]:
    """Signs on a machine that bears no copy they concern."""
    used = {line for one, _ in Standings(assignments).weighed() for line in one.signs}
    for key in sorted(signs):
        machine = machines.get(key)
        if machine is None or machine.state in GONE or machine.state in NOT_SCANNED:
            continue
        for sign in signs[key]:
            if sign.line not in used:
                facts: Facts = (
                    ("sign", sign.line.words),
                    ("machine", name_of(machine)),
                    ("which_sign", sign.indicator),
                )
                unit = tree.legal_entity_of(machine.unit)
                yield Finding("sign.seen", Severity.MEDIUM, unit, None, key, facts, (sign.line,))


def _of_unknown(unknown: Sequence[Unrecognised], machines: Mapping[str, Machine], tree: UnitTree) -> Iterator[Finding]:
    """One finding a legal entity for all on its machines that the catalogue does not know."""
    unit_of = {key: tree.legal_entity_of(machine.unit) for key, machine in machines.items()}
    groups: Counter[UnitCode] = Counter()
    everybody: set[str] = set()
    places = {unit: 1 << place for place, unit in enumerate(sorted(set(unit_of.values())))}
    masks: dict[int, int] = {}
    units: Counter[int] = Counter()
    for line in unknown:
        mask = 0
        for part in line.machines.parts if isinstance(line.machines, Bearing) else (line.machines,):
            known = masks.get(id(part))
            if known is None:
                everybody.update(part)
                known = masks[id(part)] = sum({places[unit_of[key]] for key in part})
            mask |= known
        units[mask] += 1
    for mask, count in units.items():
        groups.update({unit: count for unit, place in places.items() if mask & place})
    bearers = Counter(unit_of[key] for key in everybody)
    for unit in sorted(groups):
        facts: Facts = (("titles", groups[unit]), ("machines", bearers[unit]))
        yield Finding("software.unrecognised", Severity.LOW, unit, facts=facts)


def _of_left_out(left_out: Sequence[LeftOut]) -> Iterator[Finding]:
    """Rows of the ledger that are wrong, and what became of them."""
    for fault in left_out:
        rows = "、".join(fault.rows)
        told = fault.told or "-"
        facts: Facts = (("rows", rows), ("told", told), ("which_rows", rows), ("which_told", told))
        yield Finding(f"ledger.{fault.fault.value}", Severity.HIGH, None, facts=facts)


def _of_people(
    machines: Mapping[str, Machine], people: Sequence[Person], assignments: Sequence[Assignment], tree: UnitTree
) -> Iterator[Finding]:
    """Machines whose person has left (无责任人), where the register of people is kept."""
    known = {person.id for person in people}
    if not known:
        return
    told = Standings(assignments)
    bearing = {assignment.copy.machine for assignment in told.single}
    for part in told.parts:
        bearing.update(told.machines(part))
    for machine in machines.values():
        if machine.person is not None and machine.person not in known and machine.key in bearing:
            facts: Facts = (("machine", name_of(machine)),)
            unit = tree.legal_entity_of(machine.unit)
            yield Finding("machine.nobody_answers", Severity.MEDIUM, unit, machine=machine.key, facts=facts)


def _of_contention(
    assignments: Sequence[Assignment], entitlements: Sequence[Entitlement], tree: UnitTree
) -> Iterator[Finding]:
    """Rights that several units use and that are used up while copies of one of them are short: who is short is told
    by the order of use alone."""
    rows = {row.id: row for row in entitlements}
    using: defaultdict[int, set[str]] = defaultdict(set)
    short: defaultdict[int, int] = defaultdict(int)
    for assignment, many in Standings(assignments).weighed():
        copy, id = assignment.copy, assignment.entitlement
        if id is None or id not in rows:
            continue
        if assignment.right is Right.SHORT and assignment.failing is Failing.EXHAUSTED:
            short[id] += many
        elif assignment.right is Right.SHORT:
            continue
        using[id].add(tree.unit_of(copy.department, copy.unit))
    for id in sorted(short):
        if len(using[id]) > 1:
            row = rows[id]
            units = "、".join(sorted(tree.name(UnitCode(unit)) or unit for unit in using[id]))
            facts: Facts = (("product", row.name), ("which_code", row.code), ("code", row.code), ("units", units),
                            ("shortage", short[id]))  # fmt: skip
            yield Finding(
                "licence.contention", Severity.MEDIUM, tree.legal_entity_of(row.unit), row.product, facts=facts
            )
