"""Processor with a cap of 32 cores: ceil(cores / 32) rights for each processor."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers

CAP = 32


class VmwareCpu(ServerMetric):
    """per processor of 32 cores."""

    id = "vmware_cpu"
    zh = "按处理器（每 32 核）"
    en = "per processor of 32 cores"
    unit_zh = "个"
    unit_en = "processors"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        return {s.id: Fraction(sum(max(1, -(-cores // CAP)) for cores in s.cores)) for s in servers}


VMWARE_CPU = VmwareCpu()
