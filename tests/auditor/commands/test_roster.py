"""A command's module is imported when the command is asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer
from typer.main import get_group

from auditor.cli import build_app
from auditor.commands.roster import ROSTER, asked_command


@pytest.mark.parametrize(("module", "commands"), ROSTER)
def test_a_room_adds_the_commands_that_the_roster_says(module: str, commands: tuple[str, ...]) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    import_module(f"auditor.commands.{module}").add_to(app)
    assert tuple(get_group(app).commands) == commands


def test_the_whole_program_has_them_all_and_one_has_itself() -> None:
    assert set(get_group(build_app()).commands) == {command for _, commands in ROSTER for command in commands}
    assert list(get_group(build_app("recognise")).commands) == ["recognise"]
    assert len(get_group(build_app("no-such-command")).commands) > len(ROSTER)


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("recognise", "recognise"),
        ("--database sqlite:///audit.db audit --help", "audit"),
        ("--settings=serve.toml --database serve units list", "units"),
        ("--help", None),
        ("--version recognise", None),
        ("--database", None),
        ("", None),
    ],
)
def test_which_command_the_words_ask_for(words: str, command: str | None) -> None:
    assert asked_command(words.split()) == command


def test_recognition_starts_without_the_other_commands_and_the_server() -> None:
    told = (
        "import sys; from auditor.cli import main; main(['recognise', '--help']); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "auditor.commands.recognise" in loaded
    assert not {"auditor.commands.serve", "auditor.commands.audit", "sqlalchemy", "starlette"} & loaded
