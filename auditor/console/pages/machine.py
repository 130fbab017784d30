"""The pages of one computer, and what one copy on it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.console.words import (
    ACTS,
    CLASSES,
    CLUES,
    EVIDENCE,
    KINDS,
    OUTCOMES,
    STATES,
    copy_name,
    reason_of,
    spoken,
)
from auditor.core.picture import ScopePicture
from auditor.readmodels.screens.findings import without_user
from auditor.readmodels.screens.machine import (
    CopyEvidence,
    IdentityPage,
    JournalPage,
    MachineHead,
    MachineOverview,
    SoftwarePage,
    coverage_scopes,
)
from reports.model import Name
from reports.wording import wording
from rules.product import Product


class _Scopes:
    """What the page of scopes shows."""

    def __init__(self, head: MachineHead) -> None:
        self.head = head
        self.scopes: Sequence[ScopePicture] = coverage_scopes(head)


def _crumbs(frame: Frame, head: MachineHead, *last: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    label = head.row.label or frame.t("未登记计算机", "Unregistered computer")
    here: list[tuple[str, str | None]] = [(frame.t("计算机", "Computers"), frame.url("/machines"))]
    here.append((label, frame.url(f"/machines/{head.row.entry.key}") if last else None))
    return [*here, *last]


def overview(frame: Frame, model: MachineOverview, products: Mapping[str, Product]) -> str:
    """Return the first page of a computer."""
    return render(
        "machine.html.j2",
        frame,
        model=model,
        tab="",
        crumbs=_crumbs(frame, model.head),
        facts=_facts(frame, model.head),
        copies=[copy_name(assignment.copy, products) for assignment in model.assignments],
        reasons=[reason_of(assignment, frame.language) for assignment in model.assignments],
    )


def software(frame: Frame, model: SoftwarePage, products: Mapping[str, Product], *, text: str) -> str:
    """Return a page of what is installed."""
    known = {row.recognition.product for row in model.rows if row.recognition.product is not None}
    return render(
        "machine_software.html.j2",
        frame,
        model=model,
        tab="/software",
        crumbs=_crumbs(frame, model.head, (frame.t("已装软件", "Software"), None)),
        names={id: Name(products[id].zh, products[id].en) if id in products else id for id in known},
        kinds=spoken(KINDS, frame.language),
        text=text,
        after=key_text(model.after),
    )


def journal(frame: Frame, model: JournalPage) -> str:
    """Return a page of what changed."""
    return render(
        "machine_journal.html.j2",
        frame,
        model=model,
        tab="/journal",
        crumbs=_crumbs(frame, model.head, (frame.t("变更记录", "Journal"), None)),
        acts=spoken(ACTS, frame.language),
        after=key_text(model.after),
    )


def coverage(frame: Frame, head: MachineHead) -> str:
    """Return how each scope of a computer was read."""
    model = _Scopes(head)
    return render(
        "machine_coverage.html.j2",
        frame,
        model=model,
        tab="/coverage",
        crumbs=_crumbs(frame, head, (frame.t("扫描范围", "Scan scopes"), None)),
        scopes=model.scopes,
        outcomes=spoken(OUTCOMES, frame.language),
    )


def identity(frame: Frame, model: IdentityPage) -> str:
    """Return by what a computer is known."""
    return render(
        "machine_identity.html.j2",
        frame,
        model=model,
        tab="/identity",
        crumbs=_crumbs(frame, model.head, (frame.t("身份依据", "Identity"), None)),
        clue_names=spoken(CLUES, frame.language),
    )


def evidence(frame: Frame, model: CopyEvidence, products: Mapping[str, Product]) -> str:
    """Return the way from a copy to its rule, right and paper."""
    name = copy_name(model.assignment.copy, products)
    signs = [
        (line.words if model.head.shows_person else without_user(line.words), line.rule, line.record)
        for line in model.assignment.signs
    ]
    return render(
        "copy_evidence.html.j2",
        frame,
        model=model,
        name=name,
        crumbs=_crumbs(frame, model.head, (wording(frame.language).name(name), None)),
        reason=reason_of(model.assignment, frame.language),
        signs=[{"words": words, "rule": rule, "record": record} for words, rule, record in signs],
        classes=spoken(CLASSES, frame.language),
        evidence=frame.t(*EVIDENCE[model.assignment.evidence]),
    )


def _facts(frame: Frame, head: MachineHead) -> list[tuple[str, str | None]]:
    t, register, host = frame.t, head.register, head.host
    words = wording(frame.language)
    brand = register.brand if register is not None else None
    if brand is None and host is not None:
        brand = " ".join(word for word in (host.manufacturer, host.model) if word) or None
    system = " ".join(w for w in (host.os_name, host.os_edition, host.os_version) if w) if host is not None else None
    told = [
        (t("计算机编号", "Computer code"), head.row.entry.code or t("未登记", "not registered")),
        (t("部门", "Department"), head.row.unit_name),
        (t("状态", "State"), frame.t(*STATES[head.row.entry.state])),
        (t("类型", "Kind"), words.word("machine_class", head.row.entry.machine_class)),
        (t("品牌型号", "Brand and model"), brand),
        (t("序列号", "Serial number"), (register.serial if register else None) or (host.serial if host else None)),
        (t("操作系统", "Operating system"), system),
        (t("地点", "Place"), register.place if register is not None else None),
    ]
    if head.shows_person:
        told.insert(2, (t("使用人", "User"), head.person))
        told.append((t("主机名", "Host name"), head.row.entry.host_name))
    return told
