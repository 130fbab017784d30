"""Tiered (resource value units): a step function of the whole quantity; fractions round up at the end."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers
from rules.metrics.core_factor import core_total

TIERS = ((2_500, "1"), (10_000, "0.8"), (50_000, "0.6"), (150_000, "0.4"), (150_000, "0.2"))
"""(up to, factor): what lies above the last bound has the last factor."""


class Tiered(ServerMetric):
    """tiered resource units."""

    id = "tiered"
    zh = "分级资源单元"
    en = "tiered resource units"
    unit_zh = "资源单元"
    unit_en = "resource units"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        return {s.id: Fraction(core_total(s)) for s in servers}

    def required_of(self, servers: Servers, known: Known, figures: Figures) -> Fraction:
        total = sum(self.shares(servers, known, figures).values(), Fraction(0))
        return tiered(total, figures.tiers or TIERS)


def tiered(quantity: Fraction, tiers: tuple[tuple[int, str], ...] = TIERS) -> Fraction:
    """Return Σ factor × what lies in each tier, rounded up to a whole number."""
    total, below = Fraction(0), Fraction(0)
    for bound, factor in tiers:
        part = max(Fraction(0), min(quantity, Fraction(bound)) - below)
        total, below = total + part * Fraction(factor), max(below, Fraction(bound))
    total += max(Fraction(0), quantity - below) * Fraction(tiers[-1][1])
    return Fraction(-(-total.numerator // total.denominator))


TIERED = Tiered()
