"""Every register of acts by its name: where its rows are kept, and what a row tells of."""

from __future__ import annotations

from auditor.store.access import RegisteredAccess, RegisteredCheckOut, RegisteredQuantity
from auditor.store.dated_rows import ACCESS, CHECK_OUTS, DISPOSALS, EXEMPTIONS, PRICES, QUANTITIES, TRANSFERS, Register
from auditor.store.ledger_acts import (
    HasCode,
    RegisteredDisposal,
    RegisteredExemption,
    RegisteredPrice,
    RegisteredTransfer,
)

KINDS: dict[str, tuple[Register, type[HasCode]]] = {
    "transfers": (TRANSFERS, RegisteredTransfer),
    "disposals": (DISPOSALS, RegisteredDisposal),
    "exemptions": (EXEMPTIONS, RegisteredExemption),
    "prices": (PRICES, RegisteredPrice),
    "check_outs": (CHECK_OUTS, RegisteredCheckOut),
    "access": (ACCESS, RegisteredAccess),
    "quantities": (QUANTITIES, RegisteredQuantity),
}
