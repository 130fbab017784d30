"""A spot check → the form to fill in on the spot, and the comparison afterwards.

The layout of 抽查登记表 and 凭证盘点表 is this program's own: no official one is published. The sheets say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from reports.forms.column import Kind
from reports.register_sheet import RegisterColumn, RegisterSheet
from reports.wording import Wording, wording

SPARE_ROWS = 20


def check_form(
    number: str, drawn: Mapping[str, Any], unit_names: Mapping[str, str], language: str, found: Sequence[Any] = ()
) -> RegisterSheet:
    """Return the 抽查登记表: what is known is filled in, 现场是否有, 判定 and 现场情况 are left to the inspector."""
    words = wording(language)
    filled = {line["number"]: line for line in found}
    rows = []
    for line in drawn["lines"]:
        seen = filled.get(line["number"], {})
        rows.append(
            (
                line["number"],
                unit_names.get(line["unit"], line["unit"]),
                line["department"] or "",
                line["person"] or "",
                line["code"],
                line["brand"] or "",
                words.word("machine_class", line["machine_class"]),
                line["name"] or words.text("check.nothing_scanned"),
                line["version"] or "",
                line["software_code"] or "",
                words.word("verdict", line["verdict"]) if line["verdict"] else "",
                *_seen(seen, words),
            )
        )
    rows += [
        (0, "", "", "", line["code"], "", "", line["name"], "", "", "", *_seen(line, words))
        for line in found
        if line["number"] == 0
    ]
    yes_no = (words.text("check.yes"), words.text("check.no"))
    judged = tuple(words.text(f"check.judged.{code}") for code in ("genuine", "not_genuine", "to_verify"))
    heads = (
        ("line", 6, Kind.COUNT, ()), ("unit", 18, Kind.TEXT, ()), ("department", 14, Kind.TEXT, ()),
        ("person", 10, Kind.TEXT, ()), ("computer", 14, Kind.CODE, ()), ("brand", 18, Kind.TEXT, ()),
        ("class", 8, Kind.TEXT, ()), ("software", 26, Kind.TEXT, ()), ("version", 12, Kind.TEXT, ()),
        ("software_code", 12, Kind.CODE, ()), ("verdict", 14, Kind.TEXT, ()), ("present", 10, Kind.TEXT, yes_no),
        ("judged", 10, Kind.TEXT, judged), ("told", 26, Kind.TEXT, ()),
    )  # fmt: skip
    columns = tuple(
        RegisterColumn(words.text(f"check.head.{name}"), width, kind, needed=name == "present", choices=choices)
        for name, width, kind, choices in heads
    )
    notes = (
        words.text("check.own_layout"),
        words.text("check.seed", seed=drawn["seed"], algorithm=drawn["algorithm"]),
        words.text("check.rule", percent=drawn["rule"]["percent"], minimum=drawn["rule"]["minimum"]),
        words.text("check.run", run=drawn["run"][:16], day=words.day(date.fromisoformat(drawn["as_of"]))),
        words.text("check.extra_rows"),
        words.text("check.signatures"),
    )
    title = words.text("check.title", number=number)
    return RegisterSheet(title, columns, tuple(rows), date.fromisoformat(drawn["as_of"]), language, notes, SPARE_ROWS)


def stocktake_form(number: str, drawn: Mapping[str, Any], language: str, found: Sequence[Any] = ()) -> RegisterSheet:
    """Return the 凭证盘点表."""
    words = wording(language)
    filled = {line["number"]: line for line in found}
    heads = (
        ("line", 6, Kind.COUNT), ("unit", 18, Kind.TEXT), ("software_code", 14, Kind.CODE), ("software", 28, Kind.TEXT),
        ("paper", 20, Kind.TEXT), ("contract", 18, Kind.TEXT), ("paper_present", 12, Kind.TEXT),
        ("paper_told", 26, Kind.TEXT),
    )  # fmt: skip
    yes_no = (words.text("check.yes"), words.text("check.no"))
    columns = tuple(
        RegisterColumn(
            words.text(f"check.head.{name}"), width, kind, needed=name == "paper_present",
            choices=yes_no if name == "paper_present" else (),
        )
        for name, width, kind in heads
    )  # fmt: skip
    rows = tuple(
        (
            line["number"],
            line["unit_name"],
            line["code"],
            line["name"],
            line["paper"] or "",
            line["contract"] or "",
            *_seen(filled.get(line["number"], {}), words)[::2],
        )
        for line in drawn["lines"]
    )
    notes = (words.text("check.own_layout"), words.text("check.signatures"))
    title = words.text("check.stocktake_title", number=number)
    return RegisterSheet(title, columns, rows, date.fromisoformat(drawn["as_of"]), language, notes)


def comparison_rows(compared: Sequence[Any], language: str) -> list[dict[str, Any]]:
    """Return declared, scanned and found side by side."""
    words = wording(language)
    yes, no = words.text("check.yes"), words.text("check.no")
    return [
        {
            "line": each.line.number,
            "machine": each.line.code,
            "software": each.line.name,
            "declared": yes if each.declared else no,
            "scanned": yes if each.scanned else no,
            "found": "" if each.found is None else yes if each.found else no,
            "judged": words.text(f"check.judged.{each.judged.value}") if each.judged is not None else "",
            "told": each.told,
            "differs": words.listing(words.text(f"check.differs.{code}") for code in each.differs),
        }
        for each in compared
    ]


def _seen(line: Mapping[str, Any], words: Wording) -> tuple[str, str, str]:
    if not line:
        return "", "", ""
    present = words.text("check.yes") if line["present"] else words.text("check.no")
    judged = words.text(f"check.judged.{line['judged']}") if line["judged"] else ""
    return present, judged, line["told"]
