"""The checker over HTTP: a real server in a thread, asked with urllib."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from inventories import document, package

from agent.connection import Connection
from agent.enrolment import Enrolment
from agent.watching import fetch_watchlist, kept_watchlist
from auditor.errors import AuditorError
from auditor.intake.enrolment import issue_token, revoke, sign
from auditor.server.app import Serving, serve
from auditor.settings import Settings, load_settings
from auditor.store.database import Store, open_store
from auditor.store.inventories import document_content, list_documents, list_refused
from rules.watchlist import shipped_watchlist

PATH = "/api/v1/inventories"


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Agent:
    id: str
    key: bytes


def settings_of(folder: Path, **flags: int) -> Settings:
    return load_settings(flags={"database": f"sqlite:///{folder}/zhengban.db", **flags})


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    ready: queue.Queue[Serving] = queue.Queue()
    settings = settings_of(tmp_path, intake_max_bytes=200_000, intake_max_packed_bytes=50_000)
    thread = threading.Thread(target=serve, args=(settings,), kwargs={"port": 0, "ready": ready.put})
    thread.start()
    running = ready.get(timeout=20)
    yield running
    running.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def store(tmp_path: Path, serving: Serving) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/zhengban.db")
    yield opened
    opened.close()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Answer(
                answer.status, json.load(answer), {name.lower(): value for name, value in answer.headers.items()}
            )
    except urllib.error.HTTPError as error:
        return Answer(error.code, json.load(error), {name.lower(): value for name, value in error.headers.items()})


def enrol(serving: Serving, store: Store) -> Agent:
    token = issue_token(store, unit="hq", now=datetime.now(UTC))
    body = json.dumps({"token": token, "name": "hq-015", "version": "0.1.0"}).encode()
    answer = post(f"{serving.url}/api/v1/enrolments", body, {"Content-Type": "application/json"})
    assert answer.status == 201
    return Agent(answer.body["agent_id"], base64.b64decode(answer.body["key"]))


def send(
    serving: Serving, agent: Agent, body: bytes, *, at: datetime | None = None, encoding: str = "identity"
) -> Answer:
    signed = sign(agent.key, agent=agent.id, method="POST", path=PATH, body=body, now=at or datetime.now(UTC))
    return post(
        f"{serving.url}{PATH}", body, signed | {"Content-Type": "application/json", "Content-Encoding": encoding}
    )


def test_says_that_it_is_up_and_offers_no_pages_of_its_own(serving: Serving) -> None:
    with urllib.request.urlopen(f"{serving.url}/healthz", timeout=20) as answer:
        told = json.load(answer)
    assert told["status"] == "ok"
    assert told["release"]
    for path in ("/schema", "/docs", "/api"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{serving.url}{path}", timeout=20)
        assert refused.value.code == 404
        assert json.load(refused.value)["error"] == "没有这个地址 / Not Found"


def test_an_enrolled_agent_is_handed_the_watchlist_and_nobody_else(
    serving: Serving, store: Store, tmp_path: Path
) -> None:
    agent = enrol(serving, store)
    connection, ours = Connection(serving.url), Enrolment(agent.id, agent.key, serving.url)
    state = str(tmp_path / "agent")

    assert fetch_watchlist(connection, ours, state) is None
    assert kept_watchlist(state) == shipped_watchlist()
    headers = ours.headers("GET", "/api/v1/watchlist", b"", int(datetime.now(UTC).timestamp()))
    tag = connection.get("/api/v1/watchlist", headers).headers["etag"]
    assert connection.get("/api/v1/watchlist", headers | {"If-None-Match": tag}).status == 304
    stranger = Enrolment(agent.id, bytes(32), serving.url)
    assert fetch_watchlist(connection, stranger, state) == "answered 401"
    assert connection.get("/api/v1/watchlist").status == 401


def test_an_enrolled_agent_delivers_and_is_answered_after_the_commit(serving: Serving, store: Store) -> None:
    agent = enrol(serving, store)
    data = document([package("bash")])
    answer = send(serving, agent, gzip.compress(data), encoding="gzip")

    assert (answer.status, answer.body["status"]) == (200, "kept")
    assert answer.body["document"] == hashlib.sha256(data).hexdigest()
    with store.read() as connection:
        (kept,) = list_documents(connection)
        assert json.loads(document_content(connection, answer.body["kept"])) == json.loads(data)
    assert (kept.agent, kept.origin) == (agent.id, "agent")
    again = send(serving, agent, data)
    assert (again.body["status"], again.body["receipt"]) == ("known", answer.body["receipt"])


def test_a_token_is_good_once(serving: Serving, store: Store) -> None:
    token = issue_token(store, now=datetime.now(UTC))
    body = json.dumps({"token": token, "name": "a"}).encode()
    assert post(f"{serving.url}/api/v1/enrolments", body, {}).status == 201
    again = post(f"{serving.url}/api/v1/enrolments", body, {})
    assert (again.status, again.body["error"]) == (
        403,
        "token: 登记码的次数已用完，请重新申领 / was used already; ask for a new one",
    )


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"token": 7}', b'{"token": "\xff"}'])
def test_an_enrolment_that_is_none_is_refused(serving: Serving, body: bytes) -> None:
    answer = post(f"{serving.url}/api/v1/enrolments", body, {})
    assert answer.status == 400
    assert answer.body["error"].startswith(
        "enrolment refused: 登记请求应为含 token 的 JSON 对象 / expected a JSON object"
    )


def test_guessing_tokens_has_to_wait(serving: Serving) -> None:
    answers = [post(f"{serving.url}/api/v1/enrolments", b'{"token": "zb-guess"}', {}) for _ in range(21)]
    assert [answer.status for answer in answers] == [403] * 20 + [429]
    assert answers[-1].body["error"] == "登记失败次数过多，请稍后重试 / too many refusals"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 61


def test_who_is_not_known_is_answered_401(serving: Serving, store: Store) -> None:
    agent, body = enrol(serving, store), document()
    unsigned = post(f"{serving.url}{PATH}", body, {})
    forged = send(serving, Agent(agent.id, b"0" * 32), body)
    strange = send(serving, Agent("a-nobody", agent.key), body)
    early = send(serving, agent, body, at=datetime.now(UTC) - timedelta(hours=1))
    assert [answer.status for answer in (unsigned, forged, strange, early)] == [401] * 4
    assert "X-Zhengban-Signature" in unsigned.body["error"]
    assert f"within 900 seconds of {datetime.now(UTC):%Y-%m-%d}" in early.body["error"]

    revoke(store, agent.id, now=datetime.now(UTC))
    assert "was revoked at" in send(serving, agent, body).body["error"]
    with store.read() as connection:
        assert list_documents(connection) == []


def test_what_is_refused_says_the_path_and_is_recorded(serving: Serving, store: Store) -> None:
    agent = enrol(serving, store)
    bad = document([package("bash")]).replace(b'"version":"1.0"', b'"version":7')
    answer = send(serving, agent, bad)
    assert (answer.status, answer.body) == (
        400,
        {"error": "inventory refused: software[0].version: expected text or nothing, got 7"},
    )
    with store.read() as connection:
        assert [refused.why for refused in list_refused(connection)] == [answer.body["error"]]


def test_what_is_too_large_is_answered_413(serving: Serving, store: Store) -> None:
    agent = enrol(serving, store)
    long = send(serving, agent, b" " * 200_001)
    bomb = send(serving, agent, gzip.compress(b" " * 5_000_000), encoding="gzip")
    assert [long.status, bomb.status] == [413, 413]


def test_an_address_in_use_is_an_error_that_says_so(serving: Serving, tmp_path: Path) -> None:
    with pytest.raises(
        AuditorError, match=f"127.0.0.1:{serving.port}: 监听地址应可用，可能已被占用 / expected an address that is free"
    ):
        serve(settings_of(tmp_path), port=serving.port)


_SERVE = """
import sys
from auditor.server.app import serve
from auditor.settings import load_settings
serve(load_settings(flags={"database": sys.argv[1]}), port=0, ready=lambda s: print(s.port, flush=True))
"""


def start(folder: Path) -> tuple[subprocess.Popen[str], Serving]:
    command = [sys.executable, "-c", _SERVE, f"sqlite:///{folder}/zhengban.db"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    return process, Serving("127.0.0.1", int(process.stdout.readline()), process.terminate)


@pytest.mark.slow
def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    process, serving = start(tmp_path)
    store = open_store(f"sqlite:///{tmp_path}/zhengban.db")
    agent, acknowledged = enrol(serving, store), set[str]()
    for round_ in range(3):
        killer = threading.Timer(0.05, process.send_signal, [signal.SIGKILL])
        for number in range(10_000):
            if number == 3:
                killer.start()
            moment = f"2026-03-{round_ + 1:02d}T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
            data = document([package(f"lib{n}", str(number % 7)) for n in range(20)], at=moment)
            try:
                answer = send(serving, agent, data)
            except (OSError, http.client.HTTPException):
                break
            assert answer.status == 200
            acknowledged.add(answer.body["kept"])
        killer.join()
        assert process.wait(20) == -signal.SIGKILL
        process, serving = start(tmp_path)
    with store.read() as connection:
        kept = [row.digest for row in list_documents(connection)]
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert len(acknowledged) > 3
    assert acknowledged <= set(kept)
    assert len(kept) == len(set(kept)) <= len(acknowledged) + 3

    process.terminate()
    assert process.wait(20) == 0
    store.close()
