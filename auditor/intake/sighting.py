"""Sighting: an inventory in the machine's words → titles, identity, host facts, and what the core compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from operator import attrgetter

from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import Inventory
from agent.inventory.host import Host, OperatingSystem
from auditor.core.days import parse_day
from auditor.core.identity import Evidence, evidence_of
from auditor.core.model import TitleId
from auditor.core.other_tools import DEVICE, OTHER_TOOLS, PARTS
from auditor.core.picture import Item, ScopeSight, Sight
from auditor.store.pictures import HostFacts
from rules.title import OPERATING_SYSTEM, Title, Words, words_of_all, words_of_title

_EARLIEST = date(1980, 1, 1)
LONGEST_WHY = 200
_SOURCE_OF, _SCOPE_OF, _INSTALLED_ON = attrgetter("source"), attrgetter("scope"), attrgetter("installed_on")
_ITEM_OF: Callable[[tuple[TitleId, str, date | None, str]], Item] = partial(tuple.__new__, Item)
"""An item out of its four fields, several times as fast as by their names: a machine has hundreds."""


def words_in(inventory: Inventory) -> list[Words]:
    """Return the words of each title in the order of the document, and last those of the system where no record
    stands for it."""
    family = inventory.host.operating_system.family
    words = words_of_all(inventory.software, family)
    if OPERATING_SYSTEM in set(map(_SOURCE_OF, inventory.software)):
        return words
    system = system_title(inventory.host.operating_system)
    return [*words, words_of_title(system)] if system is not None else words


def system_title(system: OperatingSystem) -> Title | None:
    """Return the title that stands for the operating system, `None` when it does not name itself.

    `identifier` is the edition of Windows (`Professional`) and the distribution elsewhere (`uos`), `section`
    the edition, `origin` the marketing release (`22H2`, `V20`).
    """
    if not system.name:
        return None
    return Title(
        platform=system.family,
        source=OPERATING_SYSTEM,
        name=system.name,
        version=system.version,
        identifier=system.edition if system.family == "windows" else system.distribution,
        architecture=system.architecture,
        origin=system.release,
        section=system.edition,
    )


def sight_of(inventory: Inventory, titles: Sequence[TitleId], *, day: date, may_remove: bool) -> Sight:
    """Return what the core compares; `titles` are those of `words_in`, in its order.

    A day of installation that cannot be, or lies ahead, counts as not said.
    """
    system = inventory.host.operating_system
    days = {text: _own_day(text, day) for text in set(map(_INSTALLED_ON, inventory.software))}
    items = list(
        map(
            _ITEM_OF,
            zip(
                titles,
                map(_SCOPE_OF, inventory.software),
                map(days.__getitem__, map(_INSTALLED_ON, inventory.software)),
                map("software[{}]".format, range(len(inventory.software))),
                strict=False,
            ),
        )
    )
    scopes = [ScopeSight(run.source, run.scope, run.outcome, _why(run)) for run in inventory.coverage]
    if len(titles) > len(items):
        installed_on = _own_day(system.installed_on, day)
        items.append(Item(titles[-1], OPERATING_SYSTEM, installed_on, "host.operating_system"))
        if all(run.scope != OPERATING_SYSTEM for run in scopes):
            scopes.append(ScopeSight(OPERATING_SYSTEM, OPERATING_SYSTEM, Outcome.COMPLETE))
    return Sight(
        day=day,
        system=f"{system.family}/{system.distribution}" if system.distribution else system.family,
        installation_id=system.installation_id,
        scopes=tuple(scopes),
        items=tuple(items),
        may_remove=may_remove,
        supersedes=frozenset() if is_part(inventory) else OTHER_TOOLS,
    )


def is_part(inventory: Inventory) -> bool:
    """Tell whether the document holds only what changed: what it is silent about is as it was."""
    return any(run.source == PARTS and run.outcome is Outcome.PARTIAL for run in inventory.coverage)


def tells_system(inventory: Inventory) -> bool:
    """Tell whether the document names the system that the machine runs; a family alone may have been guessed."""
    return inventory.host.operating_system.name is not None


def claimed_device(inventory: Inventory) -> str | None:
    """Return the id that another tool's agent gave itself. It can never be that of an enrolled agent."""
    told = inventory.scanner.agent_id
    return told if told is not None and told.startswith(DEVICE) else None


def identity_of(host: Host, agent: str | None) -> Evidence:
    """Return the evidence of who this is; `agent` is the one that signed, or the device of another tool's agent."""
    return evidence_of(
        agent=agent,
        serial=host.serial,
        board_serial=host.board_serial,
        uuid_text=host.uuid,
        macs=host.mac_addresses,
        os_installation=host.operating_system.installation_id,
        host_name=host.name,
    )


def host_facts(host: Host) -> HostFacts:
    """Return what registers and reports ask of the host."""
    system = host.operating_system
    cores = [processor.cores or 0 for processor in host.processors]
    threads = [processor.threads or processor.cores or 0 for processor in host.processors]
    return HostFacts(
        name=host.name,
        manufacturer=host.manufacturer,
        model=host.model,
        serial=host.serial,
        board_serial=host.board_serial,
        asset_tag=host.asset_tag,
        chassis=host.chassis,
        virtual=host.virtual,
        macs=host.mac_addresses,
        os_family=system.family,
        os_name=system.name,
        os_version=system.version,
        os_edition=system.edition,
        cores=tuple(cores) if all(cores) else (),
        threads=sum(threads) if threads and all(threads) else None,
    )


def _own_day(text: str | None, day: date) -> date | None:
    own = parse_day(text)
    return own if own is not None and _EARLIEST <= own <= day else None


def _why(run: ScopeRun) -> str | None:
    """Return the first thing that went wrong in a scope, in the agent's words, shortened."""
    told = run.cut or (run.faults[0].what if run.faults else None)
    return told[:LONGEST_WHY] if told else None
