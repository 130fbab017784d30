"""zhengban database forecast, retention: how large the store becomes, and what is removed for its age."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.commands.context import Format, FormatOption, context_of, now, print_listing, say
from auditor.errors import WrongUsage, both

PARTS = {
    "machine": "计算机（现状、名称、期初）machines as they stand",
    "scan": "清单（证据）documents, the evidence",
    "change": "变更台账 journal",
    "run": "稽核记录 runs",
    "rest": "其他 the rest",
}
FORECAST = {
    "part": "部分 part",
    "now_bytes": "现有字节 bytes now",
    "each_bytes": "单位字节 bytes each",
    "then_bytes": "预测字节 bytes then",
}
RETENTION = {"what": "内容 what", "many": "数量 how many", "size_bytes": "字节 bytes"}


def add_to(room: typer.Typer) -> None:
    """Add the commands."""
    room.command("forecast", help="按实测字节预测容量 / size to come, from measured bytes per machine")(forecast)
    room.command("retention", help="预览或执行到期清理 / show, or remove, what is kept no longer")(retention)


def forecast(
    ctx: typer.Context,
    machines: Annotated[int | None, typer.Option("--machines", min=1, help="台数 / how many machines")] = None,
    months: Annotated[int, typer.Option("--months", min=1, max=1200, help="几个月后 / after how many months")] = 24,
    scans: Annotated[
        float | None,
        typer.Option("--scans-a-day", min=0.0, help="每台每天几次；默认按实测 / of one machine; as measured"),
    ] = None,
    runs: Annotated[float, typer.Option("--runs-a-month", min=0.0, help="每月稽核几次 / runs a month")] = 1.0,
    form: FormatOption = Format.TABLE,
) -> None:
    """Print bytes now, bytes each and bytes then. Raises `WrongUsage` where nothing can be measured yet."""
    from auditor.store.upkeep import forecast as figures

    context = context_of(ctx)
    with context.store() as store, store.read() as connection:
        measured = figures.measure(connection)
    if not measured.machines:
        raise WrongUsage(both("库中还没有计算机，无从实测", "there is no machine in the store to measure"))
    a_day = scans if scans is not None else measured.scans_a_day
    if not a_day:
        raise WrongUsage(both("清单都在同一天，请写 --scans-a-day", "all documents are of one day: say --scans-a-day"))
    wanted = machines if machines is not None else measured.machines
    then = figures.forecast(
        measured, machines=wanted, months=months, scans_a_day=a_day, runs_a_month=runs,
        evidence_months=context.settings().whole("evidence_months"),
    )  # fmt: skip
    rows = [
        {
            "part": PARTS[part] if form is Format.TABLE else part,
            "now_bytes": measured.part_bytes.get(part, 0),
            "each_bytes": round(measured.each(part)) if part != figures.REST else None,
            "then_bytes": then.part_bytes[part],
        }
        for part in PARTS
    ]
    rows.append({"part": "合计 total" if form is Format.TABLE else "total", "now_bytes": measured.total_bytes,
                 "each_bytes": None, "then_bytes": then.total_bytes})  # fmt: skip
    print_listing(rows, FORECAST, form)
    zh = f"{wanted} 台，每台每天 {a_day:.2f} 次，{months} 个月后；由 {measured.machines} 台实测推算"
    en = f"{wanted} machines, {a_day:.2f} scans a day each, after {months} months; worked out from {measured.machines}"
    say(both(zh, en))
    if not measured.runs:
        say(both("库中还没有稽核记录，预测不含该部分", "no run was made yet: they are not in the forecast"))


def retention(
    ctx: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="执行；不写只预览 / do it; without, only shown")] = False,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show what the settings `evidence_months` and `trail_months` would remove now; with --apply remove it."""
    from auditor.store.upkeep import retention as room

    context = context_of(ctx)
    settings, moment = context.settings(), now()
    evidence, trail, zone = settings.whole("evidence_months"), settings.whole("trail_months"), settings.zone
    with context.store() as store:
        if apply:
            found = room.remove(store, now=moment, evidence_months=evidence, trail_months=trail, zone=zone)
        else:
            with store.read() as connection:
                found = room.look(connection, now=moment, evidence_months=evidence, trail_months=trail, zone=zone)
    rows = [
        _line(f"早于 {evidence} 个月的清单 documents", found.documents, found.document_bytes),
        _line("早于期限、因已签报而保留的清单 kept for signed-off runs", found.kept_for_runs, None),
        _line("被拒收的记录 refusals", found.refused, None),
        _line(f"早于 {trail} 个月的操作日志 entries of the trail", found.trail_entries, None),
    ]
    print_listing(rows, RETENTION, form)
    say(both("已清理", "removed") if apply else both("以上为预览，加 --apply 执行", "only shown; --apply removes it"))


def _line(what: str, many: int, size_bytes: int | None) -> dict[str, str | int | None]:
    return {"what": what, "many": many, "size_bytes": size_bytes}
