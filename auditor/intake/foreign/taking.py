"""Taking: bytes of another tool → documents of the contract, ready for the same intake as our own agent's."""

from __future__ import annotations

from dataclasses import dataclass

from agent.inventory.document import Inventory, encode
from auditor.core.other_tools import BY_FILE
from auditor.errors import Refused
from auditor.intake.arrival import Receipt
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came
from auditor.intake.receiving import Offered, keep_all, offer
from auditor.intake.unpacking import bounds_of, packing_of, unpack
from auditor.proof.digest import sha256_hex
from auditor.settings import Settings
from auditor.store.database import Store


@dataclass(frozen=True)
class Taken:
    """What became of one file: a receipt or a refusal for each document in it, and what was passed over."""

    outcomes: tuple[Receipt | Refused, ...]
    problems: tuple[str, ...] = ()


def take_foreign(store: Store, data: bytes, came: Came, *, unit: str | None, settings: Settings) -> Taken | None:
    """Keep every document in a file of another tool; `None` when the file is one of our own contract.

    Raises `Refused` and `AuditorError` for the file as a whole.
    """
    bounds = bounds_of(settings)
    read = read_foreign(unpack(data, packing_of(data), bounds), came)
    if read is None:
        return None
    return Taken(keep_inventories(store, read.inventories, data, came, unit=unit, settings=settings), read.problems)


def keep_inventories(
    store: Store, inventories: tuple[Inventory, ...], data: bytes, came: Came, *, unit: str | None, settings: Settings
) -> tuple[Receipt | Refused, ...]:
    """Keep documents that were made from one file, in one transaction for each group."""
    outcomes: list[Receipt | Refused] = []
    most, sent = settings.whole("intake_group_documents"), sha256_hex(data)
    for begin in range(0, len(inventories), most):
        offered: list[Offered] = []
        for inventory in inventories[begin : begin + most]:
            try:
                offered.append(offer_inventory(store, inventory, sent, BY_FILE, came, unit, settings))
            except Refused as refusal:
                outcomes.append(refusal)
        for kept in keep_all(store, offered, settings):
            if isinstance(kept, Exception) and not isinstance(kept, Refused):
                raise kept
            outcomes.append(kept)
    return tuple(outcomes)


def offer_inventory(
    store: Store, inventory: Inventory, sent: str, origin: str, came: Came, unit: str | None, settings: Settings
) -> Offered:
    """Check a document that was made from another tool's, whose digest is `sent`. Raises `Refused`."""
    return offer(
        store,
        encode(inventory),
        encoding="identity",
        origin=origin,
        agent=None,
        unit=unit,
        now=came.now,
        settings=settings,
        sent=sent,
    )
