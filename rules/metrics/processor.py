"""Processor: processors of each server, rounded up to whole rights server by server."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers


class Processor(ServerMetric):
    """per processor."""

    id = "processor"
    zh = "按处理器"
    en = "per processor"
    unit_zh = "个"
    unit_en = "processors"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        per_right, least = figures.processors_per_right or 1, figures.minimum_per_server or 0
        return {s.id: Fraction(-(-max(s.sockets or 1, least) // per_right)) for s in servers}


PROCESSOR = Processor()
