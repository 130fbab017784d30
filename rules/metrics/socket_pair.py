"""Socket pair: ceil(sockets / 2) for each host, half a right for each guest; rounded host by host, never the fleet."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, Server, ServerMetric, Servers


def pairs(host: Server) -> int:
    """Return the socket pairs of a host; one socket is one pair."""
    return max(1, -(-host.sockets // 2))


class SocketPair(ServerMetric):
    """socket pair."""

    id = "socket_pair"
    zh = "按插槽对"
    en = "socket pair"
    unit_zh = "对"
    unit_en = "pairs"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        return {s.id: Fraction(1, 2) if s.is_guest else Fraction(pairs(s)) for s in servers}


SOCKET_PAIR = SocketPair()
