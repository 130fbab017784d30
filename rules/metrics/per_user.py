"""Per user: every accountable person needs one right for all machines; a machine without a person counts as one."""

from __future__ import annotations

from rules.metrics.base import Copy, DemandKey, Family, Metric


class PerUser(Metric):
    """per user."""

    id = "per_user"
    zh = "按用户"
    en = "per user"
    unit_zh = "人"
    unit_en = "users"
    family = Family.PERSONS

    def demand_key(self, copy: Copy) -> DemandKey:
        return (copy.product, "user", copy.user) if copy.user else (copy.product, "machine", copy.machine)


PER_USER = PerUser()
