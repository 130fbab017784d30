"""Every section of a scenario file, as a table: name, shape, meaning. The JSON Schema is made from it."""

from __future__ import annotations

from typing import Any

from auditor.core.entitlement import PartRole, Sharing, SoftwareType, SourceType
from auditor.core.ledger_acts import DisposalKind
from auditor.core.model import (
    Evidence,
    Failing,
    LedgerFault,
    MachineClass,
    MachineState,
    Reason,
    Right,
    UnitKind,
    Verdict,
)
from auditor.scenario.shape import DAY, MOMENT, NUMBER, TEXT, YES, Field, ListOf, Named, Pair, Record, one_of, whole
from auditor.scenario.spellings import METRIC_WORDS, SPELLINGS
from rules.metrics.roster import METRICS
from rules.product import Category, Kind, LicenceClass

MANY = 2_000_000_000_000
COUNT = whole(0, 1_000_000)
ANY = whole(-MANY, MANY)
METRIC = one_of(*(metric.id for metric in METRICS), also=METRIC_WORDS)
TEXTS = ListOf(TEXT)

LINE = Record(
    {
        "id": Field(TEXT, "name of the release line, as rights and installations name it", required=True),
        "released_on": Field(DAY, "day of general availability, for maintenance"),
        "support_ends_on": Field(DAY, "end of support"),
    },
    short="id",
    also=SPELLINGS["line"],
)
EDITION = Record(
    {
        "id": Field(TEXT, "name of the edition", required=True),
        "for_organisations": Field(YES, "false: a home edition, outside the genuine range of a unit"),
    },
    short="id",
    also=SPELLINGS["edition"],
)
PRODUCT = Record(
    {
        "id": Field(TEXT, "name of the product in this file", required=True),
        "name": Field(TEXT, "name on reports; the id when it is not given"),
        "class": Field(one_of(*LicenceClass), "licence class; commercial when not given"),
        "metric": Field(METRIC, "how it is counted where the ledger has no row for it; per_device when not given"),
        "category": Field(one_of(*Category), "what it is for"),
        "kind": Field(one_of(*Kind), "application, suite, operating_system …"),
        "lines": Field(ListOf(LINE), "release lines, oldest first"),
        "editions": Field(ListOf(EDITION), "editions"),
        "parts": Field(TEXTS, "products that its own entry on a machine brings along"),
        "trial_days": Field(whole(1, 3650), "length of a trial; the day of installation is day 1"),
    },
    short="id",
    also=SPELLINGS["product"],
)
UNIT = Record(
    {
        "code": Field(TEXT, "code of the unit", required=True),
        "name": Field(TEXT, "name"),
        "parent": Field(TEXT, "code of the unit above"),
        "kind": Field(one_of(*UnitKind), "a unit without a parent is a legal entity, others are departments"),
        "headcount": Field(COUNT, "heads, for the metric employee"),
        "from": Field(DAY, "first day of this row"),
        "until": Field(DAY, "last day of this row"),
    },
    short="code",
    also=SPELLINGS["unit"],
)
PERSON = Record(
    {
        "id": Field(TEXT, "id", required=True),
        "unit": Field(TEXT, "unit; the first one when not given"),
        "from": Field(DAY, "first day"),
        "until": Field(DAY, "last day; a leaver answers for no machine afterwards"),
    },
    short="id",
    also=SPELLINGS["person"],
)
INSTALLED = Record(
    {
        "product": Field(TEXT, "product", required=True),
        "line": Field(TEXT, "release line"),
        "edition": Field(TEXT, "edition"),
        "version": Field(TEXT, "version as the machine writes it"),
        "class": Field(one_of(*LicenceClass), "licence class of this copy, when it is another than the product's"),
        "installed_on": Field(DAY, "day of installation"),
        "first_seen_on": Field(DAY, "day of the first scan that showed it; the as-of day when not given"),
    },
    short="product",
    also=SPELLINGS["installed"],
)
SIGN = Record(
    {
        "affects": Field(TEXT, "product that the sign speaks against", required=True),
        "strength": Field(one_of("conclusive", "strong", "hint"), "strength", required=True),
        "indicator": Field(TEXT, "kind of sign; two strong ones of different kinds are conclusive"),
    },
    also=SPELLINGS["sign"],
)
SCOPE = Record(
    {
        "source": Field(TEXT, "source of the agent", required=True),
        "outcome": Field(one_of("complete", "partial", "absent", "failed"), "how the scan of it went", required=True),
    }
)
HARDWARE = {
    "cores": Field(ListOf(whole(0, 10_000)), "cores of each processor, such as [8, 8]"),
    "vcpus": Field(whole(0, 10_000), "virtual processors of a guest"),
    "host": Field(TEXT, "code of the physical host of a guest"),
    "cluster": Field(TEXT, "name of the cluster of a host"),
    "core_factor": Field(NUMBER, "core factor of its processors"),
    "pvu": Field(whole(0, 10_000), "value units for a core"),
    "runs_workload": Field(YES, "a host that does more than manage its guests"),
}
MACHINE_FACTS = {
    "unit": Field(TEXT, "unit; the first one when not given"),
    "person": Field(TEXT, "who answers for it"),
    "class": Field(one_of(*MachineClass), "desktop when not given; virtual = a guest, portable for second use"),
    "serial": Field(TEXT, "serial number"),
    "board_serial": Field(TEXT, "serial number of the board"),
    "place": Field(TEXT, "where it stands; L1/3F lies in L1"),
    "state": Field(one_of(*MachineState), "state on the as-of day; in_use when not given"),
    "last_scan_on": Field(DAY, "day of the last scan; the as-of day when not given"),
    "os_family": Field(one_of("windows", "linux", "macos", "other"), "family of the operating system"),
    "seen": Field(YES, "false: registered, never scanned"),
    "installed": Field(ListOf(INSTALLED), "what is installed"),
    "signs": Field(ListOf(SIGN), "adverse evidence"),
    "scopes": Field(ListOf(SCOPE), "how the scan of each source went, where it was not complete"),
    **HARDWARE,
}
MACHINE = Record(
    {
        "code": Field(TEXT, "computer number; with `count` the beginning of it; M1, M2 … when not given"),
        "count": Field(whole(1, 200_000), "so many machines alike: code001, code002 …"),
        **MACHINE_FACTS,
    },
    also=SPELLINGS["machine"],
)
REPORT = Record(
    {
        "source": Field(TEXT, "which tool reports: agent, sccm, csv …", required=True),
        "uuid": Field(TEXT, "hardware id"),
        "host_name": Field(TEXT, "host name"),
        "macs": Field(TEXTS, "network addresses"),
        **MACHINE_FACTS,
    },
    also=SPELLINGS["report"],
)
PERIOD = Record(
    {"starts_on": Field(DAY, "first day", required=True), "ends_on": Field(DAY, "last day", required=True)},
    also=SPELLINGS["period"],
)
BASE = Record(
    {
        "product": Field(TEXT, "product; that of the upgrade when not given"),
        "edition": Field(TEXT, "edition"),
        "line": Field(TEXT, "release line"),
        "code": Field(TEXT, "code of the ledger row"),
        "on_device": Field(YES, "the base must be bound to the very machine"),
    },
    short="line",
    also=SPELLINGS["base"],
)
DOWNGRADE = Record(
    {
        "steps": Field(whole(0, 100), "at most so many lines back"),
        "lines": Field(TEXTS, "only these lines"),
        "editions": Field(TEXTS, "other editions that it may be used for"),
        "basis": Field(TEXT, "clause"),
    },
    listed="lines",
    also=SPELLINGS["downgrade"],
)
ALLOWED = Record(
    {
        "line": Field(TEXT, "release line"),
        "versions": Field(TEXT, "range such as >=12,<13, or *"),
        "edition": Field(TEXT, "edition"),
        "basis": Field(TEXT, "why; without one the use is to be verified"),
    },
    short="line",
    also=SPELLINGS["allowed"],
)
PART = Record(
    {
        "product": Field(TEXT, "product", required=True),
        "role": Field(one_of(*PartRole), "mandatory, primary or optional"),
    },
    short="product",
    also=SPELLINGS["part"],
)
SUITE = Record(
    {
        "parts": Field(ListOf(PART), "what one right covers on one device", required=True),
        "minimum_percent": Field(whole(0, 100), "share of the parts that must be there"),
        "minimum_parts": Field(whole(0, 1_000), "number of the parts that must be there"),
    },
    listed="parts",
    also=SPELLINGS["suite"],
)
COUNTING = Record(
    {
        "minimum_per_processor": Field(COUNT, "cores that each processor counts for at least"),
        "minimum_per_server": Field(COUNT, "cores (or processors) that each server counts for at least"),
        "minimum_per_vm": Field(COUNT, "cores that each guest counts for at least"),
        "processors_per_right": Field(whole(1, 1_000), "processors that one right covers"),
        "installs_per_right": Field(whole(1, 1_000_000), "devices of a person, or installations on a device, a right"),
        "minimum_users": Field(COUNT, "named user plus: users at least for each of the next"),
        "minimum_users_per": Field(one_of("processor", "server", "install"), "of what"),
        "per_vm": Field(YES, "licensed guest by guest"),
        "sub_capacity": Field(YES, "count what guests may use"),
        "tiers": Field(ListOf(Pair((whole(1, MANY), TEXT))), "[up to, factor] pairs"),
        "all_or_nothing": Field(YES, "one right short and nothing is licensed"),
    },
    also=SPELLINGS["counting"],
)
RESERVATION = Record(
    {"unit": Field(TEXT, "for this unit and below", required=True), "quantity": Field(ANY, "rights", required=True)},
    also=SPELLINGS["reservation"],
)
ENTITLEMENT = Record(
    {
        "code": Field(TEXT, "software code (软件编号); R1, R2 … when not given"),
        "product": Field(TEXT, "product", required=True),
        "quantity": Field(ANY, "packs; rights = packs × rights_per_pack; as many as are named when not given"),
        "unit": Field(TEXT, "owner; the first unit when not given"),
        "metric": Field(METRIC, "how one right is counted; that of the product when not given"),
        "software_type": Field(one_of(*SoftwareType), "commercial when not given; oem binds to serials"),
        "source_type": Field(one_of(*SourceType), "where the right comes from"),
        "unlimited": Field(YES, "no number"),
        "certified_on": Field(DAY, "unlimited until this day; then `quantity` counts"),
        "version": Field(TEXT, "version bought, as written"),
        "edition": Field(TEXT, "edition bought"),
        "line": Field(TEXT, "release line bought; none = all"),
        "allowed": Field(ListOf(ALLOWED), "可使用版本"),
        "downgrade": Field(DOWNGRADE, "right to use earlier lines"),
        "maintenance": Field(ListOf(PERIOD), "releases that come out within may be used"),
        "upgrade_from": Field(ListOf(BASE), "an upgrade: worth nothing without one of these bases"),
        "suite": Field(SUITE, "suite or bundle"),
        "multi_version": Field(YES, "several versions on one device count once"),
        "second_use": Field(YES, "one more installation for the same person on a portable device"),
        "rights_per_pack": Field(whole(1, 1_000_000), "rights in a pack"),
        "starts_on": Field(DAY, "first day"),
        "ends_on": Field(DAY, "last day"),
        "sharing": Field(one_of(*Sharing), "own, descendants, or named units"),
        "shared_with": Field(TEXTS, "the named units"),
        "reservations": Field(ListOf(RESERVATION, keyed=("unit", "quantity")), "parts kept for units"),
        "serials": Field(TEXTS, "machine serials that it is bound to"),
        "people": Field(TEXTS, "named users"),
        "machines": Field(TEXTS, "named devices by code"),
        "places": Field(TEXTS, "site: places within which it may be used"),
        "counting": Field(COUNTING, "figures of the metric"),
        "true_up": Field(YES, "may be used now, is ordered later"),
        "transferable": Field(YES, "false: locked by contract"),
        "personal_only": Field(YES, "for private use only"),
        "amount": Field(NUMBER, "price paid, yuan"),
        "paper": Field(TEXT, "number of the certificate"),
    },
    also=SPELLINGS["entitlement"],
)
TRANSFER = Record(
    {
        "code": Field(TEXT, "code of the ledger row", required=True),
        "from": Field(TEXT, "giver", required=True),
        "to": Field(TEXT, "taker", required=True),
        "quantity": Field(ANY, "rights", required=True),
        "effective_on": Field(DAY, "first day on which the taker holds them", required=True),
        "document": Field(TEXT, "paper"),
    },
    also=SPELLINGS["transfer"],
)
DISPOSAL = Record(
    {
        "code": Field(TEXT, "code of the ledger row", required=True),
        "unit": Field(TEXT, "holder; the owner of the row when not given"),
        "kind": Field(one_of(*DisposalKind), "how"),
        "quantity": Field(ANY, "rights", required=True),
        "effective_on": Field(DAY, "first day without them", required=True),
    },
    also=SPELLINGS["disposal"],
)
EXEMPTION = Record(
    {
        "reason": Field(TEXT, "why", required=True),
        "approver": Field(TEXT, "who approved it"),
        "machine": Field(TEXT, "code of the machine"),
        "product": Field(TEXT, "product"),
        "unit": Field(TEXT, "only here and below"),
        "starts_on": Field(DAY, "first day"),
        "ends_on": Field(DAY, "last day"),
    },
    also=SPELLINGS["exemption"],
)
SESSION = Record(
    {
        "product": Field(TEXT, "product", required=True),
        "start": Field(MOMENT, "check-out", required=True),
        "end": Field(MOMENT, "return; none = still open"),
        "quantity": Field(whole(1, 1_000_000), "seats; 1 when not given"),
        "unit": Field(TEXT, "unit"),
        "person": Field(TEXT, "user"),
    },
    also=SPELLINGS["session"],
)
PAIR = Record(
    {
        "product": Field(TEXT, "server product that the access licences are of", required=True),
        "user": Field(TEXT, "user", required=True),
        "device": Field(TEXT, "device", required=True),
        "line": Field(TEXT, "release line of the server"),
        "unit": Field(TEXT, "unit"),
    },
    also=SPELLINGS["pair"],
)
MEASURED = Record(
    {
        "product": Field(TEXT, "product", required=True),
        "quantity": Field(NUMBER, "users, heads or resources", required=True),
        "unit": Field(TEXT, "unit"),
    },
    also=SPELLINGS["measured"],
)
FREE = Record(
    {
        "code": Field(TEXT, "code", required=True),
        "product": Field(TEXT, "product", required=True),
        "basis": Field(TEXT, "clause that lets an organisation use it"),
        "unit": Field(TEXT, "unit"),
    },
    also=SPELLINGS["free"],
)
PRICE = Record(
    {
        "product": Field(TEXT, "product", required=True),
        "price": Field(NUMBER, "yuan for one right", required=True),
        "metric": Field(METRIC, "metric; that of the product when not given"),
        "from_quantity": Field(whole(1, 1_000_000_000), "holds from this quantity on"),
        "edition": Field(TEXT, "edition"),
        "line": Field(TEXT, "release line"),
        "supplier": Field(TEXT, "supplier"),
        "starts_on": Field(DAY, "first day"),
        "ends_on": Field(DAY, "last day"),
    },
    also=SPELLINGS["price"],
)
PREVIOUS = Record(
    {
        "machine": Field(TEXT, "code of a machine, or the beginning of several", required=True),
        "product": Field(TEXT, "product", required=True),
        "code": Field(TEXT, "software code in the previous run", required=True),
        "line": Field(TEXT, "release line"),
        "from": Field(whole(1, 1_000_000), "of machines with a count: the first number"),
        "to": Field(whole(1, 1_000_000), "the last number"),
    },
    also=SPELLINGS["previous"],
)
FIGURES = {
    "raw": "installations, sessions, pairs or heads",
    "required": "rights needed",
    "covered": "rights used",
    "to_order": "used now, to be ordered",
    "shortage": "required − covered − to order",
    "owned": "valid rights; the word unlimited where there is no number",
    "surplus": "rights left over",
    "idle_reserve": "reserved or bound, and not used",
    "exempt": "copies that an exemption or a trial frees",
    "in_trial": "of these within a trial",
    "dead_oem": "rights bound to machines that are gone",
    "to_verify": "copies that are neither covered nor short",
    "orphan_upgrades": "upgrade rights without a base",
    "by_unlimited": "covered by unlimited rights",
    "to_buy": "whole rights to buy",
    "net": "surplus − shortage, of units added up",
}
FIGURE_FIELDS = {name: Field(NUMBER if name != "owned" else TEXT, told) for name, told in FIGURES.items()}
EXPECT_POSITION = Record(
    {
        "product": Field(TEXT, "product", required=True),
        "unit": Field(TEXT, "unit; when not given, everything added up"),
        "metric": Field(TEXT, "way of counting, where a product has several"),
        **FIGURE_FIELDS,
    }
)
EXPECT_COPY = Record(
    {
        "machine": Field(TEXT, "code of the machine; when not given, all"),
        "product": Field(TEXT, "product"),
        "line": Field(TEXT, "release line"),
        "count": Field(COUNT, "how many such copies there are; at least one when not given"),
        "right": Field(one_of(*Right), "covered, short …"),
        "reason": Field(one_of(*Reason), "why it is covered"),
        "failing": Field(one_of(*Failing), "the one condition that fails"),
        "verdict": Field(one_of(*Verdict), "verdict"),
        "evidence": Field(one_of(*Evidence), "evidence on the machine"),
        "code": Field(TEXT, "software code; the word none for 未登记软件"),
        "basis_missing": Field(YES, "授权待核实: no basis named"),
    }
)
EXPECT = Record(
    {
        "positions": Field(ListOf(EXPECT_POSITION), "positions of units, departments too"),
        "rollup": Field(ListOf(EXPECT_POSITION), "positions of a unit with all below it"),
        "copies": Field(ListOf(EXPECT_COPY), "what became of copies"),
        "findings": Field(Named(COUNT), "finding code → how many copies or machines"),
        "left_out": Field(
            ListOf(
                Record(
                    {
                        "fault": Field(one_of(*LedgerFault), "fault", required=True),
                        "rows": Field(TEXTS, "rows"),
                    }
                )
            ),
            "faults of the ledger; nothing else may be left out",
        ),
        "rates": Field(
            ListOf(
                Record(
                    {
                        "what": Field(TEXT, "category, or all", required=True),
                        "unit": Field(TEXT, "legal entity"),
                        "numerator": Field(COUNT, "genuine copies with a right"),
                        "denominator": Field(COUNT, "counted copies"),
                        "percent": Field(TEXT, "as printed, such as 98.33"),
                    }
                )
            ),
            "rates",
        ),
        "whole_machines": Field(
            ListOf(
                Record(
                    {
                        "unit": Field(TEXT, "legal entity"),
                        "machines": Field(COUNT, "machines with counted copies"),
                        "lowest": Field(COUNT, "fewest that may be wholly genuine"),
                        "stored": Field(COUNT, "of this assignment"),
                        "highest": Field(COUNT, "most"),
                        "lowest_percent": Field(TEXT, "as printed"),
                        "highest_percent": Field(TEXT, "as printed"),
                    }
                )
            ),
            "整机正版率",
        ),
        "machines": Field(COUNT, "machines counted"),
        "stale": Field(TEXTS, "machines that were not scanned for too long"),
        "unchanged_at_least": Field(COUNT, "copies that keep the code of the previous run"),
    }
)
FILE_FIELDS = {
    "title": Field(TEXT, "what the case shows"),
    "as_of": Field(DAY, "the day of the count", required=True),
    "as_of_moment": Field(MOMENT, "moment at which open sessions end; the end of the day when not given"),
    "seed": Field(whole(0, 2**31 - 1), "seed of the solver; changes nothing"),
    "stale_after_days": Field(whole(1, 3650), "30 when not given"),
    "window_days": Field(whole(1, 3650), "window of the peak of sessions; 30 when not given"),
    "products": Field(ListOf(PRODUCT), "products; all that are named when not given"),
    "units": Field(ListOf(UNIT), "units; one called HQ when not given"),
    "people": Field(ListOf(PERSON), "people; when given, nobody else answers for a machine"),
    "machines": Field(ListOf(MACHINE), "machines of the register with what is installed"),
    "reports": Field(ListOf(REPORT), "reports of several tools, merged to machines by their identity"),
    "entitlements": Field(ListOf(ENTITLEMENT), "the licence ledger"),
    "transfers": Field(ListOf(TRANSFER), "transfers between units"),
    "disposals": Field(ListOf(DISPOSAL), "disposals"),
    "exemptions": Field(ListOf(EXEMPTION), "exemptions"),
    "sessions": Field(ListOf(SESSION), "check-outs of floating licences"),
    "access": Field(ListOf(PAIR), "who reaches a server product from which device"),
    "measured": Field(ListOf(MEASURED), "quantities that somebody states"),
    "free_list": Field(ListOf(FREE), "可使用免费软件清单"),
    "prices": Field(ListOf(PRICE), "price list; lines that cannot be meant are left out"),
    "previous": Field(ListOf(PREVIOUS), "codes of the previous run"),
    "expect": Field(EXPECT, "what must come out; compared when given"),
}
VARIANT = Record(
    {"name": Field(TEXT, "name", required=True), **{n: Field(f.shape, f.told) for n, f in FILE_FIELDS.items()}},
    also=SPELLINGS["file"],
)
FILE = Record(
    {**FILE_FIELDS, "variants": Field(ListOf(VARIANT), "the same case with some sections replaced")},
    also=SPELLINGS["file"],
)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Zhengban scenario: a licence position from one file",
        **FILE.schema(),
    }
