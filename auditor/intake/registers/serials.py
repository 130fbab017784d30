"""Serial numbers in a ledger. A printed form may bear them masked: such a number names the one that is registered,
and stars never overwrite what stands in the ledger.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from auditor.core.entitlement import Entitlement
from auditor.proof.masking import masked_serial

_MASKED = re.compile(r"[*＊•●]{2,}|^[*＊•●]+$|^(?:[XxＸ*]{5}-){4}")


def is_masked(serial: str) -> bool:
    """Whether a serial number is starred, or a product key cut to its last five characters."""
    return _MASKED.search(serial) is not None


@dataclass(frozen=True)
class Standing:
    """A right as it is registered, with its full serial numbers."""

    right: Entitlement
    serials: tuple[str, ...]


@dataclass
class KnownSerials:
    """The registered serial numbers of one (unit, 软件编号), found again by their masks."""

    by_mask: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def find(self, masked: str) -> str | None:
        """Return the registered number that a mask stands for; of several with one mask each is named in turn."""
        full = self.by_mask.get(_end_of(masked))
        if not full:
            return None
        full.append(full.pop(0))
        return full[-1]


def known_serials(standing: Iterable[Standing]) -> KnownSerials:
    """Return the serial numbers of rights that are registered."""
    found = KnownSerials()
    for entry in standing:
        for serial in entry.serials:
            found.by_mask[_end_of(masked_serial(serial))].append(serial)
    return found


def unmasked(serials: Sequence[str], known: KnownSerials) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the full numbers, registered ones in the place of masked ones, and the masks that stand for none."""
    full, lost = [], []
    for serial in serials:
        found = known.find(serial) if is_masked(serial) else serial
        if found is None:
            lost.append(serial)
        else:
            full.append(found)
    return tuple(dict.fromkeys(full)), tuple(lost)


def _end_of(masked: str) -> str:
    """What a mask shows: stars are not counted, since a person who types the form anew does not."""
    return re.sub(r"^.*[*＊•●]|^(?:[XxＸ]{5}-){4}", "", masked).strip("- ").casefold()
