"""zhengban prices: price lines with volume tiers, for the plan."""

from __future__ import annotations

import typer

from auditor.commands.ledger_acts import IMPORT_NOTES, importing, listing

IMPORT_HELP = """导入价格（XLSX、XLS、CSV、YAML）/ import price lines, yuan.

\b
表头（* 必填）/ headings (* needed):
  软件名称*  单价（单位：元）*  软件版本  计量方式  起订数量（分档时每档一行）
  每套授权数  供应商  起始日期  截止日期  产品编号  价格编号  文件编号  备注
\b
例 / example (CSV):
  软件名称,单价,起订数量,供应商
  WPS Office 专业版,398,1,示例软件服务有限公司
  WPS Office 专业版,320,100,示例软件服务有限公司
"""
COLUMNS = {
    "code": "价格编号 no.",
    "name": "软件名称 name",
    "product": "产品 product",
    "edition": "版本类型 edition",
    "line": "版本线 line",
    "metric": "计量 metric",
    "from_quantity": "起订 from",
    "price": "单价 price",
    "rights_per_pack": "每套 pack",
    "supplier": "供应商 supplier",
    "starts_on": "起 from",
    "ends_on": "止 until",
}


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    from auditor.commands.registers import add_batches

    room = typer.Typer(no_args_is_help=True, help="软件价格 / price lines with volume tiers")
    room.command("import", help=IMPORT_HELP + IMPORT_NOTES, short_help="导入价格 / import price lines")(
        importing("prices")
    )
    room.command("list", help="列出价格 / list the price lines")(listing("prices", COLUMNS))
    add_batches(room, "prices")
    app.add_typer(room, name="prices")
