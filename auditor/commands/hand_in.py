"""zhengban hand-in: reports are drafted, reviewed, submitted; figures go up signed, questions come down."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import (
    FINDINGS,
    AsOfOption,
    CommandContext,
    Format,
    FormatOption,
    chosen_language,
    context_of,
    day_of,
    now_text,
    print_json,
    print_listing,
    say,
)
from auditor.commands.rights import acting, reading, writing
from auditor.console.viewer import Act
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.proof.signing import SigningKey
    from auditor.store.database import Connection

COLUMNS = {"number": "编号 number", "unit": "单位 unit", "duty": "事项 duty", "period": "期间 period",
           "state": "状态 state", "run": "稽核 run", "corrects": "更正 corrects"}  # fmt: skip
CALENDAR = {"due_on": "截止 due", "unit": "单位 unit", "duty": "事项 duty", "period": "期间 period",
            "overdue": "逾期 overdue"}  # fmt: skip
TOTALS = {"product": "软件 product", "metric": "计量 metric", "units": "单位数 units", "required": "应配 required",
          "covered": "已有 covered", "shortage": "缺口 short", "surplus": "富余 surplus", "net": "净 net"}  # fmt: skip
NumberArgument = Annotated[str, typer.Argument(help="报送编号 / number of the submission")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="经办人，默认系统登录名 / who does it")]
UnitNeeded = Annotated[str, typer.Option("--unit", metavar="CODE", help="单位编码 / code of the unit")]
DutyOption = Annotated[str, typer.Option("--duty", help="annual_report, summary, detail, demand, plan, check")]
PeriodOption = Annotated[str, typer.Option("--period", help="如 2026、2026H1 / such as 2026, 2026H1")]
RunOption = Annotated[str, typer.Option("--run", help="稽核编号，默认最近一次 / run; the newest by default")]
OutputOption = Annotated[Path, typer.Option("--output", help="文件 / file")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", help="签名私钥文件，默认按设置 submission_key / secret key file")
]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    room = typer.Typer(no_args_is_help=True, help="报送与逐级上报 / handing in, and up the tiers")
    room.command("draft", help="起草一次报送 / draft a submission from a run")(draft)
    room.command("review", help="审核 / review, by another person")(review)
    room.command("send-back", help="退回，说明理由 / send back, with the reason")(send_back)
    room.command("submit", help="报送并冻结文件 / submit; the files are frozen")(submit)
    room.command("list", help="列出报送 / list submissions")(list_all)
    room.command("export", help="取出报送的文件 / write the files of a submission")(export)
    room.command("calendar", help="谁还没有报送 / who has not handed in")(calendar)
    room.command("keygen", help="生成签名密钥 / make a key that signs")(keygen)
    room.command("keys", help="登记、吊销、列出单位公钥 / register, revoke, list keys of units")(keys)
    room.command("sign", help="把本单位数字签名成文件，可附下级文件 / sign this checker's figures into a file")(sign)
    room.command("send", help="经 HTTPS 报送签名文件 / send a signed file to the checker above")(send)
    room.command("receive", help="接收下级签名文件 / take signed files of units below")(receive)
    room.command("rollup", help="汇总各级，逐单位只计一次 / roll up, each unit once")(rollup)
    room.command("procure", help="汇总需求，先调剂后采购 / pooled demand: transfers first, the rest bought at once")(
        procure
    )
    room.command("ask", help="向下级询问数字的构成 / ask a unit what stands behind a figure")(ask)
    room.command("answer", help="答复上级的询问 / answer a question from above")(answer)
    room.command("poll", help="向上级取询问并答复 / fetch the questions from above and answer them")(poll)
    room.command("take-answer", help="接收答复 / take an answer")(take_answer)
    app.add_typer(room, name="hand-in")


def draft(
    ctx: typer.Context,
    duty: DutyOption,
    period: PeriodOption,
    unit: UnitNeeded,
    run: RunOption = "latest",
    corrects: Annotated[
        str | None, typer.Option("--corrects", help="所更正的报送编号 / submission it corrects")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
    by: ByOption = None,
) -> None:
    """Draft a submission."""
    from auditor.letters.submissions import draft_submission

    context = context_of(ctx)
    with context.store() as store:
        who = acting(context, store, Act.HAND_IN, by)
        who.must_see([unit])
        done, changed = draft_submission(
            store, context.settings(), duty=duty, period=period, unit=unit, run=run, by=who.name, at=now_text(),
            language=chosen_language(language, context), corrects=corrects,
        )  # fmt: skip
    print(f"{done['number']} {done['state']}")
    for line in changed:
        print(f"{line.subject} {line.figure}: {line.before or '-'} → {line.after or '-'}")


def review(
    ctx: typer.Context,
    number: NumberArgument,
    name: Annotated[str, typer.Option("--name", help="审核人 / who reviews")],
    opinion: Annotated[str, typer.Option("--opinion", help="意见 / opinion")] = "",
) -> None:
    """Review a submission."""
    from auditor.store.dossiers import SUBMISSIONS, find_dossier
    from auditor.supervision.submission import review as keep

    with writing(context_of(ctx), Act.HAND_IN) as (who, connection):
        found = find_dossier(connection, SUBMISSIONS, number)
        who.must_see([found["unit"]])
        done = keep(connection, found, name=name, at=now_text(), opinion=opinion)
    print(f"{number} {done['state']}")


def send_back(
    ctx: typer.Context,
    number: NumberArgument,
    name: Annotated[str, typer.Option("--name", help="退回人 / who sends it back")],
    reason: Annotated[str, typer.Option("--reason", help="理由 / why")],
) -> None:
    """Send a draft back."""
    from auditor.store.dossiers import SUBMISSIONS, find_dossier
    from auditor.supervision.submission import send_back as keep

    with writing(context_of(ctx), Act.HAND_IN) as (who, connection):
        found = find_dossier(connection, SUBMISSIONS, number)
        who.must_see([found["unit"]])
        done = keep(connection, found, name=name, at=now_text(), opinion=reason)
    print(f"{number} {done['state']}")


def submit(ctx: typer.Context, number: NumberArgument, by: ByOption = None) -> None:
    """Submit."""
    from auditor.store.dossiers import SUBMISSIONS, find_dossier
    from auditor.supervision.rectification import Actor
    from auditor.supervision.submission import submit as keep

    with writing(context_of(ctx), Act.HAND_IN, by) as (who, connection):
        found = find_dossier(connection, SUBMISSIONS, number)
        who.must_see([found["unit"]])
        done = keep(connection, found, actor=Actor(who.name), at=now_text())
    print(f"{number} {done['state']}")
    for name, digest in done["files"].items():
        print(f"{digest} {name}")


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """List submissions."""
    from auditor.store.dossiers import SUBMISSIONS, list_dossiers

    with reading(context_of(ctx)) as (who, connection):
        found = [row for row in list_dossiers(connection, SUBMISSIONS) if who.sees(row["unit"])]
    numbers = {row["id"]: row["number"] for row in found}
    rows = [
        row
        | {"run": row["run"][:16] if form is Format.TABLE else row["run"], "corrects": numbers.get(row["corrects"], "")}
        for row in found
    ]
    print_listing(rows, COLUMNS, form)


def export(
    ctx: typer.Context,
    number: NumberArgument,
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="输出目录 / folder")],
) -> None:
    """Write the files of a submission as they were frozen."""
    from auditor.store.blobs import get_blob
    from auditor.store.dossiers import SUBMISSIONS, find_dossier

    with reading(context_of(ctx), Act.PRINT) as (who, connection):
        found = find_dossier(connection, SUBMISSIONS, number)
        who.must_see([found["unit"]])
        files = {name: get_blob(connection, digest) for name, digest in found["files"].items()}
    output.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (output / Path(name).name).write_bytes(content)
        print(output / Path(name).name)


def calendar(
    ctx: typer.Context,
    as_of: AsOfOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """List who has not handed in what is due soon or overdue."""
    from auditor.supervision.submission import not_handed_in

    context = context_of(ctx)
    on = day_of(as_of, context.today())
    with reading(context) as (who, connection):
        units = [unit for unit in _entities(connection, on) if who.sees(unit)]
        waiting = not_handed_in(connection, context.settings(), units, on=on)
    rows = [
        {"due_on": due.due_on, "unit": unit, "duty": due.duty, "period": due.period, "overdue": due.due_on < on}
        for unit, due in waiting
    ]
    print_listing(rows, CALENDAR, form)
    if any(row["overdue"] for row in rows):
        raise typer.Exit(FINDINGS)


def keygen(ctx: typer.Context, file: Annotated[Path, typer.Argument(help="私钥文件 / file of the secret key")]) -> None:
    """Make a key; the public one stands beside it and is printed."""
    from auditor.proof.signing import SigningFault, new_signing_key

    try:
        made = new_signing_key(file)
    except SigningFault as error:
        raise AuditorError(str(error)) from error
    print(base64.b64encode(made.public).decode("ascii"))


def keys(
    ctx: typer.Context,
    add: Annotated[
        str | None, typer.Option("--add", metavar="UNIT=KEY", help="登记：单位=公钥或文件 / register")
    ] = None,
    revoke: Annotated[str | None, typer.Option("--revoke", metavar="KEY", help="吊销 / revoke")] = None,
    by: ByOption = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Register, revoke, list."""
    from auditor.store.handed_in import UnitKey, add_key, list_keys, revoke_key

    with writing(context_of(ctx), Act.HAND_IN, by, create=True) as (who, connection):
        who.must_see_all()
        if add is not None:
            unit, sign, told = add.partition("=")
            if not sign or not unit:
                raise WrongUsage(f"--add {add}: {both('应为 单位编码=公钥', 'expected UNIT=KEY')}")
            add_key(connection, UnitKey(unit, _public(told), now_text(), who.name))
        if revoke is not None:
            revoke_key(connection, revoke, at=now_text(), by=who.name)
        found = list_keys(connection)
    columns = {"unit": "单位 unit", "public_key": "公钥 key", "added_at": "登记 added", "revoked_at": "吊销 revoked"}
    print_listing([vars(row) for row in found], columns, form)


def sign(
    ctx: typer.Context,
    duty: DutyOption,
    period: PeriodOption,
    unit: UnitNeeded,
    output: OutputOption,
    run: RunOption = "latest",
    key: KeyOption = None,
    with_received: Annotated[
        bool, typer.Option("--with-received", help="附上本期收到的下级文件 / carry what came from below")
    ] = False,
    corrects: Annotated[str | None, typer.Option("--corrects", help="所更正文件的摘要 / digest of the file")] = None,
) -> None:
    """Sign this checker's figures."""
    from auditor.letters.submissions import signed_figures

    context = context_of(ctx)
    secret = _key(context, key)
    with context.store() as store:
        acting(context, store, Act.HAND_IN).must_see_all()
        data = signed_figures(
            store, secret, unit=unit, duty=duty, period=period, run=run, with_received=with_received,
            corrects=corrects, at=now_text(),
        )  # fmt: skip
    output.write_bytes(data)
    print(output)


def send(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="签名文件 / signed file")],
    to: Annotated[str, typer.Option("--to", metavar="URL", help="上级地址 / address of the checker above")],
) -> None:
    """Send a signed file. The same file may be sent again: it is taken once."""
    _check_address(to)
    context = context_of(ctx)
    settings = context.settings()
    if settings.text("command_token_file") or settings.values["commands_need_token"]:
        with context.store() as store:  # else a host without a store may hand a file on
            acting(context, store, Act.HAND_IN)
    print(_post(to, "hand-ins", _bytes_of(file)).decode("utf-8", "replace"))


def receive(ctx: typer.Context, files: Annotated[list[Path], typer.Argument(help="签名文件 / signed files")]) -> None:
    """Take signed files; each is verified and kept by itself, and a bad one does not hold the others up."""
    from auditor.supervision.handing_up import receive as keep

    faults = []
    context = context_of(ctx)
    with context.store(create=True) as store:
        who = acting(context, store, Act.HAND_IN)
        for file in files:
            try:
                with store.begin() as connection:
                    done = keep(connection, _bytes_of(file), at=now_text())
                    who.must_see([done.body.unit])
            except AuditorError as error:
                faults.append(f"{file.name}: {error}")
                continue
            told = both("已接收", "taken") if done.is_new else both("此前已收到", "was there before")
            print(f"{done.digest} {done.body.unit} {done.body.duty} {done.body.period} {told} +{len(done.carried)}")
    if faults:
        raise AuditorError("\n".join(faults))


def rollup(
    ctx: typer.Context,
    duty: DutyOption,
    period: PeriodOption,
    as_of: AsOfOption = None,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="CODE", help="只含此单位及下级 / at or below this unit")
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Roll up."""
    from auditor.core.model import UnitCode
    from auditor.core.organisation import UnitTree
    from auditor.store.units import list_units
    from auditor.supervision.handing_up import by_tier, roll_up, totals

    context = context_of(ctx)
    on = day_of(as_of, context.today())
    with reading(context) as (who, connection):
        who.must_see_all()
        tree = UnitTree(list_units(connection, on))
        told = roll_up(connection, duty, period, on=on, expected=_entities(connection, on))
    units = by_tier(told.units, tree).get(UnitCode(unit), []) if unit is not None else list(told.units)
    if form is Format.JSON:
        listed = [
            {"unit": u.entity.unit, "as_of": u.as_of, "period": u.period, "late": u.is_late, "days_old": u.days_old,
             "source": u.source, "machines": u.entity.machines, "genuine": u.entity.genuine,
             "counted": u.entity.counted, "overdue": u.entity.overdue}
            for u in units
        ]  # fmt: skip
        aside = [list(pair) for pair in told.set_aside]
        print_json({"units": listed, "totals": totals(units), "absent": told.absent, "set_aside": aside}, indent=1)
    else:
        print_listing(totals(units), TOTALS, form)
    for name, zh, en in ((told.late, "沿用上期", "of an earlier period"), (told.absent, "从未报送", "never handed in")):
        if name:
            say(f"{both(zh, en)}: {'、'.join(name)}")
    if told.late or told.absent:
        raise typer.Exit(FINDINGS)


def procure(
    ctx: typer.Context, duty: DutyOption, period: PeriodOption, buyer: UnitNeeded, as_of: AsOfOption = None,
    form: FormatOption = Format.TABLE,
) -> None:  # fmt: skip
    """Plan for all units together from what they handed in and the price list."""
    from auditor.letters.procurement import joint_plan

    context = context_of(ctx)
    with reading(context) as (who, connection):
        who.must_see_all()
        rows = joint_plan(connection, duty, period, buyer=buyer, on=day_of(as_of, context.today()))
    columns = {"way": "措施 measure", "unit": "单位 unit", "product": "软件 product", "release": "版本 release",
               "quantity": "数量 quantity", "from_unit": "调出 from", "code": "软件编号 code", "price": "单价 price",
               "amount": "金额 amount"}  # fmt: skip
    print_listing(rows, columns, form)
    if rows:
        raise typer.Exit(FINDINGS)


def ask(
    ctx: typer.Context, unit: UnitNeeded, product: Annotated[str, typer.Option("--product", help="产品 id")],
    duty: DutyOption, period: PeriodOption, output: OutputOption, key: KeyOption = None, by: ByOption = None,
) -> None:  # fmt: skip
    """Ask a unit what stands behind a position that it told of."""
    from auditor.store.blobs import get_blob
    from auditor.store.handed_in import list_hand_ins
    from auditor.supervision.drill_down import ask as keep
    from auditor.supervision.handing_up import body_of
    from auditor.supervision.rectification import Actor

    context = context_of(ctx)
    secret = _key(context, key)
    with writing(context, Act.HAND_IN, by) as (who, connection):
        who.must_see([unit])
        rows = list_hand_ins(connection, unit=unit, duty=duty, period=period)
        if not rows:
            raise AuditorError(f"{unit} {duty} {period}: {both('该单位没有报送', 'it has not handed in')}")
        run = body_of(get_blob(connection, rows[-1].digest)).run
        id, data = keep(
            connection, secret, unit=unit, product=product, period=period, run=run, actor=Actor(who.name),
            at=now_text(),
        )  # fmt: skip
    output.write_bytes(data)
    print(f"{id} {output}")


def answer(ctx: typer.Context, question: Path, output: OutputOption, key: KeyOption = None) -> None:
    """Answer a question from above, from the run that it is about."""
    from auditor.letters.submissions import answer_question

    context = context_of(ctx)
    with context.store() as store:
        who = acting(context, store, Act.HAND_IN)
        data = _bytes_of(question)
        _, reply = answer_question(store, _key(context, key), data, at=now_text(), sees=who.sees)
    output.write_bytes(reply)
    print(output)


def poll(
    ctx: typer.Context,
    unit: UnitNeeded,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="上级地址 / address of the checker above")],
    key: KeyOption = None,
) -> None:
    """Fetch what is asked of this unit and answer each from the run that it is about. May run by a timer."""
    from auditor.letters.submissions import answer_question
    from auditor.supervision.drill_down import POLL_FORMAT, Poll
    from auditor.supervision.signed import sign as signed

    _check_address(to)
    context = context_of(ctx)
    secret, faults = _key(context, key), []
    with context.store() as store:
        who = acting(context, store, Act.HAND_IN)
        who.must_see([unit])
        asked = json.loads(_post(to, "questions", signed(POLL_FORMAT, Poll(unit, now_text()), secret)))
        for text in asked["questions"]:
            try:
                data = base64.b64decode(text, validate=True)
                id, reply = answer_question(store, secret, data, at=now_text(), sees=who.sees)
                _post(to, "answers", reply)
            except (AuditorError, ValueError) as error:
                faults.append(str(error))  # the others are answered, and this one is asked again
                continue
            print(f"{id} {both('已答复', 'answered')}")
    if faults:
        raise AuditorError("\n".join(faults))


def _post(to: str, what: str, body: bytes) -> bytes:
    from auditor.notices.message import NotDelivered
    from auditor.notices.tier_above import post_to

    try:
        return post_to(to, what, body)
    except NotDelivered as error:
        raise AuditorError(str(error)) from error


def _check_address(to: str) -> None:
    from auditor.notices.tier_above import check_address

    check_address(to, "--to")


def take_answer(ctx: typer.Context, file: Path) -> None:
    """Take an answer and print it."""
    from auditor.proof.values import value_bytes
    from auditor.supervision.drill_down import take_answer as keep

    with writing(context_of(ctx), Act.HAND_IN) as (who, connection):
        told = keep(connection, _bytes_of(file), at=now_text())
        who.must_see([told.unit])
    print_json(json.loads(value_bytes(told)), indent=1)


def _key(context: CommandContext, file: Path | None) -> SigningKey:
    from auditor.letters.submissions import signing_key

    return signing_key(context.settings(), file)


def _bytes_of(file: Path) -> bytes:
    """Read a signed file within its bound. Raises `AuditorError`."""
    from auditor.supervision.signed import MAX_BYTES

    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise AuditorError(f"{file.name}: {both('读不出', 'cannot be read')}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        zh, en = f"应不超过 {MAX_BYTES >> 20} MB", f"expected at most {MAX_BYTES} bytes"
        raise AuditorError(f"{file.name}: {both(zh, en)}")
    return data


def _public(told: str) -> str:
    """A public key as base64, or the file that holds it."""
    from auditor.proof.signing import SigningFault, read_key

    path = Path(told)
    try:
        raw = read_key(path) if path.is_file() else base64.b64decode(told, validate=True)
    except (SigningFault, ValueError) as error:
        raise AuditorError(f"{told}: {both('公钥读不出', 'the key cannot be read')}") from error
    if len(raw) != 32:
        raise AuditorError(f"{told}: {both('应为 32 字节公钥', 'expected a public key of 32 bytes')}")
    return base64.b64encode(raw).decode("ascii")


def _entities(connection: Connection, on: date) -> list[str]:
    from auditor.core.model import UnitKind
    from auditor.store.units import list_units

    return [str(unit.code) for unit in list_units(connection, on) if unit.kind is UnitKind.LEGAL_ENTITY]
