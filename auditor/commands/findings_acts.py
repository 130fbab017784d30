"""zhengban findings list | show | confirm | …: each finding's life, act by act."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    operator,
    print_json,
    print_listing,
    say,
)
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
    with context.store() as store, store.read() as connection:
        chosen = Filter(
            states=_states(state), units=_units(connection, unit, below), code=code, severity=severity, owner=owner,
            text=text,
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
    with context.store() as store, store.read() as connection:
        case = find_case(connection, number)
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
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import confirm as act

    chosen = _chooser(numbers, unit=unit, code=code, state="to_confirm", all_=all_)
    _act(ctx, chosen, lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), reason=reason))


def dismiss(ctx: typer.Context, numbers: Numbers, reason: ReasonOption, by: ByOption = None) -> None:
    """Take findings for false positives."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import dismiss as act

    chosen = _chooser(numbers)
    _act(ctx, chosen, lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), reason=reason))


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
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import assign as act

    today = context_of(ctx).today()
    due_on = day_of(due, today) if due is not None else None
    chosen = _chooser(numbers, unit=unit, code=code, state=state, all_=all_)
    _act(
        ctx,
        chosen,
        lambda c, cases: act(
            c, cases, actor=Actor(operator(by)), at=now_text(), owner=owner, due_on=due_on, today=today
        ),
    )


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
    with context.store() as store, store.begin() as connection:
        cases = chosen(connection)
        for path in write_notices(
            connection, context, cases, folder=output, noticed_on=day, due_on=due_on, number=number,
            language=chosen_language(language, context), by=operator(by),
        ):  # fmt: skip
            print(path)


def comment(
    ctx: typer.Context, numbers: Numbers, text: Annotated[str, typer.Option("--text", help="内容 / words")],
    by: ByOption = None,
) -> None:  # fmt: skip
    """Comment."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import comment as act

    chosen = _chooser(numbers)
    _act(ctx, chosen, lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), text=text))


def state(
    ctx: typer.Context, numbers: Numbers, text: Annotated[str, typer.Option("--text", help="陈述内容 / words")],
    by: ByOption = None,
) -> None:  # fmt: skip
    """Keep a statement of the unit."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import state as act

    chosen = _chooser(numbers)
    _act(ctx, chosen, lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), text=text))


def attach(
    ctx: typer.Context,
    numbers: Numbers,
    paper: Annotated[str, typer.Option("--paper", help="凭证摘要开头或编号 / digest or number of a kept paper")],
    by: ByOption = None,
) -> None:
    """Attach a paper."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import attach as act

    chosen = _chooser(numbers)
    _act(ctx, chosen, lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), paper=paper))


def done(
    ctx: typer.Context,
    numbers: Numbers,
    text: Annotated[str | None, typer.Option("--text", help="整改情况 / what was done")] = None,
    by: ByOption = None,
) -> None:
    """Report as put right."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import report_done as act

    chosen = _chooser(numbers)
    _act(ctx, chosen, lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), text=text))


def close(
    ctx: typer.Context,
    numbers: Numbers,
    paper: Annotated[str, typer.Option("--paper", help="凭证摘要开头或编号 / digest or number of a kept paper")],
    reason: ReasonOption,
    by: ByOption = None,
) -> None:
    """Close by a paper."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import close as act

    chosen = _chooser(numbers)
    _act(
        ctx,
        chosen,
        lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), paper=paper, reason=reason),
    )


def except_(
    ctx: typer.Context,
    numbers: Numbers,
    approver: Annotated[str, typer.Option("--approver", help="批准人 / who approves")],
    reason: ReasonOption,
    until: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="截止日期 / last day")] = None,
    by: ByOption = None,
) -> None:
    """Grant a time-limited exception."""
    from auditor.supervision.exceptions import grant
    from auditor.supervision.rectification import Actor

    context = context_of(ctx)
    today, longest = context.today(), context.settings().whole("exception_days")
    last = day_of(until, today) if until is not None else None
    chosen = _chooser(numbers)
    _act(
        ctx,
        chosen,
        lambda c, cases: grant(
            c, cases, actor=Actor(operator(by)), at=now_text(), approver=approver, reason=reason, until=last,
            today=today, longest_days=longest,
        ),
    )  # fmt: skip


def reopen(ctx: typer.Context, numbers: Numbers, reason: ReasonOption, by: ByOption = None) -> None:
    """Reopen."""
    from auditor.supervision.rectification import Actor
    from auditor.supervision.rectification import reopen as act

    chosen = _chooser(numbers)
    _act(ctx, chosen, lambda c, cases: act(c, cases, actor=Actor(operator(by)), at=now_text(), reason=reason))


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
        with store.read() as connection:
            found = overdue_cases(connection, on, _units(connection, unit, below))
        if output is not None:
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
    with context.store() as store, store.read() as connection:
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
    ctx: typer.Context,
    choose: Callable[[Connection], list[Case]],
    act: Callable[[Connection, list[Case]], list[Case]],
) -> None:
    with context_of(ctx).store() as store, store.begin() as connection:
        after = act(connection, choose(connection))
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
