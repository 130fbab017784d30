"""Carrying: what a document that is only a part, or that is outranked, leaves as the last one told it.

Such a document adds. Where it is silent, or is not believed, the host, the running programs and what signs are read
from stay what they were; a record that stays says which document it is in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.inventory.document import Inventory
from auditor.intake.sighting import host_facts, is_part, tells_system
from auditor.store.blobs import get_blob
from auditor.store.database import Connection
from auditor.store.facts import FactReader
from auditor.store.inventories import DocumentRow
from auditor.store.pictures import HostFacts, decode_picture
from rules.fact import Fact

_OF_SYSTEM = frozenset({"os_family", "os_name", "os_version", "os_edition"})


def carried_host(
    connection: Connection, inventory: Inventory, last: DocumentRow | None, *, outranked: bool
) -> HostFacts:
    """Return what is known of the host after the document."""
    told = host_facts(inventory.host)
    if last is None or not (outranked or is_part(inventory) or not tells_system(inventory)):
        return told
    _, known = decode_picture(get_blob(connection, last.state))
    if outranked:
        return known
    kept_names = _OF_SYSTEM if not tells_system(inventory) else frozenset()
    before = vars(known)
    silent = {name: before[name] for name, value in vars(told).items() if value in (None, ()) or name in kept_names}
    return replace(told, **silent)


def carried_programs(connection: Connection, last: DocumentRow | None) -> set[str]:
    """Return the programs that ran when the last document was made; none without one."""
    return set(json.loads(get_blob(connection, last.programs))) if last is not None else set()


def carried_facts(connection: Connection, last: DocumentRow | None, own: Sequence[Fact]) -> Iterator[Fact]:
    """Yield the facts of the last document that the new one does not tell itself."""
    if last is None or last.facts is None:
        return
    told = {(fact.kind, fact.said) for fact in own}
    for fact in FactReader(lambda _: True).facts_in(get_blob(connection, last.facts)):
        if (fact.kind, fact.said) not in told:
            record = fact.record if "#" in fact.record else f"{last.digest}#{fact.record}"
            yield replace(fact, record=record)
