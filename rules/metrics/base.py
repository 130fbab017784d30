"""Metric: one way to count licences. What a demand unit is, as pure functions over simple values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Copy:
    """One installed copy of one product as counting sees it."""

    machine: str
    """Id of the machine."""
    product: str
    user: str | None = None
    """Person who is accountable for the machine; `None` when the register names nobody."""
    board: str | None = None
    """Serial that a preinstalled licence is bound to: of the machine, else of its board."""
    version: str | None = None


DemandKey = tuple[str, ...]
"""What one right covers; copies with one key need one right."""


class Metric:
    """One way to count."""

    id: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    poolable: bool
    """Whether any right may cover any demand; False when a right belongs to one thing."""

    def demand_key(self, copy: Copy) -> DemandKey:
        """Return the identity of the demand unit that this copy belongs to."""
        raise NotImplementedError

    def required(self, copies: Iterable[Copy]) -> int:
        """Return how many rights the copies need: their different demand units. More copies never need fewer."""
        return len({self.demand_key(copy) for copy in copies})
