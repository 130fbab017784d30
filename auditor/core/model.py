"""The values that the core works on: facts of a day in, copies, positions, verdicts and findings out.

Days are calendar days in the setting `time_zone`; terms are closed [start, end]. Money is `Decimal` yuan.
Everything is ordered and hashable, so that equal inputs give equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from rules.fact import Fact
from rules.product import Category, Kind, LicenceClass

UnitCode = NewType("UnitCode", str)
PersonId = NewType("PersonId", str)
MachineId = NewType("MachineId", int)
TitleId = NewType("TitleId", int)
ProductId = NewType("ProductId", str)
SoftwareCode = NewType("SoftwareCode", str)
"""软件编号: letters, digits, hyphen, underscore, point; unique within a legal entity."""


# --- registers -----------------------------------------------------------------------------------------------


class UnitKind(StrEnum):
    """A legal entity (独立法人) prints forms of its own; a department belongs to the nearest one above."""

    LEGAL_ENTITY = "legal_entity"
    DEPARTMENT = "department"


class MachineClass(StrEnum):
    """The classes that the forms count: 服务器, 台式机, 便携机; the rest is reported apart."""

    SERVER = "server"
    DESKTOP = "desktop"
    PORTABLE = "portable"
    VIRTUAL = "virtual"
    UNKNOWN = "unknown"


class MachineState(StrEnum):
    """在用, 闲置, 维修, 停用, 报废, 调出, 涉密不扫描, 个人所有不扫描."""

    IN_USE = "in_use"
    IDLE = "idle"
    IN_REPAIR = "in_repair"
    OUT_OF_SERVICE = "out_of_service"
    SCRAPPED = "scrapped"
    TRANSFERRED_OUT = "transferred_out"
    CLASSIFIED = "classified"
    PRIVATE = "private"


@dataclass(frozen=True, order=True)
class Unit:
    """One unit of the tree as of the day. `parent` is `None` for a root."""

    code: UnitCode
    name: str
    parent: UnitCode | None = None
    kind: UnitKind = UnitKind.DEPARTMENT
    headcount: int | None = None
    """总人数 as the unit itself states it; `None` = count the register of people."""


@dataclass(frozen=True, order=True)
class Person:
    """One member of staff as of the day."""

    id: PersonId
    name: str
    unit: UnitCode


@dataclass(frozen=True)
class Installation:
    """One title on one machine in the present state of the store."""

    title: TitleId
    scope: str
    installed_on: date | None
    """The source's own day, else `None`."""
    first_seen_on: date
    last_seen_on: date
    record: str = ""
    """Where in the document: `software[12]`."""
    stale: bool = False
    """Unseen in 3 partial scans and 30 days: reported as 'last seen on', counted apart."""


@dataclass(frozen=True)
class ScopeState:
    """The last account of one scope of a machine: complete, partial, absent or failed."""

    source: str
    scope: str
    outcome: str
    scanned_on: date
    why: str | None = None
    """What went wrong, in the agent's words."""
    held_since: date | None = None
    """Day of the scan whose large loss waits for a second one."""


@dataclass(frozen=True, order=True)
class Hardware:
    """What core and host metrics ask of a machine. `None` and empty = not known."""

    cores: tuple[int, ...] = ()
    """Cores of each processor."""
    vcpus: int | None = None
    """Of a guest."""
    host: str | None = None
    """Of a guest: 计算机编号 or key of its physical host."""
    cluster: str | None = None
    factor: Fraction | None = None
    """Core factor of its processors, of the contract's table."""
    points: int | None = None
    """Value units for a core."""
    runs_workload: bool = False
    """A host that does more than manage its guests."""


@dataclass(frozen=True)
class Machine:
    """One computer: what the register says of it and what was seen of it.

    `id` is `None` for a registered machine that was never seen; `code` is `None` for one that was seen and
    is not registered.
    """

    id: MachineId | None
    code: str | None
    unit: UnitCode | None
    person: PersonId | None = None
    brand: str | None = None
    """计算机品牌: manufacturer and model."""
    serial: str | None = None
    machine_class: MachineClass = MachineClass.UNKNOWN
    state: MachineState = MachineState.IN_USE
    place: str | None = None
    host_name: str | None = None
    os_family: str | None = None
    board_serial: str | None = None
    last_scan_on: date | None = None
    scopes: tuple[ScopeState, ...] = ()
    installations: Sequence[Installation] = ()
    programs: tuple[str, ...] = ()
    """File names of the programs that ran at the last scan."""
    facts: tuple[Fact, ...] = ()
    """What the last scan told that an indicator of the catalogue may be read from."""
    document: str | None = None
    """Digest of the document that the last state rests on."""
    registered_since: date | None = None
    """First day of the register's row: the day of its state, when the row was written for that."""
    hardware: Hardware | None = None

    @property
    def key(self) -> str:
        """A name that stands for the machine in orders and results, also when it was never seen."""
        return f"m{self.id:08d}" if self.id is not None else f"r{self.code}"


@dataclass(frozen=True, order=True)
class RegisteredMachine:
    """One line of the machine register as of the day; `code` is 计算机编号."""

    code: str
    unit: UnitCode
    person: PersonId | None = None
    brand: str | None = None
    serial: str | None = None
    mac: str | None = None
    host_name: str | None = None
    machine_class: MachineClass = MachineClass.UNKNOWN
    state: MachineState = MachineState.IN_USE
    place: str | None = None
    purchased_on: date | None = None
    since: date | None = None
    """First day of the row that is in force."""
    hardware: Hardware | None = None
    """What the register says of it, for core and host metrics."""


# --- what is derived ---------------------------------------------------------------------------------------------


class Evidence(StrEnum):
    """What the machine shows against a copy."""

    NONE = "none"
    ONE_STRONG = "one_strong"
    CONCLUSIVE = "conclusive"
    SOURCE_FAILED = "source_failed"


class Right(StrEnum):
    """有授权, 无需授权, 授权不足, 授权待核实, 不可见."""

    COVERED = "covered"
    NOT_NEEDED = "not_needed"
    SHORT = "short"
    TO_VERIFY = "to_verify"
    NOT_VISIBLE = "not_visible"


class Verdict(StrEnum):
    """正版; 正版（不计入正版率）; 待核实; 疑似非正版; 疑似非正版（另有授权，激活方式待整改）; 授权不足;
    授权不足（证据缺失）; 无法判定."""

    GENUINE = "genuine"
    GENUINE_NOT_COUNTED = "genuine_not_counted"
    TO_VERIFY = "to_verify"
    SUSPECTED = "suspected"
    SUSPECTED_THOUGH_COVERED = "suspected_though_covered"
    SHORT = "short"
    SHORT_EVIDENCE_MISSING = "short_evidence_missing"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class EvidenceLine:
    """One line of evidence: document, record in it, the words there, and the rule that read them."""

    machine: str
    """`Machine.key`."""
    document: str | None
    record: str
    words: str
    rule: str


class _Keyed:
    """Room for a key that is worked out once; a million copies have no dictionary each."""

    __slots__ = ("_key",)
    _key: str


@dataclass(frozen=True, slots=True)
class Copy(_Keyed):
    """One copy of a product on one machine: what the forms count.

    Several titles of one product and line on a machine are one copy. `unit` is the legal entity.
    """

    machine: str
    unit: UnitCode
    department: UnitCode | None
    person: PersonId | None
    product: ProductId
    name: str
    category: Category
    kind: Kind
    licence_class: LicenceClass
    edition: str | None
    line: str | None
    version: str | None
    """The raw version of the title that stands for the copy."""
    installed_on: date | None
    titles: tuple[TitleId, ...]
    record: str
    metric: str | None = None
    stale: bool = False
    ordinal: int = 0
    """0 for the first; counts up where one source shows several versions side by side."""
    first_seen_on: date | None = None
    """Of a copy that no title shows: the day of the first scan."""

    @property
    def key(self) -> str:
        """Stable name of the copy from run to run: machine, product, edition, line, ordinal."""
        try:
            return self._key
        except AttributeError:
            told = "|".join((self.machine, self.product, self.edition or "", self.line or "", str(self.ordinal)))
            object.__setattr__(self, "_key", told)
            return told


class Reason(StrEnum):
    """Why a right covers a copy."""

    BOUND = "bound"
    EXACT = "exact"
    ALLOWED_VERSION = "allowed_version"
    UNLIMITED = "unlimited"
    FREE_LIST = "free_list"
    RIDE_ALONG = "ride_along"
    """Another version on a device that a right for several versions covers already."""
    SAME_USER = "same_user"
    """Another device of a person whom a right by user covers already."""
    SECOND_USE = "second_use"
    """The same person's portable device beside the one that is covered."""
    SAME_RIGHT = "same_right"
    """Another installation that the contract lets share a right."""
    SUITE = "suite"
    """Covered as a part of a suite or bundle."""
    MAINTENANCE = "maintenance"
    """A release that came out within a maintenance period."""
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    SITE = "site"
    TRUE_UP = "true_up"
    """Used now, to be ordered."""
    EXEMPT = "exempt"


class Failing(StrEnum):
    """The one condition that fails where no right covers a copy."""

    NO_RIGHT = "no_right"
    """The ledger holds nothing for it, or nothing that lacks one condition alone."""
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    EDITION = "edition"
    VERSION = "version"
    UNIT = "unit"
    PLACE = "place"
    """A site right is there, and the machine stands elsewhere."""
    PLACE_UNKNOWN = "place_unknown"
    """A site right is there, and the register does not say where the machine stands: 待核实."""
    NO_BASE = "no_base"
    """An upgrade right is there, and nothing that it upgrades from."""
    NO_PERSON = "no_person"
    """无责任人: the right goes to persons, and nobody answers for the machine."""
    NOT_CERTIFIED = "not_certified"
    """An unlimited right whose day of certification passed without a number."""
    RIGHT_IS_TRIAL = "right_is_trial"
    RIGHT_IS_PERSONAL = "right_is_personal"
    RESERVED = "reserved"
    """What is left of the right is reserved for another unit."""
    SUITE_INCOMPLETE = "suite_incomplete"
    """A suite right is there, and the device does not hold what makes the suite."""
    NO_DATA = "no_data"
    """What the metric counts (sessions, access, processors) is not known: 不可见."""
    EXHAUSTED = "exhausted"
    BOUND_ELSEWHERE = "bound_elsewhere"
    NOT_BOUND = "not_bound"
    """An OEM right is there, and the ledger does not name this machine's serial number."""
    NOT_FOR_ORGANISATIONS = "not_for_organisations"
    EDITION_UNKNOWN = "edition_unknown"
    """Covered, and the machine does not say which edition it is: 授权待核实 (METRICS §6)."""
    VERSION_UNKNOWN = "version_unknown"
    """Covered, and the machine does not say which release it is: 授权待核实."""
    TRIAL = "trial"
    PERSONAL_ONLY = "personal_only"
    CLASS_UNKNOWN = "class_unknown"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What became of one copy: its 软件编号, its right and the verdict, each with its reason."""

    copy: Copy
    code: SoftwareCode | None
    """`None`: 未登记软件."""
    entitlement: int | None
    """The right that covers it, or would be used first."""
    right: Right
    reason: Reason | None
    failing: Failing | None
    evidence: Evidence
    verdict: Verdict
    signs: tuple[EvidenceLine, ...] = ()
    over: bool = False
    """超出: carries the code, and no right of the code is left for it."""
    basis_missing: bool = False
    """Covered by a version other than the one bought, and the ledger names no basis: 授权待核实."""
    note: str | None = None
    """Of an exemption: its reason."""


@dataclass(frozen=True)
class Position:
    """Licence position of one product (and 软件编号 groups) in one legal entity on one day.

    Law: required = covered + to_order + shortage. Exact fractions; raw counts installations.
    """

    unit: UnitCode
    product: ProductId
    name: str
    category: Category
    raw: int
    required: Fraction
    covered: Fraction
    to_order: Fraction
    shortage: Fraction
    owned: Fraction | None
    """Rights valid on the day; `None` = unlimited."""
    surplus: Fraction
    idle_reserve: Fraction = Fraction(0)
    exempt: int = 0
    """Copies that are seen and not required: those within their days of trial."""
    dead_oem: int = 0
    """失效随机授权: bound to serials of scrapped or unknown machines."""
    metric: str = "per_device"
    """In what `required` counts: `per_device` or `per_user`."""
    is_lower_bound: bool = False
    """A machine that could hold the product was not fully seen: the report writes 'at least'."""
    as_of: date | None = None
    to_buy: int = 0
    """Rights to buy for no shortage: `shortage` rounded up, and less where one missing right voids all."""
    to_verify: int = 0
    """Copies that are neither covered nor short before somebody looks: a site right, and a machine without a place."""
    in_trial: int = 0
    """Copies within their days of trial, part of `exempt`."""
    orphan_upgrades: int = 0
    """Upgrade rights without a base."""
    by_unlimited: Fraction = Fraction(0)
    """How much of `covered` unlimited rights cover (a column of its own)."""
    exceptions: tuple[str, ...] = ()
    """Reasons of the exemptions."""


class LedgerFault(StrEnum):
    """What is wrong with a row, and what became of it."""

    QUANTITY = "quantity"
    """Negative or beyond belief: the row is left out."""
    DATES = "dates"
    """It ends before it starts: the row is left out."""
    AMOUNT = "amount"
    """Negative: the row counts, its amount does not."""
    SERIAL_TWICE = "serial_twice"
    """Another row of the product names the serial too: the first one holds it."""
    NOT_TRANSFERABLE = "not_transferable"
    """OEM, site and locked rights stay where they are."""
    MORE_THAN_OWNED = "more_than_owned"
    """A transfer or disposal of more than is there: not carried out."""
    NO_SUCH_RIGHT = "no_such_right"
    NO_BASE = "no_base"
    """An upgrade right that nothing in the ledger is a base of: worth nothing."""
    UNIT_CYCLE = "unit_cycle"
    """Units above each other in a circle: cut above the lowest code."""
    RESERVED_TOO_MUCH = "reserved_too_much"
    """More is reserved than is owned: the later reservations are cut."""
    PRICE = "price"


@dataclass(frozen=True, order=True)
class LeftOut:
    """One fault of the ledger with its rows; the rest is counted."""

    fault: LedgerFault
    rows: tuple[str, ...]
    """软件编号 of the rows, ids of transfers and disposals, unit codes."""
    told: str = ""


@dataclass(frozen=True)
class WholeMachines:
    """整机正版: how many machines are wholly genuine, as the interval that the facts allow.

    Copies that no stage can tell apart are interchangeable: which of them is the uncovered one is no fact.
    `stored` is the figure of the assignment of this run; `lowest` ≤ `stored` ≤ `highest`.
    """

    unit: UnitCode
    machines: int
    lowest: int
    stored: int
    highest: int


@dataclass(frozen=True, order=True)
class AccessLine:
    """One user, device, seat or head that needs a right: the one that covers it, or the first one and what fails."""

    unit: UnitCode
    product: str
    kind: str
    """`user`, `device`, `seats`, `heads`."""
    name: str
    count: int
    entitlement: int | None
    failing: Failing | None = None


class Severity(StrEnum):
    """How soon somebody must act."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """A code, facts and evidence; the words come later (`reports/texts`)."""

    code: str
    severity: Severity
    unit: UnitCode | None
    product: ProductId | None = None
    machine: str | None = None
    facts: tuple[tuple[str, str | int], ...] = ()
    evidence: tuple[EvidenceLine, ...] = ()

    @property
    def key(self) -> str:
        """Stable name from run to run: code, unit, product, machine and the facts that tell twins apart."""
        told = ",".join(f"{name}={value}" for name, value in self.facts if name.startswith("which"))
        return "|".join((self.code, self.unit or "", self.product or "", self.machine or "", told))


@dataclass(frozen=True)
class MachineFoot:
    """What was seen on one machine and does not stand alone on a form."""

    machine: str
    components: int = 0
    drivers: int = 0
    system_parts: int = 0
    """System parts, runtimes, updates, language packs, plug-ins, fonts, and what comes bundled."""
    unrecognised: int = 0


@dataclass(frozen=True)
class Unrecognised:
    """One group of titles that the catalogue does not know, with the machines that bear it."""

    group: str
    name: str
    publisher: str | None
    source: str
    machines: Sequence[str]
    """Keys, rising."""
    versions: int


@dataclass(frozen=True)
class AuditResult:
    """Everything that one audit worked out, in a fixed order."""

    assignments: Sequence[Assignment]
    """In the order of keys."""
    positions: tuple[Position, ...]
    findings: tuple[Finding, ...]
    feet: tuple[MachineFoot, ...]
    unrecognised: tuple[Unrecognised, ...]
    unit_positions: tuple[Position, ...] = ()
    """Positions unit by unit, departments too, before they are added up to legal entities."""
    whole_machines: tuple[WholeMachines, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    access: tuple[AccessLine, ...] = ()


# --- the journal ---------------------------------------------------------------------------------------------------


class JournalKind(StrEnum):
    """期初登记, 安装, 卸载, 升级, 调整."""

    OPENING = "opening"
    INSTALLED = "installed"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    ADJUSTED = "adjusted"


@dataclass(frozen=True)
class JournalLine:
    """One change on one machine. Happened: the source's own day, else the interval between two scans."""

    id: int
    machine: MachineId
    kind: JournalKind
    title: TitleId
    previous_title: TitleId | None
    scope: str
    happened_after: date | None
    """The last scan that did not show it; `None` when the source records the day itself or for an opening."""
    happened_on: date
    """The source's own day, else the day of the scan that first showed it."""
    day_is_exact: bool
    recorded_at: str
    """UTC, `YYYY-MM-DDTHH:MM:SSZ`."""
    document: str
