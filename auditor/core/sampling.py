"""Seeded samples: whoever has the seed and the list draws the same machines, with any SHA-256 program.

How it is drawn (`sha256-rank/1`): of each stratum, the rank of a machine is SHA-256, in hexadecimal, of the seed, a
line feed and 计算机编号, in UTF-8; the machines with the lowest ranks are the sample. On a shell:
`printf '%s\\n%s' SEED CODE | sha256sum`, sorted.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

ALGORITHM = "sha256-rank/1"


@dataclass(frozen=True, order=True)
class Candidate:
    """One machine of the population: its stratum (the unit), its name, and whether it is a server."""

    stratum: str
    name: str
    is_server: bool = False


@dataclass(frozen=True)
class SamplingRule:
    """How many of a stratum: a share of those that are no servers, rounded up, at least `minimum`; and every server."""

    percent: Fraction
    minimum: int = 0
    all_servers: bool = True


def rank(seed: str, name: str) -> str:
    """Return the rank of a machine."""
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()


def size_of(rule: SamplingRule, population: int) -> int:
    """Return how many of a stratum are drawn; never more than there are."""
    share = -(-rule.percent * population // 100)
    return min(population, max(int(share), rule.minimum))


def draw(candidates: Iterable[Candidate], rule: SamplingRule, seed: str) -> tuple[Candidate, ...]:
    """Return the sample, by stratum and rank; the servers that every sample holds first."""
    strata: defaultdict[str, set[Candidate]] = defaultdict(set)
    for candidate in candidates:
        strata[candidate.stratum].add(candidate)
    drawn: list[Candidate] = []
    for stratum in sorted(strata):
        ranked = sorted(strata[stratum], key=lambda c: (rank(seed, c.name), c.name))
        servers = [c for c in ranked if c.is_server] if rule.all_servers else []
        others = [c for c in ranked if c not in set(servers)]
        drawn += servers + others[: size_of(rule, len(others))]
    return tuple(drawn)
