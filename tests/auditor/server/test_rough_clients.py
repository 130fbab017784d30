"""Clients as they come: slow, broken off, many at once, replayed. Each gets an answer, and the checker stays up."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from inventories import debian, document, package

from auditor.intake.enrolment import issue_token, revoke, sign
from auditor.store.database import Store, open_store
from auditor.store.inventories import list_documents
from auditor.store.machines import MachineRow, list_machines

PROJECT = Path(__file__).resolve().parents[3]
PATH = "/api/v1/inventories"
ENROL = "/api/v1/enrolments"
BODY_SECONDS = 2


@dataclass(frozen=True)
class Checker:
    process: subprocess.Popen[str]
    port: int
    store: Store

    def answers(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
            return bool(answer.status == 200)


@dataclass(frozen=True)
class Agent:
    id: str
    key: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, str]


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    running = started(tmp_path_factory.mktemp("checker"))
    yield running
    running.process.terminate()
    assert running.process.wait(30) == 0
    running.store.close()


@pytest.fixture(scope="module")
def agent(checker: Checker) -> Agent:
    return enrolled(checker)


def started(folder: Path) -> Checker:
    """Start `zhengban serve` as an operator does, and wait until it listens."""
    database = f"sqlite:///{folder}/zhengban.db"
    command = [sys.executable, "-m", "auditor", "--database", database, "serve", "--listen", "127.0.0.1:0"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "ZHENGBAN_INTAKE_BODY_SECONDS": str(BODY_SECONDS)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    line = process.stderr.readline()
    assert "listening on" in line, line
    return Checker(process, int(line.rpartition(":")[2]), open_store(database))


def enrolled(checker: Checker) -> Agent:
    token = issue_token(checker.store, unit="hq", now=datetime.now(UTC))
    answer = request(checker, ENROL, json.dumps({"token": token, "name": "hq-015"}).encode())
    assert answer.status == 201, answer
    return Agent(answer.body["agent_id"], base64.b64decode(answer.body["key"]))


def request(
    checker: Checker, path: str, body: bytes, headers: dict[str, str] | None = None, *, method: str = "POST"
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", checker.port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        return answer_of(connection.getresponse())
    finally:
        connection.close()


def answer_of(response: http.client.HTTPResponse) -> Answer:
    assert response.headers.get_content_type() == "application/json"
    return Answer(response.status, json.loads(response.read()))


def signed(agent: Agent, body: bytes, *, at: datetime | None = None) -> dict[str, str]:
    return sign(agent.key, agent=agent.id, method="POST", path=PATH, body=body, now=at or datetime.now(UTC))


def send(checker: Checker, agent: Agent, body: bytes, *, at: datetime | None = None) -> Answer:
    return request(checker, PATH, body, signed(agent, body, at=at))


def machine(number: int) -> bytes:
    return document(
        [package(f"lib{n}") for n in range(20)],
        name=f"pc-{number}",
        serial=f"SN{number:06d}",
        mac_addresses=(f"3c:52:82:00:{number // 256:02x}:{number % 256:02x}",),
        system=debian(f"{number:032x}"),
    )


def spoken(checker: Checker, head: str, *parts: bytes | Callable[[], None], end: bool = False) -> bytes:
    """Say this to the checker over a bare connection, bit by bit, and return all that it answers."""
    with socket.create_connection(("127.0.0.1", checker.port), timeout=20) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        for part in parts:
            if isinstance(part, bytes):
                connection.sendall(part)
            else:
                part()
        if end:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer


def head(agent: Agent, body: bytes, *more: str) -> str:
    lines = [f"POST {PATH} HTTP/1.1", "Host: checker", "Connection: close", *more]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in signed(agent, body).items()), ""])


def status_and_error(answer: bytes) -> tuple[int, str]:
    start, _, body = answer.partition(b"\r\n\r\n")
    return int(start.split()[1]), json.loads(body)["error"]


def test_a_slow_client_is_heard_while_it_keeps_within_its_time(checker: Checker, agent: Agent) -> None:
    body = machine(1)
    half = len(body) // 2
    answer = spoken(
        checker, head(agent, body, f"Content-Length: {len(body)}"), body[:half], lambda: time.sleep(0.5), body[half:]
    )
    assert answer.startswith(b"HTTP/1.1 200") and b'"status":"kept"' in answer


def test_a_client_that_stops_half_way_is_answered_408(checker: Checker, agent: Agent) -> None:
    body = machine(2)
    began = time.monotonic()
    status, error = status_and_error(spoken(checker, head(agent, body, f"Content-Length: {len(body)}"), body[:100]))
    assert (status, error) == (408, f"inventory refused: expected the whole request within {BODY_SECONDS} seconds")
    assert time.monotonic() - began < BODY_SECONDS + 5
    assert checker.answers()


def test_connections_that_say_nothing_keep_nobody_out(checker: Checker, agent: Agent) -> None:
    silent = [socket.create_connection(("127.0.0.1", checker.port)) for _ in range(100)]
    try:
        for number, connection in enumerate(silent):
            connection.sendall(b"POST /api/v1/inventories HTTP/1.1\r\nHost: x\r\n"[: number % 40])
        assert send(checker, agent, machine(3)).status == 200
    finally:
        for connection in silent:
            connection.close()
    assert checker.answers()


def test_a_body_cut_short_by_the_client_is_not_kept(checker: Checker, agent: Agent) -> None:
    body = machine(4)
    spoken(checker, head(agent, body, f"Content-Length: {len(body)}"), body[:200], end=True)
    assert checker.answers()
    assert "pc-4" not in {row.host_name for row in all_machines(checker)}


def test_what_comes_after_the_announced_length_is_another_request(checker: Checker, agent: Agent) -> None:
    body = machine(5)
    answer = spoken(checker, head(agent, body, f"Content-Length: {len(body)}"), body + b"GET / nonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and b'"status":"kept"' in answer
    assert checker.answers()


def test_a_length_that_is_none_is_a_bad_request(checker: Checker, agent: Agent) -> None:
    for length in ("-5", "many", "1e3", "5, 6"):
        answer = spoken(checker, head(agent, b"", f"Content-Length: {length}"))
        assert answer.startswith(b"HTTP/1.1 400"), (length, answer)
    assert checker.answers()


def test_a_request_without_length_has_no_body(checker: Checker, agent: Agent) -> None:
    status, error = status_and_error(spoken(checker, head(agent, b"")))
    assert (status, error) == (400, "inventory refused: expected JSON in UTF-8, got 0 bytes: Input data was truncated")


def test_a_chunked_request_is_taken(checker: Checker, agent: Agent) -> None:
    body = machine(6)
    chunks = [body[at : at + 1000] for at in range(0, len(body), 1000)] + [b""]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    answer = spoken(checker, head(agent, body, "Transfer-Encoding: chunked"), coded)
    assert answer.startswith(b"HTTP/1.1 200") and b'"status":"kept"' in answer


def test_the_same_document_a_hundred_times_at_once_is_kept_once(checker: Checker, agent: Agent) -> None:
    body = machine(7)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: send(checker, agent, body), range(100)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["receipt"] for answer in answers}) == 1
    assert sorted({answer.body["status"] for answer in answers}) == ["kept", "known"]
    assert [answer.body["status"] for answer in answers].count("kept") == 1
    with checker.store.read() as connection:
        digests = [row.digest for row in list_documents(connection)]
    assert digests.count(answers[0].body["kept"]) == 1


def test_fifty_machines_at_once_are_all_kept_and_none_twice(checker: Checker) -> None:
    agents = [enrolled(checker) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: send(checker, agents[n], machine(1000 + n)), range(50)))
    assert [answer.status for answer in answers] == [200] * 50
    names = [row.host_name for row in all_machines(checker)]
    assert sorted(name for name in names if name and name.startswith("pc-10")) == sorted(
        f"pc-{1000 + n}" for n in range(50)
    )


def test_who_is_unknown_or_revoked_is_answered_401(checker: Checker) -> None:
    stranger = Agent("a-00000000000000000000", bytes(32))
    revoked = enrolled(checker)
    revoke(checker.store, revoked.id, now=datetime.now(UTC))
    assert send(checker, stranger, machine(8)) == Answer(
        401, {"error": "agent: 采集端未在本核查端登记 / expected one that is enrolled here"}
    )
    answer = send(checker, revoked, machine(8))
    assert answer.status == 401 and f"agent {revoked.id}: 已于 " in answer.body["error"]


def test_a_request_sent_again_gets_the_same_receipt(checker: Checker, agent: Agent) -> None:
    body = machine(9)
    headers = signed(agent, body)
    first, again = (request(checker, PATH, body, headers) for _ in range(2))
    assert (first.status, again.status) == (200, 200)
    assert (first.body["status"], again.body["status"]) == ("kept", "known")
    assert first.body["receipt"] == again.body["receipt"]
    other = request(checker, PATH, machine(10), headers)
    assert other.status == 401 and other.body["error"].startswith("signature: ")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_off_by_an_hour_is_told_the_time_here(checker: Checker, agent: Agent, hours: int) -> None:
    now = datetime.now(UTC)
    answer = send(checker, agent, machine(11), at=now + timedelta(hours=hours))
    assert answer.status == 401
    assert f"{now:%Y-%m-%dT}" in answer.body["error"] and "the time here" in answer.body["error"]
    assert f"{now + timedelta(hours=hours):%Y-%m-%dT%H:%M}" in answer.body["error"]


def test_a_token_is_good_once_and_not_for_ever(checker: Checker) -> None:
    now = datetime.now(UTC)
    once = issue_token(checker.store, now=now)
    old = issue_token(checker.store, now=now - timedelta(days=2), valid_for=timedelta(days=1))
    with ThreadPoolExecutor(10) as pool:
        many = list(pool.map(lambda _: request(checker, ENROL, json.dumps({"token": once}).encode()).status, range(10)))
    assert sorted(many) == [201] + [403] * 9
    late = request(checker, ENROL, json.dumps({"token": old}).encode())
    assert late.status == 403 and late.body["error"].startswith("token: 登记码已于 ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 405),
        ("DELETE", PATH, 405),
        ("POST", "/nowhere", 404),
        ("POST", PATH + "/../../etc/passwd", 404),
        ("POST", PATH + "%00", 404),
        ("GET", "/healthz?" + "x" * 5000, 200),
    ],
)
def test_every_answer_is_json(checker: Checker, method: str, path: str, status: int) -> None:
    answer = request(checker, path, b"", method=method)
    assert answer.status == status
    assert answer.body.get("error") if status >= 400 else answer.body["status"] == "ok"


def test_what_is_no_http_is_answered_400(checker: Checker) -> None:
    for said in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"\x00" * 100 + b"\r\n\r\n", b"GET\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", checker.port), timeout=10) as connection:
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(100)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400"), answer
    assert checker.answers()


def test_a_request_under_way_is_finished_before_the_server_ends(tmp_path: Path) -> None:
    running = started(tmp_path)
    agent = enrolled(running)
    body = machine(1)

    def end() -> None:
        time.sleep(0.3)
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)

    answer = spoken(running, head(agent, body, f"Content-Length: {len(body)}"), body[:500], end, body[500:])
    assert answer.startswith(b"HTTP/1.1 200") and b'"status":"kept"' in answer
    assert running.process.wait(20) == 0
    with pytest.raises((urllib.error.URLError, OSError)):
        running.answers()
    assert [row.host_name for row in all_machines(running)] == ["pc-1"]
    running.store.close()


def all_machines(checker: Checker) -> list[MachineRow]:
    with checker.store.read() as connection:
        return list(list_machines(connection))
