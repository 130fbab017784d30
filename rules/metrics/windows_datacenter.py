"""Windows Server Datacenter: licensing all cores of a host once covers every guest on it."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers, host_of
from rules.metrics.windows_server import LEAST_PER_VM, licensable_cores


class WindowsDatacenter(ServerMetric):
    """host cores, any number of guests."""

    id = "windows_datacenter"
    zh = "虚拟化权（数据中心版）"
    en = "host cores, any number of guests"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        found: dict[str, Fraction] = {}
        for server in servers:
            host = host_of(server, known)
            if host is None:
                found[server.id] = Fraction(max(server.vcpus or 0, figures.minimum_per_vm or LEAST_PER_VM))
            else:
                found[host.id] = Fraction(licensable_cores(host, figures))
        return found


WINDOWS_DATACENTER = WindowsDatacenter()
