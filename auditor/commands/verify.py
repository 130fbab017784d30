"""zhengban verify: is an issued file the one that was issued, and does the chain of the trail hold."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import FINDINGS, context_of
from auditor.errors import AuditorError, both

if TYPE_CHECKING:
    from auditor.proof.file_signature import FileSignature

MEANING = "技术校验值，用于核对文件是否被改动，不替代单位盖章或电子签章"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "verify",
        help="""核验签发文件或操作日志 / check issued files, or the trail.

\b
带文件：旁边有 文件名.sig 时离线核验（不需要数据库）；否则与数据库中留存的签发文件比对。
不带文件：核验操作日志的链和留存的签发文件。
With FILES: beside each its signature FILE.sig is checked, without a store; without a signature the file is
compared with what the store kept when it was issued. Without FILES: the chain of the trail and every kept file.
""",
        short_help="核验签发文件和操作日志 / check issued files and the trail",
    )(verify)


def verify(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="签发的文件 / issued files")] = None,
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", help="签发单位的公钥文件 / the issuer's public key (KEY.pub)"),
    ] = None,
) -> None:
    """Print a line for each file, end with 1 when something was changed."""
    if not files:
        _verify_store(ctx)
        return
    told = [_verify_file(ctx, file, public_key) for file in files]
    if not all(told):
        raise typer.Exit(FINDINGS)


def _verify_file(ctx: typer.Context, file: Path, public_key: Path | None) -> bool:
    from auditor.proof.file_signature import ENDING, SignatureFault, read_signature

    content = _read(file)
    beside = file.with_name(file.name + ENDING)
    if not beside.is_file():
        return _verify_kept(ctx, file, content)
    try:
        signature = read_signature(_read(beside))
    except SignatureFault as error:
        raise AuditorError(f"{beside}: {error}") from error
    return _judge(file, content, signature, public_key)


def _judge(file: Path, content: bytes, signature: FileSignature, public_key: Path | None) -> bool:
    from auditor.proof.file_signature import holds
    from auditor.proof.signing import SigningFault, read_key

    if public_key is not None:
        try:
            is_ours = read_key(public_key) == signature.public_key
        except SigningFault as error:
            raise AuditorError(str(error)) from error
        if not is_ours:
            print(f"{file}: {both('不是该公钥的签名', 'not signed by this key')}")
            return False
    if not holds(signature, content):
        print(f"{file}: {both('文件已被改动', 'THE FILE WAS CHANGED')}")
        return False
    print(f"{file}: {both('未被改动', 'unchanged')}")
    facts = signature.facts
    print(
        f"  run {facts.get('run', '')[:16]} · {facts.get('unit', '')} · {facts.get('as_of', '')} · "
        f"{both('覆盖', 'coverage')} {facts.get('coverage', '')}"
    )
    key = base64.b64encode(signature.public_key).decode("ascii")
    if public_key is None:
        print(f"  {both('公钥（请与签发单位核对）', 'public key (compare it with the issuer)')}: {key}")
    print(f"  {MEANING}")
    return True


def _verify_kept(ctx: typer.Context, file: Path, content: bytes) -> bool:
    """Compare with what the store kept."""
    from auditor.proof.digest import sha256_hex
    from auditor.store.runs import list_issued

    digest = sha256_hex(content)
    with context_of(ctx).store() as store, store.read() as connection:
        issued = list_issued(connection)
    for kept in issued:
        if kept.digest == digest:
            print(f"{file}: {both('与留存的签发文件一致', 'the same as the issued file')} {kept.file_name}")
            print(f"  run {kept.run[:16]} · {kept.issued_at} · sha256 {digest}")
            return True
    same_name = [kept for kept in issued if kept.file_name.rpartition("/")[2] == file.name]
    if same_name:
        told = both("与留存的同名签发文件不同：已被改动", "CHANGED: differs from what was issued under this name")
        print(f"{file}: {told}")
    else:
        print(f"{file}: {both('不是本系统签发的文件', 'no file that this store issued')} (sha256 {digest})")
    return False


def _verify_store(ctx: typer.Context) -> None:
    from auditor.errors import StoreError
    from auditor.store.blobs import get_blob
    from auditor.store.runs import list_issued
    from auditor.store.trail import first_broken_entry, list_trail

    faults = 0
    with context_of(ctx).store() as store, store.read() as connection:
        broken = first_broken_entry(connection)
        entries = len(list_trail(connection))
        if broken is None:
            print(f"{both('操作日志完整', 'the trail holds')}: {entries}")
        else:
            faults += 1
            print(f"{both('操作日志自此条起被改动', 'THE TRAIL IS BROKEN at entry')} {broken}")
        issued = list_issued(connection)
        for kept in issued:
            try:
                get_blob(connection, kept.digest)
            except StoreError as error:
                faults += 1
                print(f"{kept.file_name}: {error}")
    print(f"{both('留存的签发文件', 'issued files kept')}: {len(issued)}")
    if faults:
        raise typer.Exit(FINDINGS)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise AuditorError(f"{file}: {both('读不出', 'cannot be read')}: {error.strerror}") from error
