"""zhengban database: backup, restore, check, move, empty, forecast, retention.

Whoever may run these has the database and its key in hand already: the operating system says who that is. The trail
notes each, and a backup never holds the sealing key.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands import database_figures
from auditor.commands.context import FINDINGS, OK, CommandContext, context_of, now_text, say
from auditor.errors import StoreError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.proof.sealing import Sealer
    from auditor.store.database import Address
    from auditor.store.upkeep.manifest import Manifest

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 / the backup")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    room = typer.Typer(
        no_args_is_help=True,
        help="数据库：备份、恢复、检查、迁移、清空示例、容量预测、留存 / backup, restore, check, move …",
    )
    room.command("backup", help="运行中备份为一个文件 / back up into one file while the checker runs")(backup)
    room.command("restore", help="核对后恢复到空库 / verify a backup and restore it into an empty place")(restore)
    room.command("verify", help="核对备份文件 / hold a backup against its manifest")(verify)
    room.command("check", help="检查损坏并指出文件、表、行 / find damage and name file, table and row")(check)
    room.command("move", help="迁移到另一数据库并核对相等 / move to another database, verified equal")(move)
    room.command("empty", help="清空示例数据 / remove the demonstration")(empty)
    database_figures.add_to(room)
    app.add_typer(room, name="database")


def backup(ctx: typer.Context, file: FileArgument) -> None:
    """Write FILE and FILE.json; the checker may go on working meanwhile."""
    from auditor.release import release
    from auditor.store.upkeep.backing_up import back_up

    with context_of(ctx).store() as store:
        made = back_up(store, file, at=now_text(), release=release())
    print(f"{file}: {_told(made)}")
    zh = "密钥文件不在备份内，请另行保管；下一行请另行保存，恢复后用 zhengban trail check --known 核对"
    say(both(zh, "the sealing key is not in it: keep it elsewhere, and the next line too, for trail check --known"))
    say(made.trail)


def restore(
    ctx: typer.Context,
    file: FileArgument,
    without_key: Annotated[
        bool,
        typer.Option(
            "--without-key", help="密钥已丢失也恢复：密文不可再读，采集端须重新登记 / the key is lost: go on without"
        ),
    ] = False,
) -> None:
    """Verify the backup, then make the database of the settings what it holds."""
    from auditor.store.database import address_of
    from auditor.store.upkeep.restoring import restore as restored

    context = context_of(ctx)
    address = address_of(context.settings().text("database"))
    made = restored(file, address, None if without_key else _key_at_hand(context, address), at=now_text())
    print(f"{address}: {_told(made)}")


def verify(ctx: typer.Context, file: FileArgument) -> None:
    """Hold a backup against its manifest, without a store or a key."""
    from auditor.store.upkeep.restoring import verify_contents

    print(f"{file}: {_told(verify_contents(file))}")


def check(ctx: typer.Context) -> int:
    """Print a line for each fault: 0 when there is none, 1 otherwise. Nothing is changed."""
    from auditor.store.database import address_of
    from auditor.store.upkeep.checking import check as checked

    address, faults = address_of(context_of(ctx).settings().text("database")), 0
    for damage in checked(address):
        faults += 1
        print(f"{damage.kind}\t{damage.where}\t{damage.what}", flush=True)
    if faults:
        say(
            both(
                f"发现 {faults} 处损坏；请停止核查端并从备份恢复",
                f"{faults} faults: stop the checker, restore a backup",
            )
        )
        return FINDINGS
    print(f"{address}: {both('未发现损坏', 'no damage was found')}")
    return OK


def move(
    ctx: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="新数据库地址，须为空 / the other database, empty")],
) -> None:
    """Copy everything, hold both equal row by row, and bring the sealing key along."""
    from auditor.store.database import address_of, key_place
    from auditor.store.upkeep.moving import check_alone
    from auditor.store.upkeep.moving import move as moved

    context = context_of(ctx)
    settings = context.settings()
    source, target = address_of(settings.text("database")), address_of(to)
    old_key, new_key = key_place(settings, source), key_place(settings, target)
    check_alone(source)
    _check_key(old_key, new_key)
    with context.store() as store:
        tables = moved(store, target, at=now_text())
    if old_key is not None and new_key is not None and old_key != new_key and not new_key.exists():
        shutil.copy2(old_key, new_key)
    rows = sum(table.rows for table in tables.values())
    print(f"{target}: {both(f'{len(tables)} 张表 {rows} 行，两库相等', f'{rows} rows of {len(tables)} tables, equal')}")
    if new_key is not None:
        say(f"{both('密钥文件', 'sealing key')}: {new_key}")
    zh = "请把设置 database 改为新地址再启动核查端；旧库保留，不要再用"
    say(both(zh, "set `database` to the new address, then start the checker; the old one stays, use it no more"))


def empty(
    ctx: typer.Context,
    demo: Annotated[
        bool, typer.Option("--demo", help="清空示例数据，须写明 / say that the demonstration goes")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="执行；不写只预览 / do it; without, only shown")] = False,
) -> None:
    """Show what of the demonstration would go; with --apply remove it. Anything else in the store is a refusal."""
    from auditor.example.shipped import shipped_digests
    from auditor.store.database import address_of
    from auditor.store.upkeep.emptying import check_demonstration, to_remove
    from auditor.store.upkeep.emptying import empty as emptied
    from auditor.store.upkeep.moving import check_alone

    if not demo:
        raise WrongUsage(both("只能清空示例数据，请写 --demo", "only a demonstration can be emptied: say --demo"))
    context = context_of(ctx)
    if apply:
        check_alone(address_of(context.settings().text("database")))
    with context.store() as store:
        if apply:
            counts = emptied(store, shipped_digests(), at=now_text())
        else:
            with store.read() as connection:
                check_demonstration(connection, shipped_digests())
                counts = to_remove(connection)
    for name, many in sorted(counts.items()):
        print(f"{name}\t{many}")
    say(both("已清空", "removed") if apply else both("以上为预览，加 --apply 执行", "only shown; --apply removes it"))


def _told(made: Manifest) -> str:
    rows = sum(table.rows for table in made.tables.values())
    zh, en = f"{rows} 行，{made.size_bytes} 字节，已核对", f"{rows} rows, {made.size_bytes} bytes, verified"
    return f"{both(zh, en)} · schema {made.schema} · {made.made_at} · sha256 {made.sha256}"


def _key_at_hand(context: CommandContext, address: Address) -> Sealer:
    """Return the key that is there; restoring never makes one. Raises `StoreError`."""
    from auditor.proof.sealing import Sealer, SealingFault, key_from_file, key_from_text
    from auditor.store.database import key_place

    settings = context.settings()
    place = key_place(settings, address)
    try:
        if place is None:
            return Sealer(key_from_text(settings.text("sealing_key")))
        return Sealer(key_from_file(place, create=False))
    except SealingFault as error:
        zh, en = (
            "恢复前请先放好密钥文件；已丢失时用 --without-key",
            "put the key there first; --without-key when it is lost",
        )
        raise StoreError(f"{error}\n{both(zh, en)}") from error


def _check_key(old: Path | None, new: Path | None) -> None:
    """Raises `StoreError` when another key lies where the moved store will look for its own."""
    if old is None or new is None or old == new or not (old.exists() and new.exists()):
        return
    if old.read_bytes() != new.read_bytes():
        raise StoreError(f"{new}: {both('是另一把密钥', f'is another key than {old}')}")
