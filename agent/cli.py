"""The command line of the agent: arguments in, exit code out."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import Callable, Sequence

from agent.arguments import parse
from agent.settings import SettingsError, load_settings
from agent.state import AgentError
from agent.texts import LANGUAGES, language_in, language_of, say
from agent.version import AGENT_NAME

DONE = 0
WRONG_USAGE = 2
INCOMPLETE = 3
_SCANNING = ("scan", "run", "doctor")
_OURS = (0x4000, 50, 50)
"""Thresholds of the garbage collector: a scan makes many records and hardly a cycle."""


def main(arguments: Sequence[str] | None = None, *, is_our_process: bool = False) -> int:
    """Run one command and return its exit code: 0 done, 2 wrong usage, 3 not done or incomplete.

    Priority and limits of the process are set only when it is ours.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _never_fail_to_print()
    language = language_in(given)
    options = parse(given, language)
    try:
        options.values = load_settings(options.config, _flags(options, language))
        options.language = _language(options, language)
        if is_our_process and options.command in _SCANNING:
            _restrain(options)
        return _command(options.command)(options)
    except SettingsError as error:
        print("%s: %s" % (AGENT_NAME, error), file=sys.stderr)
        return WRONG_USAGE
    except (AgentError, OSError) as error:
        print("%s: %s" % (AGENT_NAME, say(language, "failed", why=error)), file=sys.stderr)
        return INCOMPLETE
    except MemoryError:
        print("%s: %s" % (AGENT_NAME, say(language, "failed.memory")), file=sys.stderr)
        return INCOMPLETE
    except KeyboardInterrupt:
        return INCOMPLETE


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """Return the command that was named; each is imported when it is wanted, so that `scan` starts quickly."""
    if name in ("scan", "run"):
        from agent import scanning

        return {"scan": scanning.scan_command, "run": scanning.run_command}[name]
    if name in ("send", "enrol"):
        from agent import commands

        return {"send": commands.send_command, "enrol": commands.enrol_command}[name]
    if name == "read":
        from agent.reading import read_command

        return read_command
    if name == "export":
        from agent.export import export_command

        return export_command
    if name == "doctor":
        from agent.doctor import doctor_command

        return doctor_command
    from agent import installing

    return {"install": installing.install_command, "uninstall": installing.uninstall_command}[name]


def _restrain(options: argparse.Namespace) -> None:
    """Let people's programs go first and bound our memory; a system that does not let us is no reason not to scan."""
    import gc

    from agent.machine.restraint import limit_memory, step_aside

    gc.set_threshold(*_OURS)
    with contextlib.suppress(OSError, ValueError):
        limit_memory(int(options.values["max_memory_bytes"]))
    if options.values["low_priority"]:
        with contextlib.suppress(OSError):
            step_aside()


def _flags(options: argparse.Namespace, language: str) -> dict[str, str]:
    """Return the settings that flags name. Raises `SettingsError` for one that is not NAME=VALUE."""
    flags = {}
    for given in options.set:
        name, sign, value = given.partition("=")
        if not sign:
            raise SettingsError(say(language, "wrong.set", given=given))
        flags[name.strip()] = value
    named = {"server": getattr(options, "server", None), "state_folder": options.state, "language": options.language}
    named["watchlist"] = getattr(options, "watchlist", None)
    flags.update({name: value for name, value in named.items() if value is not None})
    return flags


def _language(options: argparse.Namespace, spoken: str) -> str:
    """Return the language of this run, which the settings file may name too. Raises `SettingsError`."""
    wanted = str(options.values["language"])
    if wanted and wanted not in LANGUAGES:
        raise SettingsError(say(spoken, "wrong.language", wanted=wanted))
    return language_of(wanted)


def _never_fail_to_print() -> None:
    """Replace what a console cannot show: a name in another script must not end a scan."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
