"""Named user: only persons whom the ledger names may use a right; a named one who is absent holds it too."""

from __future__ import annotations

from rules.metrics.base import Copy, DemandKey, Family, Metric


class NamedUser(Metric):
    """named user."""

    id = "named_user"
    zh = "指定用户"
    en = "named user"
    unit_zh = "人"
    unit_en = "users"
    poolable = False
    family = Family.PERSONS

    def demand_key(self, copy: Copy) -> DemandKey:
        return (copy.product, "user", copy.user) if copy.user else (copy.product, "machine", copy.machine)


NAMED_USER = NamedUser()
