"""Questions to the management classes of Windows, asked in one PowerShell call, else by `wmic` class by class.

A recorded machine answers from its folder under the same commands; `agent/deploy/collect.cmd` writes what `wmic` says.
A class that this Windows does not have is in no list: it is neither an answer nor a fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Dict, List, Sequence

from agent.formats.cim_answer import CimObject, DamagedAnswer, parse_cim_json, parse_wmic_list, text_of
from agent.machine.base import Machine, Unreadable

TIMEOUT_SECONDS = 60.0
DEFAULT_NAMESPACE = "root\\cimv2"
_FAULTS = "faults"
_MISSING = ("0x80041010", "0x8004100e")
"""No such class; no such namespace."""
_NO_SUCH_COMMAND = "CommandNotFound"


@dataclass(frozen=True)
class Question:
    """One class: its name, the properties that are wanted, and where it lives."""

    name: str
    properties: tuple[str, ...]
    namespace: str = DEFAULT_NAMESPACE


@dataclass
class CimAnswers:
    """Rows by class, why a class could not be read, and whether anybody answered at all."""

    rows: Dict[str, List[CimObject]] = field(default_factory=dict)
    faults: Dict[str, str] = field(default_factory=dict)
    answered: bool = False


def powershell(title: str, questions: Sequence[Question]) -> tuple[str, ...]:
    """Return the PowerShell command for these classes; `title` names it, also in a recorded folder."""
    lines = [
        "# " + title,
        "$ErrorActionPreference = 'Stop'",
        "try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch { }",
        "$found = @{}; $faults = @{}",
    ]
    for each in questions:
        lines.append(
            "try { $found['%s'] = @(Get-CimInstance -Namespace '%s' -ClassName %s | Select-Object %s) }"
            " catch { $faults['%s'] = [string]$_.FullyQualifiedErrorId }"
            % (each.name, each.namespace, each.name, ",".join(each.properties), each.name)
        )
    lines.append("$found['%s'] = $faults" % _FAULTS)
    lines.append("$found | ConvertTo-Json -Depth 4 -Compress")
    return ("powershell", "-NoProfile", "-Command", "\n".join(lines))


def wmic(question: Question) -> tuple[str, ...]:
    """Return the `wmic` command for one class. Every property is asked for: older systems lack some."""
    namespace = () if question.namespace == DEFAULT_NAMESPACE else ("/namespace:\\\\" + question.namespace,)
    return ("wmic", *namespace, "path", question.name, "get", "/value")


def ask(machine: Machine, title: str, questions: Sequence[Question]) -> CimAnswers:
    """Return what the machine answers. Raises nothing: a class that could not be read stands in `faults`."""
    why = "neither powershell nor wmic answered"
    try:
        text = machine.run(powershell(title, questions), TIMEOUT_SECONDS)
        if text is not None:
            return _of_powershell(parse_cim_json(text))
    except (Unreadable, DamagedAnswer) as error:
        why = "powershell: %s" % error
    answers = CimAnswers()
    for each in questions:
        try:
            text = machine.run(wmic(each), TIMEOUT_SECONDS)
        except Unreadable as error:
            answers.faults[each.name] = str(error)
            continue
        if text is not None:
            answers.answered = True
            answers.rows[each.name] = parse_wmic_list(text)
        elif not machine.recorded:
            answers.faults[each.name] = why
    return answers


def _of_powershell(found: Dict[str, List[CimObject]]) -> CimAnswers:
    faults = {name: text_of(why) or "no answer" for told in found.pop(_FAULTS, []) for name, why in told.items()}
    if any(_NO_SUCH_COMMAND in why for why in faults.values()):
        raise DamagedAnswer("no Get-CimInstance")
    return CimAnswers(
        rows={name: rows for name, rows in found.items() if name not in faults},
        faults={name: why for name, why in faults.items() if not any(code in why.lower() for code in _MISSING)},
        answered=True,
    )
