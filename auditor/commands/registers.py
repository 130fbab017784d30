"""zhengban units | people | machines | licences: import (preview, apply), list, take back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auditor.commands import ledger_acts, ledger_files, machine_joins
from auditor.commands.context import (
    AsOfOption,
    Format,
    FormatOption,
    UnitOption,
    context_of,
    day_of,
    now_text,
    operator,
    print_listing,
    say,
)
from auditor.errors import AuditorError, both

if TYPE_CHECKING:
    from auditor.intake.register_import import RegisterFile

HELP = {
    "units": "单位 / units of the organisation",
    "people": "人员 / people",
    "machines": "计算机 / computers, registered and seen",
    "licences": "采购/许可台账 / the licence ledger",
}
IMPORT_HELP = {
    "units": """导入单位登记（XLSX、XLS、CSV）/ import units.

\b
表头（* 必填）/ headings (* needed):
  单位编码*  单位名称*  上级单位编码  单位性质（独立法人、部门）  总人数
\b
例 / example (CSV):
  单位编码,单位名称,上级单位编码,单位性质,总人数
  JT,示例集团,,独立法人,120
  CW,财务处,JT,部门,
""",
    "people": """导入人员登记 / import people; their units come first (zhengban units import).

\b
表头（* 必填）/ headings (* needed):
  工号*  姓名*  部门编码*
""",
    "machines": """导入计算机登记 / import the register of computers; units and people come first.

\b
表头（* 必填）/ headings (* needed):
  计算机编号*  部门编码*  使用人工号  计算机品牌  序列号  MAC地址  主机名
  设备类型（服务器、台式机、便携机、虚拟机）  地点  购置日期
  处理器核数（每颗一项，如 8、8）  虚拟处理器数  宿主机编号  集群
  核心系数  每核PVU  主机承担业务（是、否）
  状态（在用、闲置、维修、停用、报废、调出、涉密不扫描、个人所有不扫描）
""",
    "licences": """导入采购/许可台账：汇总表原样或加列 / import the licence ledger, also the form as printed.

\b
表头（* 必填）/ headings (* needed):
  软件编号*  软件名称*  软件类型*（商业软件、OEM软件、免费软件）  序号
  单位编码（或 or --unit）  软件版本  采购时间  采购金额（单位：元）
  许可类型  许可数量（数字、不限、场地）  可使用版本（2016、2013；2019及以下；不限）
  许可期限（永久、3年、2026-12-31）  序列号  备注
\b
另可有 / and, where known:
  来源类型  计量方式  计量参数  每套授权数  版本依据  起始日期  截止日期  维护期间
  绑定计算机序列号  绑定计算机编号  绑定人员工号  共享范围  共享单位编码  保留数量
  使用地点  升级自  降级权  降级依据  第二台使用  同机多版本计一  套件组成
  先用后补  认证日期  可否划转  仅限个人使用  授权凭证编号  许可证书号  合同编号
  发票编号  供应商  产品编号  版本类型  版本线  可使用版本范围  可使用版本线
  可使用版本类型  行号（各列写法见 licences template / see the template for each）
\b
也可导入 / also taken: licences export 的文件（XLSX、CSV、YAML），Snipe-IT 的许可 CSV，
或用 --mapping 指定表头对照 / what export wrote, Snipe-IT's licence CSV, a mapped table.
\b
同一序号的各行是一次采购。掩码（****）的序列号不覆盖已登记的序列号。
Rows of one 序号 are one purchase. Starred serial numbers never overwrite.
""",
    "free_list": """导入可使用免费软件清单 / import the allow-list of free software, the printed form as it is.

\b
表头（* 必填）/ headings (* needed):
  软件编号*  软件名称*  单位编码（或 or --unit）  软件版本  软件来源  软件厂商
  软件厂商客服联系方式  使用部门  使用原因  授权依据
""",
}
IMPORT_NOTES = """
\b
表头可在标题行之下，可有合并单元格。不加 --apply 只预览。有一处错误则一行也不导入，
并一次列出全部错误；--skip-bad-rows 只导入无误的行。文件中没有的行不变。
The headings may stand below titles. Without --apply only a preview. One fault and
nothing is imported, all faults are listed; rows that the file lacks stay as they are.
"""
COLUMNS: dict[str, dict[str, str]] = {
    "units": {"code": "编码 code", "name": "名称 name", "parent": "上级 parent", "kind": "性质 kind",
              "headcount": "总人数 headcount"},
    "people": {"id": "工号 id", "name": "姓名 name", "unit": "部门 unit"},
    "machines": {"code": "计算机编号 code", "host_name": "主机名 host", "unit": "部门 unit", "person": "使用人 person",
                 "brand": "品牌 brand", "machine_class": "类型 class", "state": "状态 state",
                 "last_scan_on": "最近扫描 last scan", "titles": "名称数 titles"},
    "licences": {"unit": "单位 unit", "code": "软件编号 code", "name": "软件名称 name", "product": "产品 product",
                 "edition": "版本类型 edition", "line": "版本线 line", "software_type": "类型 type",
                 "quantity": "许可数量 quantity", "ends_on": "截止 ends", "serials": "序列号 serials"},
    "free_list": {"unit": "单位 unit", "code": "软件编号 code", "name": "软件名称 name", "product": "产品 product",
                  "basis": "依据 basis", "reason": "使用原因 reason"},
}  # fmt: skip
BATCH_COLUMNS = {
    "id": "批次 batch",
    "valid_from": "生效日 valid from",
    "file_name": "文件 file",
    "applied_at": "时间 applied (UTC)",
    "taken_back_at": "撤回 taken back (UTC)",
    "counts": "行数 rows",
    "register": "登记册 register",
    "made_by": "经办 by",
    "reason": "事由 why",
}
LEDGER_REGISTERS = (
    "licences",
    "free_list",
    "transfers",
    "disposals",
    "exemptions",
    "check_outs",
    "access",
    "quantities",
)
FileArgument = Annotated[Path, typer.Argument(help="XLSX、XLS 或 CSV 文件 / file")]
ValidFromOption = Annotated[
    str | None,
    typer.Option(
        "--valid-from", metavar="YYYY-MM-DD", help="生效日，默认今天 / the day from which it holds, today by default"
    ),
]
ApplyOption = Annotated[bool, typer.Option("--apply", help="应用；不加则只预览 / apply; without it only a preview")]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="经办人，默认系统登录名 / who does it; the login name by default"),
]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="事由，记入历史 / why; kept in the history")]
MappingOption = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        metavar="YAML",
        help="表头对照文件：columns、values、fixed、dates / a header mapping for a table of another house",
    ),
]
SkipOption = Annotated[
    bool, typer.Option("--skip-bad-rows", help="跳过有误的行 / leave the bad rows out instead of importing nothing")
]


def add_to(app: typer.Typer) -> None:
    """Add one group of commands a register."""
    for register, help_text in HELP.items():
        room = typer.Typer(no_args_is_help=True, help=help_text)
        room.command(
            "import", help=IMPORT_HELP[register] + IMPORT_NOTES, short_help="导入，先预览 / import; a preview first"
        )(_import_of(register))
        room.command("list", help="列出 / list")(_list_of(register))
        add_batches(room, register)
        if register == "machines":
            machine_joins.add_to(room)
        if register == "licences":
            room.command(
                "import-free",
                help=IMPORT_HELP["free_list"] + IMPORT_NOTES,
                short_help="导入可使用免费软件清单 / import the allow-list",
            )(_import_of("free_list"))
            room.command("list-free", help="列出可使用免费软件清单 / list the allow-list")(_list_of("free_list"))
            ledger_files.add_to(room)
            ledger_acts.add_to(room)
        app.add_typer(room, name=register)


def add_batches(room: typer.Typer, register: str) -> None:
    """Add the commands that list the imports of a register and take one back."""
    room.command("batches", help="历次导入 / the imports so far")(_batches_of(register))
    room.command(
        "take-back",
        help="撤回一个批次，恢复原状；批次号见 batches / undo an import exactly; batches lists the numbers",
        short_help="撤回一个批次 / take a batch back",
    )(take_back_batch)


def _import_of(register: str) -> Callable[..., None]:
    def import_file(
        ctx: typer.Context,
        file: FileArgument,
        valid_from: ValidFromOption = None,
        unit: UnitOption = None,
        apply: ApplyOption = False,
        skip_bad_rows: SkipOption = False,
        mapping: MappingOption = None,
        by: ByOption = None,
        reason: ReasonOption = None,
    ) -> None:
        import_register(
            ctx,
            register,
            file,
            valid_from,
            unit,
            apply=apply,
            skip_bad_rows=skip_bad_rows,
            mapping=mapping,
            by=by,
            reason=reason,
        )

    return import_file


def import_register(
    ctx: typer.Context,
    register: str,
    file: Path,
    valid_from: str | None,
    unit: str | None,
    *,
    apply: bool,
    skip_bad_rows: bool,
    mapping: Path | None,
    by: str | None,
    reason: str | None,
) -> None:
    """Preview a file for a register, and apply it when asked to."""
    from auditor.core.model import UnitCode
    from auditor.intake.register_import import read_register_file
    from auditor.intake.registers.mapping import read_mapping

    context = context_of(ctx)
    on = day_of(valid_from, context.today())
    data = bytes_of(file)
    theirs = read_mapping(bytes_of(mapping), mapping.name) if mapping is not None else None
    with context.store(create=True) as store, store.begin() as connection:
        found = read_register_file(
            connection,
            register,
            data,
            file.name,
            on=on,
            catalogue=context.catalogue(),
            sealer=store.sealer,
            unit=UnitCode(unit) if unit is not None else None,
            skip_bad_rows=skip_bad_rows,
            mapping=theirs,
            zone=context.settings().zone,
        )
        preview_and_apply(connection, found, on, apply=apply, by=by, reason=reason)


def preview_and_apply(
    connection: Any, found: RegisterFile, on: date, *, apply: bool, by: str | None, reason: str | None
) -> None:
    """Say what a file would change, and apply it when asked to."""
    from auditor.intake.register_import import apply_file, preview_file

    for fault in found.faults:
        say(f"{found.file_name}: {fault}（未导入 / left out）")
    for note in found.notes:
        say(f"{found.file_name}: {note}")
    for name in found.unknown_products:
        say(f"{found.file_name}: {name}: 目录中没有该软件，已保留 / not in the catalogue; kept and reported")
    shown = preview_file(connection, found, on)
    _print_preview(found.register, shown, on, applied=apply)
    if apply:
        batch = apply_file(connection, found, on, now=now_text(), made_by=operator(by), reason=reason)
        print(f"批次 batch {batch.id}")


def bytes_of(file: Path) -> bytes:
    """Return the content of a file that a user names. Raises `AuditorError`."""
    try:
        return file.read_bytes()
    except OSError as error:
        told = both(f"无法读取：{error.strerror}", f"cannot be read: {error.strerror}")
        raise AuditorError(f"{file}: {told}") from error


def _print_preview(register: str, shown: Any, on: date, *, applied: bool) -> None:
    """Say how many rows of each sort there are, and what changes."""
    from auditor.intake.row_words import differences

    for change in shown.changed[:20]:
        for column, before, after in differences(register, change.before, change.after):
            say(f"  {'/'.join(map(str, change.key))} {column}: {before} → {after}")
    counts = shown.counts
    told = (
        f"新增 new {counts['new']}, 变更 changed {counts['changed']}, "
        f"不变 unchanged {counts['unchanged']}, 文件中没有 missing {counts['missing']}"
    )
    print(f"{on}: {told}" if applied else f"{on}: {told}（预览，未写入 / preview, nothing was written）")


def _list_of(register: str) -> Callable[..., None]:
    def list_all(ctx: typer.Context, as_of: AsOfOption = None, form: FormatOption = Format.TABLE) -> None:
        context = context_of(ctx)
        on = day_of(as_of, context.today())
        with context.store() as store, store.read() as connection:
            rows = _rows(register, connection, on, context.settings().zone)
        print_listing(rows, COLUMNS[register], form)

    return list_all


def _rows(register: str, connection: Any, on: date, zone: Any) -> list[dict[str, Any]]:
    from dataclasses import asdict

    from auditor.store.entitlements import list_entitlements
    from auditor.store.free_list import list_free_software
    from auditor.store.machines import load_machines
    from auditor.store.people import list_people
    from auditor.store.units import list_units

    match register:
        case "units":
            return [asdict(unit) for unit in list_units(connection, on)]
        case "people":
            return [asdict(person) for person in list_people(connection, on)]
        case "machines":
            machines = load_machines(connection, on, zone=zone)
            return [
                {name: getattr(machine, name, None) for name in COLUMNS["machines"]}
                | {"titles": len({item.title for item in machine.installations})}
                for machine in machines
            ]
        case "licences":
            rights = list_entitlements(connection, on)
            return [
                asdict(right)
                | {"quantity": "不限" if right.unlimited else right.quantity, "serials": "、".join(right.serials)}
                for right in rights
            ]
        case _:
            return [asdict(line) for line in list_free_software(connection, on)]


def _batches_of(register: str) -> Callable[..., None]:
    def batches(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
        from auditor.store.batches import list_batches
        from auditor.store.dated_rows import ALWAYS

        names = LEDGER_REGISTERS if register == "licences" else (register,)
        with context_of(ctx).store() as store, store.read() as connection:
            found = [batch for name in names for batch in list_batches(connection, name)]
        rows = [{name: getattr(batch, name) for name in BATCH_COLUMNS} for batch in sorted(found, key=lambda b: b.id)]
        rows = [row | {"valid_from": None} if row["valid_from"] == ALWAYS else row for row in rows]
        print_listing(
            [row | {"counts": ", ".join(f"{k} {v}" for k, v in row["counts"].items() if v)} for row in rows],
            BATCH_COLUMNS,
            form,
        )

    return batches


def take_back_batch(
    ctx: typer.Context,
    batch: Annotated[int, typer.Argument(help="批次号 / number of the batch")],
    by: ByOption = None,
) -> None:
    """Undo an import exactly."""
    from auditor.store.dated_rows import take_back

    with context_of(ctx).store() as store, store.begin() as connection:
        taken = take_back(connection, batch, now=now_text(), by=operator(by))
    print(f"批次 batch {taken.id}: 已撤回 / taken back")
