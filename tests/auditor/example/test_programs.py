"""The two programs, run as a user runs them."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from auditor.example.programs import Failed, Programs, Server, environment_for


@pytest.fixture
def programs(tmp_path: Path) -> Programs:
    database = "sqlite:///" + (tmp_path / "zhengban.db").as_posix()
    return Programs(database, environment_for(tmp_path / "cache"), tmp_path / "log")


def test_a_command_that_cannot_be_done_raises_with_what_it_said(programs: Programs) -> None:
    with pytest.raises(Failed, match=r"zhengban runs list: exit code 3\n.*expected"):
        programs.checker("runs", "list")


def test_the_log_holds_commands_and_no_token(programs: Programs) -> None:
    with pytest.raises(Failed) as raised:
        programs.agent("enrol", "--server", "http://127.0.0.1:9", "--token", "secret-token", "--set", "send_attempts=1")
    assert "secret-token" not in str(raised.value).splitlines()[0]
    assert "secret-token" not in programs.log.read_text("utf-8")
    assert "$ zhengban-agent enrol" in programs.log.read_text("utf-8")


def test_settings_of_the_surroundings_stay_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHENGBAN_DATABASE", "sqlite:///elsewhere.db")
    monkeypatch.setenv("ZHENGBAN_LANGUAGE", "en")
    monkeypatch.setenv("NO_PROXY", "intranet")
    kept = environment_for(tmp_path)
    assert "ZHENGBAN_DATABASE" not in kept
    assert kept["ZHENGBAN_LANGUAGE"] == "en"
    assert kept["NO_PROXY"] == kept["no_proxy"] == "intranet,127.0.0.1,localhost"


def test_the_server_answers_and_stops(programs: Programs, tmp_path: Path) -> None:
    programs.checker("agents", "token")
    with Server(programs, tmp_path / "serve.log") as server:
        assert server.url.startswith("http://127.0.0.1:")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{server.url}/healthz", timeout=5) as answer:
            assert answer.status == 200
        url = server.url
    with pytest.raises(OSError):
        opener.open(f"{url}/healthz", timeout=2)


def test_a_server_that_cannot_start_says_why(programs: Programs, tmp_path: Path) -> None:
    broken = Programs("sqlite:////nowhere/at/all/zhengban.db", programs.environment, programs.log)
    with pytest.raises(Failed, match="zhengban serve"):
        Server(broken, tmp_path / "serve.log").__enter__()
