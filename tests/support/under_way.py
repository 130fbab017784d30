"""What supervision has under way in a filled store: a spot check and a stocktake, half filled in."""

from __future__ import annotations

from filled_store import DAY, Filled

from auditor.letters.checks import begin_stocktake, draw_from_run
from auditor.store.database import Connection
from auditor.store.dossiers import Dossier
from auditor.supervision.on_the_spot import note, parts_of, version_of
from auditor.supervision.rectification import Actor
from auditor.supervision.spot_checks import Found, Judged, drawn_of, fill, found_of, sign

AT = f"{DAY}T13:00:00Z"


def checks_under_way(filled: Filled) -> list[str]:
    """Make CC-2026-001 (half filled in), CC-2026-002 (signed by one side) and PD-2026-001; return their numbers."""
    numbers = []
    for seed in ("公开摇号-07", "公开摇号-08"):
        check = draw_from_run(
            filled.store, filled.settings, run=filled.run.id, units=None, by="李检", at=AT, seed=seed, percent=100,
        )  # fmt: skip
        numbers.append(check["number"])
        with filled.store.begin() as connection:
            lines = drawn_of(connection, check)["lines"]
            if len(numbers) == 1:
                _note_first(connection, check)
                continue
            found = [Found(line["number"], True) for line in lines]
            found[0] = Found(found[0].number, True, Judged.NOT_GENUINE, "现场见到破解补丁")
            after = fill(connection, check, found, actor=Actor("李检"), at=AT)
            sign(connection, after, "inspector", "李检", on=DAY, at=AT)
    with filled.store.begin() as connection:
        stocktake = begin_stocktake(connection, on=DAY, units=None, by="李检", at=AT)
        _note_first(connection, stocktake)
    return [*numbers, stocktake["number"]]


def _note_first(connection: Connection, check: Dossier) -> None:
    parts = parts_of(check, drawn_of(connection, check))
    part = parts[0]
    lines = [Found(line["number"], number > 0) for number, line in enumerate(part.lines)]
    note(connection, check, parts, part, lines, seen=version_of(part, found_of(connection, check)), at=AT)
