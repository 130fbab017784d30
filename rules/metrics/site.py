"""Site: any number of devices inside the places that the contract names; what is outside is not covered."""

from __future__ import annotations

from rules.metrics.base import Metric


class Site(Metric):
    """site."""

    id = "site"
    zh = "场地"
    en = "site"
    unit_zh = "台"
    unit_en = "devices"


SITE = Site()
