"""Core with a minimum of 16 for each processor."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers, core_count

LEAST = 16


class VmwareCore(ServerMetric):
    """per core, 16 a processor at least."""

    id = "vmware_core"
    zh = "按核（每处理器至少 16）"
    en = "per core, 16 a processor at least"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        least = LEAST if figures.minimum_per_processor is None else figures.minimum_per_processor
        return {s.id: Fraction(core_count(s, least, 0)) for s in servers}


VMWARE_CORE = VmwareCore()
