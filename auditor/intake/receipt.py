"""Receipt: what whoever sent a document is told once it is on the disk."""

from __future__ import annotations

from dataclasses import dataclass

KNOWN = "known"
KEPT = "kept"


@dataclass(frozen=True)
class Receipt:
    """The document is on the disk. `status`: kept, known (it was there), history (it came late), held (a large
    loss in it waits for a second scan)."""

    status: str
    machine: int
    document: str
    """Digest of the document as kept."""
    number: int
    sent: str
    """Digest of the document as it was sent, unpacked: what the sender can compare."""

    @property
    def text(self) -> str:
        """The receipt as it is handed out; the same for the same document, always."""
        return f"{self.number:08d}-{self.document[:16]}"
