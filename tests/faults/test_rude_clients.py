"""Clients that hold connections and never end a request cost others nothing, and are sent away."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty import Checker, Senders, assert_all_there_once, reporting, running

from auditor.server import connections
from auditor.store.database import open_store

RUDE, BODY_SECONDS = 300, 3
pytestmark = pytest.mark.slow
HEAD = b"POST /api/v1/inventories HTTP/1.1\r\nHost: checker\r\n"


@pytest.fixture
def checker(tmp_path: Path) -> Iterator[Checker]:
    made = Checker(f"sqlite:///{tmp_path}/z.db", tmp_path, settings={"ZHENGBAN_INTAKE_BODY_SECONDS": str(BODY_SECONDS)})
    with running(made):
        yield made


def opened(checker: Checker, said: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", checker.port), timeout=60)
    connection.sendall(said)
    return connection


def closed_after(connection: socket.socket) -> float:
    """Return after how many seconds the other side closed."""
    began = time.monotonic()
    try:
        while connection.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - began


def test_three_hundred_that_drip_keep_nobody_waiting(checker: Checker) -> None:
    fleet, began = reporting(checker.url, 4)
    rude = [opened(checker, HEAD + b"X-" if number % 2 else b"") for number in range(RUDE)]
    before = checker.memory_mib()
    with Senders(checker.port, fleet, began) as senders:
        for _ in range(8):
            for connection in rude[1::2]:
                connection.sendall(b"x")
            senders.wait_for(4, seconds=20)
    assert checker.memory_mib() - before < 30
    for connection in rude:
        connection.close()
    store = open_store(checker.url)
    assert_all_there_once(store, senders)
    store.close()
    until = time.monotonic() + 20
    while checker.open_files() > 60:
        assert time.monotonic() < until, checker.open_files()
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("said", "within"),
    [
        (b"", connections.HEAD_SECONDS),
        (b"POST /api/v1/inv", connections.HEAD_SECONDS),
        (HEAD + b"X-Half: wri", connections.HEAD_SECONDS),
        (HEAD + b"Content-Length: 100\r\n\r\nhalf a bo", BODY_SECONDS),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhal", BODY_SECONDS),
        (
            b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhal",
            BODY_SECONDS + connections.GRACE_SECONDS,
        ),
    ],
    ids=["silence", "line", "header", "body", "chunk", "page"],
)
def test_a_request_that_does_not_end_is_ended(checker: Checker, said: bytes, within: float) -> None:
    with opened(checker, said) as connection:
        assert closed_after(connection) < within + 8


@pytest.mark.parametrize(
    "said",
    [
        b"GET /healthz HTTP/1.1\r\nX-Long: " + b"x" * 3_000_000,
        b"GET /" + b"x" * 3_000_000,
        b"GET /healthz HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 300_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-Trailer: 1\r\n" * 300_000,
    ],
    ids=["header", "address", "headers", "trailers"],
)
def test_a_head_without_end_is_cut_off(checker: Checker, said: bytes) -> None:
    before = checker.memory_mib()
    connection = socket.create_connection(("127.0.0.1", checker.port), timeout=60)
    answer = b""
    try:
        connection.sendall(said)
        answer = connection.recv(100)
    except (ConnectionResetError, BrokenPipeError):
        pass
    connection.close()
    assert answer == b"" or answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400", b"HTTP/1.1 401")), answer
    assert checker.memory_mib() - before < 10
    with opened(checker, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_half_open_connections_end_and_hold_no_file(checker: Checker) -> None:
    before = checker.open_files()
    half = [opened(checker, HEAD) for _ in range(50)]
    for connection in half:
        connection.shutdown(socket.SHUT_WR)
    assert all(closed_after(connection) < 10 for connection in half)
    for connection in half:
        connection.close()
    time.sleep(0.5)
    assert checker.open_files() <= before + 2
