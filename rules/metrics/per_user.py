"""Per user: every accountable person needs one right for all machines; a machine without a person counts as one."""

from __future__ import annotations

from rules.metrics.base import Copy, DemandKey, Metric


class PerUser(Metric):
    """One right for each person; a machine that nobody answers for is one anonymous user, never none."""

    id = "per_user"
    zh = "按用户"
    en = "per user"
    unit_zh = "人"
    unit_en = "users"
    poolable = True

    def demand_key(self, copy: Copy) -> DemandKey:
        return (copy.product, "user", copy.user) if copy.user else (copy.product, "machine", copy.machine)


PER_USER = PerUser()
