"""软件使用需求申请表: what a unit lacks, as a proposal; the demand itself is the department's to state."""

from __future__ import annotations

from math import ceil

from auditor.core.model import UnitCode
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.lines import DOMESTIC, country_of, own_positions, paper
from reports.paper import Code, Paper, Section


def demand_request(view: RunView, unit: UnitCode) -> Paper:
    """Return the request with a line for each product that lacks rights."""
    short = [line for line in own_positions(view, unit) if line.shortage > 0]
    rows = tuple(
        (
            number,
            Code("category", line.category.value),
            view.product_name(line.product),
            None,
            None,
            line.to_buy or ceil(line.shortage),
            _domestic(country_of(view, line.product)),
            Code("paper_note", "from_shortage"),
        )
        for number, line in enumerate(short, start=1)
    )
    return paper(view, unit, "demand_request", Section("lines", rows=rows))


def _domestic(country: str | None) -> Code | None:
    """是 or 否; nothing for a community and an unknown holder."""
    return None if country is None else Code("yes_no", "yes" if country == DOMESTIC else "no")
