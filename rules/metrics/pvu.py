"""Value units: cores × units by processor model; under sub-capacity the cores of the guests, never above the host."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, Server, ServerMetric, Servers, host_of

HIGHEST_BAND = 120
"""Value units for a core of a model that the table does not name."""


def points_of(server: Server) -> int:
    """Return the value units for one core."""
    return server.points if server.points is not None else HIGHEST_BAND


class Pvu(ServerMetric):
    """processor value units."""

    id = "pvu"
    zh = "处理器价值单元"
    en = "processor value units"
    unit_zh = "价值单元"
    unit_en = "value units"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        found: dict[str, Fraction] = {}
        for server in servers:
            host = host_of(server, known)
            whole = Fraction(sum(host.cores) * points_of(host)) if host is not None else None
            if server.is_guest and (figures.sub_capacity or whole is None):
                key = host.id if host is not None else server.id
                used = found.get(key, Fraction(0)) + (server.vcpus or 0) * points_of(host or server)
                found[key] = used if whole is None else min(used, whole)
            elif host is not None and whole is not None:
                found[host.id] = whole
        return found


PVU = Pvu()
