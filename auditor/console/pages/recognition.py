"""The queue of unknown software, titles, rules of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.console.frame import Frame
from auditor.console.keys import key_text
from auditor.console.rendering import render
from auditor.console.words import CLASSES, KINDS, spoken
from auditor.readmodels.screens.recognition import QueuePage, RulePreview, TitlePage, TitleRow, UnknownPage
from reports.model import Name
from reports.wording import wording
from rules.overlay import Revision
from rules.product import Category, Product


@dataclass(frozen=True)
class Draft:
    """What a form says of a new rule."""

    id: str = ""
    zh: str = ""
    en: str = ""
    publisher: str = ""
    kind: str = "application"
    category: str = "other"
    licence_class: str = "unknown"
    terms: str = ""
    pattern: str = ""
    matches: str = ""
    rejects: str = ""


def queue(frame: Frame, model: QueuePage, *, text: str) -> str:
    """Return one page of what is not recognised."""
    return render("recognition.html.j2", frame, tab="queue", model=model, text=text, after=key_text(model.after))


def titles(frame: Frame, model: TitlePage, products: Mapping[str, Product], *, text: str) -> str:
    """Return one page of titles."""
    known = {row.recognition.product for row in model.rows if row.recognition.product is not None}
    return render(
        "recognition.html.j2",
        frame,
        tab="titles",
        model=model,
        text=text,
        after=key_text(model.after),
        names={id: _named(products, id) for id in known},
        kinds=spoken(KINDS, frame.language),
        classes=spoken(CLASSES, frame.language),
    )


def rules(
    frame: Frame, revisions: Sequence[Revision], in_force: Revision | None, files: Sequence[tuple[str, str]]
) -> str:
    """Return the rules of the house with their revisions, the newest first."""
    rows = [(revision, revision == in_force) for revision in reversed(revisions)]
    return render("recognition.html.j2", frame, tab="rules", revisions=rows, in_force=in_force, files=files)


def unknown(frame: Frame, model: UnknownPage) -> str:
    """Return one group of the queue."""
    crumbs = [(frame.t("识别", "Recognition"), frame.url("/recognition")), (model.row.name, None)]
    return render("unknown.html.j2", frame, model=model, crumbs=crumbs)


def title(frame: Frame, row: TitleRow, products: Mapping[str, Product]) -> str:
    """Return one title."""
    labels = {
        "platform": frame.t("平台", "Platform"),
        "source": frame.t("来源", "Source"),
        "name": frame.t("名称", "Name"),
        "publisher": frame.t("发布者", "Publisher"),
        "version": frame.t("版本", "Version"),
        "identifier": frame.t("标识", "Identifier"),
        "architecture": frame.t("架构", "Architecture"),
        "licence": frame.t("所写许可", "Licence words"),
    }
    words = [(labels.get(name, name), str(value)) for name, value in vars(row.title).items() if value is not None]
    product = row.recognition.product
    return render(
        "title.html.j2",
        frame,
        row=row,
        words=words,
        name=_named(products, product) if product is not None else None,
        kinds=spoken(KINDS, frame.language),
        classes=spoken(CLASSES, frame.language),
        crumbs=[(frame.t("识别", "Recognition"), frame.url("/titles")), (row.title.name, None)],
    )


def rule(
    frame: Frame,
    draft: Draft,
    *,
    group: str,
    name: str,
    faults: Sequence[str] = (),
    preview: RulePreview | None = None,
    yaml: str = "",
) -> str:
    """Return the form of a rule, with what it would change once it was previewed."""
    words = wording(frame.language)
    return render(
        "rule.html.j2",
        frame,
        draft=draft,
        group=group,
        name=name,
        faults=faults,
        preview=preview,
        yaml=yaml,
        fields=vars(draft),
        kinds=list(spoken(KINDS, frame.language).items()),
        classes=list(spoken(CLASSES, frame.language).items()),
        categories=[(one.value, words.word("category", one.value)) for one in Category],
        crumbs=[(frame.t("识别", "Recognition"), frame.url("/recognition")), (frame.t("建规则", "Make a rule"), None)],
    )


def _named(products: Mapping[str, Product], id: str) -> str | Name:
    return Name(products[id].zh, products[id].en) if id in products else id
