"""Core: Σ max(minimum of a processor, its cores), at least the minimum of the server; guests by virtual cores."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers, core_count


class Core(ServerMetric):
    """per core."""

    id = "core"
    zh = "按核"
    en = "per core"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        least_cpu, least_server = figures.minimum_per_processor or 0, figures.minimum_per_server or 0
        return {
            s.id: Fraction(
                max(s.vcpus or 0, figures.minimum_per_vm or 0) if s.is_guest else core_count(s, least_cpu, least_server)
            )
            for s in servers
        }


CORE = Core()
