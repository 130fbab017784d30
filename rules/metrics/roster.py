"""METRICS: every way to count licences, in the order in which lists show them."""

from __future__ import annotations

from rules.metrics.base import Metric
from rules.metrics.oem import OEM
from rules.metrics.per_device import PER_DEVICE
from rules.metrics.per_user import PER_USER

METRICS: tuple[Metric, ...] = (PER_DEVICE, PER_USER, OEM)


def metric_named(metric_id: str) -> Metric:
    """Return the metric of this id. Raises KeyError for any other."""
    for metric in METRICS:
        if metric.id == metric_id:
            return metric
    raise KeyError(metric_id)
