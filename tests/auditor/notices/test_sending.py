"""The outbox goes out: by folder, by a real mail server, to a real HTTP server; quiet hours, back-off, one digest."""

from __future__ import annotations

import email
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from made_once import new_store

from auditor.errors import WrongUsage
from auditor.notices.sending import is_quiet, pause_seconds, send_waiting
from auditor.readmodels.messages import digest_content
from auditor.settings import Settings, load_settings
from auditor.store.blobs import put_blob
from auditor.store.database import Store
from auditor.store.outbox import Content, NoticeEvent, claim, list_outbox, note_event, put_message, try_again
from auditor.supervision.telling import TOPICS, make_digest

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)  # ten in the morning in Beijing
AT = "2026-03-01T02:00:00Z"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "a.db")
    yield opened
    opened.close()


class Mailbox:
    """What a mail server took. `refuse`: answers that it gives first."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.refuse: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse:
            return self.refuse.pop(0)
        self.mails.append(email.message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


class Robot(ThreadingHTTPServer):
    """A chat robot or webhook that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[tuple[int, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Robot

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.path, dict(self.headers), body))
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, b'{"errcode": 0, "code": 0}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def robot() -> Iterator[Robot]:
    made = Robot()
    threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def put(store: Store, settings: Settings, *, files: bool = False) -> None:
    from auditor.notices.roster import named_channels

    with store.begin() as connection:
        content = Content(
            "标题 subject", ("一行", "二行"), (("报表.xlsx", put_blob(connection, "issued", b"PK")),) if files else ()
        )
        put_message(connection, [], named_channels(settings), content, at=AT)


def send(store: Store, settings: Settings, now: datetime = NOW) -> dict[str, tuple[str, int, str | None]]:
    send_waiting(store, settings, worker="w", now=lambda: now)
    with store.read() as connection:
        return {row.channel: (row.state, row.attempts, row.fault) for row in list_outbox(connection)}


def test_nothing_goes_where_no_setting_names_it(store: Store) -> None:
    with store.begin() as connection:
        note_event(connection, topic="audit_done", key="k", facts={}, at=AT)
        assert make_digest(connection, load_settings(flags={"notice_topics": "*"}), plain, now=NOW) is None
        assert list_outbox(connection) == []


def plain(events: Any) -> Content:
    return Content(f"{len(events)}", tuple(event.key for event in events))


def test_one_digest_instead_of_a_hundred_messages_and_only_the_topics_named(store: Store, tmp_path: Path) -> None:
    settings = load_settings(flags={"notice_topics": "over_use,audit_done", "notice_folder": str(tmp_path / "out")})
    with store.begin() as connection:
        for n in range(100):
            assert note_event(connection, topic="over_use", key=f"k{n}", facts={}, at=AT)
            assert not note_event(connection, topic="over_use", key=f"k{n}", facts={}, at=AT)
        note_event(connection, topic="new_evidence", key="other", facts={}, at=AT)
        assert make_digest(connection, settings, plain, now=NOW) == 1
        assert make_digest(connection, settings, plain, now=NOW) is None
    assert send(store, settings) == {"folder": ("sent", 1, None)}
    (place,) = (tmp_path / "out").iterdir()
    assert (place / "message.txt").read_text("utf-8").splitlines()[0] == "100"


def test_mail_with_attachments_and_one_message_id(store: Store, mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    settings = load_settings(flags={"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none",
                                    "email_from": "稽核 <audit@example.cn>",
                                    "email_to": "a@example.cn; b@example.cn"})  # fmt: skip
    put(store, settings, files=True)
    box.refuse = ["451 busy", "451 busy"]
    assert send(store, settings)["email"][:2] == ("waiting", 1)
    assert send(store, settings)["email"][:2] == ("waiting", 1), "not before its time"
    assert send(store, settings, NOW + timedelta(seconds=61))["email"][:2] == ("waiting", 2)
    assert send(store, settings, NOW + timedelta(minutes=10))["email"] == ("sent", 3, None)
    (mail,) = box.mails
    body, attached = [part for part in mail.walk() if not part.is_multipart()]
    assert mail["To"] == "a@example.cn, b@example.cn"
    assert mail["Message-ID"].endswith("@example.cn>")
    told = body.get_payload(decode=True)
    assert isinstance(told, bytes)
    assert told.decode().splitlines() == ["一行", "二行"]
    assert attached.get_payload(decode=True) == b"PK"


def test_a_mail_that_is_refused_for_good_is_kept_and_shown_and_can_be_sent_again(
    store: Store, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    settings = load_settings(flags={"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none",
                                    "email_from": "a@example.cn", "email_to": "b@example.cn"})  # fmt: skip
    put(store, settings)
    box.refuse = ["554 no"]
    state, attempts, fault = send(store, settings)["email"]
    assert (state, attempts, fault) == ("given_up", 1, "127.0.0.1: SMTP 554 no")
    with store.begin() as connection:
        (row,) = list_outbox(connection, ("given_up",))
        assert try_again(connection, row.message, at=AT)
    assert send(store, settings)["email"][0] == "sent"


def test_the_webhook_is_signed_over_its_body(store: Store, robot: Robot) -> None:
    settings = load_settings(flags={"webhook_url": f"{robot.url}/hook", "webhook_secret": "s3cret"})
    put(store, settings, files=True)
    robot.answers = [(503, b"later"), (200, b"")]
    assert send(store, settings)["webhook"] == ("waiting", 1, "127.0.0.1: HTTP 503")
    assert send(store, settings, NOW + timedelta(minutes=5))["webhook"][0] == "sent"
    headers = {name.lower(): value for name, value in robot.told[1][1].items()}
    body = robot.told[1][2]
    mac = hmac.new(b"s3cret", headers["x-zhengban-time"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["x-zhengban-signature"] == f"sha256={mac}"
    assert json.loads(body)["files"] == [{"name": "报表.xlsx", "content": "UEs="}]
    assert headers["idempotency-key"] == {n.lower(): v for n, v in robot.told[0][1].items()}["idempotency-key"]


def test_the_chat_robots_get_their_own_forms_and_say_no_in_their_own_way(store: Store, robot: Robot) -> None:
    settings = load_settings(flags={
        "dingtalk_url": f"{robot.url}/ding?access_token=t", "dingtalk_secret": "SEC",
        "wecom_url": f"{robot.url}/wecom?key=k",
        "feishu_url": f"{robot.url}/fs", "feishu_secret": "fs",
    })  # fmt: skip
    put(store, settings)
    robot.answers = [(200, b'{"errcode": 310000, "errmsg": "sign not match"}')]
    states = send(store, settings)
    assert states["dingtalk"][0] == "waiting"
    assert states["dingtalk"][2] == "127.0.0.1: errcode 310000 sign not match"
    assert (states["wecom"][0], states["feishu"][0]) == ("sent", "sent")
    ding = parse_qs(urlsplit(robot.told[0][0]).query)
    assert ding["access_token"] == ["t"]
    assert len(ding["timestamp"][0]) == 13
    from auditor.notices import dingtalk, feishu

    assert ding["sign"] == [dingtalk.signature("SEC", ding["timestamp"][0])]
    told = json.loads(next(body for path, _, body in robot.told if path == "/fs"))
    assert told["sign"] == feishu.signature("fs", told["timestamp"])


def test_quiet_hours(store: Store, tmp_path: Path) -> None:
    settings = load_settings(flags={"quiet_hours": "22:00-07:00", "notice_folder": str(tmp_path / "out")})
    put(store, settings)
    night = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)  # eleven at night in Beijing
    assert send(store, settings, night)["folder"][0] == "waiting"
    assert send(store, settings)["folder"][0] == "sent"
    assert is_quiet(settings, datetime(2026, 3, 1, 22, 59, tzinfo=UTC))
    assert not is_quiet(settings, datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    with pytest.raises(WrongUsage, match="quiet_hours"):
        is_quiet(load_settings(flags={"quiet_hours": "late"}), NOW)


def test_a_claim_that_was_left_behind(store: Store, tmp_path: Path) -> None:
    """A channel that tells repetitions gets it again; on a chat robot it waits for a person."""
    settings = load_settings(flags={"notice_folder": str(tmp_path / "out"), "wecom_url": "http://127.0.0.1:9/"})
    put(store, settings)
    with store.begin() as connection:
        for _ in range(2):
            claim(connection, worker="dead", now=AT, until="2026-03-01T02:02:00Z", surely_once=frozenset({"wecom"}))
    assert {state for state, _, _ in send(store, settings).values()} == {"sending"}
    states = send(store, settings, NOW + timedelta(minutes=5))
    assert (states["folder"][0], states["wecom"][0]) == ("sent", "unclear")


def test_pauses_grow_to_six_hours() -> None:
    assert [pause_seconds(n) for n in (1, 2, 3, 20)] == [60, 120, 240, 21_600]


def test_every_topic_has_its_words_and_the_gravest_stand_first() -> None:
    facts: dict[str, dict[str, Any]] = {
        "audit_done": {"as_of": "2026-03-01", "findings": 3, "new": 1, "cured": 0, "came_back": 0},
        "new_evidence": {"unit": "SC", "product": "microsoft/office", "number": 7},
        "machines_overdue": {"unit": "SC", "count": 3, "days": 30},
        "licence_expiring": {"unit": "SC", "product": "WPS", "code": "SC-1", "ends_on": "2026-04-01"},
        "over_use": {"unit": "SC", "product": "WinRAR", "shortage": "2"},
        "rectification_overdue": {"unit": "SC", "number": 7, "due_on": "2026-02-01", "to": "SY"},
        "duty_due": {"unit": "SC", "duty": "annual_report", "period": "2026", "due_on": "2026-11-30"},
        "report_ready": {"unit": "SC", "name": "汇总表.xlsx", "digest": "d"},
        "handed_in": {"unit": "SC", "duty": "annual_report", "period": "2026"},
    }
    assert set(facts) == set(TOPICS)
    events = [NoticeEvent(n, topic, topic, told, AT) for n, (topic, told) in enumerate(facts.items())]
    many = [NoticeEvent(100 + n, "over_use", f"m{n}", facts["over_use"], AT) for n in range(30)]
    for language, first in (("zh_CN", "新的确证性迹象：生产厂"), ("en", "New conclusive evidence: 生产厂")):
        content = digest_content([*events, *many], language, on=date(2026, 3, 1), unit_names={"SC": "生产厂"})
        assert content.lines[0].startswith(first)
        assert len(content.lines) == 8 + 10 + 1
        assert content.files == (("汇总表.xlsx", "d"),)
