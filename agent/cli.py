"""The command line of the agent: arguments in, exit code out."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import Any, Sequence

from agent.enrolment import EnrolmentError
from agent.settings import SETTINGS, SettingsError, load_settings
from agent.texts import LANGUAGES, language_in, language_of, say
from agent.version import AGENT_NAME, AGENT_VERSION

DONE = 0
WRONG_USAGE = 2
INCOMPLETE = 3
_SCANNING = ("scan", "run", "doctor")


def main(arguments: Sequence[str] | None = None, *, is_our_process: bool = False) -> int:
    """Run one command and return its exit code: 0 done, 2 wrong usage, 3 not done or incomplete.

    The priority is lowered only when the whole process is ours.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _never_fail_to_print()
    language = language_in(given)
    options = _parser(language, wants_sources="read" in given).parse_args(given)
    try:
        options.values = load_settings(options.config, _flags(options, language))
        options.language = _language(options, language)
        if is_our_process and options.command in _SCANNING and options.values["low_priority"]:
            _step_aside()
        return _run(options)
    except SettingsError as error:
        print("%s: %s" % (AGENT_NAME, error), file=sys.stderr)
        return WRONG_USAGE
    except (EnrolmentError, OSError) as error:
        print("%s: %s" % (AGENT_NAME, say(language, "failed", why=error)), file=sys.stderr)
        return INCOMPLETE
    except KeyboardInterrupt:
        return INCOMPLETE


def _run(options: argparse.Namespace) -> int:
    """Run the command that was named; each is imported when it is wanted, so that `scan` starts quickly."""
    if options.command == "read":
        from agent.reading import read_command

        return read_command(options)
    if options.command == "doctor":
        from agent.doctor import doctor_command

        return doctor_command(options)
    from agent.commands import enrol_command, run_command, scan_command, send_command

    commands = {"scan": scan_command, "send": send_command, "run": run_command, "enrol": enrol_command}
    return commands[options.command](options)


def _step_aside() -> None:
    """Let people's programs go first; a system that does not let us is no reason not to scan."""
    from agent.machine.priority import step_aside

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


def _parser(language: str, *, wants_sources: bool) -> argparse.ArgumentParser:
    """Return the parser, its help in the language of the reader; `read` knows its sources when they are wanted."""
    parser = argparse.ArgumentParser(
        prog=AGENT_NAME,
        description=say(language, "about"),
        epilog=say(language, "epilog", settings=_settings_table(language)),
        formatter_class=_formatter(language),
        add_help=False,
    )
    _name_groups(parser, language)
    parser.add_argument("--version", action="version", version=AGENT_VERSION, help=say(language, "option.version"))
    parser.add_argument("-h", "--help", action="help", help=say(language, "option.help"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in ("scan", "run"):
        scanning = _add(commands, name, language)
        scanning.add_argument("--root", metavar="DIR", help=say(language, "option.root"))
        scanning.add_argument("--watchlist", metavar="FILE", help=say(language, "option.watchlist"))
    commands.choices["scan"].add_argument("--output", metavar="FILE", help=say(language, "option.output"))
    commands.choices["run"].add_argument("--server", metavar="URL", help=say(language, "option.server"))
    _add(commands, "send", language).add_argument("--server", metavar="URL", help=say(language, "option.server"))
    enrol = _add(commands, "enrol", language)
    enrol.add_argument("--server", metavar="URL", help=say(language, "option.server"))
    enrol.add_argument("--token", required=True, help=say(language, "option.token"))
    enrol.add_argument("--name", help=say(language, "option.name"))
    sources = _sources() if wants_sources else ()
    read = _add(commands, "read", language)
    explained = say(language, "option.source", sources=", ".join(sources))
    read.add_argument("source", metavar="SOURCE", choices=sources or None, help=explained)
    read.add_argument("file", metavar="FILE", help=say(language, "option.file"))
    read.add_argument("--watchlist", metavar="FILE", help=say(language, "option.watchlist"))
    doctor = _add(commands, "doctor", language)
    doctor.add_argument("--server", metavar="URL", help=say(language, "option.server"))
    return parser


def _sources() -> tuple[str, ...]:
    """Return the names of the collectors that read files; this loads the collectors of every system."""
    from agent.collectors.roster import readable_sources

    return readable_sources()


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, language: str
) -> argparse.ArgumentParser:
    """Return the parser of one command with the options that all share."""
    about = say(language, "about." + name)
    parser = commands.add_parser(
        name,
        help=about,
        description="%s\n\n%s" % (about, say(language, "more." + name)),
        formatter_class=_formatter(language),
        add_help=False,
    )
    _name_groups(parser, language)
    parser.add_argument("-h", "--help", action="help", help=say(language, "option.help"))
    parser.add_argument("--state", metavar="DIR", help=say(language, "option.state"))
    parser.add_argument("--config", metavar="FILE", help=say(language, "option.config"))
    parser.add_argument("--set", metavar="NAME=VALUE", action="append", default=[], help=say(language, "option.set"))
    parser.add_argument("--language", metavar="LANGUAGE", help=say(language, "option.language"))
    return parser


def _formatter(language: str) -> type[argparse.HelpFormatter]:
    """Return a formatter that leaves our lines as they are and says `usage` in the reader's language."""

    class Formatter(argparse.RawDescriptionHelpFormatter):
        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            super().add_usage(usage, actions, groups, say(language, "help.usage") if prefix is None else prefix)

    return Formatter


def _name_groups(parser: argparse.ArgumentParser, language: str) -> None:
    """Head the lists of arguments in the reader's language."""
    parser._positionals.title = say(language, "help.arguments")
    parser._optionals.title = say(language, "help.options")


def _settings_table(language: str) -> str:
    """Return the settings, one a line: name, default, meaning."""
    lines = []
    for setting in SETTINGS:
        default = {True: "yes", False: "no", "": "-"}.get(setting.default, setting.default)
        meaning = setting.help_zh if language == "zh_CN" else setting.help
        lines.append("  %-22s %-10s %s" % (setting.name, default, meaning))
    return "\n".join(lines)


def _never_fail_to_print() -> None:
    """Replace what a console cannot show: a name in another script must not end a scan."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
