"""How often somebody may ask."""

from __future__ import annotations

from auditor.server.limits import RateLimit


def test_an_agent_has_a_minute_at_once_then_waits_and_others_do_not() -> None:
    limit = RateLimit(60)
    assert [limit.wait_seconds("a", 0.0) for _ in range(61)] == [0] * 60 + [2]
    assert limit.wait_seconds("b", 0.0) == 0
    assert limit.wait_seconds("a", 1.0) == 0
    assert limit.wait_seconds("a", 1.0) > 0
    assert limit.wait_seconds("a", 120.0) == 0


def test_nought_is_no_limit() -> None:
    limit = RateLimit(0)
    assert [limit.wait_seconds("a", 0.0) for _ in range(1000)] == [0] * 1000
