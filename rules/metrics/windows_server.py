"""Windows Server Standard: licensing all cores of a host covers two operating systems on it; again for two more."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, Server, ServerMetric, Servers, core_count, host_of

LEAST_PER_PROCESSOR, LEAST_PER_SERVER, LEAST_PER_VM = 8, 16, 8


def licensable_cores(host: Server, figures: Figures) -> int:
    """Return the cores of a host that one licensing counts."""
    least = figures.minimum_per_processor, figures.minimum_per_server
    return core_count(
        host,
        LEAST_PER_PROCESSOR if least[0] is None else least[0],
        LEAST_PER_SERVER if least[1] is None else least[1],
    )


class WindowsServer(ServerMetric):
    """host cores for two guests."""

    id = "windows_server"
    zh = "虚拟化权（标准版）"
    en = "host cores for two guests"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        found: dict[str, Fraction] = {}
        guests: dict[str, int] = {}
        for server in servers:
            host = host_of(server, known)
            if host is None or (server.is_guest and figures.per_vm):
                found[server.id] = Fraction(max(server.vcpus or 0, figures.minimum_per_vm or LEAST_PER_VM))
            else:
                guests[host.id] = guests.get(host.id, 0) + (server.is_guest or server.runs_workload)
        for id, count in guests.items():
            host = next((s for s in servers if s.id == id), None) or known[id]
            found[id] = Fraction(max(1, -(-count // 2)) * licensable_cores(host, figures))
        return found


WINDOWS_SERVER = WindowsServer()
