"""User CAL: distinct users who reach the server product."""

from __future__ import annotations

from rules.metrics.base import Family, Metric


class UserCal(Metric):
    """One right for each of the users."""

    id = "user_cal"
    zh = "用户访问许可"
    en = "user access licence"
    unit_zh = "人"
    unit_en = "users"
    family = Family.ACCESS


USER_CAL = UserCal()
