"""A command line of Windows: which program it starts, and which script a program that runs scripts is given.

Arguments may hold names, addresses and passwords; of them nothing else is taken.
"""

from __future__ import annotations

import re

_PROGRAM = re.compile(r"\.(?:exe|com|bat|cmd|scr|pif|dll|sys)(?=$|[\s\"',])", re.IGNORECASE)
_SCRIPT = re.compile(
    r"\"(?P<quoted>[^\"<>|]*\.(?:cmd|bat|ps1|vbs|vbe|js|jse|wsf|hta|dll|exe|reg))(?:,[^\"]*)?\""
    r"|(?P<plain>(?:[A-Za-z]:\\|%|\\\\|\.?\\)?[^\s\"<>|,;&=]*\.(?:cmd|bat|ps1|vbs|vbe|js|jse|wsf|hta|dll|exe|reg))"
    r"(?=$|[\s,;&\"'])",
    re.IGNORECASE,
)
_RUNS_SCRIPTS = re.compile(
    r"(?:^|\\)(?:cmd|powershell|pwsh|wscript|cscript|mshta|rundll32|regsvr32|regedit|reg|schtasks)(?:\.exe)?$",
    re.IGNORECASE,
)


def program_of(command: str) -> str:
    """Return the program that a command line starts, without quotes, the prefix `\\??\\` and arguments."""
    text = command.strip()
    if text.startswith("\\??\\"):
        text = text[4:]
    if text.startswith('"'):
        return text[1:].partition('"')[0].strip()
    found = _PROGRAM.search(text)
    if found is not None:
        return text[: found.end()].strip()
    return text.split(" ", 1)[0] if " " in text else text


def script_of(program: str, arguments: str | None) -> str | None:
    """Return the script or library that a program which runs such things is given, `None` for any other program."""
    if not arguments or _RUNS_SCRIPTS.search(program.strip('" ')) is None:
        return None
    found = _SCRIPT.search(arguments)
    return None if found is None else (found.group("quoted") or found.group("plain")).strip()
