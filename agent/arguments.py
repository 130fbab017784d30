"""The arguments of the command line. Only the command that was named is spelled out, so that `scan` starts quickly."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn, Sequence, Tuple

from agent.texts import say
from agent.version import AGENT_NAME, AGENT_VERSION

COMMANDS = ("scan", "send", "run", "read", "export", "enrol", "doctor", "install", "uninstall")
_WITH_SERVER = ("run", "send", "enrol", "doctor")
_WITH_ROOT = ("scan", "run")
_DRY = ("install", "uninstall")
_HELP_COLUMNS = 118
_WRONG_USAGE: Tuple[Tuple[str, str], ...] = (
    (r"unrecognized arguments: (.*)", r"不认识的参数：\1"),
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"one of the arguments (.*) is required", r"应给出其中一个参数：\1"),
    (r"argument (.*?): invalid choice: (.*?) \(choose from (.*)\)", r"参数 \1：没有 \2，应为其中之一：\3"),
    (r"argument (.*?): invalid (\w+) value: (.*)", r"参数 \1：值无效：\3"),
    (r"argument (.*?): expected one argument", r"参数 \1：应带一个值"),
    (r"argument (.*?): expected at least one argument", r"参数 \1：至少应带一个值"),
    (r"argument (.*?): not allowed with argument (.*)", r"参数 \1 与 \2 不能同时使用"),
    (r"argument (.*?): ignored explicit argument (.*)", r"参数 \1 不带值，实为 \2"),
    (r"ambiguous option: (.*?) could match (.*)", r"参数 \1 不明确，可能是 \2"),
)
"""What the library says of wrong usage → the same in Chinese; what it says otherwise stays as it is."""


class _ChineseParser(argparse.ArgumentParser):
    """Says what is wrong in Chinese."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the fault, end with 2."""
        import re

        for english, chinese in _WRONG_USAGE:
            found = re.match(english + r"$", message, re.DOTALL)
            if found is not None:
                message = found.expand(chinese)
                break
        super().error(message)

    def exit(self, status: int = 0, message: "str | None" = None) -> NoReturn:
        """End, with the library's own word for a fault in Chinese."""
        super().exit(status, message and message.replace(": error: ", "：用法有误：", 1))


def parse(given: Sequence[str], language: str) -> argparse.Namespace:
    """Return what was asked. Ends the process with 2 for wrong usage, with 0 after a help text."""
    named = given[0] if given and given[0] in COMMANDS else None
    return _parser(language, named).parse_args(list(given))


def _parser(language: str, named: str | None) -> argparse.ArgumentParser:
    """Return the parser, its help in the language of the reader, with one command or with all of them."""
    kind = _ChineseParser if language == "zh_CN" else argparse.ArgumentParser
    parser = kind(
        prog=AGENT_NAME,
        description=say(language, "about"),
        epilog=None if named else say(language, "epilog", settings=settings_table(language)),
        formatter_class=_formatter(language),
        add_help=False,
    )
    _name_groups(parser, language)
    parser.add_argument("--version", action="version", version=AGENT_VERSION, help=say(language, "option.version"))
    parser.add_argument("-h", "--help", action="help", help=say(language, "option.help"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, prog=AGENT_NAME)
    for name in (named,) if named else COMMANDS:
        _add_options(_add(commands, name, language), name, language)
    return parser


def _add_options(parser: argparse.ArgumentParser, name: str, language: str) -> None:
    """Add what one command takes beside the options that all share."""
    if name in _WITH_ROOT:
        parser.add_argument("--root", metavar="DIR", help=say(language, "option.root"))
        parser.add_argument("--watchlist", metavar="FILE", help=say(language, "option.watchlist"))
        parser.add_argument("--deep", action="store_true", help=say(language, "option.deep"))
    if name in _WITH_SERVER:
        parser.add_argument("--server", metavar="URL", help=say(language, "option.server"))
    if name in _DRY:
        parser.add_argument("--dry-run", action="store_true", help=say(language, "option.dry_run"))
    if name == "scan":
        parser.add_argument("--output", metavar="FILE", help=say(language, "option.output"))
        parser.add_argument("--timings", action="store_true", help=say(language, "option.timings"))
    elif name == "run":
        parser.add_argument("--scheduled", action="store_true", help=say(language, "option.scheduled"))
    elif name == "send":
        parser.add_argument("--now", action="store_true", help=say(language, "option.now"))
    elif name == "enrol":
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--token", help=say(language, "option.token"))
        way.add_argument("--file", metavar="FILE", help=say(language, "option.enrolment_file"))
        parser.add_argument("--name", help=say(language, "option.name"))
    elif name == "export":
        parser.add_argument("--output", metavar="FILE", required=True, help=say(language, "option.export_output"))
        parser.add_argument("--seal", action="store_true", help=say(language, "option.seal"))
        parser.add_argument("--again", action="store_true", help=say(language, "option.again"))
    elif name == "read":
        _add_reading(parser, language)
    elif name == "doctor":
        parser.add_argument("--privacy", action="store_true", help=say(language, "option.privacy"))
    elif name == "install":
        parser.add_argument("--with", dest="scheduler", metavar="SCHEDULER", help=say(language, "option.scheduler"))


def _add_reading(parser: argparse.ArgumentParser, language: str) -> None:
    """Add the arguments of `read`; this loads the collectors of every system."""
    from agent.collectors.roster import readable_sources

    sources = readable_sources()
    explained = say(language, "option.source", sources=", ".join(sources))
    parser.add_argument("source", metavar="SOURCE", choices=sources, help=explained)
    parser.add_argument("file", metavar="FILE", help=say(language, "option.file"))
    parser.add_argument("--watchlist", metavar="FILE", help=say(language, "option.watchlist"))


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
        def __init__(self, prog: str) -> None:
            super().__init__(prog, width=_HELP_COLUMNS)

        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            super().add_usage(usage, actions, groups, say(language, "help.usage") if prefix is None else prefix)

    return Formatter


def _name_groups(parser: argparse.ArgumentParser, language: str) -> None:
    """Head the lists of arguments in the reader's language."""
    parser._positionals.title = say(language, "help.arguments")
    parser._optionals.title = say(language, "help.options")


def settings_table(language: str) -> str:
    """Return the settings, one a line: name, default, meaning."""
    from agent.settings import SETTINGS

    lines = []
    for setting in SETTINGS:
        default = {True: "yes", False: "no", "": "-"}.get(setting.default, setting.default)
        meaning = setting.help_zh if language == "zh_CN" else setting.help
        lines.append("  %-22s %-10s %s" % (setting.name, default, meaning))
    return "\n".join(lines)
