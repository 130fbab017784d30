"""METRICS: every way to count licences, in the order in which lists show them."""

from __future__ import annotations

from rules.metrics.base import Metric
from rules.metrics.concurrent import CONCURRENT
from rules.metrics.core import CORE
from rules.metrics.core_factor import CORE_FACTOR
from rules.metrics.device_cal import DEVICE_CAL
from rules.metrics.employee import EMPLOYEE
from rules.metrics.installs_per_right import INSTALLS_PER_RIGHT
from rules.metrics.mixed_cal import MIXED_CAL
from rules.metrics.named_device import NAMED_DEVICE
from rules.metrics.named_user import NAMED_USER
from rules.metrics.named_user_plus import NAMED_USER_PLUS
from rules.metrics.oem import OEM
from rules.metrics.per_device import PER_DEVICE
from rules.metrics.per_user import PER_USER
from rules.metrics.processor import PROCESSOR
from rules.metrics.pvu import PVU
from rules.metrics.server import SERVER
from rules.metrics.server_instance import SERVER_INSTANCE
from rules.metrics.site import SITE
from rules.metrics.socket_pair import SOCKET_PAIR
from rules.metrics.tiered import TIERED
from rules.metrics.user_cal import USER_CAL
from rules.metrics.virtual_datacenter import VIRTUAL_DATACENTER
from rules.metrics.vmware_core import VMWARE_CORE
from rules.metrics.vmware_cpu import VMWARE_CPU
from rules.metrics.windows_datacenter import WINDOWS_DATACENTER
from rules.metrics.windows_server import WINDOWS_SERVER

METRICS: tuple[Metric, ...] = (
    PER_DEVICE,
    INSTALLS_PER_RIGHT,
    NAMED_DEVICE,
    SITE,
    OEM,
    PER_USER,
    NAMED_USER,
    EMPLOYEE,
    CONCURRENT,
    USER_CAL,
    DEVICE_CAL,
    MIXED_CAL,
    PROCESSOR,
    CORE,
    CORE_FACTOR,
    NAMED_USER_PLUS,
    PVU,
    TIERED,
    SERVER,
    SERVER_INSTANCE,
    WINDOWS_SERVER,
    WINDOWS_DATACENTER,
    SOCKET_PAIR,
    VIRTUAL_DATACENTER,
    VMWARE_CPU,
    VMWARE_CORE,
)
_BY_ID = {metric.id: metric for metric in METRICS}


def metric_named(metric_id: str) -> Metric:
    """Return the metric of this id. Raises KeyError for any other."""
    return _BY_ID[metric_id]
