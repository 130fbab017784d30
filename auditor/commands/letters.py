"""整改通知书 and 未按期整改单位名单: written, kept by digest, recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.commands.context import CommandContext, now_text

if TYPE_CHECKING:
    from auditor.store.cases import Case
    from auditor.store.database import Connection


def write_notices(
    connection: Connection,
    context: CommandContext,
    cases: Sequence[Case],
    *,
    folder: Path,
    noticed_on: date,
    due_on: date | None,
    number: str | None,
    language: str,
    by: str | None,
) -> Iterator[Path]:
    """Write one letter for each unit that has one of the cases; yield the paths."""
    from auditor.letters.notice import issue_notices

    for notice in issue_notices(
        connection, context.settings(), context.catalogue(), cases, noticed_on=noticed_on, due_on=due_on,
        number=number, language=language, by=by, at=now_text(),
    ):  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / notice.file_name
        path.write_bytes(notice.content)
        yield path


def write_overdue_list(
    connection: Connection, context: CommandContext, file: Path, *, on: date, released_by: str, language: str
) -> None:
    """Write the internal list of units, keep it by digest, and record who released it."""
    from auditor.letters.notice import release_overdue_list

    content = release_overdue_list(
        connection, context.settings(), on=on, released_by=released_by, language=language, at=now_text()
    )
    file.write_bytes(content)
