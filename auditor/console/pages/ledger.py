"""The licence ledger, one right, import batches, papers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.core.entitlement import Entitlement
from auditor.core.model import Unit
from auditor.readmodels.screens.ledger import LedgerPage, RightPage
from auditor.store.batches import Batch
from auditor.store.dated_rows import BatchPreview
from auditor.store.papers import Paper, PaperLink
from reports.wording import wording

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
        changed=_changes(shown) if shown is not None else [],
        touched=len(shown.new) + len(shown.changed) if shown is not None else 0,
        hidden=hidden,
    )


def papers(frame: Frame, rows: Sequence[tuple[Paper, tuple[PaperLink, ...]]], *, after: str | None) -> str:
    """Return the papers."""
    return render("papers.html.j2", frame, rows=rows, kinds=spoken(frame, PAPER_KINDS), after=after)


def spoken(frame: Frame, pairs: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return words in the reader's language."""
    return {code: frame.t(*pair) for code, pair in pairs.items()}


def _changes(shown: BatchPreview) -> list[tuple[str, str, Any, Any]]:
    found = []
    for change in shown.changed:
        before, after = (_told(row) for row in (change.before, change.after))
        for column in sorted({*before, *after}):
            if before.get(column) != after.get(column):
                key = "/".join(map(str, change.key))
                found.append((key, column, _plain(before.get(column)), _plain(after.get(column))))
    return found[:CHANGES_SHOWN]


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row, those that it keeps as one text unfolded; a fingerprint says nothing to a reader."""
    told = {name: value for name, value in row.items() if name != "facts"}
    told |= json.loads(row["facts"]) if row.get("facts") else {}
    told.pop("serials_fingerprint", None)
    return told


def _plain(value: Any) -> str:
    return "—" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _facts(frame: Frame, r: Entitlement) -> list[tuple[str, str]]:
    t, words = frame.t, wording(frame.language)
    told: list[tuple[str, Any]] = [
        (t("类型", "Type"), words.word("software_type", r.software_type.value)),
        (t("计数", "Counted"), words.word("metric", r.metric)),
        (t("许可数量", "Quantity"), t("不限", "unlimited") if r.unlimited else f"{r.rights:,}"),
        (t("许可类型", "Licence type"), r.licence_type),
        (t("许可期限", "Term"), r.term),
        (t("起", "From"), r.starts_on),
        (t("止", "To"), r.ends_on),
        (t("可使用版本", "Versions allowed"), "、".join(allowed.text for allowed in r.allowed)),
        (t("版次", "Edition"), r.edition),
        (t("采购日期", "Purchased"), r.purchased_on),
        (t("采购金额（元）", "Amount (yuan)"), f"{r.amount:,}" if r.amount is not None else None),
        (t("供应商", "Supplier"), r.supplier),
        (t("合同", "Contract"), r.contract),
        (t("许可证书号", "Certificate"), r.certificate),
        (t("发票", "Invoice"), r.invoice),
        (t("授权凭证编号", "Number of the paper"), r.paper),
        (t("序列号（遮盖）", "Serial numbers (masked)"), "、".join(r.serials)),
        (t("绑定计算机", "Bound to computers"), "、".join((*r.bound_machines, *r.bound_serials))),
        (t("备注", "Remarks"), r.remarks),
    ]
    return [(label, str(value)) for label, value in told if value not in (None, "")]
