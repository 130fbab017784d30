"""Products of the catalogue."""

from __future__ import annotations

from auditor.console.frame import Frame
from auditor.console.rendering import render
from auditor.console.words import CLASSES, KINDS, spoken
from auditor.readmodels.screens.products import OneProduct, ProductPage


def page(frame: Frame, model: ProductPage, *, text: str, only: str) -> str:
    """Return one page of products."""
    classes = spoken(CLASSES, frame.language)
    return render("products.html.j2", frame, model=model, text=text, only=only, after=model.after, classes=classes)


def one(frame: Frame, model: OneProduct) -> str:
    """Return one product."""
    product = model.product
    crumbs = [(frame.t("软件产品", "Products"), frame.url("/products")), (frame.t(product.zh, product.en), None)]
    return render(
        "product.html.j2",
        frame,
        model=model,
        crumbs=crumbs,
        kinds=spoken(KINDS, frame.language),
        classes=spoken(CLASSES, frame.language),
    )
