"""整改通知书: one letter a unit, written, kept by digest, recorded with each finding that it names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from auditor.errors import AuditorError, both
from auditor.issuing.run_files import own_templates
from auditor.readmodels.cases import notice_letter, overdue_list
from auditor.settings import Settings
from auditor.store.blobs import put_blob
from auditor.store.cases import Case, events_of, notice_numbers
from auditor.store.database import Connection
from auditor.store.machines import load_machines
from auditor.store.trail import append_trail
from auditor.store.units import list_units
from auditor.supervision.escalation import overdue_units
from auditor.supervision.rectification import Actor, default_deadline, note_notice, said
from auditor.supervision.states import Doing
from reports.docx_template import TemplateFault
from reports.letters_docx import render_notice, render_overdue
from rules.catalogue import Catalogue


@dataclass(frozen=True)
class Notice:
    """One letter as it went out."""

    unit: str
    number: str
    digest: str
    content: bytes

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"整改通知书-{_file_part(self.number)}-{_file_part(self.unit or '-')}.docx"


def issue_notices(
    connection: Connection,
    settings: Settings,
    catalogue: Catalogue,
    cases: Sequence[Case],
    *,
    noticed_on: date,
    due_on: date | None,
    number: str | None,
    language: str,
    by: str | None,
    at: str,
) -> Iterator[Notice]:
    """Write one letter for each unit that has one of the cases, and put these under rectification.

    Without `due_on` the deadline is `rectification_days` after the day, without `number` the next one of the year.
    Raises `AuditorError` for a finding that nobody confirmed, a deadline before the day, a faulty template.
    """
    due = due_on or default_deadline(noticed_on, settings.whole("rectification_days"))
    names = {str(unit.code): unit.name for unit in list_units(connection, noticed_on)}
    machines = {m.key: m.code or m.host_name or m.key for m in load_machines(connection, noticed_on)}
    by_unit: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_unit[case.unit or ""].append(case)
    if number is not None and len(by_unit) > 1:
        raise AuditorError(f"{number}: {both('一个编号只能用于一个单位', 'one number is for one unit')}")
    for unit in sorted(by_unit):
        mine = by_unit[unit]
        told = number or _next_number(connection, noticed_on)
        statements = {c.id: [e for e in events_of(connection, c.id) if e.act == Doing.STATE] for c in mine}
        letter = notice_letter(
            mine, statements, catalogue, number=told, unit_name=names.get(unit, unit),
            issuer=settings.text("notice_issuer") or root_name(connection, noticed_on),
            contact=settings.text("unit_telephone") or None, noticed_on=noticed_on, due_on=due,
            machine_names=machines, zone=settings.zone,
        )  # fmt: skip
        try:
            own = template(settings, "notice_template", "rectification_notice.docx")
            content = render_notice(letter, language=language, template=own)
        except TemplateFault as error:
            raise AuditorError(f"notice_template: {error}") from error
        digest = put_blob(connection, "issued", content)
        note_notice(
            connection, mine, actor=Actor(by), at=at, number=told, noticed_on=noticed_on, due_on=due, file=digest
        )
        yield Notice(unit, told, digest, content)


def root_name(connection: Connection, on: date) -> str:
    """Return the name of the first unit without one above it, empty when there is none."""
    roots = [unit for unit in list_units(connection, on) if unit.parent is None]
    return roots[0].name if roots else ""


def template(settings: Settings, name: str, file: str) -> bytes | None:
    """Return the template that a setting names, else the one in the unit's template folder, else none."""
    path = settings.text(name) if name else ""
    return Path(path).read_bytes() if path else own_templates(settings).get(file)


def _next_number(connection: Connection, on: date) -> str:
    beginning = f"ZG-{on.year}-"
    used = [int(n.removeprefix(beginning)) for n in notice_numbers(connection, beginning)
            if n.removeprefix(beginning).isdecimal()]  # fmt: skip
    return f"{beginning}{max(used, default=0) + 1:03d}"


def _file_part(text: str) -> str:
    return re.sub(r"[^\w.-]", "_", text)


def release_overdue_list(
    connection: Connection,
    settings: Settings,
    *,
    on: date,
    released_by: str,
    language: str,
    at: str,
    sees: Callable[[str], bool] = lambda _: True,
) -> bytes:
    """Return 未按期整改单位名单 as DOCX, kept by digest, with who released it: units that `sees` allows, and counts."""
    counts = [(n.unit, n.overdue, n.open, n.oldest) for n in overdue_units(connection, on) if sees(n.unit)]
    names = {str(unit.code): unit.name for unit in list_units(connection, on)}
    issuer = settings.text("notice_issuer") or root_name(connection, on)
    told = overdue_list(counts, names, issuer=issuer, as_of=on, released_by=said(released_by, "released_by"))
    content = render_overdue(told, language=language, template=template(settings, "", "overdue_units.docx"))
    digest = put_blob(connection, "issued", content)
    append_trail(connection, at=at, act="overdue_list.released", subject=f"file {digest}")
    return content
