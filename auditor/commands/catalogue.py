"""zhengban catalogue: check rule files, look a product up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import context_of, print_json
from auditor.errors import AuditorError, both


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="软件目录：检查、查看 / the catalogue of products")
    room.command("check", help="检查规则文件，一次列出全部错误 / check rule files, all faults at once")(check)
    room.command("show", help="查看一个产品 / show one product")(show)
    room.command("watchlist", help="导出供采集端离线使用的查找清单 / write what agents look for, for closed networks")(
        watchlist
    )
    app.add_typer(room, name="catalogue")


def check(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="规则目录，默认随附目录 / folders; the shipped one by default")
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="只输出产品数 / print the number of products")] = False,
) -> None:
    """Load the rule files and run their examples."""
    from rules.loading import CatalogueFaults, load_catalogue, shipped_folder

    try:
        catalogue = load_catalogue([*folders] if folders else [shipped_folder()])
    except CatalogueFaults as faults:
        raise AuditorError(str(faults)) from faults
    if count:
        print(len(catalogue.products))
        return
    unverified = sum(product.licensing.unverified for product in catalogue.products.values())
    print(f"products    {len(catalogue.products)} ({unverified} with an unverified licence class)")
    print(f"publishers  {len(catalogue.publishers)}")
    print(f"indicators  {len(catalogue.indicators)}")
    print(f"digest      {catalogue.digest}")


def watchlist(
    ctx: typer.Context,
    output: Annotated[str, typer.Option("--output", metavar="FILE|-", help="输出文件 / where to write")] = "-",
) -> None:
    """Write the watchlist of the catalogue; the agent takes it with --watchlist."""
    from agent.inventory.watchlist import encode_watchlist
    from rules.watchlist import watchlist_of

    content = encode_watchlist(watchlist_of(context_of(ctx).catalogue()))
    if output == "-":
        print(content.decode("utf-8"))
        return
    try:
        Path(output).write_bytes(content + b"\n")
    except OSError as error:
        raise AuditorError(f"{output}: {both('无法写入', 'cannot be written')}: {error.strerror}") from error


def show(
    ctx: typer.Context, product: Annotated[str, typer.Argument(help="产品标识 / id such as rarlab/winrar")]
) -> None:
    """Print what the catalogue knows of one product as JSON."""
    from auditor.proof.values import value_bytes

    found = context_of(ctx).catalogue().products.get(product)
    if found is None:
        raise AuditorError(
            f"{product}: {both('目录中没有', 'no such product')}; {both('应形如', 'expected')} microsoft/office"
        )
    print_json(json.loads(value_bytes(found)), indent=1)
