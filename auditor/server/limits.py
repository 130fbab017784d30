"""Limits: how often one address may fail before it has to wait."""

from __future__ import annotations

from collections import OrderedDict, deque

_MOST_ADDRESSES = 10_000


class RateLimit:
    """A bucket for each agent that fills steadily: a minute's worth at once, then as fast as it fills. 0: no limit.

    Not shared between processes: with several of them an agent may ask each.
    """

    def __init__(self, most_a_minute: int) -> None:
        self._most = most_a_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, agent: str, now: float) -> int:
        """Take one request, or return how long the agent has to wait. `now` is seconds of a steady clock."""
        if not self._most:
            return 0
        left, at = self._left.get(agent, (float(self._most), now))
        left = min(float(self._most), left + (now - at) * self._most / 60)
        wait = 0 if left >= 1 else int((1 - left) * 60 / self._most) + 1
        self._left[agent] = (left if wait else left - 1, now)
        self._left.move_to_end(agent)
        while len(self._left) > _MOST_ADDRESSES:
            self._left.popitem(last=False)
        return wait


class FailureLimit:
    """Counts failures of each address within a sliding window; not shared between processes."""

    def __init__(self, most: int, within_seconds: float) -> None:
        self._most = most
        self._within = within_seconds
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_seconds(self, address: str, now: float) -> int:
        """Return how long the address has to wait, 0 when it need not. `now` is seconds of a steady clock."""
        failures = self._failures.get(address, deque())
        while failures and failures[0] <= now - self._within:
            failures.popleft()
        return int(failures[0] + self._within - now) + 1 if len(failures) >= self._most else 0

    def note(self, address: str, now: float) -> None:
        """Count one failure."""
        self._failures.setdefault(address, deque(maxlen=self._most)).append(now)
        self._failures.move_to_end(address)
        while len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)
