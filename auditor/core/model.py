"""The values that the core works on: facts of a day in, copies, positions, verdicts and findings out.

Days are calendar days in the setting `time_zone`; terms are closed [start, end]. Money is `Decimal` yuan.
Everything is ordered and hashable, so that equal inputs give equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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
    installations: tuple[Installation, ...] = ()
    programs: tuple[str, ...] = ()
    """File names of the programs that ran at the last scan."""
    facts: tuple[Fact, ...] = ()
    """What the last scan told that an indicator of the catalogue may be read from."""
    document: str | None = None
    """Digest of the document that the last state rests on."""
    registered_since: date | None = None
    """First day of the register's row: the day of its state, when the row was written for that."""

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


# --- the ledger ------------------------------------------------------------------------------------------------


class SoftwareType(StrEnum):
    """软件类型 on the forms: 商业软件, OEM软件, 免费软件."""

    COMMERCIAL = "commercial"
    OEM = "oem"
    FREE = "free"


@dataclass(frozen=True)
class AllowedVersion:
    """One entry of 可使用版本: a line or a version range, perhaps of another edition, and why."""

    text: str
    """As written in the ledger."""
    versions: str | None = None
    """Range in the words of `rules/versions.py` or a release line."""
    line: str | None = None
    edition: str | None = None
    basis: str | None = None
    """The basis of the right: 合同条款, 降级权 …; without one a version other than the one bought is 待核实."""


@dataclass(frozen=True)
class Entitlement:
    """One row of the licence ledger: what a unit holds under one 软件编号."""

    id: int
    unit: UnitCode
    code: SoftwareCode
    name: str
    """软件名称 as written in the ledger."""
    product: ProductId | None
    """`None`: the catalogue does not know the name; the row is kept and reported."""
    software_type: SoftwareType
    metric: str
    """`per_device`, `per_user` or `oem`."""
    quantity: int
    """许可数量 × rights per pack; ignored when `unlimited`."""
    unlimited: bool = False
    version: str | None = None
    """软件版本 as bought, as written."""
    edition: str | None = None
    line: str | None = None
    allowed: tuple[AllowedVersion, ...] = ()
    licence_type: str | None = None
    """许可类型 as written: 数量许可, 场地许可, 用户许可 …"""
    starts_on: date | None = None
    ends_on: date | None = None
    """Last day of the term; `None` = 永久."""
    term: str | None = None
    """许可期限 as written."""
    purchased_on: date | None = None
    amount: Decimal | None = None
    """采购金额 in yuan."""
    serials: tuple[str, ...] = ()
    """序列号, masked; the full ones stay sealed in the store."""
    bound_serials: tuple[str, ...] = ()
    """Machine serials that an OEM right is bound to; at most `quantity`."""
    bound_people: tuple[PersonId, ...] = ()
    shared: bool = False
    """May be used by the units below the owner as well."""
    multi_version: bool = False
    """Several versions on one device count once."""
    paper: str | None = None
    """授权凭证编号; without one the right covers and is counted in 有授权无凭证."""
    supplier: str | None = None
    contract: str | None = None
    remarks: str | None = None


@dataclass(frozen=True)
class FreeSoftware:
    """One line of 可使用免费软件清单."""

    unit: UnitCode
    code: SoftwareCode
    name: str
    product: ProductId | None
    version: str | None = None
    source: str | None = None
    vendor: str | None = None
    contact: str | None = None
    department: str | None = None
    reason: str | None = None
    basis: str | None = None
    """Why an organisation may use it: the clause of the terms. Needed for personal_free."""


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


@dataclass(frozen=True)
class Copy:
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

    @property
    def key(self) -> str:
        """Stable name of the copy from run to run: machine, product, edition, line, ordinal."""
        return "|".join((self.machine, self.product, self.edition or "", self.line or "", str(self.ordinal)))


class Reason(StrEnum):
    """Why a right covers a copy."""

    BOUND = "bound"
    EXACT = "exact"
    ALLOWED_VERSION = "allowed_version"
    UNLIMITED = "unlimited"
    FREE_LIST = "free_list"
    RIDE_ALONG = "ride_along"


class Failing(StrEnum):
    """The one condition that fails where no right covers a copy."""

    NO_RIGHT = "no_right"
    """The ledger holds nothing for it, or nothing that lacks one condition alone."""
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    EDITION = "edition"
    VERSION = "version"
    UNIT = "unit"
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


@dataclass(frozen=True)
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
    machines: tuple[str, ...]
    versions: int


@dataclass(frozen=True)
class AuditResult:
    """Everything that one audit worked out, in a fixed order."""

    assignments: tuple[Assignment, ...]
    positions: tuple[Position, ...]
    findings: tuple[Finding, ...]
    feet: tuple[MachineFoot, ...]
    unrecognised: tuple[Unrecognised, ...]


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
