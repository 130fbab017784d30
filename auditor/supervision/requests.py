"""需求申请 and 安装维护申请 on their way: review, purchase plan, delivery, ledger; review, installation, confirmation.

An installation that a scan saw and that no approved request explains is a finding (未经审批安装), in the units that the
setting `installation_requests` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from auditor.core.case import CaseState
from auditor.core.findings import name_of
from auditor.core.model import EvidenceLine, Finding, JournalKind, JournalLine, Machine, ProductId, Severity, UnitCode
from auditor.core.organisation import UnitTree
from auditor.errors import AuditorError, both
from auditor.proof.digest import sha256_hex
from auditor.store.cases import Case, cases_by_key, open_cases
from auditor.store.database import Connection
from auditor.store.dossiers import REQUESTS, Dossier, add_dossier, change_dossier, list_dossiers, next_number
from auditor.store.entitlements import list_entitlements
from auditor.store.runs import finding_text
from auditor.store.units import list_units
from auditor.supervision.rectification import Actor, said
from rules.product import Kind, Product

DEMAND, INSTALLATION = "demand", "installation"
APPLIED, REJECTED = "applied", "rejected"
STEPS: Mapping[str, tuple[str, ...]] = {
    # the order in which a request goes on; each step has a name, a day and what is told
    DEMAND: (APPLIED, "department", "it", "planned", "delivered", "entered"),
    INSTALLATION: (APPLIED, "department", "it", "installed", "confirmed"),
}
"""本部门领导审核 → 信息化部门审核 → 采购计划 → 到货 → 入账; … → 安装 → 使用人确认 (DOMAIN 1.6–1.8)."""
STEP_WORDS: Mapping[str, tuple[str, str]] = {
    APPLIED: ("申请", "applied"),
    "department": ("本部门领导审核", "reviewed by the department's head"),
    "it": ("信息化部门审核", "reviewed by the IT department"),
    "planned": ("列入采购计划", "put on the purchase plan"),
    "delivered": ("到货", "delivered"),
    "entered": ("入账", "entered in the ledger"),
    "installed": ("完成安装维护", "carried out"),
    "confirmed": ("使用人确认", "confirmed by the user"),
    REJECTED: ("不同意", "refused"),
}
APPROVED = frozenset({"it", "installed", "confirmed"})
NEEDED = {
    DEMAND: ("unit", "department", "applicant", "lines"),
    INSTALLATION: ("unit", "department", "applicant", "computer", "kind", "software", "reason"),
}
MOST_QUANTITY = 10_000_000
KINDS_OF_INSTALLATION = ("install", "remove", "upgrade")
REQUEST = "request"
SLACK_DAYS = 31
"""How long after its approval a request explains an installation."""
STANDS_ALONE = frozenset({Kind.APPLICATION, Kind.SUITE, Kind.OPERATING_SYSTEM})


def apply(connection: Connection, kind: str, content: Mapping[str, Any], *, on: date, actor: Actor, at: str) -> Dossier:
    """Take an application. Raises `AuditorError` with everything that is missing."""
    faults = [f"{name}: {both('应填写', 'expected a value')}" for name in NEEDED[kind] if not content.get(name)]
    if not any(unit.code == content.get("unit") for unit in list_units(connection)):
        faults.append(f"unit: {both('没有这个单位', 'no such unit')}: {content.get('unit')}")
    if kind == INSTALLATION and content.get("kind") not in (None, "", *KINDS_OF_INSTALLATION):
        faults.append(f"kind: {both('应为', 'expected')} {', '.join(KINDS_OF_INSTALLATION)}")
    for number, line in enumerate(content.get("lines") or (), start=1):
        quantity = line.get("quantity")
        if not line.get("name") or not isinstance(quantity, int) or not 1 <= quantity <= MOST_QUANTITY:
            faults.append(f"{number}: {both('应有软件名称和大于 0 的数量', 'expected a name and a quantity above 0')}")
    if faults:
        raise AuditorError("\n".join(faults))
    prefix = "XQ" if kind == DEMAND else "AZ"
    values: dict[str, Any] = {
        "number": next_number(connection, REQUESTS, f"{prefix}-{on.year}-"),
        "kind": kind,
        "state": APPLIED,
        "unit": content["unit"],
        "content": dict(content) | {"on": on.isoformat()},
        "steps": [{"step": APPLIED, "name": actor.name, "on": on.isoformat()}],
    }
    return add_dossier(connection, REQUESTS, values, at=at, act="request.applied")


def advance(
    connection: Connection,
    request: Dossier,
    step: str,
    *,
    name: str,
    on: date,
    at: str,
    told: Mapping[str, Any] | None = None,
) -> Dossier:
    """Take a request one step on. Raises `AuditorError` out of turn, when somebody reviews his own application, and for
    an entry in the ledger that is not there."""
    name = said(name, "name")
    due = next_step(request)
    if due is None:
        raise AuditorError(f"{request['number']}: {both('已办结', 'it is settled')}")
    if step not in (due, REJECTED):
        zh, en = STEP_WORDS[due]
        raise AuditorError(f"{request['number']}: {both(f'下一步应为{zh}（{due}）', f'the next step is {due}, {en}')}")
    if step in ("department", "it") and name == request["steps"][0]["name"]:
        raise AuditorError(f"{request['number']}: {both('申请人不能审核', 'whoever applied cannot review it')}")
    if on < date.fromisoformat(request["steps"][-1]["on"]):
        raise AuditorError(f"{on}: {both('不能早于上一步', 'expected a day not before the step before')}")
    facts = dict(told or {})
    if step == "entered":
        _check_ledger(connection, request, facts)
    line = {"step": step, "name": name, "on": on.isoformat(), **facts}
    changes = {"state": step, "steps": [*request["steps"], line]}
    return change_dossier(connection, REQUESTS, request, changes, at=at, act=f"request.{step}")


def next_step(request: Dossier) -> str | None:
    """Return the step that is due, `None` for a settled request."""
    order = STEPS[request["kind"]]
    if request["state"] in (REJECTED, order[-1]):
        return None
    return order[order.index(request["state"]) + 1]


class Run(Protocol):
    """An audit run as this room sees it."""

    @property
    def id(self) -> str: ...
    @property
    def frozen(self) -> Frozen: ...
    @property
    def facts(self) -> Facts: ...


class Frozen(Protocol):
    @property
    def journal(self) -> Sequence[JournalLine]: ...
    @property
    def machines(self) -> Sequence[Machine]: ...
    @property
    def on(self) -> date: ...


class Recognised(Protocol):
    @property
    def product(self) -> str | None: ...


class Facts(Protocol):
    @property
    def units(self) -> Sequence[Any]: ...
    @property
    def recognitions(self) -> Mapping[Any, Any]: ...
    @property
    def products(self) -> Mapping[str, Product]: ...


@dataclass(frozen=True)
class Installed:
    """One installation that a scan saw."""

    machine: Machine
    product: str
    name: str
    on: date
    document: str


def installations(run: Run, units: frozenset[str], since: date | None) -> list[Installed]:
    """Return the installations of products that stand alone, in the units named, `*` for all; no opening balances."""
    tree = UnitTree(run.facts.units)
    machines = {machine.id: machine for machine in run.frozen.machines if machine.id is not None}
    found = []
    for line in run.frozen.journal:
        machine = machines.get(line.machine)
        if (
            line.kind is not JournalKind.INSTALLED
            or machine is None
            or (since is not None and line.happened_on < since)
        ):
            continue
        if "*" not in units and tree.legal_entity_of(machine.unit) not in units:
            continue
        known = run.facts.recognitions.get(line.title)
        product = run.facts.products.get(known.product) if known is not None and known.product else None
        if product is not None and product.kind in STANDS_ALONE:
            found.append(Installed(machine, product.id, product.zh, line.happened_on, line.document))
    return found


def explains(request: Dossier, seen: Installed, names: Iterable[str]) -> bool:
    """Whether an approved request is for this software on this machine, at about this time."""
    content = request["content"]
    if request["kind"] != INSTALLATION or content["kind"] == "remove":
        return False
    is_there = content["computer"] in (seen.machine.code, seen.machine.key)
    return is_there and fits_request(request, names, seen.on)


def fits_request(request: Dossier, names: Iterable[str], on: date) -> bool:
    """Whether software of these names, changed on a day, is what an approved request was for."""
    approved = [step for step in request["steps"] if step["step"] == "it"]
    if not approved:
        return False
    day = date.fromisoformat(approved[-1]["on"])
    wanted = str(request["content"]["software"]).casefold()
    fits = any(name.casefold() in wanted or wanted in name.casefold() for name in names if name)
    return fits and day <= on <= day + timedelta(days=SLACK_DAYS)


JOURNAL_OF = {
    "install": (JournalKind.INSTALLED, JournalKind.UPGRADED),
    "upgrade": (JournalKind.UPGRADED, JournalKind.INSTALLED),
    "remove": (JournalKind.REMOVED,),
}
"""Lines of the journal that show a request carried out."""


def find_unrequested(
    connection: Connection, run: Run, *, units: frozenset[str], since: date | None, at: str
) -> list[str]:
    """Open a finding for each installation without a request; return their names. Again changes nothing."""
    requests = list_dossiers(connection, REQUESTS, kind=INSTALLATION)
    known = cases_by_key(connection, origin=REQUEST)
    tree = UnitTree(run.facts.units)
    new: dict[str, tuple[Case, dict[str, Any]]] = {}
    for seen in installations(run, units, since):
        product = run.facts.products[seen.product]
        if any(explains(request, seen, (product.zh, product.en, product.id)) for request in requests):
            continue
        key = f"install.without_request|{seen.machine.key}|{seen.product}|{seen.on}"
        if key in known or key in new:
            continue
        finding = _finding(seen, tree)
        case = Case(
            key=key, origin=REQUEST, code=finding.code, severity=finding.severity.value, unit=finding.unit,
            product=finding.product, machine=finding.machine, state=CaseState.TO_CONFIRM.value, opened_at=at,
            changed_at=at, seen_on=seen.on.isoformat(), content=finding_text(finding), first_run=run.id,
            last_run=run.id,
        )  # fmt: skip
        new[key] = (case, {"run": run.id, "finding": sha256_hex(finding_text(finding).encode())})
    open_cases(connection, list(new.values()), at=at, by=None)
    return sorted(new)


def seen_by_scan(request: Dossier, run: Run) -> Installed | None:
    """Return the installation of the journal that a request is for: what its confirmation is tied to."""
    for seen in installations(run, frozenset({"*"}), None):
        product = run.facts.products[seen.product]
        if explains(request, seen, (product.zh, product.en, product.id)):
            return seen
    return None


def _finding(seen: Installed, tree: UnitTree) -> Finding:
    facts: tuple[tuple[str, str | int], ...] = (
        ("product", seen.name), ("machine", name_of(seen.machine)), ("installed_on", seen.on.isoformat()),
        ("which_day", seen.on.isoformat()),
    )  # fmt: skip
    words = f"{seen.name} {seen.on}"
    evidence = EvidenceLine(seen.machine.key, seen.document, "journal", words, "install.without_request")
    unit: UnitCode = tree.legal_entity_of(seen.machine.unit)
    return Finding(
        "install.without_request", Severity.MEDIUM, unit, ProductId(seen.product), seen.machine.key, facts, (evidence,)
    )


def _check_ledger(connection: Connection, request: Dossier, facts: Mapping[str, Any]) -> None:
    codes = [code for code in facts.get("codes", ()) if code]
    if not codes:
        raise AuditorError(f"{request['number']}: {both('应写明入账的软件编号', 'expected the codes in the ledger')}")
    held = {right.code for right in list_entitlements(connection) if right.unit == request["unit"]}
    missing = [code for code in codes if code not in held]
    if missing:
        told = both("台账中没有这些软件编号", "the ledger has no such codes")
        raise AuditorError(f"{request['number']}: {told}: {', '.join(missing)}")
