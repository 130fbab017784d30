"""Virtual datacenter: the socket pairs of every host of the cluster; guests are free."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers, host_of
from rules.metrics.socket_pair import pairs


class VirtualDatacenter(ServerMetric):
    """socket pairs of the cluster."""

    id = "virtual_datacenter"
    zh = "按插槽对（虚拟数据中心）"
    en = "socket pairs of the cluster"
    unit_zh = "对"
    unit_en = "pairs"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        hosts = {}
        for server in servers:
            host = host_of(server, known)
            if host is None:
                hosts[server.id] = Fraction(1, 2)
                continue
            clustered = [s for s in known.values() if host.cluster and s.cluster == host.cluster and not s.is_guest]
            hosts |= {s.id: Fraction(pairs(s)) for s in (host, *clustered)}
        return hosts


VIRTUAL_DATACENTER = VirtualDatacenter()
