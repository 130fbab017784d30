"""zhengban catalogue diff, import, export, take-back: the organisation's layer over the shipped catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import CommandContext, context_of, one_line, say
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from rules.catalogue import Catalogue
    from rules.source_files import SourceFile

MOST_SHOWN = 200


def add_to(room: typer.Typer) -> None:
    """Add the commands."""
    room.command("diff", help="比较两份目录及受影响的名称 / compare two catalogues and the titles they tell otherwise")(
        diff
    )
    room.command("import", help="预览或应用本单位规则、发布文件、公开清单 / preview or apply rules of the house")(
        import_rules
    )
    room.command("export", help="写出带签名的发布文件 / write one signed release file")(export)
    room.command("take-back", help="撤回最近一次应用 / take the last applied rules back")(take_back)
    room.command("names", help="由公开清单的本地副本写出名录 / write a name list from clones")(names)
    room.command("new-key", help="生成签名密钥 / make a key for signing releases")(new_key)


def diff(
    ctx: typer.Context,
    old: Annotated[Path, typer.Argument(help="旧规则目录 / folder of rules")],
    new: Annotated[Path, typer.Argument(help="新规则目录 / folder of rules")],
) -> None:
    """Print the entries that differ, and the titles of the store that would be told otherwise."""
    _print_changes(_load(_folder(old)), _load(_folder(new)), context_of(ctx))


def import_rules(
    ctx: typer.Context,
    path: Annotated[
        Path, typer.Argument(help="规则目录、发布文件或公开清单的本地副本 / folder, release or local clone")
    ],
    origin: Annotated[
        str, typer.Option("--from", help="winget、homebrew、scoop、endoflife：写成待核草稿 / write drafts to be read")
    ] = "",
    output: Annotated[Path | None, typer.Option("--output", help="草稿目录 / folder for drafts")] = None,
    trusted_key: Annotated[
        Path | None, typer.Option("--trusted-key", help="发布方公钥，默认取设置 / public key of the releaser")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="应用；否则只预览 / apply; otherwise preview only")] = False,
) -> None:
    """Preview or apply the organisation's layer; or write drafts from a public collection of manifests."""
    context = context_of(ctx)
    if origin:
        _write_drafts(origin, path, output)
        return
    from rules.compiled import shipped_catalogue
    from rules.overlay import OverlayFault, apply_layer, layer_sources
    from rules.source_files import CatalogueFaults

    folder = context.layer_folder()
    layer = _release(path, trusted_key, context) if path.is_file() else _layer_of(path)
    try:
        before = shipped_catalogue(None, layer_sources(folder))
        after = shipped_catalogue(None, layer)
        _print_changes(before, after, context)
        for words in after.overridden:
            say(f"{both('覆盖随附条目', 'takes the place of')}: {words}")
        if not apply:
            say(both("仅预览，未应用；加 --apply 应用", "a preview, nothing was applied; --apply applies it"))
            return
        revision, changed = apply_layer(folder, layer)
    except (CatalogueFaults, OverlayFault) as error:
        raise AuditorError(str(error)) from error
    told = both("已应用", "applied") if changed else both("已在使用，无变化", "in force already, nothing changed")
    say(f"{told}: {revision.number:04d}-{revision.digest}")


def export(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option("--output", help="发布文件 / the release file")],
    key: Annotated[Path, typer.Option("--key", help="签名私钥 / the secret key")],
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="规则目录；默认本单位已应用的规则 / folder; the layer in force by default"),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="发布名称 / name of the release")] = "rules",
) -> None:
    """Write rule files as one signed file for networks that nothing else reaches."""
    from auditor.proof.signing import SigningFault, SigningKey, read_key
    from rules.overlay import OverlayFault, layer_sources
    from rules.release import release_bytes

    try:
        sources = _layer_of(folder) if folder else layer_sources(context_of(ctx).layer_folder())
        if not sources:
            raise WrongUsage(both("没有可导出的规则", "there are no rules to export"))
        signing = SigningKey(read_key(key))
    except (SigningFault, OverlayFault) as error:
        raise AuditorError(str(error)) from error
    output.write_bytes(release_bytes(sources, signing.sign, signing.public, name))
    say(f"{output}: {len(sources)} {both('个文件', 'files')}")


def take_back(ctx: typer.Context) -> None:
    """Put the revision before the one in force in force."""
    from rules import overlay

    try:
        revision = overlay.take_back(context_of(ctx).layer_folder())
    except overlay.OverlayFault as error:
        raise AuditorError(str(error)) from error
    told = f"{revision.number:04d}-{revision.digest}" if revision else both("随附目录", "the shipped catalogue alone")
    say(f"{both('现在使用', 'now in force')}: {told}")


def new_key(file: Annotated[Path, typer.Argument(help="私钥文件，公钥写在 .pub / the secret key's file")]) -> None:
    """Make a signing key; the public half lies beside it."""
    from auditor.proof.signing import SigningFault, new_signing_key

    try:
        new_signing_key(file)
    except SigningFault as error:
        raise AuditorError(str(error)) from error
    say(f"{file}, {file}.pub")


def _release(path: Path, trusted_key: Path | None, context: CommandContext) -> tuple[SourceFile, ...]:
    from auditor.proof.signing import SigningFault, read_key, verified
    from rules.release import ReleaseFault, release_sources

    chosen = trusted_key or (Path(told) if (told := context.settings().text("catalogue_key")) else None)
    if chosen is None:
        raise WrongUsage(
            both(
                "发布文件须用 --trusted-key 或设置 catalogue_key 验签", "a release needs --trusted-key or catalogue_key"
            )
        )
    try:
        key = read_key(chosen)
        _, sources = release_sources(
            path.read_bytes(), lambda signature, message: verified(key, signature, message), shown=path.name
        )
    except (ReleaseFault, SigningFault) as error:
        raise AuditorError(f"{path}: {error}") from error
    return sources


def _layer_of(folder: Path) -> tuple[SourceFile, ...]:
    from rules.overlay import LAYER

    return tuple(replace(source, layer=LAYER) for source in _folder(folder))


def _folder(folder: Path) -> list[SourceFile]:
    from rules.source_files import CatalogueFaults, source_files

    try:
        return source_files([folder])
    except CatalogueFaults as error:
        raise AuditorError(str(error)) from error


def _load(sources: Sequence[SourceFile]) -> Catalogue:
    from rules.loading import load_sources
    from rules.source_files import CatalogueFaults

    try:
        return load_sources(sources)
    except CatalogueFaults as error:
        raise AuditorError(str(error)) from error


def _print_changes(old: Catalogue, new: Catalogue, context: CommandContext) -> None:
    from auditor.commands.catalogue import titles_on_machines
    from auditor.errors import StoreError
    from rules.difference import entry_changes, title_changes

    changes = list(entry_changes(old, new))
    for change in changes[:MOST_SHOWN]:
        print(f"{change.what:8} {change.noun} {change.id}")
    try:
        machines = dict(titles_on_machines(context))
    except StoreError:
        say(both("没有数据库，只比较条目", "no store; only entries are compared"))
        return
    told = list(title_changes(machines, old, new))
    for title in told[:MOST_SHOWN]:
        before = title.before.product or title.before.kind.value
        after = title.after.product or title.after.kind.value
        words = one_line(title.title.name)
        print(f"title    {machines[title.title]:6} {words}: {before} → {after} ({title.after.licence_class.value})")
    touched = sum(machines[title.title] for title in told)
    entries, counted = len(changes), len(told)
    print(
        both(f"{entries} 个条目、{counted} 个名称、{touched} 处安装有变化",
             f"{entries} entries, {counted} titles, {touched} installations change")
    )  # fmt: skip


def names(
    clones: Annotated[
        list[Path], typer.Argument(help="公开清单的本地副本，在前者优先 / local clones, the first goes before")
    ],
    collection: Annotated[str, typer.Option("--from", help="winget、homebrew、scoop")],
    output: Annotated[Path, typer.Option("--output", help="写到 names/<collection>.tsv / where to write")],
    origin: Annotated[str, typer.Option("--origin", help="来源、日期、许可 / whence, state of which day, licence")],
) -> None:
    """Write the names, publishers, licences and ids of a public collection as a table of the name list."""
    from rules.imports.names import NAME_SOURCES, table

    if collection not in NAME_SOURCES:
        raise WrongUsage(f"--from {collection}: {both('应为', 'expected one of')} {', '.join(NAME_SOURCES)}")
    missing = [str(clone) for clone in clones if not clone.is_dir()]
    if missing:
        raise WrongUsage(f"{', '.join(missing)}: {both('应为目录', 'expected a folder')}")
    text = table(NAME_SOURCES[collection], clones, " ".join(origin.split()))
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AuditorError(f"{output}: {both('无法写入', 'cannot be written')}: {error.strerror}") from error
    lines = sum(not line.startswith("#") for line in text.splitlines())
    say(f"{output}: {lines} {both('个名称', 'programs')}")


def _write_drafts(origin: str, clone: Path, output: Path | None) -> None:
    from rules.imports.roster import IMPORTS, write_drafts

    if origin not in IMPORTS:
        raise WrongUsage(f"--from {origin}: {both('应为', 'expected one of')} {', '.join(IMPORTS)}")
    if output is None or not clone.is_dir():
        raise WrongUsage(both("应给出本地副本目录和 --output 目录", "expected the folder of a clone, and --output"))
    written, problems = write_drafts(IMPORTS[origin], clone, output)
    for problem in problems[:MOST_SHOWN]:
        say(problem)
    told = both("份草稿，均标为未核实，须由人读后使用", "drafts, marked unverified, for a person to read")
    say(f"{output}: {written} {told}")
