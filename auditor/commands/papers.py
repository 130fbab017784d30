"""zhengban papers: contracts, certificates and invoices as files, kept by digest and linked to what they prove."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auditor.commands.context import (
    AsOfOption,
    Format,
    FormatOption,
    context_of,
    day_of,
    now_text,
    operator,
    print_json,
    print_listing,
    say,
)
from auditor.errors import AuditorError, WrongUsage, both

if TYPE_CHECKING:
    from auditor.store.database import Connection
    from auditor.store.papers import Subject

COLUMNS = {
    "digest": "摘要 digest",
    "kind": "种类 kind",
    "number": "编号 number",
    "file_name": "文件名 file",
    "size_bytes": "字节 bytes",
    "added_at": "登记 added (UTC)",
    "added_by": "经办 by",
    "subjects": "关联 linked to",
}
MISSING_COLUMNS = {
    "unit": "单位 unit",
    "code": "软件编号 code",
    "name": "软件名称 name",
    "contract": "合同编号 contract",
}
PaperArgument = Annotated[str, typer.Argument(help="摘要开头（至少 4 位）或编号 / beginning of the digest, or number")]
RightOption = Annotated[
    list[str] | None,
    typer.Option("--right", metavar="UNIT/CODE", help="授权：单位编码/软件编号，可多次 / a right; may be repeated"),
]
ContractOption = Annotated[
    list[str] | None,
    typer.Option("--contract", metavar="[UNIT/]NUMBER", help="合同编号，可带单位 / every right of this contract"),
]
ActOption = Annotated[
    list[str] | None,
    typer.Option("--act", metavar="KIND/NUMBER", help="transfer/单号、disposal/单号、exemption/单号、finding/键"),
]
ByOption = Annotated[str | None, typer.Option("--by", metavar="NAME", help="经办人，默认系统登录名 / who does it")]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    room = typer.Typer(no_args_is_help=True, help="授权凭证（PDF、JPG、OFD） / papers that prove rights")
    room.command("add", help="登记凭证文件，可同时关联 / keep a file, and link it")(add)
    room.command("list", help="列出凭证及关联 / list the papers and what they prove")(list_all)
    room.command("missing", help="有授权无凭证的台账行 / rights without a paper")(missing)
    room.command("show", help="一份凭证的详情 / one paper")(show)
    room.command("export", help="取出凭证文件 / write the file")(export)
    room.command("link", help="关联到授权、合同、划转等 / link to what it proves")(link)
    room.command("unlink", help="取消关联，历史保留 / take a link away; history stays")(unlink)
    app.add_typer(room, name="papers")


def add(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="PDF、JPG 或 OFD，不超过 20 MB / files")],
    kind: Annotated[
        str, typer.Option("--kind", help="许可证书、合同、发票、授权书、划转文件、处置文件、其他")
    ] = "其他",
    number: Annotated[str | None, typer.Option("--number", help="凭证上的编号 / number that stands on it")] = None,
    remarks: Annotated[str | None, typer.Option("--remarks", help="备注 / remarks")] = None,
    right: RightOption = None,
    contract: ContractOption = None,
    act: ActOption = None,
    by: ByOption = None,
) -> None:
    """Keep files, all or none, and link them."""
    from auditor.commands.registers import bytes_of
    from auditor.intake.registers.papers import KINDS, MAX_BYTES, check_paper
    from auditor.store.papers import add_paper, link_paper

    if kind not in KINDS:
        raise WrongUsage(f"--kind {kind}: {both('应为', 'expected one of')} {', '.join(KINDS)}")
    checked, faults = [], []
    for file in files:
        try:
            if file.is_file() and file.stat().st_size > MAX_BYTES:
                told = both(f"应不超过 {MAX_BYTES >> 20} MB", f"expected at most {MAX_BYTES} bytes")
                raise AuditorError(f"{file.name}: {told}")
            content = bytes_of(file)
            checked.append((file, content, check_paper(content, file.name)))
        except AuditorError as error:
            faults.append(str(error))
    if faults:
        raise AuditorError("\n".join(faults))
    with context_of(ctx).store(create=True) as store, store.begin() as connection:
        subjects = _subjects(connection, right, contract, act)
        for file, content, found in checked:
            paper, is_new = add_paper(
                connection, content, media_type=found.media_type, file_name=file.name, kind=KINDS[kind].value,
                number=number, remarks=remarks, now=now_text(), by=operator(by),
            )  # fmt: skip
            if not is_new:
                say(f"{file.name}: 已登记为 {paper.file_name} / is kept already as {paper.file_name}")
            for subject in subjects:
                link_paper(connection, paper.digest, subject, now=now_text(), by=operator(by))
            print(f"{paper.digest} {file.name}")


def list_all(ctx: typer.Context, form: FormatOption = Format.TABLE) -> None:
    """List the papers."""
    from auditor.intake.registers.licence_words import word_of
    from auditor.intake.registers.papers import KINDS, PaperKind
    from auditor.store.papers import SHOWN_DIGITS, links_of, list_papers

    with context_of(ctx).store() as store, store.read() as connection:
        kept, links = list_papers(connection), links_of(connection)
    linked: dict[str, list[str]] = {}
    for one in links:
        linked.setdefault(one.paper, []).append(str(one.subject))
    digits = SHOWN_DIGITS if form is Format.TABLE else 64
    rows = [
        asdict(paper)
        | {"kind": word_of(KINDS, PaperKind(paper.kind)) if form is Format.TABLE else paper.kind}
        | {"digest": paper.digest[:digits], "subjects": "、".join(linked.get(paper.digest, []))}
        for paper in kept
    ]
    print_listing(rows, COLUMNS, form)


def missing(ctx: typer.Context, as_of: AsOfOption = None, form: FormatOption = Format.TABLE) -> None:
    """List the rights that no paper proves: neither a number in the ledger nor a file."""
    from auditor.store.entitlements import list_entitlements
    from auditor.store.papers import with_papers

    context = context_of(ctx)
    with context.store() as store, store.read() as connection:
        rights = with_papers(connection, list_entitlements(connection, day_of(as_of, context.today())))
    lacking = [right for right in rights if right.lacks_paper]
    print_listing(
        [{name: getattr(right, name) for name in MISSING_COLUMNS} for right in lacking], MISSING_COLUMNS, form
    )


def show(ctx: typer.Context, paper: PaperArgument) -> None:
    """Show one paper, with every link that it has or had."""
    from auditor.store.papers import find_paper, links_of

    with context_of(ctx).store() as store, store.read() as connection:
        found = find_paper(connection, paper)
        links = links_of(connection, paper=found.digest, with_ended=True)
    print_json(asdict(found) | {"links": [asdict(one) for one in links]}, indent=1)


def export(
    ctx: typer.Context,
    paper: PaperArgument,
    output: Annotated[Path, typer.Option("--output", metavar="FILE|DIR|-", help="输出文件或目录 / file, folder or -")],
) -> None:
    """Write the file as it came; into a folder under its own name."""
    from auditor.store.papers import find_paper, paper_content
    from reports.clean_text import file_stem

    with context_of(ctx).store() as store, store.read() as connection:
        found = find_paper(connection, paper)
        content = paper_content(connection, found.digest)
    if str(output) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    name = Path(found.file_name)
    target = output / f"{file_stem(name.stem) or found.digest[:12]}{name.suffix.lower()}" if output.is_dir() else output
    target.write_bytes(content)
    print(target)


def link(
    ctx: typer.Context,
    paper: PaperArgument,
    right: RightOption = None,
    contract: ContractOption = None,
    act: ActOption = None,
    by: ByOption = None,
) -> None:
    """Let a paper prove something."""
    from auditor.store.papers import find_paper, link_paper

    with context_of(ctx).store() as store, store.begin() as connection:
        found = find_paper(connection, paper)
        for subject in _needed(_subjects(connection, right, contract, act)):
            is_new = link_paper(connection, found.digest, subject, now=now_text(), by=operator(by))
            print(f"{subject}: {both('已关联', 'linked') if is_new else both('原已关联', 'was linked already')}")


def unlink(
    ctx: typer.Context,
    paper: PaperArgument,
    right: RightOption = None,
    contract: ContractOption = None,
    act: ActOption = None,
    by: ByOption = None,
) -> None:
    """Let a paper no longer prove something."""
    from auditor.store.papers import find_paper, unlink_paper

    with context_of(ctx).store() as store, store.begin() as connection:
        found = find_paper(connection, paper)
        for subject in _needed(_subjects(None, right, contract, act)):
            unlink_paper(connection, found.digest, subject, now=now_text(), by=operator(by))
            print(f"{subject}: {both('已取消关联', 'unlinked')}")


def _needed(subjects: list[Subject]) -> list[Subject]:
    if not subjects:
        raise WrongUsage(both("应有 --right、--contract 或 --act", "expected --right, --contract or --act"))
    return subjects


def _subjects(
    connection: Connection | None, right: list[str] | None, contract: list[str] | None, act: list[str] | None
) -> list[Subject]:
    """Read what a paper is linked to; a right, contract or act that the store does not know is a fault, all at once."""
    from auditor.store.paper_subjects import is_registered
    from auditor.store.papers import SUBJECTS, Subject

    found: list[Subject] = []
    faults: list[str] = []
    for told in right or ():
        unit, sign, code = told.partition("/")
        if not sign or not code:
            faults.append(f"--right {told}: {both('应为 单位编码/软件编号', 'expected UNIT/CODE')}")
        found.append(Subject("right", code, unit))
    for told in contract or ():
        unit, sign, number = told.partition("/")
        found.append(Subject("contract", number, unit) if sign else Subject("contract", told))
    for told in act or ():
        kind, sign, number = told.partition("/")
        if not sign or not number or kind not in SUBJECTS[2:]:
            faults.append(f"--act {told}: {both('应为', 'expected one of')} {', '.join(SUBJECTS[2:])}/NUMBER")
        found.append(Subject(kind, number))
    if faults:
        raise WrongUsage("\n".join(faults))
    if connection is not None:
        unknown = [
            f"{one}: {both('没有登记', 'is not registered')}" for one in found if not is_registered(connection, one)
        ]
        if unknown:
            raise AuditorError("\n".join(unknown))
    return found
