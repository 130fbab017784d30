"""Core factor: cores of one factor are added over all servers, multiplied, rounded up; then the groups are added."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, Server, ServerMetric, Servers

HIGHEST_FACTOR = Fraction(1)
"""Stands for a processor that the table of the contract does not name."""


def core_total(server: Server) -> int:
    """Return the cores of a server: of a guest those that it may use."""
    return (server.vcpus or 0) if server.is_guest else sum(server.cores)


def factor_of(server: Server) -> Fraction:
    """Return the core factor of a server."""
    return server.factor if server.factor is not None else HIGHEST_FACTOR


class CoreFactor(ServerMetric):
    """processor by core factor."""

    id = "core_factor"
    zh = "按处理器（核心系数）"
    en = "processor by core factor"
    unit_zh = "个"
    unit_en = "processors"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        return {s.id: core_total(s) * factor_of(s) for s in servers}

    def required_of(self, servers: Servers, known: Known, figures: Figures) -> Fraction:
        groups: dict[Fraction, int] = {}
        for server in servers:
            groups[factor_of(server)] = groups.get(factor_of(server), 0) + core_total(server)
        return Fraction(sum(-(-cores * factor.numerator // factor.denominator) for factor, cores in groups.items()))


CORE_FACTOR = CoreFactor()
