"""zhengban recognise: TSV of names in, one JSON object a line out."""

from __future__ import annotations

import sys

import typer

from auditor.commands.context import context_of, print_json


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="识别软件名称：标准输入为 TSV（表头 name, publisher, version, platform），逐行输出 JSON / "
        "recognise titles: TSV on standard input, one JSON object a line"
    )(recognise)


def recognise(ctx: typer.Context) -> None:
    """Print what each line of standard input is, in input order."""
    from rules.tabular import recognise_lines

    catalogue = context_of(ctx).catalogue()
    text = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    for answer in recognise_lines(text, catalogue):
        print_json(answer)
