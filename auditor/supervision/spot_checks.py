"""抽查: a sample that anyone can draw again, what was declared and scanned of each machine, what was found on the spot.

Kept and never changed: what was drawn (run, seed, rule, population, sample), what was found, and who signed for
both sides. What differs enters the same loop as the findings of audits. A stocktake of papers (凭证盘点) goes
the same way, with papers in the place of machines.
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol

from auditor.core.case import CaseState
from auditor.core.entitlement import Entitlement, SoftwareType
from auditor.core.model import (
    Assignment,
    EvidenceLine,
    Finding,
    Machine,
    MachineClass,
    MachineState,
    Person,
    ProductId,
    Severity,
    UnitCode,
)
from auditor.core.organisation import UnitTree
from auditor.core.sampling import ALGORITHM, Candidate, SamplingRule, draw
from auditor.errors import AuditorError, both
from auditor.proof.digest import canonical_json, digest_of, sha256_hex
from auditor.store.blobs import get_blob, put_blob
from auditor.store.cases import Act, Case, cases_by_key, keep_acts, open_cases
from auditor.store.database import Connection
from auditor.store.dossiers import SPOT_CHECKS, Dossier, add_dossier, change_dossier, next_number
from auditor.store.runs import finding_text
from auditor.supervision.kept_forms import kept_whole, lines_kept
from auditor.supervision.rectification import MAX_TEXT, Actor, said
from auditor.supervision.states import Doing, state_after

SPOT_CHECK = "spot_check"
INSPECTOR, INSPECTED = "inspector", "inspected"
SIDES = (INSPECTOR, INSPECTED)
DRAWN, FILLED, SIGNED = "drawn", "filled", "signed"
MACHINES, PAPERS = "machines", "papers"
NOT_CHECKED = frozenset({
    MachineState.SCRAPPED, MachineState.TRANSFERRED_OUT, MachineState.CLASSIFIED, MachineState.PRIVATE,
})  # fmt: skip


class Judged(StrEnum):
    """判定: 正版, 非正版, 待核实."""

    GENUINE = "genuine"
    NOT_GENUINE = "not_genuine"
    TO_VERIFY = "to_verify"


@dataclass(frozen=True)
class Line:
    """One software on one drawn machine: what the ledger and the scan say of it. `number` stands on the form."""

    number: int
    unit: str
    machine: str
    """`Machine.key`."""
    code: str
    """计算机编号."""
    department: str | None
    person: str | None
    brand: str | None
    machine_class: str
    product: str
    name: str
    version: str | None
    software_code: str | None
    """软件编号; `None`: not declared in the ledger."""
    verdict: str | None
    scanned: bool = True


@dataclass(frozen=True)
class Found:
    """What the inspector saw of one line; `number` 0: software that was on no list."""

    number: int
    present: bool
    judged: Judged | None = None
    told: str = ""
    code: str = ""
    """计算机编号, of software that was on no list."""
    name: str = ""


@dataclass(frozen=True)
class Compared:
    """Declared, scanned, found: one line."""

    line: Line
    declared: bool
    scanned: bool
    found: bool | None
    judged: Judged | None
    told: str
    differs: tuple[str, ...]
    """`not_scanned`, `not_declared`, `not_found`, `irregular`."""


class Facts(Protocol):
    """What a run rests on."""

    @property
    def people(self) -> Sequence[Person]: ...
    @property
    def machines(self) -> Sequence[Machine]: ...


class Result(Protocol):
    """What a run worked out."""

    @property
    def assignments(self) -> Sequence[Assignment]: ...


def population(machines: Iterable[Machine], tree: UnitTree, units: frozenset[str] | None = None) -> list[Candidate]:
    """Return the machines on the books and in use (账目+使用), by legal entity; those of some units when named."""
    found = []
    for machine in machines:
        unit = tree.legal_entity_of(machine.unit)
        if machine.state in NOT_CHECKED or (units is not None and unit not in units):
            continue
        is_server = machine.machine_class in (MachineClass.SERVER, MachineClass.VIRTUAL)
        found.append(Candidate(unit, machine.code or machine.key, is_server))
    return sorted(found)


def draw_check(
    connection: Connection,
    *,
    run: str,
    as_of: date,
    facts: Facts,
    result: Result,
    tree: UnitTree,
    rule: SamplingRule,
    seed: str | None,
    units: frozenset[str] | None,
    actor: Actor,
    at: str,
) -> Dossier:
    """Draw a sample of a run's machines and keep it. Without a seed one is made by chance; it is printed either way.

    Raises `AuditorError` when there is nothing to draw from.
    """
    candidates = population(facts.machines, tree, units)
    if not candidates:
        raise AuditorError(both("没有可抽查的计算机", "there is no machine to draw from"))
    seed = said(seed, "seed") if seed is not None else secrets.token_hex(16)
    sample = draw(candidates, rule, seed)
    lines = _lines(sample, facts, result, tree)
    drawn = {
        "run": run,
        "as_of": as_of.isoformat(),
        "seed": seed,
        "algorithm": ALGORITHM,
        "rule": {"percent": str(rule.percent), "minimum": rule.minimum, "all_servers": rule.all_servers},
        "population": [[c.stratum, c.name, c.is_server] for c in candidates],
        "sample": [[c.stratum, c.name] for c in sample],
        "lines": [asdict(line) for line in lines],
    }
    return _keep_drawn(connection, "CC", MACHINES, drawn, as_of, actor, at)


def draw_again(drawn: Mapping[str, Any]) -> list[list[str]]:
    """Draw a kept check once more from its seed, rule and population: what anyone can do."""
    rule = SamplingRule(Fraction(drawn["rule"]["percent"]), drawn["rule"]["minimum"], drawn["rule"]["all_servers"])
    candidates = [Candidate(stratum, name, is_server) for stratum, name, is_server in drawn["population"]]
    return [[c.stratum, c.name] for c in draw(candidates, rule, drawn["seed"])]


def draw_stocktake(
    connection: Connection,
    *,
    rights: Sequence[Entitlement],
    names: Mapping[str, str],
    tree: UnitTree,
    as_of: date,
    units: frozenset[str] | None,
    actor: Actor,
    at: str,
) -> Dossier:
    """Begin a stocktake (凭证盘点): every right that needs a paper, by the unit that holds it."""
    chosen = [
        right
        for right in sorted(rights, key=lambda right: (right.unit, right.code, right.id))
        if right.software_type is not SoftwareType.FREE and (units is None or tree.legal_entity_of(right.unit) in units)
    ]
    if not chosen:
        raise AuditorError(both("没有需要盘点的授权凭证", "there is no right whose paper could be looked for"))
    lines = [
        {
            "number": number,
            "unit": right.unit,
            "unit_name": names.get(right.unit, right.unit),
            "code": right.code,
            "name": right.name,
            "product": right.product,
            "paper": right.paper,
            "contract": right.contract,
        }
        for number, right in enumerate(chosen, start=1)
    ]
    return _keep_drawn(connection, "PD", PAPERS, {"as_of": as_of.isoformat(), "lines": lines}, as_of, actor, at)


def drawn_of(connection: Connection, check: Dossier) -> dict[str, Any]:
    """Return what was drawn. Raises `StoreError` when it was changed since."""
    found: dict[str, Any] = json.loads(get_blob(connection, check["drawn"]))
    return found


def lines_of(drawn: Mapping[str, Any]) -> list[Line]:
    """Return the lines of a check of machines."""
    return [Line(**line) for line in drawn["lines"]]


def fill(connection: Connection, check: Dossier, found: Sequence[Found], *, actor: Actor, at: str) -> Dossier:
    """Keep what was found. Raises `AuditorError` for a check that is signed, for lines that it does not have, and for
    one that is judged without being there."""
    numbers = {line["number"] for line in drawn_of(connection, check)["lines"]}
    refuse_faults(check, found, numbers, whole=True)
    result = kept_whole(connection, [asdict(line) for line in found])
    return keep_found(connection, check, result, state=FILLED, at=at)


def refuse_faults(check: Dossier, found: Sequence[Found], numbers: set[int], *, whole: bool) -> None:
    """Raise `AuditorError` with every fault of what was filled in; `whole`: no line may be missing."""
    if check["state"] == SIGNED:
        raise AuditorError(f"{check['number']}: {both('双方已签字，不能再改', 'both sides signed; it cannot change')}")
    if check["kind"] == PAPERS and any(not line.number or line.judged for line in found):
        told = both("凭证盘点只填有无", "a stocktake says of its own lines whether the paper is there")
        raise AuditorError(f"{check['number']}: {told}")
    faults = _faults(found, numbers, whole)
    if faults:
        raise AuditorError("\n".join(f"{check['number']}: {fault}" for fault in faults))


def keep_found(connection: Connection, check: Dossier, result: str, *, state: str, at: str) -> Dossier:
    """Keep what was found, by its digest, in the place of what was kept before; a signature to that holds no longer."""
    changes = {"state": state, "result": result, "sign_offs": []}
    return change_dossier(connection, SPOT_CHECKS, check, changes, at=at, act="check.filled")


def sign(
    connection: Connection, check: Dossier, side: str, name: str, *, on: date, at: str, paper: str | None = None
) -> Dossier:
    """Sign for one side. With both signatures the check is closed and what differs becomes findings.

    `paper`: digest of a kept picture of the signature, where it was drawn by hand.
    """
    if side not in SIDES:
        raise AuditorError(f"{side}: {both('应为', 'expected')} {', '.join(SIDES)}")
    if check["state"] != FILLED:
        zh, en = (
            ("先填写再签字", "fill it in before signing") if check["state"] == DRAWN else ("已签字", "it is signed")
        )
        raise AuditorError(f"{check['number']}: {both(zh, en)}")
    name = said(name, "name")
    drawn_by_hand = {"paper": paper} if paper is not None else {}
    signed = [*check["sign_offs"], {"side": side, "name": name, "on": on.isoformat(), **drawn_by_hand}]
    if len({sign["side"] for sign in signed}) != len(signed):
        raise AuditorError(f"{check['number']}: {both('这一方已签字', 'this side has signed')}")
    if len({sign["name"] for sign in signed}) != len(signed):
        raise AuditorError(
            f"{check['number']}: {both('双方应由不同的人签字', 'expected another person for each side')}"
        )
    state = SIGNED if len(signed) == len(SIDES) else FILLED
    after = change_dossier(
        connection, SPOT_CHECKS, check, {"sign_offs": signed, "state": state}, at=at, act="check.signed"
    )
    if state == SIGNED:
        _open_findings(connection, after, on=on, at=at)
    return after


def compare(connection: Connection, check: Dossier) -> list[Compared]:
    """Return declared, scanned and found side by side, line by line."""
    found = found_of(connection, check)
    by_number = {line.number: line for line in found}
    lines = lines_of(drawn_of(connection, check))
    told = [_compared(line, by_number.get(line.number)) for line in lines]
    by_code = {line.code: line for line in lines}
    for extra in found:
        if extra.number == 0:
            told.append(_compared(_unlisted(extra, by_code), extra))
    return told


def findings_of_check(connection: Connection, check: Dossier) -> list[Finding]:
    """Return what differs, as findings."""
    if check["kind"] == PAPERS:
        return _absent_papers(connection, check)
    made = []
    for line in compare(connection, check):
        for code in ("irregular", "not_scanned", "not_declared"):
            if code in line.differs:
                made.append(_finding(check["number"], f"check.{code}", line))
    return made


def _lines(sample: Sequence[Candidate], facts: Facts, result: Result, tree: UnitTree) -> list[Line]:
    machines = {machine.code or machine.key: machine for machine in facts.machines}
    people = {person.id: person.name for person in facts.people}
    copies: defaultdict[str, list[Assignment]] = defaultdict(list)
    for each in result.assignments:
        copies[each.copy.machine].append(each)
    lines: list[Line] = []
    for candidate in sample:
        machine = machines[candidate.name]
        person = people.get(machine.person) if machine.person is not None else None
        own = [*sorted(copies[machine.key], key=lambda a: (a.copy.kind.value, a.copy.name, a.copy.key))]
        chosen: list[Assignment | None] = [*own] if own else [None]
        for assignment in chosen:
            copy = assignment.copy if assignment is not None else None
            lines.append(
                Line(
                    number=len(lines) + 1,
                    unit=candidate.stratum,
                    machine=machine.key,
                    code=candidate.name,
                    department=tree.name(machine.unit),
                    person=person,
                    brand=machine.brand,
                    machine_class=machine.machine_class.value,
                    product=copy.product if copy is not None else "",
                    name=copy.name if copy is not None else "",
                    version=copy.version if copy is not None else None,
                    software_code=assignment.code if assignment is not None else None,
                    verdict=assignment.verdict.value if assignment is not None else None,
                    scanned=copy is not None,
                )
            )
    return lines


def _keep_drawn(
    connection: Connection, prefix: str, kind: str, drawn: Mapping[str, Any], as_of: date, actor: Actor, at: str
) -> Dossier:
    values: dict[str, Any] = {
        "number": next_number(connection, SPOT_CHECKS, f"{prefix}-{as_of.year}-"),
        "kind": kind,
        "state": DRAWN,
        "made_at": at,
        "made_by": actor.name,
        "drawn": put_blob(connection, "part", canonical_json(dict(drawn))),
        "result": None,
        "sign_offs": [],
    }
    return add_dossier(connection, SPOT_CHECKS, values, at=at, act="check.drawn")


def _faults(found: Sequence[Found], numbers: set[int], whole: bool) -> list[str]:
    faults = []
    seen: set[int] = set()
    for line in found:
        where = f"{line.number}" if line.number else f"{line.code} {line.name}"
        if line.number and line.number not in numbers:
            faults.append(f"{where}: {both('登记表中没有这一行', 'no such line on the form')}")
        if line.number and line.number in seen:
            faults.append(f"{where}: {both('重复填写', 'filled in twice')}")
        if line.judged is not None and not line.present:
            faults.append(f"{where}: {both('不在现场的软件不应有判定', 'what was not there cannot be judged')}")
        if not line.number and not (line.code and line.name):
            faults.append(
                f"{where}: {both('表外软件应写明计算机编号和名称', 'software on no list needs a machine and a name')}"
            )
        if max(len(line.told), len(line.code), len(line.name)) > MAX_TEXT:
            faults.append(
                f"{where[:100]}: {both(f'应不超过 {MAX_TEXT} 字', f'expected at most {MAX_TEXT} characters')}"
            )
        seen.add(line.number)
    missing = numbers - seen
    if missing and whole:
        told = "、".join(str(number) for number in sorted(missing)[:20])
        faults.append(both(f"尚未填写的行：{told}", f"lines not filled in: {told}"))
    return faults


def found_of(connection: Connection, check: Dossier) -> list[Found]:
    """Return what was found so far, by line."""
    if check["result"] is None:
        return []
    plain = lines_kept(connection, check["result"])
    return [Found(**line | {"judged": Judged(line["judged"]) if line["judged"] else None}) for line in plain]


def _unlisted(extra: Found, by_code: Mapping[str, Line]) -> Line:
    like = by_code.get(extra.code)
    return Line(
        number=0,
        unit=like.unit if like is not None else "",
        machine=like.machine if like is not None else f"r{extra.code}",
        code=extra.code,
        department=like.department if like is not None else None,
        person=like.person if like is not None else None,
        brand=like.brand if like is not None else None,
        machine_class=like.machine_class if like is not None else "unknown",
        product="",
        name=extra.name,
        version=None,
        software_code=None,
        verdict=None,
        scanned=False,
    )


def _compared(line: Line, found: Found | None) -> Compared:
    differs = []
    present = found.present if found is not None else None
    if present and not line.scanned and line.name:
        differs.append("not_scanned")
    if present and line.name and line.software_code is None and line.verdict != "genuine_not_counted":
        differs.append("not_declared")
    if present is False and line.scanned:
        differs.append("not_found")
    if found is not None and found.judged is Judged.NOT_GENUINE:
        differs.append("irregular")
    return Compared(
        line, line.software_code is not None, line.scanned, present, found.judged if found is not None else None,
        found.told if found is not None else "", tuple(differs),
    )  # fmt: skip


def _finding(number: str, code: str, compared: Compared) -> Finding:
    line = compared.line
    facts: list[tuple[str, str | int]] = [("check", number), ("product", line.name), ("machine", line.code)]
    if code == "check.irregular":
        facts.append(("told", compared.told or "-"))
    words = f"{line.name} {line.version or ''}".strip() + (f"：{compared.told}" if compared.told else "")
    evidence = EvidenceLine(line.machine, None, f"{number} #{line.number}", words, SPOT_CHECK)
    severity = Severity.HIGH if code == "check.irregular" else Severity.MEDIUM
    return Finding(
        code, severity, UnitCode(line.unit) if line.unit else None, ProductId(line.product) if line.product else None,
        line.machine, tuple(facts), (evidence,),
    )  # fmt: skip


def _absent_papers(connection: Connection, check: Dossier) -> list[Finding]:
    lines = {line["number"]: line for line in drawn_of(connection, check)["lines"]}
    made = []
    for found in found_of(connection, check):
        if found.number and not found.present:
            line = lines[found.number]
            facts = (("check", check["number"]), ("product", line["name"]), ("code", line["code"]),
                     ("which_code", line["code"]))  # fmt: skip
            words = f"{line['code']} {line['name']} {line['paper'] or ''}".strip()
            evidence = EvidenceLine("", None, f"{check['number']} #{found.number}", words, SPOT_CHECK)
            product = ProductId(line["product"]) if line["product"] else None
            made.append(
                Finding(
                    "check.paper_absent", Severity.MEDIUM, UnitCode(line["unit"]), product, None, facts, (evidence,)
                )
            )
    return made


def check_key(finding: Finding) -> str:
    """Return the name of a finding of a spot check: the same software on the same machine is the same finding."""
    told = dict(finding.facts)
    where = finding.machine or f"{finding.unit}|{told.get('code', '')}"
    return "|".join((finding.code, where, str(finding.product or told.get("product", ""))))


def _open_findings(connection: Connection, check: Dossier, *, on: date, at: str) -> None:
    known = cases_by_key(connection, origin=SPOT_CHECK)
    new: dict[str, tuple[Case, dict[str, Any]]] = {}
    acts = []
    for finding in findings_of_check(connection, check):
        key = check_key(finding)
        facts = {"check": check["number"], "finding": sha256_hex(finding_text(finding).encode())}
        case = known.get(key)
        if case is None:
            made = Case(
                key=key, origin=SPOT_CHECK, code=finding.code, severity=finding.severity.value, unit=finding.unit,
                product=finding.product, machine=finding.machine, state=CaseState.TO_CONFIRM.value, opened_at=at,
                changed_at=at, seen_on=on.isoformat(), content=finding_text(finding),
            )  # fmt: skip
            new.setdefault(key, (made, facts))
        elif case.state == CaseState.CLOSED:
            after = state_after(Doing.COME_BACK, CaseState(case.state), told=key)
            changes = {"state": after.value, "reopened": case.reopened + 1, "content": finding_text(finding),
                       "seen_on": on.isoformat(), "notice": None, "noticed_on": None, "due_on": None,
                       "escalated": 0}  # fmt: skip
            acts.append(Act(case, Doing.COME_BACK, changes, facts))
    open_cases(connection, list(new.values()), at=at, by=None)
    keep_acts(connection, acts, at=at, name="finding.followed")


def digest_of_check(check: Dossier) -> str:
    """Return the digest of what was drawn and found."""
    return digest_of([check["number"], check["drawn"], check["result"]])
