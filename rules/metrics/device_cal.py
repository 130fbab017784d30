"""Device CAL: distinct devices from which the server product is reached."""

from __future__ import annotations

from rules.metrics.base import Family, Metric


class DeviceCal(Metric):
    """One right for each of the devices."""

    id = "device_cal"
    zh = "设备访问许可"
    en = "device access licence"
    unit_zh = "台"
    unit_en = "devices"
    family = Family.ACCESS


DEVICE_CAL = DeviceCal()
