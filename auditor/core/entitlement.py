"""The licence ledger: what a unit holds, for whom, where, until when and under which terms.

Days are calendar days; terms are closed [start, end]. Money is `Decimal` yuan. One row is one 软件编号 of one
owning unit; what changes hands later (transfers, disposals) stands in rows of its own (`ledger_acts.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from auditor.core.model import PersonId, ProductId, SoftwareCode, UnitCode
from rules.metrics.base import Figures

LARGEST_QUANTITY = 1_000_000_000
"""A ledger row that claims more rights than this is a slip of the pen: it is named and left out."""


class SoftwareType(StrEnum):
    """软件类型 on the forms: 商业软件, OEM软件, 免费软件."""

    COMMERCIAL = "commercial"
    OEM = "oem"
    FREE = "free"


class SourceType(StrEnum):
    """来源类型 (DOMAIN 3.2): 随机预装, 零售, 批量许可, 国内合法化, 场地授权, 订阅, 免费, 开源, 试用, 上级配发."""

    OEM = "oem"
    RETAIL = "retail"
    VOLUME = "volume"
    LEGALISATION = "legalisation"
    SITE = "site"
    SUBSCRIPTION = "subscription"
    FREE = "free"
    OPEN_SOURCE = "open_source"
    TRIAL = "trial"
    ISSUED = "issued"


class Sharing(StrEnum):
    """Who besides the owner may use a right: 本单位, 本单位及下级, 指定单位.

    `OWN`: the owner and, within the same legal entity, the departments below it.
    """

    OWN = "own"
    DESCENDANTS = "descendants"
    NAMED = "named"


class PartRole(StrEnum):
    """What a product is to a suite or bundle. A bundle applies where one of its primary products is present."""

    MANDATORY = "mandatory"
    PRIMARY = "primary"
    OPTIONAL = "optional"


@dataclass(frozen=True, order=True)
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


@dataclass(frozen=True, order=True)
class Reservation:
    """保留数量: this many rights are used by this unit (and what is below it) first, and by nobody else."""

    unit: UnitCode
    quantity: int


@dataclass(frozen=True, order=True)
class MaintenancePeriod:
    """维护/升级保障: releases whose day of general availability falls into it may be used with the base right."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, order=True)
class UpgradeBase:
    """What an upgrade right upgrades from. Every condition that is given must hold; one entry of several suffices."""

    product: ProductId | None = None
    """`None`: the product of the upgrade itself."""
    edition: str | None = None
    line: str | None = None
    code: SoftwareCode | None = None
    """软件编号 of the base."""
    on_device: bool = False
    """The base must belong to the very machine (批量许可 Windows on a preinstalled one): it stays with it."""


@dataclass(frozen=True)
class Downgrade:
    """降级权: earlier release lines that the right may be used for. Neither `steps` nor `lines`: any earlier one."""

    steps: int | None = None
    """At most this many lines back."""
    lines: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    """Other editions that it may be used for; the one bought always."""
    basis: str | None = None
    """Contract clause or terms; without one the use is 待核实."""


@dataclass(frozen=True, order=True)
class SuitePart:
    """One product of a suite or bundle."""

    product: ProductId
    role: PartRole = PartRole.OPTIONAL


@dataclass(frozen=True)
class SuiteComposition:
    """What one right of a suite covers on one device, and when a device without the suite's own entry has it.

    It has it when every mandatory part is there, one of the primary parts (if there are any), at least
    `minimum_percent` of all parts and at least `minimum_parts`.
    """

    parts: tuple[SuitePart, ...]
    minimum_percent: int = 0
    """0 to 100."""
    minimum_parts: int = 0


@dataclass(frozen=True)
class CountingRule(Figures):
    """What the contract of a right fixes for its metric."""


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
    """A metric of `rules/metrics/roster.py`."""
    quantity: int
    """许可数量 in packs; ignored when `unlimited`. `rights` is what counts."""
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
    """Machine serials that the right is bound to."""
    bound_people: tuple[PersonId, ...] = ()
    """Named users: each holds one right, used or idle."""
    shared: bool = False
    """May be used by the units below the owner as well: the older spelling of `Sharing.DESCENDANTS`."""
    multi_version: bool = False
    """Several versions on one device count once."""
    paper: str | None = None
    """授权凭证编号; without one the right covers and is counted in 有授权无凭证."""
    supplier: str | None = None
    contract: str | None = None
    remarks: str | None = None
    source_type: SourceType | None = None
    """来源类型; `None` = not stated."""
    rights_per_pack: int = 1
    sharing: Sharing = Sharing.OWN
    shared_with: tuple[UnitCode, ...] = ()
    """The units of `Sharing.NAMED`, each with its departments."""
    reservations: tuple[Reservation, ...] = ()
    bound_machines: tuple[str, ...] = ()
    """Named devices by 计算机编号: each holds one right, used or idle."""
    places: tuple[str, ...] = ()
    """场地: places within which it may be used; a machine without a place is 待核实."""
    maintenance: tuple[MaintenancePeriod, ...] = ()
    upgrade_from: tuple[UpgradeBase, ...] = ()
    """Not empty: an upgrade right, which is worth nothing without a base."""
    downgrade: Downgrade | None = None
    second_use: bool = False
    """One more installation for the same person on a portable device."""
    suite: SuiteComposition | None = None
    counting: CountingRule = CountingRule()
    true_up: bool = False
    """补购: may be used now and is ordered later; counts only what all other rights leave."""
    certified_on: date | None = None
    """Unlimited rights: the day on which the number in use is fixed (ULA certification)."""
    transferable: bool = True
    """False: locked by contract. OEM and site rights never move."""
    certificate: str | None = None
    """许可证书号."""
    invoice: str | None = None
    personal_only: bool = False
    """For private use only: covers nothing in a unit."""

    @property
    def lacks_paper(self) -> bool:
        """Whether it needs proof and names none: 有授权无凭证."""
        return self.software_type is not SoftwareType.FREE and not self.paper

    @property
    def rights(self) -> int:
        """How many rights the row holds: packs × rights per pack."""
        return self.quantity * self.rights_per_pack

    @property
    def reach(self) -> Sharing:
        """Who may use it, whichever of the two spellings says so."""
        return Sharing.DESCENDANTS if self.shared and self.sharing is Sharing.OWN else self.sharing


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
