"""zhengban templates: write Word templates of every form, to be edited and put into the unit's template folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from auditor.commands.context import chosen_language, context_of
from auditor.errors import AuditorError, both


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "templates",
        help="""模板 / write Word templates of every form and report, to be edited in Word.

\b
改好后放入设置 template_folder 所指目录（只放要改的），出 DOCX 时即用：
Put those that you changed into the folder that the setting template_folder names:
  {{ s.title }} 标题 · {{ s.head_line }} 表头行 · {{ s.box[0] }} 填写项
  {%tr for row in s.rows %} … {%tr endfor %} 表体行 / rows · {{ s.foot }} 说明
""",
        short_help="写出可编辑的 Word 模板 / Word templates to edit",
    )(templates)


def templates(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option("--output", help="输出目录 / folder")],
    form: Annotated[str, typer.Option("--form", help="只写这些，逗号分隔 / only these, apart by commas")] = "",
    language: Annotated[str | None, typer.Option("--language", help="zh_CN, en")] = None,
) -> None:
    """Write the templates; a file that is there already is left alone."""
    from reports.docx_template import ENDING, starters

    chosen = chosen_language(language, context_of(ctx))
    made = starters(chosen)
    wanted = {f"{name.strip()}{ENDING}" for name in form.split(",") if name.strip()} or set(made)
    if unknown := sorted(wanted - set(made)):
        known = ", ".join(name.removesuffix(ENDING) for name in made)
        raise AuditorError(f"--form {unknown[0].removesuffix(ENDING)}: {both('应为', 'expected one of')} {known}")
    output.mkdir(parents=True, exist_ok=True)
    for name in sorted(wanted):
        path = output / name
        if path.exists():
            typer.echo(f"{path}: {both('已存在，未改动', 'is there already, left as it is')}", err=True)
            continue
        path.write_bytes(made[name])
        print(path)
