"""Signed figures go up to a second checker that is served on loopback: by a person, by a programme, by the schedule."""

from __future__ import annotations

import base64
import queue
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from console_readers import readers
from filled_store import Filled, filled_store
from made_once import new_store
from signed_in import browser, new_account

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.errors import AuditorError, WrongUsage
from auditor.letters.sending_up import put_up
from auditor.letters.submissions import draft_submission
from auditor.notices.roster import named_channels
from auditor.notices.sending import SURELY_ONCE
from auditor.notices.tier_above import check_address, post_to
from auditor.proof.signing import SigningKey, new_signing_key
from auditor.scheduling.jobs import check_schedule, run_due
from auditor.scheduling.supervising import hand_up
from auditor.server.app import serve
from auditor.settings import load_settings
from auditor.store.blobs import get_blob
from auditor.store.database import Store
from auditor.store.dossiers import Dossier
from auditor.store.handed_in import UnitKey, add_key, list_hand_ins
from auditor.store.outbox import OutboxRow, claim, list_outbox
from auditor.supervision.proving import supervision_faults
from auditor.supervision.rectification import Actor
from auditor.supervision.submission import review, submit

AT = "2026-07-01T08:00:00Z"
pytestmark = pytest.mark.slow
"""Each has two checkers, each with a store of its own."""


@dataclass
class Tiers:
    """A checker with figures and, on a port that was drawn, a place for the one above it."""

    below: Filled
    above: Store
    folder: Path
    port: int
    key: SigningKey

    @contextmanager
    def served(self) -> Iterator[None]:
        """The checker above is up meanwhile."""
        ready: queue.Queue[Any] = queue.Queue()
        settings = load_settings(flags={"database": f"sqlite:///{self.folder}/above.db"})
        thread = threading.Thread(target=serve, args=(settings,), kwargs={"port": self.port, "ready": ready.put})
        thread.start()
        running = ready.get(timeout=20)
        yield
        running.stop()
        thread.join(20)

    def knows_the_key(self) -> None:
        """The checker above takes the signature from now on."""
        public = base64.b64encode(self.key.public).decode("ascii")
        with self.above.begin() as connection:
            add_key(connection, UnitKey("JT", public, "2026-01-01T00:00:00Z"))

    def with_settings(self, **more: Any) -> Filled:
        """The checker below with other settings."""
        kept = {n: v for n, v in self.below.settings.values.items() if self.below.settings.origins[n] == "flag"}
        return replace(self.below, settings=load_settings(flags={**kept, **more}))

    @property
    def taken(self) -> list[str]:
        """What the checker above has: digests, oldest first."""
        with self.above.read() as connection:
            return [row.digest for row in list_hand_ins(connection)]

    @property
    def outbox(self) -> list[OutboxRow]:
        """What waits below, or went."""
        with self.below.store.read() as connection:
            return list_outbox(connection)


@pytest.fixture
def tiers(tmp_path: Path) -> Iterator[Tiers]:
    made, key = filled_store(tmp_path), new_signing_key(tmp_path / "key.pem")
    above = new_store(tmp_path / "above.db")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags: dict[str, Any] = {
        "database": made.settings.text("database"), "submission_key": str(tmp_path / "key.pem"),
        "submission_url": f"http://127.0.0.1:{port}", "submission_unit": "JT",
        "schedule_submissions": "*/10 * * * *", "schedule_retention": "",
    }  # fmt: skip
    yield Tiers(replace(made, settings=load_settings(flags=flags)), above, tmp_path, port, key)
    above.close()


def submitted(tiers: Tiers, *, run: str | None = None, corrects: str | None = None, unit: str = "JT") -> Dossier:
    row, _ = draft_submission(
        tiers.below.store, tiers.below.settings, duty="summary", period="2026", unit=unit,
        run=run or tiers.below.run.id, by="钱填表", at=AT, language="zh_CN", corrects=corrects,
    )  # fmt: skip
    with tiers.below.store.begin() as connection:
        return submit(connection, review(connection, row, name="孙审核", at=AT), actor=Actor("钱填表"), at=AT)


def test_the_schedule_sends_what_was_submitted_once_however_many_processes(tiers: Tiers) -> None:
    tiers.knows_the_key()
    submitted(tiers)
    submitted(tiers, unit="SJ")  # another unit than the one that settings name: it is not sent by itself
    since = datetime(2026, 7, 1, 8, tzinfo=UTC)

    def process(_: int) -> list[str]:
        return run_due(tiers.below.store, tiers.below.settings, since, since + timedelta(minutes=11))

    with tiers.served(), ThreadPoolExecutor(3) as threads:
        done = [name for names in threads.map(process, range(3)) for name in names]
        assert done == ["submissions"] and len(tiers.taken) == 1
        hand_up(tiers.below.store, tiers.below.settings)
    (row,) = tiers.outbox
    assert (row.state, row.attempts, row.content.files[0][1]) == ("sent", 1, tiers.taken[0])
    assert row.content.subject.split()[1:] == ["JT", "summary", "2026"]
    with tiers.below.store.read() as connection:
        assert supervision_faults(connection) == []


def test_what_a_correction_sends_names_the_file_before(tiers: Tiers) -> None:
    tiers.knows_the_key()
    first = submitted(tiers)
    with tiers.served():
        hand_up(tiers.below.store, tiers.below.settings)
        tiers.below.audit(date(2026, 7, 31))
        with tiers.below.store.read() as connection:
            from auditor.store.runs import get_run

            newest = get_run(connection, "latest").id
        submitted(tiers, run=newest, corrects=first["number"])
        hand_up(tiers.below.store, tiers.below.settings)
    with tiers.above.read() as connection:
        before, after = list_hand_ins(connection)
    assert after.corrects == before.digest and [row.state for row in tiers.outbox] == ["sent", "sent"]


def test_a_tier_that_is_away_is_tried_again_and_shown(tiers: Tiers) -> None:
    """Pressed on the page while nobody is there, then by the schedule when it is back, in quiet hours too."""
    tiers.knows_the_key()
    number = submitted(tiers)["number"]
    filled = tiers.with_settings(quiet_hours="00:00-23:59")
    with readers(filled, roles=("unit_auditor",), units=("*",)) as reader:
        page = reader.get(f"/hand-ins/{number}").text
        assert "签名并上报上级" in page and "待上报" not in page
        answer = reader.post(f"/hand-ins/{number}/sent-up", {"with_received": "1"})
        told = ended(reader, answer.headers["location"])
        assert "尚未送达" in told and "127.0.0.1: 连接不上 / no connection" in told
        page = reader.get(f"/hand-ins/{number}").text
        assert "待上报" in page and "连接不上" in page and "再次上报" in page
        assert "待上报" in reader.get("/hand-ins").text
        (row,) = tiers.outbox
        assert (row.state, row.attempts) == ("waiting", 1)
        with tiers.served():
            hand_up(filled.store, filled.settings)
            assert tiers.taken == [], "it is tried a minute later, not at once"
            answer = reader.post(f"/hand-ins/{number}/sent-up", {})
            assert f'href="/hand-ins/{number}"' in ended(reader, answer.headers["location"])
        page = reader.get(f"/hand-ins/{number}").text
        assert "上级已收到" in page and "再次上报" not in page and tiers.taken[0] in page
    with readers(filled, roles=("inspector",), units=("*",)) as inspector:
        assert inspector.post(f"/hand-ins/{number}/sent-up", {}).status_code == 403
    with readers(filled, roles=("unit_auditor",), units=("JT",)) as partly:
        assert partly.post(f"/hand-ins/{number}/sent-up", {}).status_code == 404


def ended(reader: Any, where: str) -> str:
    for _ in range(400):
        page = str(reader.get(where).text)
        if "http-equiv" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError(page)


def test_a_file_that_is_refused_says_why_and_goes_again_when_that_is_put_right(tiers: Tiers) -> None:
    """By a programme: the key is not registered above at first."""
    number = submitted(tiers)["number"]
    _login, id = new_account(tiers.below.store, tiers.below.settings, roles=["unit_auditor"], units=["*"], name="程序")
    now = datetime.now(UTC)
    _id, token = issue_api_token(tiers.below.store, tiers.below.settings, id, name="x", acts=list(Act), days=1, now=now)
    heads = {"Authorization": f"Bearer {token}"}
    with tiers.served(), browser(tiers.below.store, tiers.below.settings) as client:

        def ask(method: str, path: str, body: Any = None) -> Any:
            return client.client.request(method, f"/api/v1/{path}", json=body, headers=heads)

        def sent() -> Any:
            answer = ask("POST", f"submissions/{number}/send", {})
            assert answer.status_code == 202, answer.text
            for _ in range(400):
                told = ask("GET", f"tasks/{answer.json()['id']}").json()
                if told["ended_at"]:
                    return told
                time.sleep(0.05)
            raise AssertionError(told)

        assert ask("GET", f"submissions/{number}").json()["sent_up"] is None
        assert "HTTP 401" in sent()["fault"]
        told = ask("GET", f"submissions/{number}").json()["sent_up"]
        assert told["state"] == "given_up" and "HTTP 401" in told["fault"] and "公钥" in told["fault"]
        hand_up(tiers.below.store, tiers.below.settings)
        assert tiers.taken == [] and tiers.outbox[0].attempts == 1, "what was refused is not sent by itself"
        tiers.knows_the_key()
        assert sent()["made"] == number
        assert sent()["made"] == number, "what arrived is told so, and does not go twice"
        told = ask("GET", f"submissions/{number}").json()["sent_up"]
        assert told["state"] == "sent" and tiers.taken == list(told["files"].values())
    assert tiers.outbox[0].attempts == 1


def test_a_sender_that_died_on_the_way_is_taken_over_and_the_file_counts_once(tiers: Tiers) -> None:
    tiers.knows_the_key()
    put = put_up(tiers.below.store, tiers.below.settings, submitted(tiers), with_received=True, at=AT)
    with tiers.below.store.begin() as connection:
        claimed = claim(
            connection, worker="killed", now=AT, until="2026-07-01T08:02:00Z", surely_once=SURELY_ONCE,
            channel="tier_above",
        )  # fmt: skip
        data = get_blob(connection, put.content.files[0][1])
    assert claimed is not None
    with tiers.served():
        post_to(tiers.below.settings.text("submission_url"), "hand-ins", data)  # it arrived; nobody noted it
        hand_up(tiers.below.store, tiers.below.settings)
    assert [(row.state, row.attempts) for row in tiers.outbox] == [("sent", 2)] and len(tiers.taken) == 1


def test_nothing_is_sent_that_a_setting_did_not_name(tiers: Tiers) -> None:
    row = submitted(tiers)
    for missing in ("submission_url", "submission_unit", "submission_key"):
        settings = tiers.with_settings(**{missing: ""}).settings
        hand_up(tiers.below.store, settings)
        assert tiers.outbox == []
        if missing != "submission_unit":
            with readers(tiers.with_settings(**{missing: ""}), roles=("unit_auditor",), units=("*",)) as reader:
                assert "签名并上报上级" not in reader.get(f"/hand-ins/{row['number']}").text
                told = reader.post(f"/hand-ins/{row['number']}/sent-up", {})
                assert told.status_code == 400 and missing in told.text
    assert named_channels(tiers.below.settings) == [], "a digest of messages never goes to the tier above"
    for wrong in ("http://example.cn", "http://127.0.0.1.example.cn", "ftp://example.cn", "https://", "x"):
        with pytest.raises(WrongUsage, match="https"):
            check_address(wrong, "submission_url")
        with pytest.raises(WrongUsage, match="submission_url"):
            check_schedule(tiers.with_settings(submission_url=wrong).settings)
    check_address("https://checker.example.cn/zhengban", "submission_url")
    draft, _ = draft_submission(
        tiers.below.store, tiers.below.settings, duty="detail", period="2026", unit="JT", run=tiers.below.run.id,
        by="钱填表", at=AT, language="zh_CN",
    )  # fmt: skip
    with pytest.raises(AuditorError, match="报送后才能上报"):
        put_up(tiers.below.store, tiers.below.settings, draft, with_received=True, at=AT)
    assert tiers.outbox == []
