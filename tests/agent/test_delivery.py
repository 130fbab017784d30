"""Delivery against a real HTTP server: what each answer does to the spool, and what is never sent."""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Iterator

import pytest
from small_checker import AGENT_ID, KEY, SmallChecker, json_reply

from agent.connection import Connection, Unreachable, checked_server, is_loopback
from agent.delivery import Courier, Patience
from agent.enrolment import Enrolment
from agent.not_before import LONGEST_SECONDS, forget_not_before, not_before, note_not_before
from agent.settings import SettingsError
from agent.spool import Spool


@pytest.fixture(autouse=True, params=["requests", "urllib"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test of this file runs with both libraries; without requests only with urllib."""
    if request.param == "urllib":
        monkeypatch.setitem(sys.modules, "requests", None)
    elif importlib.util.find_spec("requests") is None:
        pytest.skip("requests is not installed")


DOCUMENT = json.dumps({"contract": "1.0", "host": {"name": "财务-01"}}).encode("utf-8")


def spool_with(folder: Path, count: int = 1) -> Spool:
    spool = Spool(str(folder), max_documents=100, max_bytes=10_000_000)
    for number in range(count):
        spool.put(DOCUMENT[:-1] + b', "number": %d}' % number)
    return spool


class Rest:
    """Pauses without waiting, and remembers how long each would have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def courier(url: str, rest: Rest | None = None, key: bytes = KEY, attempts: int = 3) -> Courier:
    enrolment = Enrolment(AGENT_ID, key, url)
    return Courier(Connection(url, timeout_seconds=5), enrolment, Patience(attempts, 2.0, 60.0), pause=rest or Rest())


def test_a_committed_document_leaves_the_spool(tmp_path: Path) -> None:
    spool = spool_with(tmp_path, 3)
    with SmallChecker() as checker:
        sent = courier(checker.url).deliver(spool)
    assert [each["number"] for each in checker.taken] == [0, 1, 2]  # oldest first, unpacked and signed
    assert checker.taken[0]["host"]["name"] == "财务-01"
    assert (sent.committed, sent.refused, sent.left, sent.stopped) == (("r-1", "r-2", "r-3"), (), 0, None)
    assert spool.waiting() == ()


def test_the_request_is_what_the_protocol_says(tmp_path: Path) -> None:
    with SmallChecker() as checker:
        courier(checker.url).deliver(spool_with(tmp_path))
    method, path, headers, body = checker.requests[0]
    assert (method, path) == ("POST", "/api/v1/inventories")
    assert (headers["content-encoding"], headers["content-type"]) == ("gzip", "application/json")
    assert headers["x-zhengban-agent"] == AGENT_ID
    assert abs(int(headers["x-zhengban-time"]) - time.time()) < 30
    assert json.loads(gzip.decompress(body))["contract"] == "1.0"


def test_a_refused_document_is_set_aside_and_the_next_is_sent(tmp_path: Path) -> None:
    spool = spool_with(tmp_path, 2)
    with SmallChecker() as checker:
        checker.replies = [json_reply(422, {"error": "contract: expected 1.x, got 9.0"})]
        sent = courier(checker.url).deliver(spool)
    assert (len(sent.committed), sent.refused, sent.left) == (1, ("contract: expected 1.x, got 9.0",), 0)
    assert [refusal.reason for refusal in spool.refused()] == ["contract: expected 1.x, got 9.0"]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (json_reply(401, {"error": "unknown agent"}), "unknown agent"),
        (json_reply(403, {"error": "revoked"}), "revoked"),
        ((404, {}, b"<html>not here</html>"), "answered 404"),
        ((407, {}, b""), "answered 407"),
        ((302, {"Location": "http://127.0.0.1:9/elsewhere"}, b""), "answered 302"),
        ((200, {}, b"<html>sign in to the network</html>"), "answered 200"),
        (json_reply(200, {"receipt": "r", "document": "0" * 64, "status": "new"}), "acknowledged another document"),
        (json_reply(500, {"error": "no room"}), "no room"),
        ((200, {}, b"[" * 5000), "answered 200"),
        ((200, {}, b"x" * (2 << 20)), "an answer of more than"),
    ],
)
def test_any_other_answer_keeps_the_document(
    tmp_path: Path, reply: tuple[int, dict[str, str], bytes], why: str
) -> None:
    spool = spool_with(tmp_path, 2)
    with SmallChecker() as checker:
        checker.replies = [reply] * 3
        sent = courier(checker.url).deliver(spool)
    assert (sent.committed, sent.refused, sent.left) == ((), (), 2)
    assert why in (sent.stopped or "")
    assert (len(spool.waiting()), checker.taken) == (2, [])


def test_not_now_is_waited_for(tmp_path: Path) -> None:
    rest = Rest()
    with SmallChecker() as checker:
        checker.replies = [json_reply(503, {"error": "busy"}, Retry_After="17"), (429, {}, b"")]
        sent = courier(checker.url, rest).deliver(spool_with(tmp_path))
    assert len(sent.committed) == 1
    assert 17 <= rest.seconds[0] <= 25.5  # never earlier than asked, and not everybody at once
    assert 4 <= rest.seconds[1] <= 6


def test_a_long_not_now_is_left_to_the_next_send(tmp_path: Path) -> None:
    rest = Rest()
    with SmallChecker() as checker:
        checker.replies = [json_reply(429, {"error": "come back tonight"}, Retry_After="7200")]
        sent = courier(checker.url, rest).deliver(spool_with(tmp_path, 3))
    assert (sent.left, sent.stopped, rest.seconds, len(checker.requests)) == (3, "come back tonight", [], 1)


def test_without_a_checker_everything_stays_and_pauses_grow(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d" % free.getsockname()[1]
    rest = Rest()
    spool = spool_with(tmp_path, 2)
    sent = courier(url, rest, attempts=4).deliver(spool)
    assert (sent.left, len(spool.waiting())) == (2, 2)
    assert url in (sent.stopped or "")
    assert len(rest.seconds) == 3
    assert 2 <= rest.seconds[0] <= 3
    assert 4 <= rest.seconds[1] <= 6
    assert 8 <= rest.seconds[2] <= 12


def test_a_wrong_key_loses_nothing(tmp_path: Path) -> None:
    spool = spool_with(tmp_path)
    with SmallChecker() as checker:
        sent = courier(checker.url, key=b"\0" * 32).deliver(spool)
    assert (sent.left, sent.stopped) == (1, "the signature does not match")


def test_a_damaged_document_does_not_hold_up_the_others(tmp_path: Path) -> None:
    spool = spool_with(tmp_path, 2)
    Path(spool.waiting()[0].path).write_bytes(b"\x1f\x8b half")
    with SmallChecker() as checker:
        sent = courier(checker.url).deliver(spool)
    assert (len(sent.committed), len(sent.refused), sent.left) == (1, 1, 0)
    assert "damaged" in sent.refused[0]


def test_an_answer_that_breaks_off_keeps_the_document(tmp_path: Path) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)

    def hang_up() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"receipt"')
            connection.close()

    thread = threading.Thread(target=hang_up)
    thread.start()
    spool = spool_with(tmp_path)
    sent = courier("http://127.0.0.1:%d" % listener.getsockname()[1], attempts=2).deliver(spool)
    thread.join()
    listener.close()
    assert (sent.committed, sent.left) == ((), 1)


@pytest.mark.parametrize(
    ("server", "plain", "expected"),
    [
        ("https://checker.example:8443/", False, "https://checker.example:8443"),
        (" http://127.0.0.1:8000", False, "http://127.0.0.1:8000"),
        ("http://[::1]:8000", False, "http://[::1]:8000"),
        ("http://localhost", False, "http://localhost"),
        ("http://10.0.0.5", True, "http://10.0.0.5"),
    ],
)
def test_sends_only_where_it_is_safe(server: str, plain: bool, expected: str) -> None:
    assert checked_server(server, plain) == expected


@pytest.mark.parametrize(
    "server",
    ["http://10.0.0.5", "http://127.0.0.1.evil.example", "ftp://127.0.0.1", "checker.example", "", "https://",
     "https://user:word@checker.example", "file:///etc/passwd", "http://[::1"],
)  # fmt: skip
def test_refuses_to_send_elsewhere(server: str) -> None:
    with pytest.raises(SettingsError, match="server: "):
        Connection(server).get("/healthz")


def test_knows_this_machine() -> None:
    assert [is_loopback(each) for each in ("127.9.9.9", "::1", "LOCALHOST", "10.0.0.1", "localhost.example")] == [
        True, True, True, False, False]  # fmt: skip


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with SmallChecker() as checker:
        assert Connection(checker.url).get("/healthz").status == 200


def test_a_proxy_of_the_settings_is_asked_for_others() -> None:
    with SmallChecker() as proxy:
        proxy.replies = [(200, {}, b"by proxy")]
        answer = Connection("http://checker.invalid", proxy=proxy.url, allow_plain_http=True).get("/page")
    assert answer.body == b"by proxy"
    assert proxy.requests[0][1] == "http://checker.invalid/page"


def test_a_server_that_speaks_no_tls_is_unreachable() -> None:
    with SmallChecker() as checker, pytest.raises(Unreachable):
        Connection(checker.url.replace("http:", "https:"), timeout_seconds=5).get("/healthz")


def test_a_missing_file_of_certificates_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ca_file: .*no\.pem"):
        Connection("https://checker.example", ca_file=str(tmp_path / "no.pem")).get("/")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["openssl", *arguments], cwd=str(folder), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def authority(folder: Path) -> str:
    """Make an authority of our own, as a company has one, and return the file of its certificate."""
    make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Company CA"]
    openssl(folder, *make, "-keyout", "ca.key", "-out", "ca.pem")
    return str(folder / "ca.pem")


def certificate(folder: Path, name: str, days: int) -> str:
    """Have the authority sign a certificate for a host and return its file, the key in it as well."""
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", "s.key", "-out", "s.csr")
    (folder / "names").write_text("subjectAltName=DNS:%s\n" % name)
    sign = ["x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", str(days)]
    openssl(folder, *sign, "-extfile", "names", "-out", "s.pem")
    (folder / "both.pem").write_text((folder / "s.pem").read_text() + (folder / "s.key").read_text())
    return str(folder / "both.pem")


@contextlib.contextmanager
def checker_with_tls(certificate: str) -> Iterator[str]:
    checker = SmallChecker()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    checker.server.socket = context.wrap_socket(checker.server.socket, server_side=True)
    threading.Thread(target=checker.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield "https://localhost:%d" % checker.server.server_address[1]
    finally:
        checker.server.shutdown()
        checker.server.server_close()


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates")


@needs_openssl
def test_a_certificate_of_our_own_authority_is_trusted_when_it_is_named(tmp_path: Path) -> None:
    ca = authority(tmp_path)
    with checker_with_tls(certificate(tmp_path, "localhost", 10)) as url:
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            Connection(url, timeout_seconds=5).get("/healthz")
        assert Connection(url, ca_file=ca, timeout_seconds=5).get("/healthz").status == 200


@needs_openssl
@pytest.mark.parametrize(
    ("name", "days", "why"),
    [("other.example", 10, r"(?i)hostname|not valid for|doesn't match"), ("localhost", -1, r"(?i)expired")],
)
def test_a_certificate_for_another_host_or_an_expired_one_is_not(
    tmp_path: Path, name: str, days: int, why: str
) -> None:
    ca = authority(tmp_path)
    with checker_with_tls(certificate(tmp_path, name, days)) as url, pytest.raises(Unreachable, match=why):
        Connection(url, ca_file=ca, timeout_seconds=5).get("/healthz")


def test_a_redirect_is_an_answer_and_no_way() -> None:
    with SmallChecker() as checker:
        checker.replies = [(302, {"Location": checker.url + "/healthz"}, b"")]
        assert Connection(checker.url).get("/page").status == 302
        assert len(checker.requests) == 1


def test_an_answer_without_end_is_cut() -> None:
    with SmallChecker() as checker, pytest.raises(Unreachable, match="more than 1048576 bytes"):
        checker.replies = [(200, {}, b"x" * 1_100_000)]
        Connection(checker.url).get("/page")


def command(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the agent as a command of its own and return its code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "agent", *arguments, "--state", str(folder), "--language", "en"],
        cwd=str(Path(__file__).resolve().parents[2]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_checker_that_wants_more_time_than_a_send_waits_gets_it(tmp_path: Path) -> None:
    with SmallChecker() as checker:
        assert command(tmp_path, "enrol", "--server", checker.url, "--token", "one-time")[0] == 0
        Spool(str(tmp_path), max_documents=9, max_bytes=1 << 20).put(DOCUMENT)
        checker.replies = [json_reply(429, {"error": "not now"}, Retry_After="3600")]
        assert command(tmp_path, "send")[0] == 3
        asked = len(checker.requests)
        code, said = command(tmp_path, "send")
        assert (code, len(checker.requests)) == (3, asked) and "not to be asked before" in said
        assert command(tmp_path, "send", "--now")[0] == 0
        assert len(checker.taken) == 1 and not (tmp_path / "not-before").exists()


def test_nobody_is_sent_away_for_longer_than_a_day_or_by_a_damaged_note(tmp_path: Path) -> None:
    note_not_before(str(tmp_path), 1e12, 1000.0)
    assert not_before(str(tmp_path), 1000.0) == 1000.0 + LONGEST_SECONDS
    assert not_before(str(tmp_path), 1001.0 + LONGEST_SECONDS) is None
    assert not_before(str(tmp_path), 10.0) is None  # the clock was set back
    for damage in (b"", b"words", b"1 2 3", b"nan nan", b"\xff" * 80):
        (tmp_path / "not-before").write_bytes(damage)
        assert not_before(str(tmp_path), 5.0) is None
    forget_not_before(str(tmp_path))
    forget_not_before(str(tmp_path))
    assert not_before(str(tmp_path), 5.0) is None
