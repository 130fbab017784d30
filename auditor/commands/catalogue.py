"""zhengban catalogue: check rule files, look products up, see what is not known and why something is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands import catalogue_layers
from auditor.commands.context import CommandContext, Format, FormatOption, context_of, print_json, print_listing
from auditor.errors import AuditorError, both

if TYPE_CHECKING:
    from rules.catalogue import Catalogue
    from rules.title import Title

FolderArguments = Annotated[
    list[Path] | None,
    typer.Argument(
        help="规则目录，默认随附目录；后者覆盖前者 / folders, the shipped one by default; a later one lies over"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(no_args_is_help=True, help="软件目录：检查、查看、导入 / the catalogue of products")
    room.command("check", help="检查规则文件，一次列出全部错误 / check rule files, all faults at once")(check)
    room.command("show", help="查看一个产品 / show one product")(show)
    room.command("watchlist", help="导出供采集端离线使用的查找清单 / write what agents look for, for closed networks")(
        watchlist
    )
    room.command("explain", help="说明一个名称为何这样认定 / say why a name is taken for what it is")(explain)
    room.command("coverage", help="已知名称的份额 / how much of what machines bear is known")(coverage)
    room.command("unknown", help="未识别的名称，按台数 / what is not known, by machines")(unknown)
    catalogue_layers.add_to(room)
    app.add_typer(room, name="catalogue")


def loaded(folders: Sequence[Path]) -> Catalogue:
    """Load rule folders, each lying over the one before. Raises AuditorError with every fault."""
    from dataclasses import replace

    from rules.loading import load_sources
    from rules.source_files import CatalogueFaults, shipped_folder, source_files

    try:
        layers = [source_files([folder]) for folder in folders] or [source_files([shipped_folder()])]
        return load_sources([replace(source, layer=number) for number, layer in enumerate(layers) for source in layer])
    except CatalogueFaults as faults:
        raise AuditorError(str(faults)) from faults


def check(
    folders: FolderArguments = None,
    count: Annotated[
        bool,
        typer.Option("--count", help="只输出算数的产品数 / print the number of products that count"),
    ] = False,
    why: Annotated[bool, typer.Option("--why", help="列出不算数的产品 / list products that do not count")] = False,
    overlaps: Annotated[
        bool, typer.Option("--overlaps", help="列出争同一名称的规则 / list rules that claim the same name")
    ] = False,
) -> None:
    """Load the rule files and run their examples."""
    from rules.counting import wanting

    catalogue = loaded(folders or [])
    lacking = list(wanting(catalogue))
    if count:
        print(len(catalogue.products) - len(lacking))
        return
    unverified = sum(product.licensing.unverified for product in catalogue.products.values())
    print(f"products    {len(catalogue.products)} ({unverified} with an unverified licence class)")
    print(f"counting    {len(catalogue.products) - len(lacking)}")
    print(f"publishers  {len(catalogue.publishers)}")
    print(f"indicators  {len(catalogue.indicators)}")
    print(f"digest      {catalogue.digest}")
    for words in catalogue.overridden:
        print(f"overridden  {words}")
    for one in lacking if why else ():
        print(f"not counted {one.product}: {', '.join(one.lacks)}")
    if overlaps:
        _print_overlaps(catalogue)


def _print_overlaps(catalogue: Catalogue) -> None:
    from rules.examples import example_title
    from rules.recognition import overlaps as claimed_twice

    rules = [rule for product in catalogue.products.values() for rule in product.rules]
    titles = dict.fromkeys(example_title(rule, example) for rule in rules for example in rule.matches)
    for overlap in claimed_twice(catalogue, titles):
        others = ", ".join(_place(rule) for rule in overlap.others)
        print(f"overlap     {overlap.title.name}: {_place(overlap.decided)} > {others}")


def _place(rule: str) -> str:
    product, _, rule_id = rule.partition("#")
    return f"products/{product}.yaml#{rule_id}"


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


def explain(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="软件名称 / the name as a machine writes it")],
    publisher: Annotated[str, typer.Option(help="厂商 / publisher")] = "",
    version: Annotated[str, typer.Option(help="版本 / version")] = "",
    platform: Annotated[str, typer.Option(help="windows、linux、macos")] = "windows",
    identifier: Annotated[str, typer.Option(help="包名、程序标识 / package, bundle id")] = "",
) -> None:
    """Print what the name is taken for, by which rule and words, and which rules would have followed."""
    from rules.likeness import Suggestions
    from rules.recognition import Recogniser
    from rules.tabular import answer, recognise_row, rows_of_lines

    catalogue = context_of(ctx).catalogue()
    cells = [" ".join(cell.split()) for cell in (name, publisher, version, platform, identifier)]
    (row,) = rows_of_lines(["name\tpublisher\tversion\tplatform\tidentifier", "\t".join(cells)])
    recogniser = Recogniser(catalogue)
    title, found = recognise_row(row, recogniser)
    told = answer(title, found, catalogue)
    told["followed_by"] = [bound.id for bound in recogniser.candidates(title)[1:]]
    if found.product is None:
        told["resembles"] = list(Suggestions(catalogue).like(found.name))
    print_json(told, indent=1)


def titles_on_machines(context: CommandContext) -> list[tuple[Title, int]]:
    """Return every title of the store with the number of machines that bear it, most machines first."""
    from auditor.store.machines import load_machines
    from auditor.store.titles import load_titles

    with context.store() as store, store.read() as connection:
        counted = Counter(
            title for machine in load_machines(connection) for title in {item.title for item in machine.installations}
        )
        titles = load_titles(connection, set(counted))
    ranked = sorted(counted, key=lambda id: (-counted[id], titles[id].name, id))
    return [(titles[id], counted[id]) for id in ranked]


def coverage(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """Print how many titles and installations are known, have a kind and a class."""
    from rules.product import LicenceClass
    from rules.recognition import Recogniser

    context = context_of(ctx)
    recogniser = Recogniser(context.catalogue())
    whole: Counter[str] = Counter()
    borne: Counter[str] = Counter()
    for title, machines in titles_on_machines(context):
        found = recogniser.recognise(title)
        what = ["all"]
        what += ["product"] * (found.product is not None)
        what += ["listed"] * (found.listed is not None)
        what += ["kind"] * (found.rule is not None)
        what += ["class"] * (found.licence_class is not LicenceClass.UNKNOWN)
        whole.update(what)
        borne.update(dict.fromkeys(what, machines))
    rows = [
        {"what": label, "titles": _share(whole[key], whole["all"]), "installations": _share(borne[key], borne["all"])}
        for key, label in (
            ("all", "全部 all"),
            ("product", "产品已知 product known"),
            ("listed", "名录有名 named by the list"),
            ("kind", "种类有据 kind told by a rule"),
            ("class", "类别已知 class known"),
        )
    ]
    print_listing(rows, {"what": "项目 what", "titles": "名称 titles", "installations": "安装 installations"}, form)


def _share(part: int, all_of_them: int) -> str:
    return f"{part} / {all_of_them}" + (f" ({part / all_of_them:.1%})" if all_of_them else "")


def unknown(
    ctx: typer.Context,
    most: Annotated[int, typer.Option("--most", min=1, help="最多行数 / at most so many lines")] = 50,
    form: FormatOption = Format.TABLE,
) -> None:
    """Print what the catalogue does not know, one line a group, most machines first, with names that it resembles."""
    from auditor.readmodels.titles import title_rows
    from rules.likeness import Suggestions

    context = context_of(ctx)
    catalogue = context.catalogue()
    with context.store() as store, store.read() as connection:
        rows = title_rows(connection, catalogue, unknown=True)[:most]
    like = Suggestions(catalogue)
    columns = {
        "machines": "台数 machines",
        "name": "名称 name",
        "publisher": "厂商 publisher",
        "version": "版本 version",
        "resembles": "近似，供人参考 resembles",
    }
    print_listing([{**row, "resembles": ", ".join(like.like(str(row["name"])))} for row in rows], columns, form)
