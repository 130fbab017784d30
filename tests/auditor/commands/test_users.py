"""zhengban users and trail: the first account, passwords that are no argument, the chain, the export."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.notices.syslog import message_of
from auditor.settings import load_settings
from auditor.store.database import open_settings_store
from auditor.store.tables import trail
from auditor.store.trail import TrailEntry

PASSWORD = "Correct-Horse-42!"


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/a.db"


def run(database: str, *arguments: str) -> int:
    return main(["--database", database, *arguments])


def add(database: str, tmp_path: Path, login: str, *more: str) -> int:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    return run(database, "users", "add", login, "--name", "管理员", "--password-file", str(file), *more)


def test_the_first_account_comes_from_the_command_line(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(database, tmp_path, "root", "--role", "administrator", "--unit", "*") == 0
    id = capsys.readouterr().out.strip()
    assert run(database, "users", "list", "--format", "json") == 0
    told = capsys.readouterr().out
    (row,) = json.loads(told)
    assert (row["id"], row["roles"], row["units"]) == (id, "administrator", "*")
    assert "argon2" not in told and PASSWORD not in told
    assert run(database, "users", "end", "root") == 3  # the last administrator
    assert run(database, "users", "add", "second", "--name", "x", "--role", "inspector", "--password", PASSWORD) == 2
    assert add(database, tmp_path, "root", "--role", "inspector") == 3
    assert add(database, tmp_path, "third", "--role", "nobody") == 3


def test_the_chain_is_checked_and_its_first_broken_entry_named(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(database, tmp_path, "root", "--role", "administrator")
    for _ in range(3):
        run(database, "users", "unlock", "root")
    capsys.readouterr()
    assert run(database, "trail", "check") == 0
    known = capsys.readouterr().out.strip()
    assert known.startswith("4:")
    store = open_settings_store(load_settings(flags={"database": database}))
    with store.begin() as connection:
        connection.execute(trail.delete().where(trail.c.id == 4))
    assert run(database, "trail", "check") == 0
    assert run(database, "trail", "check", "--known", known) == 1
    with store.begin() as connection:
        connection.execute(trail.update().where(trail.c.id == 2).values(subject="x"))
    assert run(database, "trail", "check") == 1
    assert "entry 2 does not fit" in capsys.readouterr().out
    store.close()


def test_the_trail_is_exported_and_that_is_in_it(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(database, tmp_path, "root", "--role", "administrator")
    capsys.readouterr()
    assert run(database, "trail", "export") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["act"] for line in lines] == ["account.added", "trail.exported"]
    assert "root" not in str(lines)


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_the_trail_goes_to_a_syslog(database: str, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add(database, tmp_path, "root", "--role", "administrator")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        got: list[bytes] = []
        if kind == "tcp":
            server.listen()

        def receive() -> None:
            if kind == "udp":
                got.extend(server.recv(65_536) for _ in range(2))
                return
            connection, _address = server.accept()
            with connection:
                while part := connection.recv(65_536):
                    got.append(part)

        thread = threading.Thread(target=receive)
        thread.start()
        monkeypatch.setenv("ZHENGBAN_SYSLOG", f"{kind}://127.0.0.1:{server.getsockname()[1]}")
        assert run(database, "trail", "export", "--syslog") == 0
        thread.join(20)
    told = b"".join(got)
    assert told.count(b"<109>1 20") == 2
    assert b"account.added" in told and b"trail.exported" in told
    if kind == "tcp":
        length, _blank, rest = told.partition(b" ")
        assert rest[int(length) :].partition(b" ")[0].isdigit()


def test_a_message_cannot_break_out_of_its_fields() -> None:
    entry = TrailEntry(1, "2026-06-30T00:00:00Z", "a", "x\n<109>1 forged", "l", 'u-"]\\')
    told = message_of(entry, "host name").decode()
    assert "\n" not in told
    assert 'account="u-\\"\\]\\\\"' in told
    assert " host_name zhengban - trail [" in told
