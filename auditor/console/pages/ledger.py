"""The licence ledger, one right, import batches, papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.core.entitlement import Entitlement
from auditor.core.model import Unit
from auditor.intake.registers.licence_writing import HeldRight, plain_rights
from auditor.intake.row_words import change_words, differences, heading, value_words
from auditor.readmodels.screens.ledger import LedgerPage, RightPage
from auditor.store.batches import Batch
from auditor.store.dated_rows import BatchPreview
from auditor.store.ledger_history import ACTS, HistoryEvent
from auditor.store.papers import Paper, PaperLink

REGISTER_NAMES: Mapping[str, tuple[str, str]] = {
    "licences": ("授权台账", "licence ledger"),
    "free_list": ("可使用免费软件清单", "allow-list of free software"),
    "transfers": ("划转", "transfers"),
    "disposals": ("处置", "disposals"),
    "exemptions": ("豁免", "exemptions"),
    "prices": ("价格", "prices"),
    "units": ("单位", "units"),
    "people": ("人员", "people"),
    "machines": ("计算机", "computers"),
}
PAPER_KINDS: Mapping[str, tuple[str, str]] = {
    "certificate": ("许可证书", "licence certificate"),
    "contract": ("合同", "contract"),
    "invoice": ("发票", "invoice"),
    "authorisation": ("授权书", "letter of authorisation"),
    "transfer": ("划转文件", "transfer"),
    "disposal": ("处置文件", "disposal"),
    "other": ("其他", "other"),
}
COUNTS = (
    ("new", "新增", "new"),
    ("changed", "变更", "changed"),
    ("unchanged", "不变", "unchanged"),
    ("missing", "文件中没有", "missing"),
)
CHANGES_SHOWN = 60


@dataclass(frozen=True)
class PastEvent:
    """One event of a right as the page tells it; `changes`: heading, what it said, what it says since."""

    at: str
    act: str
    by: str
    what: str
    why: str
    holds: str
    changes: tuple[tuple[str, str, str], ...]


def page(frame: Frame, model: LedgerPage, *, text: str, on: date) -> str:
    """Return one page of the ledger."""
    return render("ledger.html.j2", frame, model=model, text=text, on=on, after=key_text(model.after))


def right(frame: Frame, model: RightPage) -> str:
    """Return one right."""
    crumbs = [(frame.t("授权台账", "Licence ledger"), frame.url("/ledger")), (model.right.code, None)]
    return render(
        "right.html.j2",
        frame,
        model=model,
        crumbs=crumbs,
        facts=_facts(frame, model.right),
        history=[_past(frame, event) for event in reversed(model.history)],
        kinds=spoken(frame, PAPER_KINDS),
    )


def batches(
    frame: Frame,
    rows: Sequence[tuple[Batch, bool]],
    *,
    registers: Sequence[str],
    units: Sequence[Unit],
    today: date,
    after: int | None,
) -> str:
    """Return the import batches, and a form for whoever may import; a row says whether it may be taken back."""
    return render(
        "batches.html.j2",
        frame,
        rows=rows,
        registers=[(name, frame.t(*REGISTER_NAMES[name])) for name in registers],
        names=spoken(frame, REGISTER_NAMES),
        units=units,
        today=today,
        after=after,
        counts=[(name, frame.t(zh, en)) for name, zh, en in COUNTS],
    )


def preview(
    frame: Frame,
    shown: BatchPreview | None,
    *,
    register: str,
    file_name: str,
    valid_from: date,
    faults: Sequence[str],
    unknown: Sequence[str],
    hidden: Mapping[str, str],
) -> str:
    """Return what a file would change; without `shown`, why it cannot be taken."""
    counts = [(frame.t(zh, en), shown.counts[name]) for name, zh, en in COUNTS] if shown is not None else []
    return render(
        "batch_preview.html.j2",
        frame,
        crumbs=[(frame.t("导入批次", "Import batches"), "/batches"), (frame.t("预览", "Preview"), None)],
        register_name=frame.t(*REGISTER_NAMES[register]),
        file_name=file_name,
        valid_from=valid_from,
        faults=faults,
        unknown=unknown,
        counts=counts,
        changed=_changes(frame, register, shown) if shown is not None else [],
        touched=len(shown.new) + len(shown.changed) if shown is not None else 0,
        hidden=hidden,
    )


def papers(frame: Frame, rows: Sequence[tuple[Paper, tuple[PaperLink, ...]]], *, after: str | None) -> str:
    """Return the papers."""
    return render("papers.html.j2", frame, rows=rows, kinds=spoken(frame, PAPER_KINDS), after=after)


def spoken(frame: Frame, pairs: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return words in the reader's language."""
    return {code: frame.t(*pair) for code, pair in pairs.items()}


def _changes(frame: Frame, register: str, shown: BatchPreview) -> list[tuple[str, str, str, str]]:
    told = (
        ("/".join(map(str, change.key)), *difference)
        for change in shown.changed
        for difference in differences(register, change.before, change.after, language=frame.language)
    )
    return list(islice(told, CHANGES_SHOWN))


def _facts(frame: Frame, right: Entitlement) -> list[tuple[str, str]]:
    """What the ledger says, column by column; the page names code and name already."""
    (told,) = plain_rights([HeldRight(right, right.serials)])
    return [
        (
            heading("licences", name, language=frame.language),
            value_words("licences", name, value, language=frame.language),
        )
        for name, value in told.items()
        if name not in ("code", "name", "unit", "ordinal")
    ]


def _past(frame: Frame, event: HistoryEvent) -> PastEvent:
    """One event of a right in the reader's words; an entry says nothing that the ledger does not say above it."""
    changes = event.changes if event.act == "changed" else ()
    return PastEvent(
        at=event.at,
        act=frame.t(*ACTS[event.act].split(" ", 1)),
        by=event.by or "—",
        what=event.what,
        why=event.why or "",
        holds=event.holds or "",
        changes=tuple(change_words("licences", *change, language=frame.language) for change in changes),
    )
