"""What a product's licence lets the holder do besides running what it names, and what shows that it is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FurtherUse(StrEnum):
    """A use that the right holder's terms grant beside the licensed release."""

    DOWNGRADE = "downgrade"
    """Run an older release, or a lower edition, in place of the licensed one."""
    SECOND_USE = "second_use"
    """Run a second copy, on a portable device or in a virtual machine."""
    REIMAGE = "reimage"
    """Install from other media of the same product than those the licence came with."""


class LicenceSource(StrEnum):
    """How the licence was bought; a further use often belongs to one of them only."""

    OEM = "oem"
    RETAIL = "retail"
    VOLUME = "volume"
    SUBSCRIPTION = "subscription"


class Proof(StrEnum):
    """What an inspector takes as showing that a licence is held."""

    CONTRACT = "contract"
    INVOICE = "invoice"
    CERTIFICATE = "certificate"
    AUTHORISATION_LETTER = "authorisation_letter"
    OEM_LABEL = "oem_label"
    FIRMWARE_KEY = "firmware_key"
    VOLUME_RECORD = "volume_record"
    TENANT_RECORD = "tenant_record"
    LICENCE_FILE = "licence_file"
    DONGLE = "dongle"
    ALLOCATION = "allocation"
    LICENCE_TEXT = "licence_text"
    ALLOW_LIST = "allow_list"


@dataclass(frozen=True)
class FurtherRight:
    """One further use, with the page that grants it; without such a page it is not written down."""

    use: FurtherUse
    terms: str
    """Address of the page that grants it."""
    terms_read_on: date
    sources: tuple[LicenceSource, ...] = ()
    """Licences that carry it; all when empty."""
    editions: tuple[str, ...] = ()
    """Editions that carry it; all when empty."""
    lines: tuple[str, ...] = ()
    """Lines that carry it; all when empty."""
    to_editions: tuple[str, ...] = ()
    """Editions that may run by it; those that carry it when empty."""
    to_lines: tuple[str, ...] = ()
    """Lines that may run by it; all older ones when empty."""
    note: str | None = None


@dataclass(frozen=True)
class Alternatives:
    """Products that do the same work, as ids of the catalogue: a hint for purchase plans, never a verdict."""

    domestic: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    """Free for organisations, or open source."""
