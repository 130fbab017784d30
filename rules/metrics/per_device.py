"""Per device: every machine with at least one copy of the product needs one right, however many versions it holds."""

from __future__ import annotations

from rules.metrics.base import Copy, DemandKey, Metric


class PerDevice(Metric):
    """One right for each machine."""

    id = "per_device"
    zh = "按设备"
    en = "per device"
    unit_zh = "台"
    unit_en = "devices"
    poolable = True

    def demand_key(self, copy: Copy) -> DemandKey:
        return copy.product, copy.machine


PER_DEVICE = PerDevice()
