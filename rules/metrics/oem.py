"""OEM: a right came with one machine and stays with its serial or board; it covers no other and ends with it."""

from __future__ import annotations

from rules.metrics.base import Copy, DemandKey, Metric


class Oem(Metric):
    """OEM, bound to the machine."""

    id = "oem"
    zh = "随机（OEM）"
    en = "OEM, bound to the machine"
    unit_zh = "台"
    unit_en = "devices"
    poolable = False

    def demand_key(self, copy: Copy) -> DemandKey:
        return (copy.product, "board", copy.board) if copy.board else (copy.product, "machine", copy.machine)


OEM = Oem()
