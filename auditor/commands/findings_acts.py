"""zhengban findings list | show | confirm | …: each finding's life, act by act."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.commands.context import (
    FINDINGS,
    Format,
    FormatOption,
    UnitOption,
    chosen_language,
    context_of,
    day_of,
    now_text,
    print_json,
    print_listing,
    say,
)
from auditor.commands.rights import Acting, acting
from auditor.console.viewer import Act
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.store.cases import Case
    from auditor.store.database import Connection

COLUMNS = {
    "id": "编号 no.",
    "state": "状态 state",
    "severity": "级别 severity",
    "unit": "单位 unit",
    "owner": "责任人 owner",
    "due_on": "期限 due",
    "sentence": "问题 finding",
}
MORE_COLUMNS = (
    "state_code", "code", "product", "machine", "notice", "overdue", "excepted_until", "reopened", "seen_on", "version",
)  # fmt: skip
Numbers = Annotated[list[str] | None, typer.Argument(help="问题项编号，可多个 / numbers of findings")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="经办人，默认系统登录名 / who does it")]
AllOption = Annotated[bool, typer.Option("--all", help="按条件选中的全部 / all that the options choose")]
StateOption = Annotated[
    str | None, typer.Option("--state", help="to_confirm, confirmed, rectifying, to_recheck, closed, excepted, …")
]
CodeOption = Annotated[str | None, typer.Option("--code", help="类别 / code of the finding")]
OwnerOption = Annotated[str | None, typer.Option("--owner", help="责任人 / who answers for it")]
DueOption = Annotated[str | None, typer.Option("--due", metavar="YYYY-MM-DD", help="整改期限 / to be put right by")]
ReasonOption = Annotated[str, typer.Option("--reason", help="理由 / why")]
LanguageOption = Annotated[str | None, typer.Option("--language", help="zh_CN, en")]


def add_to(room: typer.Typer) -> None:
    """Add the acts."""
    room.command("list", help="列出问题项及其状态 / list findings and where they stand")(list_all)
    room.command("show", help="一个问题项的证据与经过 / one finding: evidence, and all that was done")(show)
    room.command("confirm", help="确认 / confirm")(confirm)
    room.command("dismiss", help="判为误报 / a false positive")(dismiss)
    room.command("assign", help="指派责任人或期限，可批量 / name who answers, and by when")(assign)
    room.command("notice", help="发整改通知书 (DOCX) / write the notice of rectification")(notice)
    room.command("comment", help="备注 / say something that changes nothing")(comment)
    room.command("state", help="登记单位陈述 / the unit's own statement")(state)
    room.command("attach", help="附上已登记的凭证 / lay a kept paper beside it")(attach)
    room.command("done", help="报整改完成，待复查 / reported as put right")(done)
    room.command("close", help="凭证关闭 / close by a paper")(close)
    room.command("except", help="限期例外 / let it stand aside for a while")(except_)
    room.command("reopen", help="重新打开 / reopen")(reopen)
    room.command("bulk", help="批量办理记录 / acts on many findings")(bulk)
    room.command("undo", help="整批撤销一次批量办理 / take an act on many back whole")(undo)
    room.command("overdue", help="逾期清单；--output 出未按期整改单位名单 / what is overdue; the list of units")(
        overdue
    )
    room.command("rules", help="误报提示的规则修改预览 / what false positives say of the rules")(rules)


def list_all(
    ctx: typer.Context,
    unit: UnitOption = None,
    below: Annotated[bool, typer.Option("--below", help="含下级单位 / and all units below")] = False,
    state: StateOption = None,
    code: CodeOption = None,
    severity: Annotated[str | None, typer.Option("--severity", help="high, medium, low")] = None,
    owner: OwnerOption = None,
    text: Annotated[str | None, typer.Option("--text", help="包含文字 / holding this text")] = None,
    limit: Annotated[int, typer.Option("--limit", help="最多几条 / at most so many", min=1)] = 200,
    start: Annotated[int, typer.Option("--start", help="跳过几条 / after so many", min=0)] = 0,
    language: LanguageOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the cases."""
    from auditor.readmodels.cases import case_rows
    from auditor.store.cases import Filter, list_cases

    context = context_of(ctx)
    language = chosen_language(language, context)
    with context.store() as store:
        who = acting(context, store, Act.READ)
        with store.read() as connection:
            chosen = Filter(
                states=_states(state), units=_seen(who, _units(connection, unit, below)), code=code, severity=severity,
                owner=owner, text=text,
            )  # fmt: skip
            found = list_cases(connection, chosen, limit=limit, start=start)
    rows = case_rows(found, context.catalogue(), language, on=context.today())
    columns = COLUMNS if form is Format.TABLE else {**COLUMNS, **{name: name for name in MORE_COLUMNS}}
    print_listing(rows, columns, form)


def show(ctx: typer.Context, number: str, language: LanguageOption = None) -> None:
    """Show one case."""
    from auditor.readmodels.cases import case_rows, evidence_rows, history_rows
    from auditor.store.cases import events_of, find_case
    from auditor.store.papers import Subject, links_of

    context = context_of(ctx)
    language = chosen_language(language, context)
    with context.store() as store:
        who = acting(context, store, Act.READ)
        with store.read() as connection:
            case = find_case(connection, number)
            who.must_see([case.unit])
            events = events_of(connection, case.id)
            papers = [one.paper for one in links_of(connection, subject=Subject("finding", case.key))]
    (row,) = case_rows([case], context.catalogue(), language, on=context.today())
    told = {"evidence": evidence_rows(case.finding), "papers": papers, "history": history_rows(events, language)}
    print_json(row | told, indent=1)


def confirm(
    ctx: typer.Context,
    numbers: Numbers = None,
    unit: UnitOption = None,
    code: CodeOption = None,
    all_: AllOption = False,
    reason: Annotated[str | None, typer.Option("--reason", help="说明 / remark")] = None,
    by: ByOption = None,
) -> None:
    """Confirm findings."""
    chosen = _chooser(numbers, unit=unit, code=code, state="to_confirm", all_=all_)
    _act(ctx, chosen, "confirmed", by, text=reason or "")


def dismiss(ctx: typer.Context, numbers: Numbers, reason: ReasonOption, by: ByOption = None) -> None:
    """Take findings for false positives."""
    _act(ctx, _chooser(numbers), "dismissed", by, text=reason)


def assign(
    ctx: typer.Context,
    numbers: Numbers = None,
    owner: Annotated[str | None, typer.Option("--owner", help="责任人 / who answers for it")] = None,
    due: DueOption = None,
    unit: UnitOption = None,
    code: CodeOption = None,
    state: StateOption = None,
    all_: AllOption = False,
    by: ByOption = None,
) -> None:
    """Assign findings."""
    due_on = day_of(due, context_of(ctx).today()) if due is not None else None
    chosen = _chooser(numbers, unit=unit, code=code, state=state, all_=all_)
    _act(ctx, chosen, "assigned", by, owner=owner, due_on=due_on)


def notice(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="输出目录 / folder for the letters")],
    numbers: Numbers = None,
    unit: UnitOption = None,
    all_: AllOption = False,
    due: DueOption = None,
    number: Annotated[str | None, typer.Option("--number", help="通知书编号，默认自编 / number of the notice")] = None,
    language: LanguageOption = None,
    by: ByOption = None,
) -> None:
    """Write one letter a unit for confirmed findings, and put them under rectification."""
    from auditor.commands.letters import write_notices

    context = context_of(ctx)
    chosen = _chooser(numbers, unit=unit, state="confirmed", all_=all_)
    day = context.today()
    due_on = day_of(due, day) if due is not None else None
    with context.store() as store:
        who = acting(context, store, Act.DECIDE_FINDINGS, by)
        with store.begin() as connection:
            cases = chosen(connection)
            who.must_see(case.unit for case in cases)
            for path in write_notices(
                connection, context, cases, folder=output, noticed_on=day, due_on=due_on, number=number,
                language=chosen_language(language, context), by=who.name,
            ):  # fmt: skip
                print(path)


def comment(
    ctx: typer.Context, numbers: Numbers, text: Annotated[str, typer.Option("--text", help="内容 / words")],
    by: ByOption = None,
) -> None:  # fmt: skip
    """Comment."""
    _act(ctx, _chooser(numbers), "commented", by, text=text)


def state(
    ctx: typer.Context, numbers: Numbers, text: Annotated[str, typer.Option("--text", help="陈述内容 / words")],
    by: ByOption = None,
) -> None:  # fmt: skip
    """Keep a statement of the unit."""
    _act(ctx, _chooser(numbers), "stated", by, text=text)


def attach(
    ctx: typer.Context,
    numbers: Numbers,
    paper: Annotated[str, typer.Option("--paper", help="凭证摘要开头或编号 / digest or number of a kept paper")],
    by: ByOption = None,
) -> None:
    """Attach a paper."""
    _act(ctx, _chooser(numbers), "attached", by, paper=paper)


def done(
    ctx: typer.Context,
    numbers: Numbers,
    text: Annotated[str | None, typer.Option("--text", help="整改情况 / what was done")] = None,
    by: ByOption = None,
) -> None:
    """Report as put right."""
    _act(ctx, _chooser(numbers), "done", by, text=text or "")


def close(
    ctx: typer.Context,
    numbers: Numbers,
    paper: Annotated[str, typer.Option("--paper", help="凭证摘要开头或编号 / digest or number of a kept paper")],
    reason: ReasonOption,
    by: ByOption = None,
) -> None:
    """Close by a paper."""
    _act(ctx, _chooser(numbers), "closed", by, text=reason, paper=paper)


def except_(
    ctx: typer.Context,
    numbers: Numbers,
    approver: Annotated[str, typer.Option("--approver", help="批准人 / who approves")],
    reason: ReasonOption,
    until: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="截止日期 / last day")] = None,
    by: ByOption = None,
) -> None:
    """Grant a time-limited exception."""
    last = day_of(until, context_of(ctx).today()) if until is not None else None
    _act(ctx, _chooser(numbers), "excepted", by, text=reason, approver=approver, until=last)


def reopen(ctx: typer.Context, numbers: Numbers, reason: ReasonOption, by: ByOption = None) -> None:
    """Reopen."""
    _act(ctx, _chooser(numbers), "reopened", by, text=reason)


def bulk(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """List the acts on many."""
    from auditor.supervision.bulk_acts import list_bulk

    context = context_of(ctx)
    with context.store() as store:
        who = acting(context, store, Act.DECIDE_FINDINGS)
        with store.read() as connection:
            found = list_bulk(connection, who.sees)
    columns = {"digest": "编号 name", "act": "办理 act", "count": "项数 findings", "at": "时间 when (UTC)",
               "by": "办理人 by", "undone_at": "撤销 taken back"}  # fmt: skip
    rows = [vars(row) | ({"digest": row.digest[:16]} if form is Format.TABLE else {}) for row in found]
    print_listing(rows, columns, form)


def undo(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="批量办理编号 / name of the act, see bulk")],
    apply: Annotated[bool, typer.Option("--apply", help="撤销；否则只报数量 / do it; else only say how many")] = False,
    by: ByOption = None,
) -> None:
    """Take an act on many back; without --apply only say on how many findings."""
    from auditor.supervision.bulk_acts import find_bulk, undo_bulk
    from auditor.supervision.rectification import Actor

    context = context_of(ctx)
    with context.store() as store:
        who = acting(context, store, Act.DECIDE_FINDINGS, by)
        with store.begin() as connection:
            found = find_bulk(connection, name, who.sees)
            if apply:
                undo_bulk(connection, found, who.sees, actor=Actor(who.name), at=now_text())
    told = (
        both("已撤销", "taken back") if apply else both("将撤销，加 --apply 执行", "to take back; add --apply to do it")
    )
    print(f"{found.digest[:16]} {found.act} {found.count} {told}")


def overdue(
    ctx: typer.Context,
    unit: UnitOption = None,
    below: Annotated[bool, typer.Option("--below", help="含下级单位 / and all units below")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="截至日期 / as of")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="未按期整改单位名单 (DOCX)，须 --released-by / the list of units")
    ] = None,
    released_by: Annotated[str | None, typer.Option("--released-by", help="审核发布人 / who releases it")] = None,
    language: LanguageOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List what is overdue; with --output also write the internal list of units."""
    from auditor.commands.letters import write_overdue_list
    from auditor.readmodels.cases import case_rows
    from auditor.supervision.escalation import overdue_cases

    context = context_of(ctx)
    language, on = chosen_language(language, context), day_of(as_of, context.today())
    if output is not None and not (released_by or "").strip():
        raise WrongUsage(f"--released-by: {both('名单须写明审核发布人', 'the list must name who releases it')}")
    with context.store() as store:
        who = acting(context, store, Act.READ if output is None else Act.DECIDE_FINDINGS)
        with store.read() as connection:
            found = overdue_cases(connection, on, _seen(who, _units(connection, unit, below)))
        if output is not None:
            who.must_see_all()
            with store.begin() as connection:
                write_overdue_list(
                    connection, context, output, on=on, released_by=(released_by or "").strip(), language=language
                )
            say(str(output))
    print_listing(case_rows(found, context.catalogue(), language, on=on), COLUMNS, form)
    if found:
        raise typer.Exit(FINDINGS)


def rules(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """Preview what false positives would change in the rules."""
    from auditor.supervision.false_positives import rule_previews

    context = context_of(ctx)
    with context.store() as store:
        acting(context, store, Act.EDIT_CATALOGUE).must_see_all()
        with store.read() as connection:
            found = rule_previews(connection, context.catalogue())
    columns = {
        "rule": "规则 rule",
        "words": "所见 seen",
        "dismissed": "误报 dismissed",
        "confirmed": "已确认 confirmed",
        "open": "未判 undecided",
        "suggestion": "建议 suggestion",
    }
    print_listing([vars(line) for line in found], columns, form)


def _act(
    ctx: typer.Context, choose: Callable[[Connection], list[Case]], doing: str, by: str | None, **told: Any
) -> None:
    """Carry one act out on what is chosen, all or none, within the rights of whoever acts."""
    from auditor.supervision.acting import Said, act_on
    from auditor.supervision.rectification import Actor
    from auditor.supervision.states import Doing

    context = context_of(ctx)
    longest = context.settings().whole("exception_days")
    with context.store() as store:
        who = acting(context, store, Act.DECIDE_FINDINGS, by)
        with store.begin() as connection:
            cases = choose(connection)
            who.must_see(case.unit for case in cases)
            after = act_on(
                connection, Doing(doing), cases, Said(**told), actor=Actor(who.name), at=now_text(),
                today=context.today(), longest_days=longest,
            )  # fmt: skip
    for case in after[:20]:
        print(f"{case.id} {case.state}")
    if len(after) > 20:
        print(f"… {len(after)}")


def _chooser(
    numbers: list[str] | None,
    *,
    unit: str | None = None,
    code: str | None = None,
    state: str | None = None,
    all_: bool = False,
) -> Callable[[Connection], list[Case]]:
    """Return what reads the cases within the transaction that acts on them."""
    if bool(numbers) == all_:
        raise WrongUsage(
            both("应写明编号，或用 --all 选中全部", "expected numbers, or --all for what the options choose")
        )

    def choose(connection: Connection) -> list[Case]:
        from auditor.core.case import OPEN
        from auditor.store.cases import Filter, find_case, list_cases

        if numbers:
            return [find_case(connection, number) for number in dict.fromkeys(numbers)]
        states = _states(state) or tuple(sorted(OPEN))
        found = list_cases(connection, Filter(states=states, units=_units(connection, unit, False), code=code))
        if not found:
            raise AuditorError(both("没有符合条件的问题项", "no finding is chosen"))
        return found

    return choose


def _seen(who: Acting, units: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the units asked for, bounded to those of the account."""
    if who.sees_all:
        return units
    return tuple(unit for unit in (who.parents if units is None else units) if who.sees(unit))


def _states(state: str | None) -> tuple[str, ...]:
    from auditor.core.case import OPEN, CaseState

    if state is None:
        return ()
    if state == "open":
        return tuple(sorted(OPEN))
    if state not in set(CaseState):
        raise WrongUsage(f"--state {state}: {both('应为', 'expected one of')} open, {', '.join(CaseState)}")
    return (state,)


def _units(connection: Connection, unit: str | None, below: bool) -> tuple[str, ...] | None:
    if unit is None:
        return None
    if not below:
        return (unit,)
    from auditor.core.model import UnitCode
    from auditor.core.organisation import UnitTree
    from auditor.store.units import list_units

    tree = UnitTree(list_units(connection))
    return tuple(code for code in tree.units if UnitCode(unit) in tree.way_up(code))
