"""User and device CALs together: the fewest rights so that every pair has its user or its device licensed.

That is a minimum vertex cover of a bipartite graph; the count solves it together with the rights that there are.
"""

from __future__ import annotations

from rules.metrics.base import Family, Metric


class MixedCal(Metric):
    """User CALs and device CALs side by side."""

    id = "mixed_cal"
    zh = "用户或设备访问许可"
    en = "user or device access licence"
    unit_zh = "个"
    unit_en = "licences"
    family = Family.ACCESS


MIXED_CAL = MixedCal()
