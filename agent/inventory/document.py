"""Inventory: the whole document that one scan of one machine produces.

The agent encodes it as JSON with `encode`; the checker decodes the same classes strictly and names
the path of every fault. A minor version only adds optional fields; a reader takes any minor of its
major and refuses another major.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from enum import Enum
from typing import Any, Union

from agent.inventory.coverage import ScopeRun
from agent.inventory.databases import DatabaseInstance
from agent.inventory.guests import Guest
from agent.inventory.host import Host
from agent.inventory.licence_servers import LicenceFeature
from agent.inventory.software import Software
from agent.inventory.traces import Activation, RunningProgram, Trace

CONTRACT_MAJOR = 1
CONTRACT_MINOR = 2
CONTRACT_VERSION = "%d.%d" % (CONTRACT_MAJOR, CONTRACT_MINOR)

_PLAIN = frozenset((str, int, bool, float))


@dataclass(frozen=True)
class Scanner:
    """Who wrote the document: the program, its version and the view that it had."""

    name: str
    """`zhengban-agent`, or the other tool that the document was made from."""
    version: str
    agent_id: str | None = None
    """The id that enrolment gave; `None` for a machine that never enrolled."""
    privileged: bool | None = None
    """Whether the scan ran with the rights of the administrator; `None` = not known."""
    recorded: bool = False
    """True when the machine was a folder or a mounted disk and not a running system."""


@dataclass(frozen=True)
class Inventory:
    """One machine as one scan saw it, in the machine's own words.

    `collected_at` is UTC as `YYYY-MM-DDTHH:MM:SSZ`. Every list keeps the order in which the
    collectors yielded. What the source does not say is `None`, never a guess.
    """

    contract: str
    """Version of the contract, `major.minor`."""
    collected_at: str
    scanner: Scanner
    host: Host
    software: tuple[Software, ...] = ()
    coverage: tuple[ScopeRun, ...] = ()
    programs: tuple[RunningProgram, ...] = ()
    activations: tuple[Activation, ...] = ()
    traces: tuple[Trace, ...] = ()
    licence_features: tuple[LicenceFeature, ...] = ()
    databases: tuple[DatabaseInstance, ...] = ()
    guests: tuple[Guest, ...] = ()


Record = Union[Activation, Trace, LicenceFeature, DatabaseInstance, Guest, Software, RunningProgram]
"""What fills the lists of a document."""

SECTIONS: dict[type, str] = {
    Activation: "activations",
    Trace: "traces",
    LicenceFeature: "licence_features",
    DatabaseInstance: "databases",
    Guest: "guests",
    Software: "software",
    RunningProgram: "programs",
}
"""Class of a record → the list of the document that holds it, what may least be lost first."""


def as_plain(value: Any) -> Any:
    """Turn dataclasses, tuples and enums into dicts, lists and texts; drop fields that are `None`."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [as_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {
            name: item if type(item) in _PLAIN else as_plain(item)
            for name, item in vars(value).items()
            if item is not None
        }
    return value


def encode(inventory: Inventory) -> bytes:
    """Return the document as UTF-8 JSON: keys sorted, no blanks, the same value always the same bytes.

    Lone surrogates (file names that are not UTF-8) are replaced by U+FFFD, so the bytes are valid.
    """
    plain = as_plain(inventory)  # made anew just now, so nothing in it can hold itself
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode("utf-8")
