"""Metric: one way to count licences, as pure functions over simple values, in integers and exact fractions.

Three families. Copies and persons are matched with rights one by one (`demand_key`); servers need quantities that
follow from processors, cores and guests (`shares`, `required_of`); access is counted from pairs, sessions and heads
by the functions in the metrics' own files. Rounding is always up, and never before the metric says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Family(StrEnum):
    """What a metric counts."""

    COPIES = "copies"
    PERSONS = "persons"
    SERVERS = "servers"
    ACCESS = "access"


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


@dataclass(frozen=True)
class Figures:
    """Figures of a metric that the contract fixes; `None` = the metric's own default."""

    minimum_per_processor: int | None = None
    """Core metrics: cores that each processor counts for at least."""
    minimum_per_server: int | None = None
    """Cores, or for the processor metric processors, that each server counts for at least."""
    minimum_per_vm: int | None = None
    processors_per_right: int | None = None
    installs_per_right: int | None = None
    """Devices that one right by user, or installations on one device that one right by device, covers."""
    minimum_users: int | None = None
    """Named user plus: users for each licensed processor (Enterprise 25), server (Standard 5) or installation (1)."""
    minimum_users_per: str = "processor"
    """`processor`, `server` or `install`."""
    per_vm: bool = False
    """Licensed guest by guest instead of by host (needs maintenance or a subscription)."""
    sub_capacity: bool = False
    """Only the cores that guests may use are counted, never more than the whole host."""
    tiers: tuple[tuple[int, str], ...] = ()
    """Tiered metric: (up to this quantity, factor as a decimal text); what is above the last has its factor too."""
    all_or_nothing: bool = False
    """One right short and nothing is licensed."""


@dataclass(frozen=True)
class Server:
    """One machine as core and host metrics see it."""

    id: str
    cores: tuple[int, ...] = ()
    """Cores of each processor; empty when the machine is a guest or nothing is known."""
    is_guest: bool = False
    vcpus: int | None = None
    host: str | None = None
    """Id of the physical host of a guest; `None` = not known."""
    cluster: str | None = None
    factor: Fraction | None = None
    """Core factor of its processors; `None` = not known, counted as 1."""
    points: int | None = None
    """Value units for a core; `None` = not known, counted as the highest band."""
    runs_workload: bool = False
    """A host that does more than manage its guests: one more operating system to license."""

    @property
    def sockets(self) -> int:
        """Processors of the machine."""
        return len(self.cores)


DemandKey = tuple[str, ...]
"""What one right covers; copies with one key need one right."""
Servers = Sequence[Server]
Known = Mapping[str, Server]
"""Every machine by id, also hosts that do not bear the product."""


class Metric:
    """One way to count."""

    id: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    poolable: bool = True
    """Whether any right may cover any demand; False when a right belongs to one thing."""
    family: Family = Family.COPIES

    def demand_key(self, copy: Copy) -> DemandKey:
        """Return the identity of the demand unit that this copy belongs to: the device, unless said otherwise."""
        return copy.product, copy.machine

    def required(self, copies: Iterable[Copy]) -> int:
        """Return how many rights the copies need: their different demand units. More copies never need fewer."""
        return len({self.demand_key(copy) for copy in copies})


class ServerMetric(Metric):
    """A metric that counts quantities of servers."""

    unit_zh = "核"
    unit_en = "cores"
    family = Family.SERVERS

    def shares(self, servers: Servers, known: Known, figures: Figures) -> dict[str, Fraction]:
        """Return what each server, or the host that answers for it, needs before any rounding over several."""
        raise NotImplementedError

    def required_of(self, servers: Servers, known: Known, figures: Figures) -> Fraction:
        """Return what all of them need together."""
        return sum(self.shares(servers, known, figures).values(), Fraction(0))


def host_of(server: Server, known: Known) -> Server | None:
    """Return the physical machine under a server: itself, or the host of a guest when it is known."""
    if not server.is_guest:
        return server
    return known.get(server.host) if server.host is not None else None


def core_count(server: Server, minimum_per_processor: int, minimum_per_server: int) -> int:
    """Return Σ max(minimum, cores) over the processors, at least the minimum of the server."""
    return max(sum(max(minimum_per_processor, cores) for cores in server.cores), minimum_per_server)
