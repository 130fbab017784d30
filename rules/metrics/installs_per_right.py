"""Installations for each right: on every device ceil(installations / n), at least one; never rounded down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rules.metrics.base import Copy, Metric


class InstallsPerRight(Metric):
    """Every installation counts; a contract may let several on one device share a right."""

    id = "installs_per_right"
    zh = "按安装"
    en = "per installation"
    unit_zh = "份"
    unit_en = "installations"

    def required(self, copies: Iterable[Copy]) -> int:
        return installs_needed(copies, 1)


def installs_needed(copies: Iterable[Copy], per_right: int) -> int:
    """Return Σ over devices of ceil(installations / per_right)."""
    on_device = Counter((copy.product, copy.machine) for copy in copies)
    return sum(-(-count // per_right) for count in on_device.values())


INSTALLS_PER_RIGHT = InstallsPerRight()
