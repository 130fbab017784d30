"""Collectors that are loaded only on machines that have their source: a rare source costs other machines nothing.

Each stands in the roster by the places that tell of it; its own module is imported when one of these is there, or when
a recorded file of it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator

from agent.collectors.base import Absent, Collector, Found
from agent.machine.base import Machine


@dataclass(frozen=True)
class Later:
    """One collector that waits. `name`, `platforms` and `deep` say the same as the collector itself."""

    name: str
    module: str
    """Below `agent.collectors`."""
    attribute: str
    platforms: frozenset[str]
    places: tuple[str, ...]
    """Files and folders of which one is there wherever the source is; none: no place tells, it is always asked."""
    deep: bool = False
    readable: bool = True
    """A recorded file of it can be read by itself."""
    neighbours: bool = False
    """A file of it is only understood with its neighbours."""
    usage: bool = False
    home_places: tuple[str, ...] = ()
    """The same below the home folder of a person."""

    def load(self) -> Collector:
        """Return the collector itself."""
        from importlib import import_module

        found = getattr(import_module("agent.collectors." + self.module), self.attribute)
        assert isinstance(found, Collector)
        return found

    def waiting(self) -> Collector:
        """Return a collector that loads the other one when it is needed."""
        parse = self._parse_file if self.readable else None
        place = self._parse_place if self.neighbours else None
        return Collector(
            self.name,
            self.platforms,
            self._collect,
            parse,
            deep=self.deep,
            parse_place=place,
            usage=self.usage,
        )

    def _collect(self, machine: Machine) -> Iterator[Found]:
        is_told = not self.places or any(machine.exists(place) for place in self.places)
        if not is_told and not self._is_in_a_home(machine):
            raise Absent(self.places[0])
        yield from self.load().collect(machine)

    def _is_in_a_home(self, machine: Machine) -> bool:
        """Tell whether a person has the source, or may have it: a home that we may not look into counts."""
        if not self.home_places:
            return False
        from agent.collectors.linux.homes import homes, is_there

        return any(is_there(machine, home.path + place) for home in homes(machine) for place in self.home_places)

    def _parse_file(self, data: bytes, name: str) -> Iterator[Found]:
        parse = self.load().parse_file
        assert parse is not None
        yield from parse(data, name)

    def _parse_place(self, machine: Machine, path: str) -> Iterator[Found]:
        parse = self.load().parse_place
        assert parse is not None
        yield from parse(machine, path)
