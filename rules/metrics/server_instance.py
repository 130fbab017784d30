"""Server instance: one right for each operating-system environment that bears the product."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers


class ServerInstance(ServerMetric):
    """per server instance."""

    id = "server_instance"
    zh = "按服务器实例"
    en = "per server instance"
    unit_zh = "个"
    unit_en = "instances"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        return {s.id: Fraction(1) for s in servers}


SERVER_INSTANCE = ServerInstance()
