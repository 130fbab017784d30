"""软件使用需求申请表, 软件安装维护申请表 and 确认单 of requests as they were made, reviewed and carried out.

Opinions are printed as they were given, with name and day; what is to be signed is still signed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from auditor.core.model import Machine, ProductId, UnitCode
from auditor.readmodels.context import RunView
from auditor.readmodels.papers.lines import DOMESTIC, country_of, paper
from reports.model import Name
from reports.paper import Cell, Code, Paper, Section

ACTS: Mapping[str, Name] = {
    "install": Name("■安装　　□卸载　　□升级　　□维护", "■ install   □ remove   □ upgrade   □ maintain"),
    "remove": Name("□安装　　■卸载　　□升级　　□维护", "□ install   ■ remove   □ upgrade   □ maintain"),
    "upgrade": Name("□安装　　□卸载　　■升级　　□维护", "□ install   □ remove   ■ upgrade   □ maintain"),
}
Told = Mapping[str, Any]


def demand_paper(view: RunView, number: str, content: Told) -> Paper:
    """Return the demand request of a department, a line for each piece of software."""
    unit = UnitCode(str(content["unit"]))
    rows = tuple(
        (at, str(line.get("type") or "") or None, str(line["name"]), str(line.get("purpose") or ""),
         str(line.get("functions") or "") or None, int(line["quantity"]), _domestic(view, line),
         _remark(line, number))
        for at, line in enumerate(content["lines"], start=1)
    )  # fmt: skip
    fields: tuple[tuple[str, Cell], ...] = (
        ("department", str(content["department"])),
        ("applicant", str(content["applicant"])),
        ("day", date.fromisoformat(content["on"])),
    )
    made = paper(view, unit, "demand_request", Section("lines", rows=rows, fields=fields))
    return replace(made, head=replace(made.head, phone=str(content.get("phone") or "") or made.head.phone))


def installation_paper(view: RunView, number: str, content: Told, steps: Sequence[Told]) -> Paper:
    """Return the request for an installation, removal or upgrade, with what became of it."""
    by_step = {str(step["step"]): step for step in steps}
    machine = _machine(view, content)
    fields: list[tuple[str, Cell]] = [
        *_who(view, content, machine),
        ("applicant", str(content["applicant"])),
        ("day", date.fromisoformat(content["on"])),
        ("present", str(content.get("existing") or "")),
        ("new", str(content["software"])),
        ("reason", f"{content['reason']}\n（{number}）"),
    ]
    for key, step in (("head", "department"), ("it", "it")):
        if step in by_step:
            fields.append((key, _opinion(by_step[step])))
    if "rejected" in by_step:
        fields.append(("done", _opinion(by_step["rejected"], Name("不同意", "refused"))))
    if "installed" in by_step:
        done = by_step["installed"]
        fields += [
            ("installer", str(done["name"])),
            ("done", str(done.get("opinion") or "")),
            ("done_on", date.fromisoformat(done["on"])),
        ]
    if "confirmed" in by_step:
        fields.append(("confirmed_on", date.fromisoformat(by_step["confirmed"]["on"])))
    return paper(view, UnitCode(str(content["unit"])), "install_request", Section("fields", fields=tuple(fields)))


def confirmation_paper(
    view: RunView, number: str, content: Told, steps: Sequence[Told], *, seen_on: date | None
) -> Paper:
    """Return the confirmation. `seen_on`: the day on which the journal of a scan has the installation."""
    by_step = {str(step["step"]): step for step in steps}
    machine = _machine(view, content)
    fields: list[tuple[str, Cell]] = [
        *_who(view, content, machine),
        ("software", str(content["software"])),
        ("request", number),
    ]
    done = by_step.get("installed")
    told = str(done.get("opinion") or "") if done is not None else ""
    if seen_on is not None:
        zh, en = f"扫描记录见到的日期：{seen_on}", f"seen by a scan on {seen_on}"
        fields.append(("done", Name(f"{told}\n{zh}" if told else zh, f"{told}\n{en}" if told else en)))
    elif told:
        fields.append(("done", told))
    if done is not None:
        fields += [("installer", str(done["name"])), ("done_on", date.fromisoformat(done["on"]))]
    if "confirmed" in by_step:
        confirmed = by_step["confirmed"]
        fields += [("confirmed", str(confirmed["name"])), ("confirmed_on", date.fromisoformat(confirmed["on"]))]
    return paper(view, UnitCode(str(content["unit"])), "install_confirmation", Section("fields", fields=tuple(fields)))


def _who(view: RunView, content: Told, machine: Machine | None) -> list[tuple[str, Cell]]:
    unit = str(content["unit"])
    return [
        ("unit", view.tree.name(UnitCode(unit)) or unit),
        ("department", str(content["department"])),
        ("user", str(content.get("person") or "")),
        ("phone", str(content.get("phone") or "")),
        ("machine", str(content["computer"])),
        ("brand", (machine.brand or "") if machine is not None else ""),
        ("act", ACTS[str(content["kind"])]),
    ]


def _machine(view: RunView, content: Told) -> Machine | None:
    return next((m for m in view.facts.machines if m.code == content["computer"]), None)


def _opinion(step: Told, usual: Name | None = None) -> Name:
    said = usual or Name("同意", "agreed")
    told = str(step.get("opinion") or "")
    end = f"{step['name']}　　{step['on']}"
    return Name(f"意见：{told or said.zh}\n\n{end}", f"Opinion: {told or said.en}\n\n{end}")


def _remark(line: Told, number: str) -> Name:
    said = str(line.get("remarks") or "")
    zh, en = f"申请编号 {number}", f"request {number}"
    return Name(f"{said}（{zh}）", f"{said} ({en})") if said else Name(zh, en)


def _domestic(view: RunView, line: Told) -> Code | None:
    """是 or 否 as the applicant said, else of a product that the catalogue has under just this name."""
    if isinstance(line.get("domestic"), bool):
        return Code("yes_no", "yes" if line["domestic"] else "no")
    wanted = str(line["name"]).strip().casefold()
    product = next((p for p in view.facts.products.values() if wanted in (p.zh.casefold(), p.en.casefold())), None)
    country = country_of(view, ProductId(product.id)) if product is not None else None
    return None if country is None else Code("yes_no", "yes" if country == DOMESTIC else "no")
