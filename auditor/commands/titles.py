"""zhengban titles: the distinct titles that machines bear, ranked by machines."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.commands.context import Format, FormatOption, context_of, print_listing

COLUMNS = {
    "machines": "台数 machines",
    "name": "名称 name",
    "version": "版本 version",
    "publisher": "厂商 publisher",
    "source": "来源 source",
    "product": "产品 product",
    "kind": "种类 kind",
    "class": "授权类别 class",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="软件名称 / titles seen on machines")
    room.command("list", help="按台数列出 / list by number of machines")(list_all)
    app.add_typer(room, name="titles")


def list_all(
    ctx: typer.Context,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="只列未识别 / only what the catalogue does not know")
    ] = False,
    most: Annotated[int, typer.Option("--most", min=1, help="最多行数 / at most so many lines")] = 200,
    form: FormatOption = Format.TABLE,
) -> None:
    """Print titles with what they were recognised as."""
    from auditor.readmodels.titles import title_rows

    context = context_of(ctx)
    with context.store() as store, store.read() as connection:
        rows = title_rows(connection, context.catalogue(), unknown=unknown)
    print_listing(rows[:most], COLUMNS, form)
