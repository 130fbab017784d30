"""Concurrent: the most check-outs at one moment. Intervals are half open, so a hand-over does not count twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rules.metrics.base import Family, Metric


class Concurrent(Metric):
    """Floating, token and network licences."""

    id = "concurrent"
    zh = "并发"
    en = "concurrent"
    unit_zh = "个"
    unit_en = "seats"
    family = Family.ACCESS


def peak(sessions: Iterable[tuple[datetime, datetime | None, int]], *, since: datetime, until: datetime) -> int:
    """Return the peak within [since, until). An open session ends at `until`; one of no length counts nothing."""
    steps: list[tuple[datetime, int]] = []
    for start, end, quantity in sessions:
        begin, finish = max(start, since), min(end if end is not None else until, until)
        if begin < finish:
            steps += [(begin, quantity), (finish, -quantity)]
    held = most = 0
    for _, change in sorted(steps):  # at one moment returns come before check-outs
        held += change
        most = max(most, held)
    return most


CONCURRENT = Concurrent()
