"""User and device CALs together: the fewest rights so that every pair has its user or its device licensed.

That is a minimum vertex cover of a bipartite graph, as large as its maximum matching (Kőnig).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rules.metrics.base import Family, Metric


class MixedCal(Metric):
    """User CALs and device CALs side by side."""

    id = "mixed_cal"
    zh = "用户或设备访问许可"
    en = "user or device access licence"
    unit_zh = "个"
    unit_en = "licences"
    family = Family.ACCESS


def fewest_licences(pairs: Iterable[tuple[str, str]]) -> int:
    """Return the size of a minimum vertex cover of the (user, device) pairs."""
    reached: defaultdict[str, list[str]] = defaultdict(list)
    for user, device in sorted(set(pairs)):
        reached[user].append(device)
    partner: dict[str, str] = {}
    return sum(_matched(user, reached, partner) for user in sorted(reached))


def _matched(user: str, reached: dict[str, list[str]], partner: dict[str, str]) -> bool:
    """Find an augmenting path from the user, breadth first; keep it."""
    came: dict[str, str] = {}
    queue = [user]
    for here in queue:
        for device in reached[here]:
            if device in came:
                continue
            came[device] = here
            if device not in partner:
                _turn(device, user, came, partner)
                return True
            queue.append(partner[device])
    return False


def _turn(device: str, user: str, came: dict[str, str], partner: dict[str, str]) -> None:
    """Give every device on the path to whoever reached it."""
    while True:
        taker = came[device]
        before = next((d for d, u in partner.items() if u == taker), None) if taker != user else None
        partner[device] = taker
        if before is None:
            return
        device = before


MIXED_CAL = MixedCal()
