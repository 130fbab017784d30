"""The language that a Linux system shows to its people."""

from __future__ import annotations

from agent.machine.base import Machine, Unreadable

FILES = ("/etc/locale.conf", "/etc/default/locale", "/etc/sysconfig/i18n")


def system_language(machine: Machine) -> str | None:
    """Return `zh_CN` and the like from LANG of the system's own settings, `None` when they say nothing."""
    for path in FILES:
        try:
            text = machine.read_text(path, 65536) or ""
        except Unreadable:
            continue
        for line in text.splitlines():
            key, _, value = line.strip().partition("=")
            language = value.strip().strip("\"'").partition(".")[0]
            if key == "LANG" and language not in ("", "C", "POSIX"):
                return language
    return None
