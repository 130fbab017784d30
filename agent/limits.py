"""Limits of one scan: time, records, output. Every cut is declared in the document."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import SECTIONS, Inventory, as_plain


@dataclass(frozen=True)
class Limits:
    """What one scan may cost. Time is looked at between two records; what a Machine reads is bounded by itself."""

    scan_seconds: float = 300.0
    """A collector whose turn comes later than this is not run any more."""
    collector_seconds: float = 120.0
    max_records: int = 100_000
    """Of all collectors together."""
    max_output_bytes: int = 16_000_000
    """Of the encoded document, unpacked; the checker refuses documents above its own limit of 16 MiB."""


def cut_to_size(inventory: Inventory, max_bytes: int) -> Inventory:
    """Return the document with as many records as fit into `max_bytes` of JSON, list by list in the order of SECTIONS.

    A scope that loses records becomes partial, its `found` is what was kept, and its `cut` says how many
    were left out. A document that fits is returned as it is.
    """
    if _upper_bound(inventory) <= max_bytes:
        return inventory
    empty: dict[str, Any] = dict.fromkeys(SECTIONS.values(), ())
    room = max_bytes - _size(dataclasses.replace(inventory, **empty)) - 200 * len(inventory.coverage)
    lost: dict[str, int] = {}
    kept: dict[str, Any] = {}
    for name in SECTIONS.values():
        kept[name], room, lost = _fitting(getattr(inventory, name), room, lost)
    if not lost:
        return inventory
    coverage = tuple(_declared(run, lost.get(run.scope, 0), max_bytes) for run in inventory.coverage)
    return dataclasses.replace(inventory, coverage=coverage, **kept)


def _upper_bound(inventory: Inventory) -> int:
    """Return a number of bytes that the document cannot exceed, quickly: six bytes a character at the worst."""
    software, programs = inventory.software, inventory.programs
    texts = sum(len(value) for record in software for value in vars(record).values() if type(value) is str)
    texts += sum(len(program.name) + len(program.path or "") for program in programs)
    rest = _size(dataclasses.replace(inventory, software=(), programs=()))
    return 6 * texts + 900 * len(software) + 200 * len(programs) + rest


def _fitting(records: tuple[Any, ...], room: int, lost: dict[str, int]) -> tuple[tuple[Any, ...], int, dict[str, int]]:
    """Return the first records that fit, the room that is left, and how many each scope lost.

    Once one record does not fit, none after it is taken, so that what is kept is a beginning.
    """
    kept = []
    full = False
    for record in records:
        size = 0 if full else _size(record) + 1
        full = full or size > room
        if full:
            lost[record.scope] = lost.get(record.scope, 0) + 1
        else:
            kept.append(record)
            room -= size
    return tuple(kept), 0 if full else room, lost


def _declared(run: ScopeRun, lost: int, max_bytes: int) -> ScopeRun:
    """Return the account of a scope that lost records to the limit."""
    if not lost:
        return run
    cut = "output limited to %d bytes: %d records left out" % (max_bytes, lost)
    return dataclasses.replace(run, outcome=Outcome.PARTIAL, found=max(run.found - lost, 0), cut=cut)


def _size(value: Any) -> int:
    """Return the length of a value in UTF-8 JSON."""
    text = json.dumps(as_plain(value), ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass"))
