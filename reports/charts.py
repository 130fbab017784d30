"""Read-model → SVG: a bar of parts. Colours come from the page's style sheet, so that dark mode and print follow."""

from __future__ import annotations

from html import escape

from reports.clean_text import clean
from reports.forms.sheet import Bar
from reports.model import Coverage, Rate

WIDE = 1000


def bar(parts: tuple[tuple[str, int], ...], total: int, label: str) -> str:
    """Return one horizontal bar: each part (class of the style sheet, count) as wide as its share of `total`.

    What the parts leave of the total stays empty. The edges are rounded from the running sum, so that the parts of a
    whole always fill it. `label` is what a screen reader says.
    """
    drawn, done = [], 0
    for name, count in parts:
        start = WIDE * done // total if total > 0 else 0
        done += count
        end = min(WIDE * done // total, WIDE) if total > 0 else 0
        if end > start:
            drawn.append(f'<rect class="part {escape(name)}" x="{start}" width="{end - start}" height="12"/>')
    told = escape(clean(label))
    return (
        f'<svg class="bar" viewBox="0 0 {WIDE} 12" preserveAspectRatio="none" role="img" aria-label="{told}">'
        f"<title>{told}</title>{''.join(drawn)}</svg>"
    )


def rate_bar(rate: Rate, label: str) -> str:
    """Return the bar of one rate: genuine, then what is not, in the order of the legend."""
    parts = (
        ("genuine", rate.numerator),
        ("short", rate.short),
        ("to_verify", rate.to_verify),
        ("suspected", rate.suspected),
        ("undetermined", rate.undetermined),
    )
    return bar(parts, rate.denominator, label)


def coverage_bar(coverage: Coverage, label: str) -> str:
    """Return the bar of the coverage: fully scanned, partly scanned; the rest is empty."""
    parts = (("genuine", coverage.fully_scanned), ("to_verify", coverage.scanned - coverage.fully_scanned))
    return bar(parts, coverage.in_scope, label)


def share_chart(bars: tuple[Bar, ...], label: str) -> str:
    """Return bars of shares below each other, each with its label and figures above it. Text stays text."""
    drawn = []
    for number, each in enumerate(bars):
        top = 34 * number
        part = WIDE * min(each.numerator, each.denominator) // each.denominator if each.denominator > 0 else 0
        drawn.append(f'<text x="0" y="{top + 14}">{escape(clean(each.label))}</text>')
        drawn.append(f'<rect class="whole" x="0" y="{top + 19}" width="{WIDE}" height="9"/>')
        if part > 0:
            drawn.append(f'<rect class="part" x="0" y="{top + 19}" width="{part}" height="9"/>')
    told = escape(clean(label))
    return (
        f'<svg class="shares" viewBox="0 0 {WIDE} {34 * len(bars)}" role="img" aria-label="{told}">'
        f"<title>{told}</title>{''.join(drawn)}</svg>"
    )


def line_chart(points: tuple[Bar, ...], label: str) -> str:
    """Return shares over time as a line from 0 to 100 per cent, each point with its label. Text stays text."""
    left, right, top, bottom = 60, WIDE - 20, 14, 190
    step = (right - left) / max(len(points) - 1, 1)
    drawn = []
    for per_cent in (0, 25, 50, 75, 100):
        y = bottom - (bottom - top) * per_cent // 100
        drawn.append(f'<line class="grid" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>')
        drawn.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{per_cent}%</text>')
    places = []
    for number, point in enumerate(points):
        if point.denominator > 0:
            x = round(left + step * number)
            y = bottom - (bottom - top) * min(point.numerator, point.denominator) // point.denominator
            places.append((x, y))
            drawn.append(
                f'<circle class="point" cx="{x}" cy="{y}" r="4"><title>{escape(clean(point.label))}</title></circle>'
            )
    joined = " ".join(f"{x},{y}" for x, y in places)
    drawn.append(f'<polyline class="trend" points="{joined}"/>')
    for number, point in enumerate(points):
        anchor = "start" if number == 0 else "end" if number == len(points) - 1 else "middle"
        day = escape(clean(point.label).partition("　")[0])
        drawn.append(f'<text x="{round(left + step * number)}" y="{bottom + 20}" text-anchor="{anchor}">{day}</text>')
    told = escape(clean(label))
    return (
        f'<svg class="shares" viewBox="0 0 {WIDE} 220" role="img" aria-label="{told}"><title>{told}</title>'
        f"{''.join(drawn)}</svg>"
    )
