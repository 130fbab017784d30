"""PAPERS: every paper of one run, by its kind. `comparison` and `trends` are of several runs (`comparison.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from auditor.core.model import UnitCode
from auditor.readmodels.context import RunView
from auditor.readmodels.papers import (
    annual,
    blank_forms,
    demand_request,
    domestic,
    inspection,
    lists,
    roll_up,
    statistics,
)
from reports.paper import Paper

PAPERS: Mapping[str, Callable[[RunView, UnitCode], Paper]] = MappingProxyType(
    {
        "leading_group": blank_forms.leading_group,
        "undertaking": blank_forms.undertaking,
        "demand_request": demand_request.demand_request,
        "statistics": statistics.statistics,
        "install_request": blank_forms.install_request,
        "install_confirmation": blank_forms.install_confirmation,
        "inspection": inspection.inspection,
        "staff_notice": blank_forms.staff_notice,
        "annual": annual.annual,
        "self_check": annual.self_check,
        "roll_up": roll_up.roll_up,
        "domestic": domestic.domestic,
        "industrial": lists.industrial,
        "expiry": lists.expiry,
        "unrecognised": lists.unrecognised,
        "blind_spots": lists.blind_spots,
        "personal_free": lists.personal_free,
        "office_suites": lists.office_suites,
        "idle": lists.idle,
        "no_paper": lists.no_paper,
    }
)
