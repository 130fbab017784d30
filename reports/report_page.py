"""AuditReport in one language as the page shows it: tiles, bars, findings in words and in their groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from reports.charts import coverage_bar, rate_bar
from reports.forms.frame import computer
from reports.model import AuditReport, FindingLine, PositionLine, Rate, Unscanned
from reports.wording import FindingText, Wording, share

SEVERITIES = ("high", "medium", "low", "note")
OPEN_CLASSES = frozenset({"operating_system", "office", "antivirus", "other"})
"""The rates whose copies add up without counting any twice."""


@dataclass(frozen=True)
class Tile:
    """One figure of the overview."""

    label: str
    figure: str
    told: str
    tone: str
    """`good`, `warn`, `bad` or `calm`: chooses the colour of the edge, never the only sign."""


@dataclass(frozen=True)
class RateRow:
    """One rate with its bar."""

    rate: Rate
    label: str
    share: str
    bar: str


@dataclass(frozen=True)
class FindingCard:
    """One finding in words."""

    finding: FindingLine
    words: FindingText
    evidence_count: int


@dataclass(frozen=True)
class FindingGroup:
    """The findings of one severity."""

    severity: str
    label: str
    cards: tuple[FindingCard, ...]


@dataclass(frozen=True)
class Page:
    """Everything that the template needs beside the model."""

    report: AuditReport
    words: Wording
    prefix: str
    tiles: tuple[Tile, ...]
    coverage_bar: str
    coverage_counts: tuple[tuple[str, int], ...]
    rates: tuple[RateRow, ...]
    groups: tuple[FindingGroup, ...]
    has_units: bool

    def name_of(self, machine: Unscanned) -> str:
        """What stands for a computer in a list."""
        return computer(machine.computer_code, machine.host_name, self.words)

    def is_short(self, line: PositionLine) -> bool:
        """Say whether rights are missing."""
        return not _is_nothing(line.shortage)

    def is_surplus(self, line: PositionLine) -> bool:
        """Say whether rights lie idle."""
        return not _is_nothing(line.surplus)

    def share(self, numerator: int, denominator: int) -> str:
        """A share in per cent."""
        return share(numerator, denominator)


def report_page(report: AuditReport, words: Wording) -> Page:
    """Return the page of a report in the language of the wording."""
    coverage = report.coverage
    bar_label = words.text(
        "report.coverage_chart",
        full=coverage.fully_scanned,
        partial=coverage.scanned - coverage.fully_scanned,
        none=coverage.in_scope - coverage.scanned,
    )
    names = ("registered_not_seen", "seen_not_registered", "stale", "classified", "private")
    return Page(
        report=report,
        words=words,
        prefix=words.language.split("_")[0],
        tiles=_tiles(report, words),
        coverage_bar=coverage_bar(coverage, bar_label),
        coverage_counts=tuple((words.text(f"report.{name}"), getattr(coverage, name)) for name in names),
        rates=tuple(_rate_row(rate, words) for rate in report.rates),
        groups=_groups(report.findings, words),
        has_units=len(_units(report)) > 1,
    )


def _units(report: AuditReport) -> set[str]:
    """The units that the lines of the report speak of."""
    named = {line.unit_name for line in report.positions}
    return named | {line.unit_name for line in report.findings if line.unit_name}


def _tiles(report: AuditReport, words: Wording) -> tuple[Tile, ...]:
    coverage = report.coverage
    high = sum(finding.severity == "high" for finding in report.findings)
    return (
        Tile(
            words.text("report.tile_coverage"),
            share(coverage.scanned, coverage.in_scope),
            words.text("report.of_machines", numerator=coverage.scanned, denominator=coverage.in_scope),
            "good" if coverage.scanned >= coverage.in_scope > 0 else "warn",
        ),
        *_three_classes_tile(report.rates, words),
        _shortage_tile(report.positions, words),
        _copies_tile(report.rates, "suspected", "report.copies_need_confirmation", "bad", words),
        _copies_tile(report.rates, "to_verify", "report.copies_not_genuine", "warn", words),
        Tile(
            words.text("report.tile_findings"),
            words.text("report.items_count", count=len(report.findings)),
            words.text("report.high_of_all", count=high),
            "bad" if high else "calm",
        ),
    )


def _three_classes_tile(rates: tuple[Rate, ...], words: Wording) -> Iterable[Tile]:
    for rate in rates:
        if rate.what == "three_classes":
            told = words.text("report.of_copies", numerator=rate.numerator, denominator=rate.denominator)
            tone = "good" if rate.numerator == rate.denominator > 0 else "warn"
            yield Tile(words.text("report.tile_three"), share(rate.numerator, rate.denominator), told, tone)


def _shortage_tile(positions: tuple[PositionLine, ...], words: Wording) -> Tile:
    short = [line for line in positions if not _is_nothing(line.shortage)]
    amounts = [_amount(line.shortage) for line in short]
    known = [amount for amount in amounts if amount is not None]
    told = words.text("report.short_units", count=_plain(sum(known, Fraction(0)))) if len(known) == len(short) else ""
    if any(line.at_least for line in short):
        told = (
            f"{told}（{words.text('report.at_least')}）"
            if words.language == "zh_CN"
            else f"{told} ({words.text('report.at_least')})"
        )
    figure = words.text("report.products_count", count=len({line.product for line in short}))
    return Tile(words.text("report.tile_shortage"), figure, told, "bad" if short else "good")


def _copies_tile(rates: tuple[Rate, ...], what: str, told: str, tone: str, words: Wording) -> Tile:
    copies = sum(int(getattr(rate, what)) for rate in rates if rate.what in OPEN_CLASSES)
    return Tile(
        words.text(f"report.tile_{what}"),
        words.number(copies),
        words.text(told, count=copies),
        tone if copies else "good",
    )


def _rate_row(rate: Rate, words: Wording) -> RateRow:
    label, told = words.word("rate", rate.what), share(rate.numerator, rate.denominator)
    chart = words.text(
        "report.rates_chart",
        what=label,
        share=told,
        genuine=rate.numerator,
        short=rate.short,
        to_verify=rate.to_verify,
        suspected=rate.suspected,
        undetermined=rate.undetermined,
    )
    return RateRow(rate, label, told, rate_bar(rate, chart))


def _groups(findings: tuple[FindingLine, ...], words: Wording) -> tuple[FindingGroup, ...]:
    """The findings by severity, gravest first, in the order of the model inside; an unknown severity comes last."""
    known = [*SEVERITIES, *sorted({finding.severity for finding in findings} - set(SEVERITIES))]
    groups = []
    for severity in known:
        cards = tuple(
            FindingCard(
                finding, words.finding(finding.code, finding.facts), len(finding.evidence) + finding.more_evidence
            )
            for finding in findings
            if finding.severity == severity
        )
        if cards:
            groups.append(FindingGroup(severity, words.word("severity", severity), cards))
    return tuple(groups)


def _amount(text: str) -> Fraction | None:
    try:
        return Fraction(text.replace(",", ""))
    except (ValueError, ZeroDivisionError):
        return None


def _is_nothing(text: str) -> bool:
    return _amount(text) == 0


def _plain(amount: Fraction) -> str:
    """A whole number as such, else two decimals."""
    return f"{amount.numerator:,}" if amount.denominator == 1 else f"{float(amount):,.2f}"
