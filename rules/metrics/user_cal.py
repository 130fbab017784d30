"""User CAL: distinct users who reach the server product."""

from __future__ import annotations

from collections.abc import Iterable

from rules.metrics.base import Family, Metric


class UserCal(Metric):
    """One right for each of the users."""

    id = "user_cal"
    zh = "用户访问许可"
    en = "user access licence"
    unit_zh = "人"
    unit_en = "users"
    family = Family.ACCESS


def users_of(pairs: Iterable[tuple[str, str]]) -> int:
    """Return how many different users the (user, device) pairs name."""
    return len({pair[0] for pair in pairs})


USER_CAL = UserCal()
