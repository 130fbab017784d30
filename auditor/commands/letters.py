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
    from auditor.letters.notice import root_name, template
    from auditor.readmodels.cases import overdue_list
    from auditor.store.blobs import put_blob
    from auditor.store.trail import append_trail
    from auditor.store.units import list_units
    from auditor.supervision.escalation import overdue_units
    from reports.letters_docx import render_overdue

    counts = [(line.unit, line.overdue, line.open, line.oldest) for line in overdue_units(connection, on)]
    names = {str(unit.code): unit.name for unit in list_units(connection, on)}
    issuer = context.settings().text("notice_issuer") or root_name(connection, on)
    told = overdue_list(counts, names, issuer=issuer, as_of=on, released_by=released_by)
    own = template(context.settings(), "", "overdue_units.docx")
    content = render_overdue(told, language=language, template=own)
    digest = put_blob(connection, "issued", content)
    append_trail(connection, at=now_text(), act="overdue_list.released", subject=f"file {digest}")
    file.write_bytes(content)
