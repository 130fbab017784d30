"""zhengban licences transfer | dispose | exempt, import-… and list-…: what happens to rights later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.commands.context import Format, FormatOption, UnitOption, context_of, day_of, print_listing

if TYPE_CHECKING:
    pass

IMPORT_HELP = {
    "transfers": """导入划转（XLSX、XLS、CSV、YAML）/ import transfers.

\b
表头（* 必填）/ headings (* needed):
  划转单号*  单位编码*（授权所属）  软件编号*  数量*  转入单位编码*  生效日期*
  转出单位编码（默认为所属单位）  行号  文件编号  备注
""",
    "disposals": """导入处置 / import disposals.

\b
表头（* 必填）/ headings (* needed):
  处置单号*  单位编码*  软件编号*  数量*  处置方式*（转让、捐赠、调剂、报废）
  处置日期*  持有单位编码  行号  文件编号  备注
""",
    "exemptions": """导入豁免 / import exemptions.

\b
表头（* 必填）/ headings (* needed):
  豁免单号*  豁免理由*  批准人*  计算机编号与软件名称（至少一项）  单位编码
  起始日期  截止日期  文件编号
""",
    "check_outs": """导入浮动许可借出记录 / import check-outs of floating licences.

\b
表头（* 必填）/ headings (* needed):
  软件名称*  借出时间*（2026-06-30 09:30，缺时区按系统时区）  归还时间（空为未归还）
  数量（默认 1）  单位编码  使用人工号  计算机编号  产品编号  借出编号
""",
    "access": """导入访问关系 / import who reaches a server product from which device.

\b
表头（* 必填）/ headings (* needed):
  软件名称*  工号*  终端编号*  服务器版本  单位编码  起始日期  截止日期  产品编号  访问编号
""",
    "quantities": """导入申报数量：用户数、人数、受管资源 / import quantities that a unit states.

\b
表头（* 必填）/ headings (* needed):
  软件名称*  数量*  单位编码  起始日期  截止日期  产品编号  申报编号
""",
}
IMPORT_NOTES = """
\b
不加 --apply 只预览；有一处错误则一行也不导入，全部错误一次列出。
Without --apply only a preview; one fault and nothing is imported.
"""
COLUMNS: dict[str, dict[str, str]] = {
    "transfers": {"code": "单号 no.", "right": "授权 right", "from_unit": "转出 from", "to_unit": "转入 to",
                  "quantity": "数量 quantity", "effective_on": "生效 effective", "document": "文件 document",
                  "remarks": "备注 remarks"},
    "disposals": {"code": "单号 no.", "right": "授权 right", "unit": "持有单位 unit", "kind": "方式 kind",
                  "quantity": "数量 quantity", "effective_on": "日期 day", "document": "文件 document",
                  "remarks": "备注 remarks"},
    "exemptions": {"code": "单号 no.", "machine": "计算机 machine", "name": "软件 software", "product": "产品 product",
                   "unit": "单位 unit", "reason": "理由 reason", "approver": "批准人 approver",
                   "starts_on": "起 from", "ends_on": "止 until", "document": "文件 document"},
    "check_outs": {"code": "编号 no.", "name": "软件 software", "product": "产品 product", "starts_at": "借出 start",
                   "ends_at": "归还 end", "quantity": "数量 quantity", "unit": "单位 unit", "person": "工号 user",
                   "machine": "计算机 machine"},
    "access": {"code": "编号 no.", "name": "软件 software", "product": "产品 product", "line": "版本 line",
               "person": "工号 user", "machine": "终端 device", "unit": "单位 unit", "starts_on": "起 from",
               "ends_on": "止 until"},
    "quantities": {"code": "编号 no.", "name": "软件 software", "product": "产品 product", "quantity": "数量 quantity",
                   "unit": "单位 unit", "starts_on": "起 from", "ends_on": "止 until"},
}  # fmt: skip
WORDS = {
    "transfers": "划转 / transfers",
    "disposals": "处置 / disposals",
    "exemptions": "豁免 / exemptions",
    "check_outs": "浮动许可借出 / check-outs",
    "access": "访问关系 / access",
    "quantities": "申报数量 / stated quantities",
}
CodeArgument = Annotated[str, typer.Argument(help="软件编号 / code of the right")]
QuantityOption = Annotated[int, typer.Option("--quantity", min=1, help="份数 / number of rights")]
OwnerOption = Annotated[str, typer.Option("--unit", metavar="CODE", help="授权所属单位 / unit that owns the right")]
OnOption = Annotated[str, typer.Option("--on", metavar="YYYY-MM-DD", help="生效日期 / effective on")]
LineOption = Annotated[int, typer.Option("--line", min=1, help="该编号的第几行 / which row of the code")]
DocumentOption = Annotated[str | None, typer.Option("--document", help="批准文件编号 / number of the document")]
NumberOption = Annotated[str | None, typer.Option("--number", help="单号，默认自动编号 / number of the act")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="写入；不加则只预览 / write it; without it only a preview")]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="经办人，默认系统登录名 / who does it")]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="事由，记入历史 / why; kept in the history")]


def add_to(room: typer.Typer) -> None:
    """Add the commands to `zhengban licences`."""
    room.command("transfer", help="划转给另一单位 / let rights go to another unit; refused for OEM and locked rights")(
        transfer
    )
    room.command("dispose", help="处置：转让、捐赠、调剂、报废 / rights leave the organisation")(dispose)
    room.command("exempt", help="豁免：说明理由、批准人、期限 / copies that need no right, and why")(exempt)
    for register, words in WORDS.items():
        help_text = IMPORT_HELP[register] + IMPORT_NOTES
        name = register.replace("_", "-")
        room.command(f"import-{name}", help=help_text, short_help=f"导入{words}")(importing(register))
        room.command(f"list-{name}", help=f"列出{words}")(listing(register, COLUMNS[register]))


def importing(register: str) -> Callable[..., None]:
    """Return the command that imports a table into a register of acts."""

    def import_file(
        ctx: typer.Context,
        file: Annotated[Path, typer.Argument(help="XLSX、XLS、CSV 或 YAML 文件 / file")],
        apply: ApplyOption = False,
        skip_bad_rows: Annotated[
            bool, typer.Option("--skip-bad-rows", help="跳过有误的行 / leave the bad rows out")
        ] = False,
        mapping: Annotated[Path | None, typer.Option("--mapping", metavar="YAML", help="表头对照 / mapping")] = None,
        by: ByOption = None,
        reason: ReasonOption = None,
    ) -> None:
        from auditor.commands.registers import import_register

        import_register(
            ctx, register, file, None, None, apply=apply, skip_bad_rows=skip_bad_rows, mapping=mapping, by=by,
            reason=reason,
        )  # fmt: skip

    return import_file


def listing(register: str, columns: dict[str, str]) -> Callable[..., None]:
    """Return the command that lists a register of acts."""

    def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
        from auditor.intake.registers.licence_words import DISPOSALS, word_of
        from auditor.store.act_kinds import KINDS
        from auditor.store.dated_rows import rows_as_of
        from auditor.store.ledger_acts import act_from

        held, kind = KINDS[register]
        with context_of(ctx).store() as store, store.read() as connection:
            acts = [act_from(kind, row["code"], row["facts"]) for row in rows_as_of(connection, held, None)]
        rows = [{name: getattr(act, name) for name in columns} for act in acts]
        if form is Format.TABLE:
            rows = [row | ({"kind": word_of(DISPOSALS, row["kind"])} if "kind" in row else {}) for row in rows]
        print_listing(rows, columns, form)

    return list_all


def transfer(
    ctx: typer.Context,
    code: CodeArgument,
    unit: OwnerOption,
    to: Annotated[str, typer.Option("--to", metavar="CODE", help="转入单位 / unit that receives")],
    quantity: QuantityOption,
    on: OnOption,
    holder: Annotated[str | None, typer.Option("--from", metavar="CODE", help="转出单位，默认所属单位 / from")] = None,
    line: LineOption = 1,
    document: DocumentOption = None,
    number: NumberOption = None,
    apply: ApplyOption = False,
    by: ByOption = None,
    reason: ReasonOption = None,
) -> None:
    """Let rights go to another unit."""
    cells = {"unit": unit, "right": code, "to_unit": to, "quantity": quantity, "effective_on": on, "from_unit": holder,
             "line": line, "document": document, "remarks": reason}  # fmt: skip
    _one_act(ctx, "transfers", number, cells, apply=apply, by=by, reason=reason)


def dispose(
    ctx: typer.Context,
    code: CodeArgument,
    unit: OwnerOption,
    kind: Annotated[str, typer.Option("--kind", help="转让、捐赠、调剂、报废")],
    quantity: QuantityOption,
    on: OnOption,
    holder: Annotated[
        str | None, typer.Option("--from", metavar="CODE", help="持有单位，默认所属单位 / held by")
    ] = None,
    line: LineOption = 1,
    document: DocumentOption = None,
    number: NumberOption = None,
    apply: ApplyOption = False,
    by: ByOption = None,
    reason: ReasonOption = None,
) -> None:
    """Let rights leave the organisation."""
    cells = {"unit": unit, "right": code, "kind": kind, "quantity": quantity, "effective_on": on, "from_unit": holder,
             "line": line, "document": document, "remarks": reason}  # fmt: skip
    _one_act(ctx, "disposals", number, cells, apply=apply, by=by, reason=reason)


def exempt(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="豁免理由 / why no right is needed")],
    approver: Annotated[str, typer.Option("--approver", help="批准人 / who approved it")],
    machine: Annotated[str | None, typer.Option("--machine", metavar="CODE", help="计算机编号 / computer")] = None,
    software: Annotated[str | None, typer.Option("--software", metavar="NAME", help="软件名称 / software")] = None,
    unit: UnitOption = None,
    starts: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="起始日期 / first day")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="截止日期 / last day")] = None,
    document: DocumentOption = None,
    number: NumberOption = None,
    apply: ApplyOption = False,
    by: ByOption = None,
) -> None:
    """Let copies need no right, for a reason, until a day."""
    cells = {"reason": reason, "approver": approver, "machine": machine, "name": software, "unit": unit,
             "starts_on": starts, "ends_on": until, "document": document}  # fmt: skip
    _one_act(ctx, "exemptions", number, cells, apply=apply, by=by, reason=reason)


def _one_act(
    ctx: typer.Context,
    register: str,
    number: str | None,
    cells: dict[str, Any],
    *,
    apply: bool,
    by: str | None,
    reason: str | None,
) -> None:
    """Check one act as a row of a table is checked, and write it when asked to."""
    from auditor.commands.registers import preview_and_apply
    from auditor.intake.one_act import read_act

    context = context_of(ctx)
    on = context.today()
    for name in ("effective_on", "starts_on", "ends_on"):
        if cells.get(name) is not None:
            cells[name] = day_of(cells[name], on)
    with context.store() as store, store.begin() as connection:
        code, found = read_act(
            connection, register, cells, number=number, on=on, catalogue=context.catalogue(), sealer=store.sealer
        )
        preview_and_apply(connection, found, on, apply=apply, by=by, reason=reason)
        print(f"单号 number {code}")
