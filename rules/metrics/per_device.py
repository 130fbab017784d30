"""Per device: every machine with at least one copy of the product needs one right, however many versions it holds."""

from __future__ import annotations

from rules.metrics.base import Metric


class PerDevice(Metric):
    """per device."""

    id = "per_device"
    zh = "按设备"
    en = "per device"
    unit_zh = "台"
    unit_en = "devices"


PER_DEVICE = PerDevice()
