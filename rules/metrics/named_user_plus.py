"""Named user plus: the actual users, at least so many for each licensed processor, server or installation."""

from __future__ import annotations

from fractions import Fraction

from rules.metrics.base import Figures, Known, ServerMetric, Servers, host_of
from rules.metrics.core_factor import CORE_FACTOR

DEFAULT_MINIMUM = 25


class NamedUserPlus(ServerMetric):
    """named user plus."""

    id = "named_user_plus"
    zh = "指定用户（最低数）"
    en = "named user plus"
    unit_zh = "人"
    unit_en = "users"

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        processors = CORE_FACTOR.shares(servers, known, figures)
        each = figures.minimum_users if figures.minimum_users is not None else DEFAULT_MINIMUM
        by_processor = figures.minimum_users_per == "processor"
        return {s.id: each * processors[s.id] if by_processor else Fraction(each) for s in servers}

    def required_of(self, servers: Servers, known: Known, figures: Figures) -> Fraction:
        """Return the minimum; `with_users` sets the actual users against it."""
        each = figures.minimum_users if figures.minimum_users is not None else DEFAULT_MINIMUM
        match figures.minimum_users_per:
            case "processor":
                return each * CORE_FACTOR.required_of(servers, known, figures)
            case "server":
                hosts = {(found or server).id for server in servers for found in [host_of(server, known)]}
                return Fraction(each * len(hosts))
            case _:
                return Fraction(each * len(servers))


def with_users(minimum: Fraction, users: int) -> Fraction:
    """Return max(actual users, minimum)."""
    return max(minimum, Fraction(users))


NAMED_USER_PLUS = NamedUserPlus()
