"""Named device: only devices that the ledger names may use a right; a named one that is absent holds it too."""

from __future__ import annotations

from rules.metrics.base import Metric


class NamedDevice(Metric):
    """named device."""

    id = "named_device"
    zh = "指定设备"
    en = "named device"
    unit_zh = "台"
    unit_en = "devices"
    poolable = False


NAMED_DEVICE = NamedDevice()
