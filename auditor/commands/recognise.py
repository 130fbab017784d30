"""zhengban recognise: TSV of names in, one JSON object a line out."""

from __future__ import annotations

import sys

import typer

from auditor.commands.context import context_of, print_json
from auditor.errors import AuditorError, both

HELP = """识别软件名称 / recognise titles: TSV on standard input, one JSON object a line, in input order.

\b
表头 / heading row: name（必有 needed） publisher  version  platform（windows、linux、macos）
另可有 / also: bundle_id 或 or identifier（包名、程序标识 package, bundle id）  source（采集来源 collector）
raw_name、raw_publisher、raw_version 亦可 / as well; 其他列忽略 / other columns are ignored
\b
每行一个答案，坏行也不中断；不合之处写在 problems / every line gets an answer, what did not fit stands in problems
\b
例 / example:
  printf 'name\\tversion\\nWPS Office 2019\\t11.1\\n' | zhengban recognise
"""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help=HELP, short_help="识别软件名称：TSV 入，JSON 行出 / recognise titles from standard input")(
        recognise
    )


def recognise(ctx: typer.Context) -> None:
    """Print what each line of standard input is, in input order."""
    from rules.byte_lines import text_lines
    from rules.tabular import TableFault, recognise_lines

    catalogue = context_of(ctx).catalogue()
    try:
        for answer in recognise_lines(text_lines(sys.stdin.buffer), catalogue):
            print_json(answer)
    except TableFault as fault:
        raise AuditorError(f"{both('标准输入', 'standard input')}: {fault}") from fault
