"""整改通知书 and 未按期整改单位名单: written, kept by digest, recorded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.commands.context import CommandContext, now_text
from auditor.errors import AuditorError, both

if TYPE_CHECKING:
    from auditor.settings import Settings
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
    from auditor.readmodels.cases import notice_letter
    from auditor.store.blobs import put_blob
    from auditor.store.cases import events_of
    from auditor.store.machines import load_machines
    from auditor.store.units import list_units
    from auditor.supervision.rectification import Actor, default_deadline, note_notice
    from auditor.supervision.states import Doing
    from reports.docx_template import TemplateFault
    from reports.letters_docx import render_notice

    settings = context.settings()
    due = due_on or default_deadline(noticed_on, settings.whole("rectification_days"))
    names = {str(unit.code): unit.name for unit in list_units(connection, noticed_on)}
    machines = {m.key: m.code or m.host_name or m.key for m in load_machines(connection, noticed_on)}
    by_unit: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_unit[case.unit or ""].append(case)
    if number is not None and len(by_unit) > 1:
        raise AuditorError(f"--number: {both('一个编号只能用于一个单位', 'one number is for one unit')}")
    for unit in sorted(by_unit):
        mine = by_unit[unit]
        told = number or _next_number(connection, noticed_on)
        statements = {c.id: [e for e in events_of(connection, c.id) if e.act == Doing.STATE] for c in mine}
        letter = notice_letter(
            mine, statements, context.catalogue(), number=told, unit_name=names.get(unit, unit),
            issuer=settings.text("notice_issuer") or _root_name(connection, noticed_on),
            contact=settings.text("unit_telephone") or None, noticed_on=noticed_on, due_on=due,
            machine_names=machines, zone=settings.zone,
        )  # fmt: skip
        try:
            own = _template(settings, "notice_template", "rectification_notice.docx")
            content = render_notice(letter, language=language, template=own)
        except TemplateFault as error:
            raise AuditorError(f"notice_template: {error}") from error
        digest = put_blob(connection, "issued", content)
        note_notice(
            connection, mine, actor=Actor(by), at=now_text(), number=told, noticed_on=noticed_on, due_on=due,
            file=digest,
        )  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"整改通知书-{_file_part(told)}-{_file_part(unit or '-')}.docx"
        path.write_bytes(content)
        yield path


def write_overdue_list(
    connection: Connection, context: CommandContext, file: Path, *, on: date, released_by: str, language: str
) -> None:
    """Write the internal list of units, keep it by digest, and record who released it."""
    from auditor.readmodels.cases import overdue_list
    from auditor.store.blobs import put_blob
    from auditor.store.trail import append_trail
    from auditor.store.units import list_units
    from auditor.supervision.escalation import overdue_units
    from reports.letters_docx import render_overdue

    counts = [(line.unit, line.overdue, line.open, line.oldest) for line in overdue_units(connection, on)]
    names = {str(unit.code): unit.name for unit in list_units(connection, on)}
    issuer = context.settings().text("notice_issuer") or _root_name(connection, on)
    told = overdue_list(counts, names, issuer=issuer, as_of=on, released_by=released_by)
    own = _template(context.settings(), "", "overdue_units.docx")
    content = render_overdue(told, language=language, template=own)
    digest = put_blob(connection, "issued", content)
    append_trail(connection, at=now_text(), act="overdue_list.released", subject=f"file {digest}")
    file.write_bytes(content)


def _next_number(connection: Connection, on: date) -> str:
    from auditor.store.cases import notice_numbers

    beginning = f"ZG-{on.year}-"
    used = [int(n.removeprefix(beginning)) for n in notice_numbers(connection, beginning)
            if n.removeprefix(beginning).isdecimal()]  # fmt: skip
    return f"{beginning}{max(used, default=0) + 1:03d}"


def _root_name(connection: Connection, on: date) -> str:
    from auditor.store.units import list_units

    roots = [unit for unit in list_units(connection, on) if unit.parent is None]
    return roots[0].name if roots else ""


def _file_part(text: str) -> str:
    return re.sub(r"[^\w.-]", "_", text)


def _template(settings: Settings, name: str, file: str) -> bytes | None:
    """The template that a setting names, else the one in the unit's template folder, else none."""
    from auditor.issuing.run_files import own_templates

    path = settings.text(name) if name else ""
    return Path(path).read_bytes() if path else own_templates(settings).get(file)
