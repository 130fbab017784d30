"""Read-models: what a form or report shows, counted, sorted and worded as far as it depends on facts.

A report gets these values and nothing else: no query, no clock, no decision. Days are `date`, money is
`Decimal` yuan, shares carry numerator and denominator. The same model gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, order=True)
class Name:
    """A name that the catalogue has in both languages; what a ledger or a machine says is a text, as it stands."""

    zh: str
    en: str


Facts = tuple[tuple[str, str | int | Name], ...]
"""Facts that a sentence is made of (`reports/wording.py`)."""


@dataclass(frozen=True)
class Proof:
    """What a number rests on: printed at the foot of every form and report."""

    run: str
    """Digest of the frozen inputs, hexadecimal."""
    as_of: date
    catalogue: str
    """Digest of the catalogue."""
    release: str
    """Version of the program that wrote the file."""


@dataclass(frozen=True)
class Head:
    """The common frame of the forms: 单位名称（盖章）, 填表人, 联系电话, 填表日期; annex label as the unit sets it."""

    unit_code: str
    unit_name: str
    annex: str | None = None
    """`附件7`, `附表1` …: a setting, the number differs from unit to unit."""
    filled_by: str | None = None
    phone: str | None = None
    filled_on: date | None = None


@dataclass(frozen=True)
class Unscanned:
    """One machine that counts and was not (fully) seen. `reason` is a code of the texts: `never_seen`,
    `classified`, `private`, `stale`, `partial`, `failed`."""

    computer_code: str | None
    host_name: str | None
    department: str | None
    reason: str
    last_scan_on: date | None = None
    scopes: tuple[str, ...] = ()
    """The scopes that were not read."""


@dataclass(frozen=True)
class Coverage:
    """覆盖率: machines with a valid scan in the period ÷ computers in scope."""

    in_scope: int
    scanned: int
    fully_scanned: int
    registered_not_seen: int
    seen_not_registered: int
    classified: int
    private: int
    stale: int
    unscanned: tuple[Unscanned, ...] = ()


# --- 软件使用情况汇总表 -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TermLine:
    """One (许可期限, 序列号, 安装数量) of one 可使用版本."""

    term: str | None
    serials: str | None
    installed: int
    over: int = 0
    """How many of `installed` are 超出."""


@dataclass(frozen=True)
class VersionLines:
    """One 可使用版本 with its terms; merged over them."""

    allowed_version: str | None
    terms: tuple[TermLine, ...]


@dataclass(frozen=True)
class Purchase:
    """One 软件编号. OEM and free rows carry `--` in the columns 6–12."""

    code: str
    name: str
    version: str | None
    software_type: str
    """`commercial`, `oem` or `free`."""
    purchased_on: date | None
    amount: Decimal | None
    licence_type: str | None
    quantity: str | None
    """A number, or 场地 / 不限."""
    versions: tuple[VersionLines, ...]


@dataclass(frozen=True)
class SummaryForm:
    """软件使用情况汇总表: people and machines, then one block a 软件编号: commercial, OEM, free."""

    head: Head
    headcount: int | None
    computer_users: int
    servers: int
    desktops: int
    portables: int
    others: int
    """Machines of no known class and virtual ones: told in the foot, in none of the three."""
    purchases: tuple[Purchase, ...]
    unregistered: tuple[tuple[str | Name, int], ...]
    """未登记软件: name and installed copies without any 软件编号; foot of the form."""
    coverage: Coverage
    proof: Proof


# --- 软件使用情况明细表 -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DetailLine:
    """One software on one computer."""

    code: str | None
    name: str | Name
    version: str | None
    term: str | None
    software_type: str
    """`commercial`, `oem`, `free`, or `unclassified` (待核实: no tick)."""
    installed_on: date | None
    over: bool = False
    verdict: str | None = None
    """Internal edition only."""


@dataclass(frozen=True)
class DetailMachine:
    """The block of one computer of one person."""

    department: str | None
    person: str | None
    computer_code: str | None
    """`None` for a computer that is not registered; the host name stands in its place, marked 未登记."""
    host_name: str | None
    brand: str | None
    lines: tuple[DetailLine, ...]
    last_scan_on: date | None = None


@dataclass(frozen=True)
class DetailForm:
    """软件使用情况明细表, sorted by department, person, computer; software by type, name."""

    head: Head
    machines: tuple[DetailMachine, ...]
    components: int
    """The foot: 另有组件 n、驱动 n、系统组件 n、未识别 n."""
    drivers: int
    system_parts: int
    unrecognised: int
    coverage: Coverage
    proof: Proof


# --- 软件安装维护情况明细表 -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JournalEntry:
    """One line: installed or removed, where, who, which version, when, and the running total after it."""

    act: str
    """`opening`, `installed`, `removed`, `adjusted_in`, `adjusted_out`."""
    computer_code: str | None
    host_name: str | None
    brand: str | None
    person: str | None
    department: str | None
    version: str | None
    happened_on: date
    happened_after: date | None
    """Not `None`: some day after this one and up to `happened_on`."""
    total: int


@dataclass(frozen=True)
class JournalSheet:
    """One sheet for one 软件编号."""

    code: str
    name: str
    version: str | None
    software_type: str
    quantity: str | None
    allowed_versions: str | None
    term: str | None
    entries: tuple[JournalEntry, ...]


@dataclass(frozen=True)
class JournalForm:
    """软件安装维护情况明细表: one sheet a 软件编号, commercial and OEM."""

    head: Head
    sheets: tuple[JournalSheet, ...]
    coverage: Coverage
    proof: Proof


# --- 可使用免费软件清单 ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FreeLine:
    """One line of the allow-list."""

    code: str
    name: str
    version: str | None
    source: str | None
    vendor: str | None
    contact: str | None
    department: str | None
    reason: str | None


@dataclass(frozen=True)
class FreeForm:
    """可使用免费软件清单."""

    head: Head
    lines: tuple[FreeLine, ...]
    candidates: tuple[tuple[str | Name, int], ...]
    """Free software seen on machines and not on the list: name, machines. Internal edition."""
    coverage: Coverage
    proof: Proof


@dataclass(frozen=True)
class PlanLine:
    """One line of 软件采购计划表: an order. `shares`: unit → licences that it gets."""

    name: str | Name
    version: str | None
    unit_price: Decimal
    quantity: int
    """Packs."""
    amount: Decimal
    years: int | None = None
    supplier: str | None = None
    shares: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class PlanDemand:
    """One line of 需求汇总: what one unit lacks, and by which measures it is made good (way → copies)."""

    unit: str
    name: str | Name
    version: str | None
    missing: int
    ways: tuple[tuple[str, int], ...]
    unmet: int


@dataclass(frozen=True)
class PlanStep:
    """One measure that costs nothing: `reassign`, `transfer`, `uninstall`, `replace`; or `buy`."""

    way: str
    unit: str
    name: str | Name
    version: str | None
    quantity: int
    from_unit: str | None = None
    code: str | None = None
    instead: str | Name | None = None


@dataclass(frozen=True)
class PlanForm:
    """软件采购计划表 of one legal entity, or of a group that buys together."""

    head: Head
    lines: tuple[PlanLine, ...]
    demand: tuple[PlanDemand, ...]
    steps: tuple[PlanStep, ...]
    joint: bool
    unmet: int
    """Copies that nothing makes good: no price, no alternative."""
    coverage: Coverage
    proof: Proof
    nothing: Decimal = Decimal(0)


# --- the audit report -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """A share with its numerator and denominator; `excluded` says what is in neither."""

    what: str
    """`operating_system`, `office`, `antivirus`, `other`, `three_classes`, `whole_machine`."""
    numerator: int
    denominator: int
    suspected: int = 0
    to_verify: int = 0
    short: int = 0
    undetermined: int = 0
    excluded: int = 0
    """无需授权, in neither."""


@dataclass(frozen=True)
class PositionLine:
    """Licence position of one product in one unit."""

    unit_name: str
    product: str | Name
    category: str
    raw: int
    required: str
    covered: str
    shortage: str
    surplus: str
    owned: str | None
    dead_oem: int
    at_least: bool
    codes: tuple[str, ...]


@dataclass(frozen=True)
class EvidenceLine:
    """One line of evidence as printed."""

    machine: str
    words: str
    record: str
    document: str | None
    rule: str


@dataclass(frozen=True)
class FindingLine:
    """One finding: the sentence is made from `code` and `facts`."""

    code: str
    severity: str
    unit_name: str | None
    facts: Facts
    evidence: tuple[EvidenceLine, ...]
    more_evidence: int = 0


@dataclass(frozen=True)
class UnknownLine:
    """Software that the catalogue does not know, ranked by machines."""

    name: str
    publisher: str | None
    machines: int
    versions: int
    source: str


@dataclass(frozen=True)
class MachineLine:
    """One computer in the overview."""

    computer_code: str | None
    host_name: str | None
    department: str | None
    operating_system: str | Name | None
    machine_class: str
    copies: int
    worst_verdict: str | None
    last_scan_on: date | None
    scopes_not_read: int


@dataclass(frozen=True)
class AuditReport:
    """The report of one audit run for one legal entity or, with `units`, a group."""

    head: Head
    coverage: Coverage
    rates: tuple[Rate, ...]
    positions: tuple[PositionLine, ...]
    findings: tuple[FindingLine, ...]
    unknown: tuple[UnknownLine, ...]
    machines: tuple[MachineLine, ...]
    unit_names: tuple[str, ...]
    unmatched_ledger_rows: tuple[str, ...]
    """Rows of the ledger whose product the catalogue does not know."""
    proof: Proof


@dataclass(frozen=True)
class NoticeLine:
    """One finding of a 整改通知书, with what the unit said of it. Statements stand beside the evidence, never in it."""

    number: int
    finding: FindingLine
    seen_on: date
    statements: tuple[tuple[str, str], ...] = ()
    """Day and words of each."""


@dataclass(frozen=True)
class NoticeLetter:
    """整改通知书: what a unit is asked to put right, and by when."""

    number: str
    unit_name: str
    issuer: str
    noticed_on: date
    due_on: date
    lines: tuple[NoticeLine, ...]
    contact: str | None = None


@dataclass(frozen=True)
class OverdueUnit:
    """One unit of the 未按期整改单位名单: counts alone, no person and no machine."""

    unit_name: str
    overdue: int
    open: int
    oldest_due_on: date


@dataclass(frozen=True)
class OverdueUnits:
    """未按期整改单位名单: internal, released by a person who is named on it."""

    issuer: str
    as_of: date
    released_by: str
    units: tuple[OverdueUnit, ...]


# --- the walk from a number to its papers -------------------------------------------------------------------------


@dataclass(frozen=True)
class WalkNode:
    """One stop between a number and the paper behind it: a cell, a position, a group of copies, a copy, a machine, a
    line of evidence, a rule, a right, a paper."""

    id: str
    kind: str
    """`cell`, `position`, `group`, `copy`, `machine`, `evidence`, `rule`, `right` or `paper`."""
    name: str
    facts: tuple[tuple[str, str], ...]
    """Code of a fact and its value as text."""
    links: tuple[tuple[str, str], ...]
    """Kind and id of the nodes that it leads to."""
