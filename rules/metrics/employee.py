"""Employee and user value units: the head count of the organisation; what is installed never bounds it."""

from __future__ import annotations

from rules.metrics.base import Family, Metric


class Employee(Metric):
    """One right for each head, part-timers and contractors included."""

    id = "employee"
    zh = "按员工总数"
    en = "per employee"
    unit_zh = "人"
    unit_en = "employees"
    family = Family.ACCESS


EMPLOYEE = Employee()
