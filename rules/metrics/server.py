"""Server: one right for each physical host, which covers its guests."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers, host_of


class ServerLicence(ServerMetric):
    """per server."""

    id = "server"
    zh = "按服务器"
    en = "per server"
    unit_zh = "台"
    unit_en = "servers"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        return {(found or server).id: Fraction(1) for server in servers for found in [host_of(server, known)]}


SERVER = ServerLicence()
