"""抽查登记表 and 凭证盘点表 as they come back filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from auditor.intake.registers.cells import one_of, text, whole, yes_no
from auditor.intake.registers.reading import Field, RegisterFaults, read_register
from auditor.intake.tables import read_tables

JUDGED = {
    "正版": "genuine", "非正版": "not_genuine", "疑似非正版": "not_genuine", "待核实": "to_verify",
    "genuine": "genuine", "not genuine": "not_genuine", "not_genuine": "not_genuine", "to verify": "to_verify",
    "to_verify": "to_verify",
}  # fmt: skip
FIELDS = (
    Field("number", ("行号", "Line"), whole),
    Field("code", ("计算机编号", "Computer code"), text),
    Field("name", ("软件名称", "Software name"), text),
    Field("present", ("现场是否有", "Present"), yes_no, required=True),
    Field("judged", ("判定", "Judged"), one_of(JUDGED)),
    Field("told", ("现场情况", "What was seen"), text),
)
PAPER_FIELDS = (
    Field("number", ("行号", "Line"), whole, required=True),
    Field("present", ("凭证是否在", "Paper present"), yes_no, required=True),
    Field("told", ("盘点情况", "What was seen"), text),
)


@dataclass(frozen=True)
class FilledLine:
    """One line as filled in. `number` 0: software that was on no list."""

    number: int
    present: bool
    judged: str | None
    told: str
    code: str
    name: str


def read_check_form(data: bytes, file_name: str, *, papers: bool) -> list[FilledLine]:
    """Return the lines of a filled form. Raises `RegisterFaults` with every fault, nothing is taken then."""
    reading = read_register(read_tables(data, file_name), PAPER_FIELDS if papers else FIELDS, file_name)
    if reading.faults:
        raise RegisterFaults(file_name, reading.faults, len(reading.rows))
    return [_line(row.values) for row in reading.rows]


def _line(values: dict[str, Any]) -> FilledLine:
    return FilledLine(
        values.get("number") or 0, values["present"], values.get("judged"), values.get("told") or "",
        values.get("code") or "", values.get("name") or "",
    )  # fmt: skip
